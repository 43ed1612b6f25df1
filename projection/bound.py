"""A query of a statement whose values are bound as parameters, before its text is written."""

from collections.abc import MutableMapping
from typing import Any

from pypika_tortoise.terms import Parameterizer
from tortoise.queryset import QuerySet

from projection.query import ByIds, Page, Query
from projection.source import Shape, Source, bind, bind_source
from projection.tortoise import is_ordered, is_plain, table_of, write_select

Cursor = tuple[str, str]  # the parameters of the ordered column and of the key


class BoundQuery:
    """``shape`` is what the query's part of the text depends on beside its parameters' numbers.

    It is None if the text must be written each time, which may bind more values.
    """

    shape: Shape | None
    size: str
    after: Cursor | None
    before: Cursor | None
    ids: str
    view: str | None = None

    def __init__(self, query: Query, parameters: Parameterizer, sources: MutableMapping[Shape, Source]) -> None:
        self.query = query
        self._parameters = parameters
        querysets = query.querysets.values() if isinstance(query, ByIds) else (query.queryset,)
        # A page has its own order. A query set that has one is written by Tortoise.
        self._sources = {
            queryset.model: bind_source(queryset, parameters.values, sources)
            for queryset in querysets
            if is_plain(queryset) and (isinstance(query, Page) or not is_ordered(queryset))
        }
        shapes = [source.shape for source in self._sources.values()]
        is_known = len(shapes) == len(querysets) and None not in shapes
        self.shape = (type(query), *shapes) if is_known else None
        if isinstance(query, Page):
            self._bind_page(query)
        elif isinstance(query, ByIds):
            self.ids = f"{self._bind(list(query.ids))}::uuid[]"
            if self.shape is not None:
                self.shape += tuple(query.forward.values())

    def _bind_page(self, page: Page) -> None:
        self.view = page.view
        self.size = f"{self._bind(page.size)}::bigint"
        self.after, self.before = self._bind_cursor(page.after), self._bind_cursor(page.before)
        if self.shape is not None:
            types = [cursor and type(cursor[0]) for cursor in (page.after, page.before)]
            self.shape += (page.order, page.backward, page.size.bit_length(), *types, page.view)

    def _bind_cursor(self, cursor: tuple[Any, Any] | None) -> Cursor | None:
        if cursor is None:
            return None
        key, id = self._bind(cursor[0]), self._bind(cursor[1])
        # An integer may be too large for the column.
        return (f"{key}::bigint" if isinstance(cursor[0], int) else key), id

    def _bind(self, value: Any) -> str:
        return bind(value, self._parameters.values)

    def select(self, queryset: QuerySet[Any]) -> str:
        """The rows of one of the query's query sets, in its own order."""
        source = self._sources.get(queryset.model)
        if source is None:
            return write_select(queryset, self._parameters)
        return f"SELECT {source.table}.* {source.write()}"

    def source(self, queryset: QuerySet[Any]) -> str:
        """``FROM … WHERE …`` of a page's query set, in no order; more conditions may follow."""
        source = self._sources.get(queryset.model)
        if source is None:
            rows = write_select(queryset, self._parameters, self.view)
            return f'FROM ({rows}) AS "{table_of(queryset.model)}" WHERE true'
        return source.write(None if self.view is None else f'"{self.view}"')

    def source_within(self, queryset: QuerySet[Any], rows: str) -> str:
        """The same of a plain query set, among these rows of its table alone."""
        return self._sources[queryset.model].write(f"({rows})")
