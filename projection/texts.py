"""The statements of a plan: each is written once for its shape, and then only its values are bound."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from cachetools import LRUCache

from projection.query import Page, Query
from projection.source import Shape
from projection.statement import Statement

# PostgreSQL keeps an answer that is too large to itself: it would take this process memory and time to receive it.
# The answer is sent as bytes, since that is what the response is made of.
TOO_LARGE: Final = b""
_LIMITED: Final = """
    WITH answer (json) AS MATERIALIZED ({sql})
    SELECT CASE WHEN octet_length(json) > {largest} THEN '' ELSE convert_to(json, 'UTF8') END FROM answer
"""

_SHAPES: Final = 4

FindPage = Callable[[Any], Page]
Write = Callable[[Statement], str]  # the text of a whole statement


class _Text(NamedTuple):
    sql: str
    names_tenant: bool


class Plan:
    """How queries over the same models are answered with one selection.

    ``write`` writes the text of a statement. ``nested`` find the pages of the connections within the selection, which
    depend on the request's variables; they are the statement's queries after the first.
    """

    def __init__(self, write: Write, nested: Sequence[FindPage]) -> None:
        self._write = write
        self._nested = nested
        self._texts: LRUCache[Shape, _Text] = LRUCache(_SHAPES)

    def write(self, executor: Any, query: Query, *, has_many_hits: bool = False) -> tuple[str, Statement]:
        """The text that answers the query, and the statement with its values."""
        queries = [query, *[find(executor) for find in self._nested]]
        statement = Statement(executor, queries, has_many_hits=has_many_hits)
        shape = statement.shape
        if shape is None:
            return self._write_anew(statement), statement
        text = self._texts.get(shape)
        if text is None:
            sql = self._write_anew(statement)
            text = self._texts[shape] = _Text(sql, statement.names_tenant)
        elif text.names_tenant:
            statement.bind_tenant()
        return text.sql, statement

    def _write_anew(self, statement: Statement) -> str:
        sql = self._write(statement)
        largest = statement.executor.largest_answer
        return sql if largest is None else _LIMITED.format(sql=sql, largest=largest)
