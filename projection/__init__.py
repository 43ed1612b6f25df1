"""A GraphQL answer at the database's own speed: see projection/README.md."""

from projection.answer import AnswerTooLarge
from projection.check import check
from projection.executor import Executor, Within
from projection.fields import Tenant, column, part, related, row, rows, sql, summary, table
from projection.plan import Misdeclared
from projection.query import BadCursor, ByIds, Many, NotUnique, One, Order, Page, Query

__all__ = [
    "AnswerTooLarge",
    "BadCursor",
    "ByIds",
    "Executor",
    "Many",
    "Misdeclared",
    "NotUnique",
    "One",
    "Order",
    "Page",
    "Query",
    "Tenant",
    "Within",
    "check",
    "column",
    "part",
    "related",
    "row",
    "rows",
    "sql",
    "summary",
    "table",
]
