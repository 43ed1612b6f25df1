"""The remembered FROM and WHERE of a query set select what Tortoise selects."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.expressions import F, Q, Subquery

from projection import source
from projection.tortoise import Unless, is_plain
from tests.projection.conftest import Api
from tests.projection.toys import AuthorRow, Binding, BookRow, Genre

SOURCES: dict[Any, source.Source] = {}

# Few values, so that the same ones meet in different places and the same shapes come with others.
TEXTS = st.sampled_from(["", "a", "b", "%", "_", "*", "$1", "'", "é"])
INTS = st.sampled_from([1, 2, 3])
DATES = st.sampled_from([date(2000, 1, 2), date(2000, 1, 3)])
IDS = st.sampled_from([UUID(int=1), UUID(int=2)])
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("title", "title__not", "title__contains", "title__startswith", "title__icontains"), TEXTS),
    **dict.fromkeys(("title__in", "title__not_in"), st.lists(TEXTS, max_size=3) | st.frozensets(TEXTS, max_size=2)),
    **dict.fromkeys(("pages", "pages__gte", "pages__lt"), INTS),
    "pages__in": st.dictionaries(INTS, st.none()).map(dict.keys),
    **dict.fromkeys(("published", "published__gte", "published__lte"), DATES),
    "published__range": st.tuples(DATES, DATES),
    **dict.fromkeys(("genre", "genre__not"), st.sampled_from([*Genre, None])),
    "genre__in": st.lists(st.sampled_from(Genre), max_size=2),
    **dict.fromkeys(("genre__isnull", "genre__not_isnull"), st.booleans()),
    "binding": st.sampled_from(Binding),
    "price__gt": st.sampled_from([Decimal(0), Decimal("1.5")]),
    "added__gte": st.just(datetime(2022, 1, 1, tzinfo=UTC)),
    **dict.fromkeys(("id", "author_id", "author"), IDS),
    "id__in": st.lists(IDS, max_size=2),
    "author__name": TEXTS,
    "tags__label": TEXTS,
}
FILTER = st.one_of([st.builds(lambda value, name=name: {name: value}, values) for name, values in VALUES.items()])
CONDITION = st.recursive(
    st.builds(lambda one, other: Q(**{**one, **other}), FILTER, FILTER),
    lambda inner: (
        st.builds(lambda q: ~q, inner)
        | st.builds(Unless, inner)
        | st.builds(Q, inner, inner, join_type=st.sampled_from(["AND", "OR"]))
    ),
    max_leaves=4,
)


@pytest.fixture
async def library(api: Api) -> Api:
    await api.fill(6)
    return api


async def selected(queryset: Any) -> list[UUID]:
    values: list[Any] = []
    text = f'SELECT "book"."id" {source.bind_source(queryset, values, SOURCES).write()} ORDER BY 1'
    _, rows = await get_connection("default").execute_query(text, values)
    return [row["id"] for row in rows]


@settings(max_examples=300, deadline=None, database=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(conditions=st.lists(CONDITION, max_size=3))
@example(conditions=[Q(pages=F("binding"))])
@example(conditions=[Q(pages=1)])
@example(conditions=[Q(pages=F("binding"))])
@example(conditions=[Q(pages__in=[])])
async def test_the_same_rows_are_selected(library: Api, conditions: list[Q]) -> None:
    queryset = BookRow.filter(*conditions)
    expected = sorted(await queryset.values_list("id", flat=True))
    assert await selected(queryset) == expected
    assert await selected(queryset) == expected


async def test_a_shape_is_written_once(library: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    SOURCES.clear()
    learned: list[Any] = []
    learn = source._write_anew

    def noted(*arguments: Any) -> Any:
        learned.append(arguments)
        return learn(*arguments)

    monkeypatch.setattr(source, "_write_anew", noted)
    for number in range(3):
        await selected(BookRow.filter(pages=number, genre__in=[Genre.ESSAY]).filter(~Q(title=str(number))))
    assert len(learned) == 1
    for number in range(3):
        await selected(BookRow.filter(pages__in=list(range(number + 1)), genre=None))
    assert len(learned) == 4


async def test_subqueries_are_written_each_time(library: Api) -> None:
    for name in ("", "nobody"):
        authors = AuthorRow.filter(name__not=name).values("id")
        queryset = BookRow.filter(author_id__in=Subquery(authors))
        assert await selected(queryset) == sorted(await queryset.values_list("id", flat=True))


def test_a_query_set_with_more_than_from_and_where_is_not_plain(api: Api) -> None:
    books = BookRow.filter(pages=1).order_by("title")
    assert is_plain(books)
    for other in (
        books.limit(1),
        books.offset(0),
        books.distinct(),
        books.annotate(twice=F("pages") * 2),
        books.select_for_update(),
    ):
        assert not is_plain(other)
