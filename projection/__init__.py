"""A GraphQL answer at the database's own speed: see projection/README.md."""

from projection.executor import Executor, Within
from projection.fields import column, part, related, rows, sql, table
from projection.query import BadCursor, ByIds, Many, NotUnique, One, Order, Page, Query

__all__ = [
    "BadCursor",
    "ByIds",
    "Executor",
    "Many",
    "NotUnique",
    "One",
    "Order",
    "Page",
    "Query",
    "Within",
    "column",
    "part",
    "related",
    "rows",
    "sql",
    "table",
]
