"""How a resolver's query is answered: plans and their cache, scopes, errors."""

# mypy: disable-error-code="untyped-decorator"

import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar
from uuid import UUID

import orjson
import pytest
import strawberry
from cachetools import LRUCache
from graphql import GraphQLError
from strawberry.extensions import ParserCache
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from tortoise.transactions import in_transaction

import projection
from projection import (
    Batch,
    ByIds,
    Executor,
    Many,
    Misdeclared,
    NotUnique,
    One,
    OneOf,
    Order,
    Page,
    Tenant,
    Within,
    related,
    rows,
    sql,
)
from projection.executor import Memory
from tests.projection import toys
from tests.projection.conftest import Api, decoded
from tests.projection.toys import AuthorRow, BookConnection, BookRow, CityRow


class Never(BasePermission):
    message = "not for you"
    error_extensions = {"code": "FORBIDDEN"}

    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return False


@strawberry.type
class Label:
    label: str


@projection.table(AuthorRow)
@strawberry.type
class Writer:
    name: str
    book_count: int = sql("(SELECT count(*) FROM book b WHERE b.author_id = {tenant})")
    titles: list[Label] = rows("SELECT b.title AS label FROM book b WHERE b.author_id = {tenant}")

    @related("books", graphql_type=BookConnection)
    def books(self, size: int) -> Page:
        if size < 0:
            raise GraphQLError("too few", extensions={"code": "BAD_USER_INPUT"})
        return Page(BookRow.all(), Order("it's title", "title"), size)

    @related("books", graphql_type=BookConnection)
    def wrong(self) -> Page:
        return Page(AuthorRow.all(), Order("name", "name"), 1)

    @related("books", graphql_type=BookConnection, permission_classes=[Never])
    def secret(self) -> Page:
        return Page(BookRow.all(), Order("title", "title"), 1)


@strawberry.type
class Payload:
    cities: Many = strawberry.field(graphql_type=list[toys.City])
    named: One = strawberry.field(graphql_type=toys.City | None)


@strawberry.type
class Guest:
    seat: int
    author: OneOf | None = strawberry.field(graphql_type=toys.Author | None, default=None)


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    class Undo(Exception):
        pass

    try:
        async with in_transaction():
            yield
            raise Undo
    except Undo:
        pass


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Writer | None)
    def author(self) -> One:
        return One(AuthorRow.all())

    @strawberry.field(graphql_type=list[Writer])
    def authors(self) -> Many:
        return Many(AuthorRow.all())

    @strawberry.field(graphql_type=list[Writer])
    def cities(self) -> Many:
        return Many(CityRow.all())

    @strawberry.field(graphql_type=list[toys.Node | None])
    def allowed(self, info: strawberry.Info[Any, Any], ids: list[strawberry.ID]) -> ByIds:
        return ByIds([toys.uuid_of(id) for id in ids], {model: model.all() for model in info.context})

    @strawberry.field
    async def guests(self, ids: list[strawberry.ID]) -> list[Guest]:
        known = [UUID(id) for id in ids if toys.uuid_of(id)]
        batch = Batch(AuthorRow.all(), known)
        return [Guest(seat=seat, author=batch.one(id)) for seat, id in enumerate(known)] + [Guest(seat=99)]

    @strawberry.field(graphql_type=Payload)
    async def founded(self, code: str) -> Within:
        async def payload() -> Payload:
            await CityRow.create(code=code, name="new")
            return Payload(cities=Many(CityRow.all()), named=One(CityRow.filter(code=code)))

        return Within(undone(), payload)


class Tenants(Executor):
    author: ClassVar[UUID]
    tenant = Tenant("author_id", lambda: Tenants.author)


CONFIG = StrawberryConfig(scalar_map=toys.SCALARS)
schema = strawberry.Schema(Query, types=[toys.Author], execution_context_class=Executor, config=CONFIG)


@pytest.fixture(autouse=True)
async def _rows(api: Api) -> None:
    await api.fill(6)


def plans() -> "LRUCache[Any, Any]":
    return Executor.memory.plans


async def test_a_document_is_compiled_once_for_each_shape(api: Api) -> None:
    document = "query ($a: Boolean!, $n: Int) { books(first: $n) { totalCount edges @skip(if: $a) { cursor } } }"
    plans().clear()
    for number in range(3):
        await api.same(document, a=True, n=number)
    assert len(plans()) == 1
    await api.same(document, a=False, n=1)
    assert len(plans()) == 2


async def test_plans_are_never_those_of_a_document_that_is_gone(api: Api) -> None:
    """Without a cache of documents their nodes' identities are used again and again."""
    without = strawberry.Schema(
        toys.Query, types=[toys.Author, toys.Book], execution_context_class=Executor, config=CONFIG
    )
    seen: set[int] = set()
    again = 0
    for number in range(120):
        name = ["code", "name", "residents { name }"][number % 3]
        result = await api.execute(f"{{ cities {{ key: {name} }} }}", without)
        expected = api.data.answer(f"{{ cities {{ key: {name} }} }}", {})
        assert orjson.dumps(decoded(result.data)) == expected
        gc.collect(0)
        for nodes, (details, _) in ((key[0], value) for key, value in plans().items()):
            assert nodes == tuple(id(detail.node) for detail in details)
        again += not seen.isdisjoint(nodes)
        seen.update(nodes)
        if number % 5 == 0:
            plans().clear()
            Executor.memory.conditions.clear()
    assert again


async def test_the_cache_of_plans_is_bounded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "memory", Memory(3))
    for _ in range(2):
        for number in range(5):
            await api.same(f"{{ cities {{ c{number}: code }} }}")
    assert len(plans()) == len(Executor.memory.conditions) == 3


async def test_each_subclass_remembers_for_itself() -> None:
    assert Tenants.memory is not Executor.memory


async def test_a_plan_keeps_nothing_of_its_request(api: Api) -> None:
    class Context:
        pass

    context = Context()
    gone = weakref.ref(context)
    document = """
        query ($a: Boolean!) {
            nodes(ids: []) { id } cities { name }
            books @skip(if: $a) { edges { node { title author { name books { totalCount } } } } }
        }
    """
    plans().clear()
    result = await toys.schema.execute(document, variable_values={"a": False}, context_value=context)
    assert result.errors is None
    assert len(plans()) == 3
    del context, result
    gc.collect()
    assert gone() is None


async def test_a_document_is_compiled_once_for_each_set_of_models(api: Api) -> None:
    cached = strawberry.Schema(
        Query, types=[toys.Author], execution_context_class=Executor, config=CONFIG, extensions=[lambda: ParserCache(9)]
    )
    ids = [str(api.data.authors[0].id), str(api.data.books[0].id)]
    document = "query ($ids: [ID!]!) { allowed(ids: $ids) { __typename } }"
    for models in ((AuthorRow,), (BookRow,), (AuthorRow, BookRow), (AuthorRow,)):
        result = await cached.execute(document, variable_values={"ids": ids}, context_value=models)
        assert result.errors is None
        types = [node and node["__typename"] for node in decoded(result.data)["allowed"]]
        assert types == ["Author" if AuthorRow in models else None, "Book" if BookRow in models else None]


async def test_several_rows_where_one_was_meant(api: Api) -> None:
    result = await api.execute("{ author { name } }", schema)
    assert isinstance(result.errors[0].original_error, NotUnique)


async def test_a_query_over_another_model_than_the_types(api: Api) -> None:
    result = await api.execute("{ cities { name } }", schema)
    assert str(result.errors[0].original_error) == "Writer is not read from the model CityRow"
    assert isinstance(result.errors[0].original_error, Misdeclared)
    result = await api.execute("{ authors { wrong { totalCount } } }", schema)
    assert "not a Page of BookRow" in result.errors[0].message


async def test_a_connections_resolver_may_refuse(api: Api) -> None:
    result = await api.execute("{ authors { books(size: -1) { totalCount } } }", schema)
    [error] = result.errors
    assert (error.message, error.path, error.extensions) == ("too few", ["authors"], {"code": "BAD_USER_INPUT"})
    assert api.statements == []


async def test_a_connections_permissions_hold(api: Api) -> None:
    result = await api.execute("{ authors { secret { totalCount } } }", schema)
    [error] = result.errors
    assert (error.message, error.extensions) == ("not for you", {"code": "FORBIDDEN"})
    assert api.statements == []


async def test_the_name_of_an_order_is_only_a_name(api: Api) -> None:
    result = await api.execute("{ authors { books(size: 1) { pageInfo { endCursor } } } }", schema)
    assert result.errors is None
    cursors = [author["books"]["pageInfo"]["endCursor"] for author in decoded(result.data)["authors"]]
    assert Order("it's title", "title").cursor_parts(next(filter(None, cursors)))


async def test_rows_of_several_objects_are_read_by_one_statement_for_each_selection(api: Api) -> None:
    first, second, *_ = api.data.authors
    ids = [str(second.id), str(UUID(int=7)), str(first.id), str(second.id)]
    document = "query ($ids: [ID!]!) { guests(ids: $ids) { seat author { name } again: author { id } } }"
    result = await api.execute(document, schema, ids=ids)
    assert result.errors is None
    assert len(api.statements) == 2

    def told(author: Any) -> tuple[Any, Any]:
        return {"name": author.name}, {"id": str(author.id)}

    guests = decoded(result.data)["guests"]
    assert [(each["author"], each["again"]) for each in guests] == [
        told(second),
        (None, None),
        told(first),
        told(second),
        (None, None),
    ]
    assert [each["seat"] for each in guests] == [0, 1, 2, 3, 99]
    assert (await api.execute("{ guests(ids: []) { author { name } } }", schema)).errors is None
    assert api.statements == []


async def test_what_is_read_within_a_scope(api: Api) -> None:
    document = '{ founded(code: "n") { cities { code } named { name } } }'
    before = len(api.data.cities)
    result = await api.execute(document, schema)
    assert result.errors is None
    founded = decoded(result.data)["founded"]
    assert len(founded["cities"]) == before + 1
    assert founded["named"] == {"name": "new"}
    assert await CityRow.all().count() == before


async def test_each_subselect_names_the_tenant_by_its_value(api: Api) -> None:
    tenants = strawberry.Schema(Query, types=[toys.Author], execution_context_class=Tenants, config=CONFIG)
    books: list[Any] = api.data.books
    Tenants.author = books[0].author_id
    document = "{ authors { name bookCount titles { label } books(size: 50) { totalCount edges { node { id } } } } }"
    result = await api.execute(document, tenants)
    assert result.errors is None
    theirs = [book for book in books if book.author_id == Tenants.author]
    for writer in decoded(result.data)["authors"]:
        is_tenant = writer["name"] == next(a.name for a in api.data.authors if a.id == Tenants.author)
        # Declared in SQL, it counts the tenant's books in each row.
        assert writer["bookCount"] == len(theirs)
        assert len(writer["titles"]) == len(theirs)
        assert writer["books"]["totalCount"] == len(writer["books"]["edges"]) == (len(theirs) if is_tenant else 0)
    [(text, values)] = api.statements
    number = values.index(Tenants.author) + 1
    assert values.count(Tenants.author) == 1
    assert text.count(f'"book"."author_id" = ${number} AND "book"."author_id" = _0."id"') == 2
