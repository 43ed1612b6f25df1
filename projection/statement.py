"""The SQL being written for one request: its text, its parameters, and the pages that enclose the present place.

Every value is bound as a parameter. Of the client's text only field names and aliases enter the
SQL, and GraphQL confines those to letters, digits and underscores.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final, cast

from pypika_tortoise.terms import Parameterizer
from tortoise.queryset import QuerySet

from projection.bound import BoundQuery, Cursor
from projection.query import Page, Query
from projection.row import Row, own_row
from projection.source import Shape, bind
from projection.tortoise import conditions_of, is_plain

# Rows at the beginning of an order among which a search's many hits are looked for first, which takes some 20 ms.
_NEAR: Final = 10_000

# A compiled text: strings, and gaps that are filled from the request's arguments.
Text = list["str | Gap"]
Gap = Callable[["Statement"], str]


class Statement:
    """``executor`` is graphql-core's, for the request's variables; ``listings`` the pages being written.

    The values of ``queries`` are bound first, then the tenant's where the text names it. Texts of the same ``shape``
    are the same. ``has_many_hits`` says whether the first query is a search of which that is expected.
    """

    def __init__(self, executor: Any, queries: Sequence[Query], *, has_many_hits: bool = False) -> None:
        self.executor = executor
        self.parameters = Parameterizer()
        self.queries = [BoundQuery(query, self.parameters, executor.memory.sources) for query in queries]
        self.has_many_hits = has_many_hits
        self.listings: list[Listing] = []
        self._tenant: str | None = None

    @property
    def shape(self) -> Shape | None:
        shapes = [query.shape for query in self.queries]
        return None if None in shapes else (self.has_many_hits, *shapes)

    @property
    def plan_anew(self) -> bool:
        """Whether it reads a view."""
        return any(query.view is not None for query in self.queries)

    @property
    def values(self) -> list[Any]:
        return self.parameters.values

    @property
    def listing(self) -> "Listing":
        return self.listings[-1]

    @property
    def names_tenant(self) -> bool:
        return self._tenant is not None

    def bind_tenant(self) -> str:
        """The parameter that is the tenant's value."""
        if self._tenant is None:
            self._tenant = bind(self.executor.tenant.current(), self.values)
        return self._tenant

    def is_whole(self, queryset: QuerySet[Any]) -> bool:
        """Whether the query set has all rows of a tenant, or most: there is nothing that few or many rows may have."""
        conditions = list(conditions_of(queryset))
        filters = {name for q in conditions for name in q.filters}
        nested = any(q.children for q in conditions)
        tenant = self.executor.tenant
        broad = self.executor.broad_filters | ({tenant.column} if tenant is not None else set())
        return is_plain(queryset) and not nested and filters <= broad


class Listing:
    """A page being written, and the list it is taken from: the rows of its query set that fulfil ``condition``.

    ``rows`` selects the page in the list's order. Unless it is read ``once``, its rows and one more are a common
    table ``common`` of the statement; ``more`` says whether there is that one.
    """

    def __init__(
        self, statement: Statement, query: BoundQuery, condition: str | None, alias: str, *, once: bool
    ) -> None:
        page = cast(Page, query.query)
        self.statement = statement
        self.query = query
        self.page = page
        self.row = own_row(page.queryset.model)
        self.size = query.size
        self._condition = f" AND {condition}" if condition is not None else ""
        self.source = query.source(page.queryset) + self._condition
        if once:
            self.common, self.rows = "", self._select(self.size)
        else:
            table = f"{alias}_page"
            self.common = f"WITH {table} AS ({self._select(f'{self.size} + 1')}) "
            self.rows = f"SELECT * FROM {table} LIMIT {self.size}"
            self.more = f"(SELECT count(*) > {self.size} FROM {table})"
        if page.backward:
            order = self.order_by(Row("p", self.row.model))
            self.rows = f"SELECT * FROM ({self.rows}) p ORDER BY {order}"

    def _select(self, limit: str) -> str:
        """So many rows of the page, the last of them first where it goes backward."""
        page = self.page
        bounds = self.comparison(self.query.after, ">") + self.comparison(self.query.before, "<")
        order = self.order_by(self.row, reverse=page.backward)
        if self.statement.has_many_hits:
            return self._select_found(bounds, order, limit)
        rows = f"SELECT {self.row.alias}.* {self.source}{bounds} ORDER BY {order}"
        if self.statement.is_whole(page.queryset):
            # A limit that PostgreSQL knows in advance, no less than the other: it needn't plan anew for each value.
            rows = f"SELECT * FROM ({rows} LIMIT {1 << page.size.bit_length()}) q"
        return f"{rows} LIMIT {limit}"

    def _select_found(self, bounds: str, order: str, limit: str) -> str:
        """So many of a search's many hits. PostgreSQL doesn't know where in the order they are.

        Most often there are enough in the order's beginning. If not, all are found by the index for searching and
        sorted: walking on in the order might read all other rows first.
        """
        row, tenant = self.row, self.statement.executor.tenant
        first = f"""
            SELECT {row.alias}.* FROM "{self.page.view}" AS {row.alias}
            WHERE {row.alias}."{tenant.column}" = {self.statement.bind_tenant()}{bounds} ORDER BY {order} LIMIT {_NEAR}
        """
        near = f"{self.query.source_within(self.page.queryset, first)}{self._condition}"
        # Without OFFSET PostgreSQL might walk in the order again.
        return f"""
            WITH near AS MATERIALIZED (SELECT {row.alias}.* {near} ORDER BY {order} LIMIT {limit})
            SELECT * FROM (
                SELECT * FROM near WHERE (SELECT count(*) FROM near) >= {limit}
                UNION ALL
                SELECT * FROM (
                    SELECT * FROM (SELECT {row.alias}.* {self.source}{bounds} OFFSET 0) AS {row.alias}
                    ORDER BY {order} LIMIT {limit}
                ) far WHERE (SELECT count(*) FROM near) < {limit}
            ) AS {row.alias} ORDER BY {order}
        """

    @property
    def all_rows(self) -> str:
        """All rows of the list, in no order."""
        return f"SELECT {self.row.alias}.* {self.source}"

    def count(self) -> str:
        return f"SELECT count(*)::int4::text {self.source}"

    def has(self, cursor: Cursor | None, operator: str) -> str:
        """Whether the list has rows on that side of the cursor that the page was asked from."""
        if cursor is None:
            return "false"
        # Not EXISTS, which would drop the order, and without that the index, where the list is most of a table.
        order = ", ".join(self.order)
        return (
            f"coalesce((SELECT true {self.source}{self.comparison(cursor, operator)} ORDER BY {order} LIMIT 1), false)"
        )

    @property
    def order(self) -> tuple[str, str]:
        """The columns that the page is ordered by."""
        return self.row.column(self.page.order.column), self.row.key

    def order_by(self, row: Row, *, reverse: bool = False) -> str:
        """The list's order, or its reverse, for the rows under another alias."""
        direction = "DESC" if self.page.order.descending != reverse else "ASC"
        return f"{row.column(self.page.order.column)} {direction}, {row.key} {direction}"

    def comparison(self, cursor: Cursor | None, operator: str) -> str:
        """The further condition for rows after (``>``) or before (``<``) the cursor in the page's order."""
        if cursor is None:
            return ""
        if self.page.order.descending:
            operator = operator.translate(str.maketrans("<>", "><"))
        return f" AND ({', '.join(self.order)}) {operator} ({', '.join(cursor)})"


def write_text(text: Text, statement: Statement) -> str:
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


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
