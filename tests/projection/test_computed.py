"""Fields that Python computes, beside those that the database answers."""

# mypy: disable-error-code="untyped-decorator"

import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from tortoise.connection import get_connection

import projection
from projection import ByIds, Executor, Many, part, python
from tests.projection import toys
from tests.projection.conftest import Api, decoded
from tests.projection.toys import AuthorRow, BookRow


class Insiders(BasePermission):
    message = "not for you"

    async def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return bool(info.context)


@strawberry.type
class Note:
    text: str | None
    length: int


@strawberry.type
class Home:
    @python(columns=("street", "number"))
    def line(self) -> str:
        return f"{self.street} {self.number}"  # type: ignore[attr-defined]


@strawberry.interface
class Thing:
    id: strawberry.ID


@projection.table(AuthorRow)
@strawberry.type
class Author(Thing):
    name: str
    home: Home | None = part("home_", present="street")
    works: list["Book"] = projection.column("books")

    @python(columns=("rating",))
    async def notes(self, prefix: str = "") -> list[Note | None]:
        return [Note(text=f"{prefix}{self.rating}", length=1), None]  # type: ignore[attr-defined]

    @python(columns=("name",), description="Fails for everybody.")
    def failing(self) -> str | None:
        raise ValueError(self.name)

    @python(columns=("name",))
    def never(self) -> str:
        raise ValueError(self.name)

    @python(columns=("name",), permission_classes=[Insiders])
    def secret(self) -> str:
        return self.name


@projection.table(BookRow)
@strawberry.type
class Book(Thing):
    title: str
    author: Author

    @python(columns=("id", "price", "added", "published", "genre", "binding", "pages", "extra", "words", "author_id"))
    def types(self) -> list[str]:
        return [type(value).__name__ for value in vars(self).values()]

    @python(columns=("title",))
    def label(self) -> str:
        return f"«{self.title}»"

    @python(columns=())
    def constant(self) -> int:
        return 1


@strawberry.type
class Query:
    @strawberry.field(graphql_type=list[Author])
    def authors(self) -> Many:
        return Many(AuthorRow.all().order_by("id"))

    @strawberry.field(graphql_type=list[Book])
    def books(self) -> Many:
        return Many(BookRow.all().order_by("id"))

    @strawberry.field(graphql_type=list[Thing | None])
    def things(self, ids: list[strawberry.ID]) -> ByIds:
        return ByIds([toys.uuid_of(id) for id in ids], {model: model.all() for model in (AuthorRow, BookRow)})


schema = strawberry.Schema(
    Query,
    types=[Author, Book],
    execution_context_class=Executor,
    config=StrawberryConfig(scalar_map=toys.SCALARS),
)


@pytest.fixture(autouse=True)
async def rows(api: Api) -> None:
    await api.fill(6)


async def ask(api: Api, document: str, **variables: Any) -> Any:
    result = await api.execute(document, schema, **variables)
    assert result.errors is None, result.errors
    assert len(api.statements) == 1
    return decoded(result.data)


async def test_the_method_has_the_columns_as_tortoise_gives_them(api: Api) -> None:
    names = {tuple(book["types"]) for book in (await ask(api, "{ books { types } }"))["books"]}
    known = [UUID, Decimal, datetime.datetime, datetime.date, (toys.Genre, None), toys.Binding, int, None, list, UUID]
    for types in names:
        for name, expected in zip(types, known, strict=True):
            choices = expected if isinstance(expected, tuple) else (expected,)
            assert expected is None or name in [t.__name__ if t else "NoneType" for t in choices], types


async def test_its_columns_are_exact(api: Api) -> None:
    connection: Any = get_connection("default")
    await connection.execute_script("""UPDATE book SET price = 123456789012345678.91, extra = '"5"'""")
    result = await toys.schema.execute("{ allBooks { badge { worth text } title } }")
    assert result.errors is None
    for book in decoded(result.data)["allBooks"]:
        assert book["badge"] == {"worth": "246913578024691357.82", "text": f"{book['title']} '5'"}


async def test_it_stands_where_the_client_asked_for_it(api: Api) -> None:
    answer = await ask(
        api,
        """
        query ($mark: String!, $no: Boolean = false) {
            authors {
                first: notes { length }
                name
                ...F
                notes(prefix: $mark) { text @skip(if: $no) }
                home { __typename line again: line }
                works { title constant author { first: notes { text } name } }
                none: notes @include(if: $no) { text }
            }
        }
        fragment F on Author { first: notes { text } notes(prefix: $mark) { size: length } }
        """,
        mark="~",
    )
    for author in answer["authors"]:
        assert list(author) == ["first", "name", "notes", "home", "works"]
        assert list(author["first"][0]) == ["length", "text"]
        assert list(author["notes"][0]) == ["size", "text"]
        assert author["notes"][0]["text"].startswith("~")
        assert author["notes"][1] is None
        assert author["home"] is None or author["home"]["line"] == author["home"]["again"]
        assert all(list(work) == ["title", "constant", "author"] for work in author["works"])
    assert any(author["home"] for author in answer["authors"])


async def test_objects_of_several_types_have_their_own(api: Api) -> None:
    data = api.data
    ids = [str(data.books[0].id), "nobody", str(data.authors[0].id), str(data.books[1].id)]
    document = """
        query ($ids: [ID!]!) {
            things(ids: $ids) {
                ... on Author { key: name works { key: label constant } }
                ... on Book { author { notes { length } key: name } key: label }
            }
        }
    """
    book, nobody, author, _ = (await ask(api, document, ids=ids))["things"]
    assert list(book) == ["author", "key"]
    assert book["author"]["notes"] == [{"length": 1}, None]
    assert book["key"] == f"«{data.books[0].title}»"
    assert nobody is None
    assert list(author) == ["key", "works"]
    assert author["key"] == data.authors[0].name


async def test_an_error_nulls_what_may_be_null(api: Api) -> None:
    result = await api.execute("{ authors { name failing } }", schema)
    assert [author["failing"] for author in decoded(result.data)["authors"]] == [None] * len(api.data.authors)
    assert [error.path for error in result.errors] == [["authors", n, "failing"] for n in range(len(api.data.authors))]


async def test_an_error_in_a_field_that_may_not_be_null_nulls_the_root_field(api: Api) -> None:
    result = await api.execute("{ authors { works { author { never } } } }", schema)
    assert result.data is None
    [error] = result.errors
    assert error.path[0] == "authors"
    assert error.path[-1] == "never"


async def test_permissions_hold(api: Api) -> None:
    result = await api.execute("{ authors { secret } }", schema)
    assert (result.data, result.errors[0].message) == (None, "not for you")
    allowed = await schema.execute("{ authors { secret } }", context_value=True)
    assert allowed.errors is None


async def test_a_document_without_such_fields_is_not_decoded(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    result = await api.execute("{ authors { name } }", schema)
    assert type(result.data["authors"]).__name__ == "Fragment"
