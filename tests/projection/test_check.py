"""Each wrong declaration of a field is reported with the field's name."""

# mypy: disable-error-code="untyped-decorator"

from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest
import strawberry
from strawberry.permission import BasePermission
from strawberry.schema.config import StrawberryConfig
from tortoise.context import TortoiseContext

import projection
from projection import Misdeclared, Page, check, column, part, python, related, rows, sql
from tests.projection import toys
from tests.projection.toys import SCALARS, AuthorRow, BookRow, Connection


class Anybody(BasePermission):
    def has_permission(self, source: Any, info: Any, **arguments: Any) -> bool:
        return True


@strawberry.type
class House:
    street: str
    garden: str
    city: toys.Tag | None
    phone: str | None = part("phone_", present="number")


@strawberry.type
class Loose:
    anything: str
    author: toys.Author


@strawberry.type
class Odd(Connection[toys.Book]):
    sum: int


@projection.table(AuthorRow)
@strawberry.type
class Writer:
    id: strawberry.ID
    name: int
    nmae: str
    email: str
    mentor: list["Writer"]
    students: "Writer"
    books: list[toys.Tag]
    passport: toys.Passport
    home: House = part("home_", present="street")
    away: House | None = part("away_", present="street")
    joined: date
    home_city: str | None
    balance: toys.City = column("balance")
    rating: list[float]
    object: toys.City = sql("1")
    loose: Loose = rows("SELECT 1 AS anything")
    looser: list[Loose] = rows("SELECT 1 AS anything")

    @related("mentor", graphql_type=toys.AuthorConnection)
    def mentors(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=toys.AuthorConnection)
    def other_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=Odd)
    def odd_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=toys.Tag)
    def no_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @python(columns=("name", "age"))
    def older(self) -> str:
        return ""

    @strawberry.field
    def method(self) -> str:
        return ""

    forbidden: str = strawberry.field(name="forbidden", permission_classes=[Anybody], default="")


@projection.table(BookRow)
@strawberry.type
class Volume:
    cover: str | None
    extra: strawberry.scalars.JSON
    words: list[Decimal]
    added: time
    title: list[str]


@strawberry.type
class Query:
    writer: Writer
    volume: Volume


PROBLEMS = """
Volume.cover: is String, which can't be read from BinaryField
Volume.extra: is not nullable, but BookRow.extra may be NULL
Volume.title: is a list, but the column is TextField
Volume.words: is a list of Decimal, which a column can't hold as the API writes it
Writer.away: AuthorRow.away_street is no column
Writer.away: House.city: is an object, but AuthorRow.away_city is no relation
Writer.away: House.garden: AuthorRow.away_garden is no column
Writer.away: House.phone: is a part, so its type must be an object
Writer.away: House.street: AuthorRow.away_street is no column
Writer.balance: is an object, but AuthorRow.balance is no relation
Writer.books: Tag is not read from the model BookRow
Writer.email: is not nullable, but AuthorRow.email may be NULL
Writer.forbidden: AuthorRow.forbidden is no column
Writer.forbidden: has permissions or extensions, which only fields with a method have
Writer.home: House.city: Tag is not read from the model CityRow
Writer.home: House.garden: AuthorRow.home_garden is no column
Writer.home: House.phone: is a part, so its type must be an object
Writer.home: is not nullable, but AuthorRow.home_street may be NULL
Writer.homeCity: AuthorRow.home_city is no column
Writer.joined: is Date, which can't be read from DatetimeField
Writer.loose: is made of rows, so its type must be a list of objects
Writer.looser: Loose.author: is an object, but a row without a model.author is no relation
Writer.mentor: is not nullable, but AuthorRow.mentor may be NULL
Writer.mentor: must be no list, as the relation is ForeignKeyField
Writer.mentors: is a connection, but AuthorRow.mentor is no relation to many rows
Writer.method: AuthorRow.method is no column
Writer.method: has a method that is not called when it is read from a row: declare it with projection.python
Writer.name: is Int, which can't be read from TextField
Writer.nmae: AuthorRow.nmae is no column
Writer.noBooks: is a connection, but Tag has other fields than edges, page_info, total_count
Writer.object: is an SQL expression, which gives no objects
Writer.oddBooks: is a connection, but Odd has other fields than edges, page_info, total_count
Writer.older: AuthorRow.age is no column
Writer.otherBooks: Author is not read from the model BookRow
Writer.passport: is not nullable, but there may be no such row
Writer.rating: is a list of Float, which a column can't hold as the API writes it
Writer.rating: is a list, but the column is FloatField
Writer.rating: is not nullable, but AuthorRow.rating may be NULL
Writer.students: must be a list, as the relation is BackwardFKRelation
""".strip()


def test_the_toys_are_as_declared(database: TortoiseContext) -> None:
    check(toys.schema)


def test_all_problems_are_told_at_once(database: TortoiseContext) -> None:
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))
    with pytest.raises(Misdeclared) as caught:
        check(schema)
    assert str(caught.value).splitlines() == PROBLEMS.splitlines()
