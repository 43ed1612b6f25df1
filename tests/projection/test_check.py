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
from projection import Misdeclared, Page, check, column, part, related, row, rows, sql, summary
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
class Town:
    mayor: toys.Author


@strawberry.type
class Odd(Connection[toys.Book]):
    sum: int


@strawberry.type
class Summed(Connection[toys.Book]):
    single: toys.Shelf = summary("SELECT 1 AS how_many FROM {list}")
    shelf: list[toys.Shelf] = summary("SELECT 1 AS how_many")
    odd: list[Town] = summary("SELECT 1 FROM {list}")


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
    home: House = part("home_", present="street")
    away: House | None = part("away_", present="street")
    joined: date
    home_city: str | None
    balance: toys.City = column("balance")
    born: float
    ratio: float = sql("0.5")
    object: toys.City = sql("1")
    loose: Loose = rows("SELECT 1 AS anything")
    looser: list[Loose] = rows("SELECT 1 AS anything")
    loosest: list[Loose] = row("SELECT 1 AS anything")

    @related("mentor", graphql_type=toys.AuthorConnection)
    def mentors(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=toys.AuthorConnection)
    def other_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=Odd)
    def odd_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=Summed)
    def summed_books(self) -> Page:  # type: ignore[empty-body]
        ...

    @related("books", graphql_type=toys.Tag)
    def no_books(self) -> Page:  # type: ignore[empty-body]
        ...

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
Volume.added: is Time, which can't be read from DatetimeField
Volume.cover: is String, which can't be read from BinaryField
Volume.extra: is not nullable, but BookRow.extra may be NULL
Volume.title: is a list, but the column is TextField
Volume.words: is a list of Decimal, which a column can't hold as the API writes it
Writer.away: AuthorRow.away_street is not a column
Writer.away: House.city: is an object, but AuthorRow.away_city is not a foreign key, in either direction
Writer.away: House.garden: AuthorRow.away_garden is not a column
Writer.away: House.phone: is a part, so its type must be an object
Writer.away: House.street: AuthorRow.away_street is not a column
Writer.balance: is an object, but AuthorRow.balance is not a foreign key, in either direction
Writer.books: Tag is not read from the model BookRow
Writer.born: is Float, which can't be read from DateField
Writer.born: is not nullable, but AuthorRow.born may be NULL
Writer.email: is not nullable, but AuthorRow.email may be NULL
Writer.forbidden: AuthorRow.forbidden is not a column
Writer.forbidden: has permissions or extensions, which only fields with `related` have
Writer.home: House.city: Tag is not read from the model CityRow
Writer.home: House.garden: AuthorRow.home_garden is not a column
Writer.home: House.phone: is a part, so its type must be an object
Writer.home: is not nullable, but AuthorRow.home_street may be NULL
Writer.homeCity: AuthorRow.home_city is not a column
Writer.joined: is Date, which can't be read from DatetimeField
Writer.loose: is made of rows, so its type must be a list of objects
Writer.looser: Loose.author: is an object, but a row without a model.author is not a foreign key, in either direction
Writer.loosest: is made of a row, so its type must be an object
Writer.mentor: is not nullable, but AuthorRow.mentor may be NULL
Writer.mentor: must be no list, as the relation is ForeignKeyField
Writer.mentors: is a connection, but AuthorRow.mentor is not a foreign key of many rows
Writer.method: AuthorRow.method is not a column
Writer.method: has a method, which is not called when it is read from a row
Writer.name: is Int, which can't be read from TextField
Writer.nmae: AuthorRow.nmae is not a column
Writer.noBooks: is a connection, but Tag has other fields than edges, page_info, total_count
Writer.object: is an SQL expression, which gives no objects
Writer.oddBooks: is a connection, but Odd has other fields than edges, page_info, total_count
Writer.otherBooks: Author is not read from the model BookRow
Writer.ratio: is Float, which is not supported
Writer.students: must be a list, as the relation is BackwardFKRelation
Writer.summedBooks: Town.mayor: is an object, but a row without a model.mayor is not a foreign key, in either direction
Writer.summedBooks: has a summary that doesn't name {list} once
Writer.summedBooks: has a summary whose type is not a list of objects
""".strip()


def test_the_toys_are_as_declared(database: TortoiseContext) -> None:
    check(toys.schema)


def test_all_problems_are_told_at_once(database: TortoiseContext) -> None:
    schema = strawberry.Schema(Query, config=StrawberryConfig(scalar_map=SCALARS))
    with pytest.raises(Misdeclared) as caught:
        check(schema)
    assert str(caught.value).splitlines() == PROBLEMS.splitlines()
