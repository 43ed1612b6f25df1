"""Several types read from one table: each from the rows that fulfil its condition."""

# mypy: disable-error-code="untyped-decorator"

import pytest
import strawberry

import projection
from projection import ByIds, Executor, Many, One, Order, Page, check, column
from projection.plan import Misdeclared
from tests.projection import toys
from tests.projection.conftest import Api, decoded
from tests.projection.toys import AuthorRow, BookRow


@strawberry.interface
class Work:
    id: strawberry.ID
    title: str


@projection.table(BookRow, when="{row}.genre = 'NOVEL'")
@strawberry.type
class Novel(Work):
    pages: int


@projection.table(BookRow, when="{row}.genre IS DISTINCT FROM 'NOVEL'")
@strawberry.type
class Other(Work):
    genre: toys.Genre | None


@projection.table(AuthorRow)
@strawberry.type
class Writer:
    name: str
    novels: list[Novel] = column("books")
    works: list[Work] = column("books")


@strawberry.type
class Edge:
    node: Work


@strawberry.type
class Works:
    edges: list[Edge]


@strawberry.type
class Query:
    @strawberry.field(graphql_type=list[Writer])
    def writers(self) -> Many:
        return Many(AuthorRow.all().order_by("id"))

    @strawberry.field(graphql_type=Work | None)
    def work(self, id: strawberry.ID) -> One:
        return One(BookRow.filter(id=toys.uuid_of(id)))

    @strawberry.field(graphql_type=list[Work | None])
    def by_ids(self, ids: list[strawberry.ID]) -> ByIds:
        return ByIds([toys.uuid_of(id) for id in ids], {BookRow: BookRow.all()})

    @strawberry.field(graphql_type=Works)
    def all(self) -> Page:
        return Page(BookRow.all(), Order("title", "title"), 100)


schema = strawberry.Schema(Query, types=[Novel, Other], execution_context_class=Executor, config=toys.schema.config)

_FIELDS = "__typename id title ... on Novel { pages } ... on Other { genre }"


def shown(book: BookRow) -> dict[str, object]:
    named = {"id": str(book.id), "title": book.title}
    if book.genre is toys.Genre.NOVEL:
        return {"__typename": "Novel", **named, "pages": book.pages}
    return {"__typename": "Other", **named, "genre": book.genre and book.genre.value}


async def ask(api: Api, document: str, **variables: object) -> dict[str, object]:
    result = await api.execute(document, schema, **variables)
    assert result.errors is None, result.errors
    assert len(api.statements) == 1
    data: dict[str, object] = decoded(result.data)
    return data


async def test_an_interface_reads_each_row_as_its_type(api: Api) -> None:
    await api.fill(6)
    books = await BookRow.all()
    assert {shown(book)["__typename"] for book in books} == {"Novel", "Other"}
    ids = [str(book.id) for book in books]
    found = await ask(api, f"query ($ids: [ID!]!) {{ byIds(ids: $ids) {{ {_FIELDS} }} }}", ids=ids)
    assert found["byIds"] == [shown(book) for book in books]
    for book in books:
        found = await ask(api, f"query ($id: ID!) {{ work(id: $id) {{ {_FIELDS} }} }}", id=str(book.id))
        assert found["work"] == shown(book)
    paged = await ask(api, f"{{ all {{ edges {{ node {{ {_FIELDS} }} }} }} }}")
    assert sorted(map(str, (edge["node"] for edge in paged["all"]["edges"]))) == sorted(str(shown(b)) for b in books)  # type: ignore[index]


async def test_a_list_of_one_type_has_no_rows_of_another(api: Api) -> None:
    await api.fill(6)
    found = await ask(api, f"{{ writers {{ novels {{ id }} works {{ {_FIELDS} }} }} }}")
    for author, writer in zip(await AuthorRow.all().order_by("id"), found["writers"], strict=True):  # type: ignore[call-overload]
        books = [shown(book) for book in await BookRow.filter(author_id=author.id).order_by("id")]
        assert sorted(map(str, writer["works"])) == sorted(map(str, books))
        novels = [book["id"] for book in books if book["__typename"] == "Novel"]
        assert sorted(novel["id"] for novel in writer["novels"]) == sorted(map(str, novels))


def test_types_of_one_table_need_conditions(database: object) -> None:
    @projection.table(BookRow)
    @strawberry.type
    class Any(Work):
        pass

    @projection.table(AuthorRow)
    @strawberry.type
    class Wrong:
        works: list[Work] = column("books")

    @strawberry.type
    class Asked:
        @strawberry.field(graphql_type=Wrong | None)
        def wrong(self) -> One:
            return One(AuthorRow.all())

    check(schema)
    with pytest.raises(Misdeclared, match="not all with a condition"):
        check(strawberry.Schema(Asked, types=[Novel, Any], config=toys.schema.config))
