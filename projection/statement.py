"""The SQL being written for one request: text, parameters and the pages it stands in.

Every value is bound as a parameter. Of the client's text only field names and aliases enter the
SQL, and GraphQL confines those to letters, digits and underscores.
"""

from collections.abc import Callable, Iterable
from typing import Any

from pypika_tortoise.queries import QueryBuilder
from pypika_tortoise.terms import Criterion, Parameterizer
from tortoise.queryset import QuerySet

from projection.query import Page
from projection.source import source

# A compiled text: strings, and gaps that are filled from the request's arguments.
Text = list["str | Gap"]
Gap = Callable[["Statement"], str]

# json_build_object takes 100 arguments, a key and a value each.
_OBJECT_FIELDS = 50


class Statement:
    """``executor`` is graphql-core's, for the request's variables; ``pages`` the connections being written."""

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.parameters = Parameterizer()
        self.pages: list[tuple[Page, str | None]] = []
        self.plan_anew = False

    @property
    def page(self) -> Page:
        return self.pages[-1][0]

    @property
    def values(self) -> list[Any]:
        return self.parameters.values

    def bind(self, value: Any) -> str:
        self.parameters.create_param(value)
        return f"${len(self.values)}"

    def select(self, queryset: QuerySet[Any]) -> str:
        """The rows of the query set, in its own order."""
        columns = f'"{queryset.model._meta.db_table}".*'
        ordered = queryset._orderings or queryset.model._meta.ordering
        if not ordered and queryset._limit is None and queryset._offset is None:
            return f"SELECT {columns} {source(queryset, self.bind)}"
        queryset._make_query()
        query: QueryBuilder = queryset.query
        selects: list[Any] = [_Raw(columns)]
        query._selects = selects
        return query.get_sql(query.QUERY_CLS.SQL_CONTEXT.copy(parameterizer=self.parameters))

    def select_page(self) -> str:
        """The rows of the current page and one more, the last of them first where it goes backward."""
        page = self.page
        table = page.queryset.model._meta.db_table
        bounds = [self.compared(page.after, ">"), self.compared(page.before, "<")]
        direction = "DESC" if page.order.descending != page.backward else "ASC"
        order = f'"{table}"."{page.order.column}" {direction}, "{table}"."id" {direction}'
        rows = self.select_list(f'"{table}".*', *bounds)
        return f"{rows} ORDER BY {order} LIMIT {self.bind(page.size + 1)}"

    def select_list(self, columns: str, *conditions: str) -> str:
        """``columns`` of the whole list that the current page is taken from, in no order."""
        page, tie = self.pages[-1]
        self.plan_anew |= page.view is not None
        further = "".join(f" AND {condition}" for condition in (tie, *conditions) if condition)
        return f"SELECT {columns} {source(page.queryset, self.bind, page.view)}{further}"

    def select_nearest(self, columns: str, condition: str) -> str:
        """``columns`` of one row of the list that meets the condition, found by the order's index."""
        table, column = self.page.queryset.model._meta.db_table, self.page.order.column
        return f'{self.select_list(columns, condition)} ORDER BY "{table}"."{column}", "{table}"."id" LIMIT 1'

    def compared(self, cursor: tuple[Any, Any] | None, operator: str) -> str:
        """The condition for rows after (``>``) or before (``<``) the cursor in the current page's order."""
        if cursor is None:
            return ""
        page = self.page
        if page.order.descending:
            operator = operator.translate(str.maketrans("<>", "><"))
        table = page.queryset.model._meta.db_table
        key, id = cursor
        return f'("{table}"."{page.order.column}", "{table}"."id") {operator} ({self.bind(key)}, {self.bind(id)})'


class _Raw(Criterion):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def get_sql(self, ctx: Any) -> str:
        return self.text


def written(text: Text, statement: Statement) -> str:
    return "".join([piece if isinstance(piece, str) else piece(statement) for piece in text])


def compact(text: Text) -> Text:
    """Join neighbouring strings, so that writing a text without gaps costs nothing."""
    out: Text = []
    for piece in text:
        if isinstance(piece, str) and out and isinstance(out[-1], str):
            out[-1] += piece
        else:
            out.append(piece)
    return out


def json_object(pairs: Iterable[tuple[str, Text]]) -> Text:
    """The JSON object of the keys and values, in their order."""
    arguments: list[Text] = [[f"'{key}', ", *value] for key, value in pairs]
    objects: list[Text] = []
    for start in range(0, len(arguments), _OBJECT_FIELDS):
        text: Text = []
        for argument in arguments[start : start + _OBJECT_FIELDS]:
            text += [", " if text else "json_build_object(", *argument]
        objects.append([*text, ")"])
    if len(objects) == 1:
        return objects[0]
    joined: Text = []
    for value in objects:
        joined += [" || ',' || " if joined else "('{' || ", "substr(left((", *value, ")::text, -1), 2)"]
    return [*joined, " || '}')::json"]
