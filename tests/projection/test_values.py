"""What the database holds and GraphQL doesn't allow, and how values are written."""

# mypy: disable-error-code="untyped-decorator"

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import strawberry
from strawberry.schema.config import StrawberryConfig
from tortoise.connection import get_connection
from tortoise.expressions import F

import projection
from projection import ByIds, Executor, Many, One, part, rows, sql
from tests.projection.conftest import Api, decoded
from tests.projection.toys import SCALARS, TABLE_NAMES, AuthorRow, CityRow, Connection, page

ID = UUID(int=1)


@projection.table(CityRow)
@strawberry.type
class City:
    code: str


@strawberry.type
class Home:
    street: str
    number: int


@strawberry.type
class Counted:
    number: int


@projection.table(AuthorRow)
@strawberry.type
class Author:
    id: strawberry.ID
    name: str
    home: Home = part("home_", present="street")
    home_city: City
    mentor: "Author"
    balance: int
    joined: datetime
    nothing: str = sql("NULL::text")
    nothing_at_all: str | None = sql("NULL::text")
    large: int = sql("2147483648")
    ids: list[str] = sql("ARRAY[{row}.id, {row}.id]")
    counted: list[Counted] = rows("SELECT NULL::int AS number WHERE {row}.balance = 0")


@strawberry.type
class AuthorConnection(Connection[Author]):
    pass


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Author | None)
    def author(self) -> One:
        return One(AuthorRow.all())

    @strawberry.field(graphql_type=Author)
    def somebody(self) -> One:
        return One(AuthorRow.all())

    @strawberry.field(graphql_type=list[Author])
    def by_balance(self) -> Many:
        return Many(AuthorRow.annotate(opposite=-F("balance")).order_by("opposite"))

    @strawberry.field(graphql_type=list[Author])
    def certainly(self, ids: list[strawberry.ID]) -> ByIds:
        return ByIds([UUID(id) for id in ids], {AuthorRow: AuthorRow.all()})

    @strawberry.field(graphql_type=AuthorConnection)
    def mentors(self) -> Any:
        return page(AuthorRow.filter(students__balance=5).distinct(), "name", False, 1, None, None, None)


schema = strawberry.Schema(Query, execution_context_class=Executor, config=StrawberryConfig(scalar_map=SCALARS))


@pytest.fixture(autouse=True)
async def author(api: Api) -> AuthorRow:
    connection: Any = get_connection("default")
    await connection.execute_script(f"TRUNCATE {TABLE_NAMES}")
    author = AuthorRow(id=ID, name="", joined=datetime(2020, 1, 1, tzinfo=UTC), balance=0)
    await author.save(force_create=True)
    return author


@pytest.mark.parametrize(
    ("field", "place"),
    [
        ("nothing", "Author.nothing"),
        ("home { street }", "Author.home"),
        ("homeCity { code }", "Author.homeCity"),
        ("mentor { name }", "Author.mentor"),
        ("counted { number }", "Counted.number"),
    ],
)
async def test_null_where_there_must_be_a_value_is_an_error(api: Api, field: str, place: str) -> None:
    result = await api.execute(f"{{ author {{ name {field} }} }}", schema)
    assert result.data == {"author": None}
    assert [error.path for error in result.errors] == [["author"]]
    assert f"{place} is null" in str(result.errors[0].original_error)


async def test_null_within_a_part_that_is_there(api: Api, author: AuthorRow) -> None:
    author.home_street = "Via España"
    await author.save()
    result = await api.execute("{ author { home { street number } } }", schema)
    assert "Home.number is null" in str(result.errors[0].original_error)


async def test_null_where_there_may_be_none(api: Api) -> None:
    assert (await api.execute("{ author { nothingAtAll } }", schema)).data is not None


async def test_no_row(api: Api, author: AuthorRow) -> None:
    await author.delete()
    assert (await api.execute("{ author { name } }", schema)).data == {"author": None}
    result = await api.execute("{ somebody { name } }", schema)
    assert result.data is None
    assert result.errors[0].message == "Cannot return null for non-nullable field Query.somebody."
    result = await api.execute("query ($ids: [ID!]!) { certainly(ids: $ids) { name } }", schema, ids=[str(ID)])
    assert "Author is null" in str(result.errors[0].original_error)


@pytest.mark.parametrize("field", ["large", "balance"])
async def test_an_int_has_32_bits(api: Api, author: AuthorRow, field: str) -> None:
    author.balance = 2**31
    await author.save()
    result = await api.execute(f"{{ author {{ {field} }} }}", schema)
    assert "integer out of range" in str(result.errors[0].original_error)


async def test_a_list(api: Api) -> None:
    result = await api.execute("{ author { ids } }", schema)
    assert projected(result) == {"ids": [str(ID), str(ID)]}


async def test_times_are_in_utc_whatever_the_session_says(api: Api) -> None:
    assert await get_connection("default").execute_query_dict("SHOW TimeZone") == [{"TimeZone": "America/Panama"}]
    assert projected(await api.execute("{ author { joined } }", schema)) == {"joined": "2020-01-01T00:00:00.000000Z"}


async def test_an_order_by_an_annotation(api: Api, author: AuthorRow) -> None:
    other = AuthorRow(id=UUID(int=2), name="", joined=datetime(2020, 1, 1, tzinfo=UTC), balance=5)
    await other.save(force_create=True)
    assert [row["balance"] for row in projected(await api.execute("{ byBalance { balance } }", schema))] == [5, 0]


async def test_a_page_of_distinct_rows(api: Api, author: AuthorRow) -> None:
    for number in (2, 3):
        student = AuthorRow(id=UUID(int=number), name="", joined=author.joined, balance=5, mentor_id=ID)
        await student.save(force_create=True)
    result = await api.execute("{ mentors { totalCount edges { node { id } } pageInfo { hasNextPage } } }", schema)
    assert projected(result) == {
        "totalCount": 1,
        "edges": [{"node": {"id": str(ID)}}],
        "pageInfo": {"hasNextPage": False},
    }


def projected(result: Any) -> Any:
    assert result.errors is None, result.errors
    [value] = decoded(result.data).values()
    return value
