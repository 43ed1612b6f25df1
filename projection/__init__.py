"""A GraphQL answer at the database's own speed: see projection/README.md."""

from projection.answer import AnswerTooLarge
from projection.check import check
from projection.executor import Executor, Within
from projection.fields import Tenant, column, part, related, row, rows, sql, summary, table
from projection.plan import Misdeclared
from projection.query import BadCursor, Batch, ByIds, Many, NotUnique, One, OneOf, Order, Page, Query

__all__ = [
    "AnswerTooLarge",
    "BadCursor",
    "Batch",
    "ByIds",
    "Executor",
    "Many",
    "Misdeclared",
    "NotUnique",
    "One",
    "OneOf",
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
