"""A library of toys: models, tables and a schema that use everything projection has to offer."""

# mypy: disable-error-code="untyped-decorator"

import enum
import random
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Generic, NewType, TypeVar
from uuid import UUID

import strawberry
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig
from tortoise import fields
from tortoise.models import Model

import projection
from projection import (
    BadCursor,
    ByIds,
    Executor,
    Many,
    One,
    Order,
    Page,
    column,
    part,
    related,
    row,
    rows,
    sql,
    summary,
)

# Models


class Mood(enum.Enum):
    """Named otherwise than it is stored."""

    GRUMPY = "g"
    MERRY = "m's"


class Genre(enum.StrEnum):
    NOVEL = "NOVEL"
    ESSAY = "ESSAY"


class Binding(enum.IntEnum):
    PAPER = 1
    CLOTH = 2


class CityRow(Model):
    code = fields.CharField(max_length=8, primary_key=True)
    name = fields.TextField(source_field="city_name")

    class Meta:
        table = "city"
        ordering = ["-name"]


class AuthorRow(Model):
    id = fields.UUIDField(primary_key=True)
    name = fields.TextField()
    email = fields.TextField(null=True)
    mentor: Any = fields.ForeignKeyField("models.AuthorRow", null=True, related_name="students")
    mood = fields.CharEnumField(Mood, max_length=8, null=True)
    joined = fields.DatetimeField(source_field="joined_at")
    born = fields.DateField(null=True)
    balance = fields.BigIntField()
    home_street = fields.TextField(null=True)
    home_number = fields.IntField(null=True)
    home_city: Any = fields.ForeignKeyField(
        "models.CityRow", null=True, related_name="residents", source_field="home_city_code"
    )
    home_phone_prefix = fields.CharField(max_length=4, null=True)
    home_phone_number = fields.CharField(max_length=12, null=True)

    class Meta:
        table = "author"
        ordering = ["name"]


class BookRow(Model):
    id = fields.UUIDField(primary_key=True)
    author: Any = fields.ForeignKeyField("models.AuthorRow", related_name="books")
    title = fields.TextField()
    published = fields.DateField()
    price = fields.DecimalField(max_digits=20, decimal_places=2)
    weight = fields.DecimalField(max_digits=12, decimal_places=6)
    pages = fields.IntField()
    genre = fields.CharEnumField(Genre, max_length=8, null=True)
    binding = fields.IntEnumField(Binding)
    extra: Any = fields.JSONField(null=True)
    words: Any = fields.JSONField()
    cover = fields.BinaryField(null=True)
    added = fields.DatetimeField()

    class Meta:
        table = "book"


class ReviewRow(Model):
    id = fields.UUIDField(primary_key=True)
    book: Any = fields.ForeignKeyField("models.BookRow", related_name="reviews")
    stars = fields.SmallIntField()
    body = fields.TextField()
    printed = fields.BooleanField()

    class Meta:
        table = "review"
        ordering = ["-stars", "body"]


class TagRow(Model):
    id = fields.UUIDField(primary_key=True)
    book: Any = fields.ForeignKeyField("models.BookRow", related_name="tags")
    label = fields.TextField()

    class Meta:
        table = "tag"
        ordering = ["label"]


TABLE_NAMES = "city, author, book, tag, review"
TABLES = """
    CREATE TABLE city (code varchar(8) PRIMARY KEY, city_name text NOT NULL COLLATE "C");
    CREATE TABLE author (
        id uuid PRIMARY KEY,
        name text NOT NULL COLLATE "C",
        email text,
        mentor_id uuid REFERENCES author,
        mood text,
        joined_at timestamptz NOT NULL,
        born date,
        balance bigint NOT NULL,
        home_street text,
        home_number int,
        home_city_code varchar(8) REFERENCES city,
        home_phone_prefix varchar(4),
        home_phone_number varchar(12)
    );
    CREATE TABLE book (
        id uuid PRIMARY KEY,
        author_id uuid NOT NULL REFERENCES author,
        title text NOT NULL COLLATE "C",
        published date NOT NULL,
        price numeric(20, 2) NOT NULL,
        weight numeric(12, 6) NOT NULL,
        pages int NOT NULL,
        genre text,
        binding smallint NOT NULL,
        extra jsonb,
        words jsonb NOT NULL,
        cover bytea,
        added timestamptz NOT NULL
    );
    CREATE TABLE tag (id uuid PRIMARY KEY, book_id uuid NOT NULL REFERENCES book, label text NOT NULL COLLATE "C");
    CREATE TABLE review (
        id uuid PRIMARY KEY,
        book_id uuid NOT NULL REFERENCES book,
        stars smallint NOT NULL,
        body text NOT NULL COLLATE "C",
        printed boolean NOT NULL
    );
"""

# Schema

T = TypeVar("T")
Cursor = NewType("Cursor", str)
Mood_ = strawberry.enum(Mood, name="Mood")
Genre_ = strawberry.enum(Genre, name="Genre")
Binding_ = strawberry.enum(Binding, name="Binding")


@strawberry.enum
class BookOrder(enum.Enum):
    TITLE = "title"
    PAGES = "pages"
    PUBLISHED = "published"
    ADDED = "added"


PARSERS: dict[str, Callable[[str], Any]] = {
    "title": str,
    "name": str,
    "label": str,
    "pages": int,
    "published": date.fromisoformat,
    "added": datetime.fromisoformat,
    "joined": datetime.fromisoformat,
}


def page(
    queryset: Any,
    column_name: str,
    descending: bool,
    first: int | None,
    after: str | None,
    last: int | None,
    before: str | None,
) -> Page:
    """Any arguments make a page: of 1 to 4 rows, from the end where only ``last`` is given; bad cursors don't count."""
    order = Order(column_name, column_name, descending, PARSERS[column_name])
    backward = first is None and last is not None
    size = last if backward else first
    return Page(
        queryset,
        order,
        1 + (3 if size is None else abs(size)) % 4,
        backward=backward,
        after=_place(order, after),
        before=_place(order, before),
    )


def _place(order: Order, cursor: str | None) -> Any:
    try:
        return None if cursor is None else order.cursor_parts(cursor)
    except BadCursor:
        return None


@strawberry.type
class PageInfo:
    has_next_page: bool
    has_previous_page: bool
    start_cursor: str | None
    end_cursor: str | None


@strawberry.type
class Edge(Generic[T]):
    cursor: str
    node: T


@strawberry.type
class Connection(Generic[T]):
    edges: list[Edge[T]]
    page_info: PageInfo
    total_count: int


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.interface
class Titled:
    title: str


@projection.table(CityRow)
@strawberry.type
class City:
    code: str
    name: str
    residents: list["Author"]


@strawberry.type
class Phone:
    prefix: str | None
    number: str


@strawberry.type
class Home:
    street: str
    number: int | None
    city: City | None
    phone: Phone | None = part("phone_", present="number")


@strawberry.type
class Thinnest:
    title: str
    pages: int


@projection.table(AuthorRow)
@strawberry.type
class Author(Node):
    name: str
    email: str | None
    mentor: "Author | None"
    students: list["Author"]
    mood: Mood | None
    joined: datetime
    born: date | None
    balance: int
    home: Home | None = part("home_", present="street")
    works: list["Book"] = column("books")
    thinnest: Thinnest | None = row(
        "SELECT b.title, b.pages FROM book b WHERE b.author_id = {row}.id ORDER BY b.pages, b.id LIMIT 1"
    )
    book_count: int = sql("(SELECT count(*) FROM book b WHERE b.author_id = {row}.id)")
    braces: str = sql("""{row}.name || '{} {{}} %s %(row)s'""")

    @related(
        "books",
        graphql_type="BookConnection",
    )
    def books(
        self,
        genre: Genre | None = None,
        order: BookOrder = BookOrder.TITLE,
        descending: bool = False,
        first: int | None = None,
        after: Cursor | None = None,
        last: int | None = None,
        before: Cursor | None = None,
    ) -> Page:
        queryset = BookRow.filter(genre=genre) if genre else BookRow.all()
        return page(queryset, order.value, descending, first, after, last, before)


@strawberry.type
class StarCount:
    stars: int
    how_many: int


@projection.table(ReviewRow)
@strawberry.type
class Review(Node):
    stars: int
    body: str
    printed: bool
    book: "Book"


@projection.table(TagRow)
@strawberry.type
class Tag:
    label: str
    work: "Book" = column("book")


@strawberry.type
class TagConnection(Connection[Tag]):
    pass


@projection.table(BookRow)
@strawberry.type
class Book(Node, Titled):
    author: Author
    author_id: strawberry.ID
    published: date
    price: Decimal
    weight: Decimal = sql("trim_scale({row}.weight)")
    pages: int
    genre: Genre | None
    binding: Binding
    extra: JSON | None
    words: list[str]
    added: datetime
    tags: list[Tag]
    reviews: list[Review]
    star_counts: list[StarCount] = rows(
        "SELECT r.stars, count(*) AS how_many FROM review r WHERE r.book_id = {row}.id GROUP BY 1 ORDER BY 1"
    )

    @related("tags", graphql_type=TagConnection)
    def tagged(self, first: int | None = None, after: Cursor | None = None) -> Page:
        return page(TagRow.all(), "label", False, first, after, None, None)


@strawberry.type
class Shelf:
    how_many: int
    thickest: int | None


@strawberry.type
class BookConnection(Connection[Book]):
    shelf: list[Shelf] = summary("SELECT count(*) AS how_many, max(pages) AS thickest FROM {list}")


@strawberry.type
class AuthorConnection(Connection[Author]):
    pass


NODES = (AuthorRow, BookRow)


def uuid_of(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None


@strawberry.type
class Query:
    @strawberry.field(graphql_type=Author | None)
    def author(self, id: strawberry.ID) -> One:
        return One(AuthorRow.filter(id=uuid_of(id)))

    @strawberry.field(graphql_type=Titled | None)
    def titled(self, id: strawberry.ID) -> One:
        return One(BookRow.filter(id=uuid_of(id)))

    @strawberry.field(graphql_type=list[Book])
    def all_books(self, genre: Genre | None = None) -> Many:
        queryset = BookRow.filter(genre=genre) if genre else BookRow.all()
        return Many(queryset.order_by("-pages", "id"))

    @strawberry.field(graphql_type=list[City])
    def cities(self) -> Many:
        return Many(CityRow.all())

    @strawberry.field(graphql_type=BookConnection)
    def books(
        self,
        order: BookOrder = BookOrder.TITLE,
        descending: bool = False,
        first: int | None = None,
        after: Cursor | None = None,
        last: int | None = None,
        before: Cursor | None = None,
    ) -> Page:
        return page(BookRow.all(), order.value, descending, first, after, last, before)

    @strawberry.field(graphql_type=AuthorConnection)
    def authors(
        self,
        by_joining: bool = False,
        first: int | None = None,
        after: Cursor | None = None,
        last: int | None = None,
        before: Cursor | None = None,
    ) -> Page:
        return page(AuthorRow.all(), "joined" if by_joining else "name", False, first, after, last, before)

    @strawberry.field(graphql_type=Node | None)
    def node(self, id: strawberry.ID) -> ByIds:
        return ByIds([uuid_of(id)], {model: model.all() for model in NODES}, single=True)

    @strawberry.field(graphql_type=list[Node | None])
    def nodes(self, ids: list[strawberry.ID]) -> ByIds:
        return ByIds([uuid_of(id) for id in ids], {model: model.all() for model in NODES})


DECIMAL = strawberry.scalar(name="Decimal", serialize=str, parse_value=Decimal)
DATETIME = strawberry.scalar(
    name="DateTime",
    serialize=lambda moment: moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
    parse_value=datetime.fromisoformat,
)
SCALARS: dict[object, Any] = {
    Decimal: DECIMAL,
    datetime: DATETIME,
    Cursor: strawberry.scalar(name="Cursor", serialize=str, parse_value=str),
}

schema = strawberry.Schema(
    Query,
    types=[Author, Book, Review],
    execution_context_class=Executor,
    config=StrawberryConfig(scalar_map=SCALARS),
    extensions=[lambda: ParserCache(100), lambda: ValidationCache(100)],
)

# Data


async def fill(seed: int) -> None:
    """Random rows: few, so that lists are empty, equal keys occur and pages end."""
    dice = random.Random(seed)

    def uuid() -> UUID:
        return UUID(int=dice.getrandbits(128))

    def text() -> str:
        return "".join(dice.choices("aAñÑ zé0\"\\'%{}☃😀\n", k=dice.randint(0, 6)))

    def maybe(value: Any) -> Any:
        return dice.choice([value, None])

    def moment() -> datetime:
        return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(
            hours=dice.randint(0, 50_000), microseconds=dice.choice([0, 1, 500_000])
        )

    cities = [CityRow(code=f"c{n}", name=text()) for n in range(dice.randint(1, 4))]
    authors: list[AuthorRow] = []
    for _ in range(dice.randint(1, 9)):
        home = dice.random() < 0.6
        author = AuthorRow(
            id=uuid(),
            name=text(),
            email=maybe(text()),
            mentor_id=maybe(dice.choice(authors).id) if authors else None,
            mood=dice.choice([*Mood, None]),
            joined=moment(),
            born=maybe(date(1900, 1, 1) + timedelta(days=dice.randint(0, 40_000))),
            balance=dice.randint(-(2**31), 2**31 - 2),
            home_street=text() if home else None,
            home_number=maybe(dice.randint(1, 99)) if home else None,
            home_city_id=maybe(dice.choice(cities).code),
            home_phone_prefix=maybe("507"),
            home_phone_number=maybe("6000-0000"),
        )
        authors.append(author)
    books = [
        BookRow(
            id=uuid(),
            author_id=dice.choice(authors).id,
            title=dice.choice(["", "a", "b", text(), text()]),
            published=date(2000, 1, 1) + timedelta(days=dice.randint(0, 3)),
            price=Decimal(dice.choice([dice.randint(-(10**6), 10**6), 10**19 + 1])).scaleb(-2),
            weight=Decimal(dice.choice([0, 1, 1000000, 1500000, 123456, 20000000])).scaleb(-6),
            pages=dice.choice([1, 2, 2**31 - 1]),
            genre=dice.choice([*Genre, None]),
            binding=dice.choice(list(Binding)),
            extra=dice.choice([None, {}, [], {"b": 1, "a": [1.5, None, "é\u2028"]}, ["text"], 7]),
            words=[text() for _ in range(dice.randint(0, 3))],
            cover=b"\0",
            added=moment(),
        )
        for _ in range(dice.randint(0, 14))
    ]
    reviews = [
        ReviewRow(
            id=uuid(), book_id=dice.choice(books).id, stars=dice.randint(1, 3), body=text(), printed=dice.random() < 0.5
        )
        for _ in range(dice.randint(0, 12) if books else 0)
    ]
    tags = [
        TagRow(id=uuid(), book_id=dice.choice(books).id, label=text())
        for _ in range(dice.randint(0, 9) if books else 0)
    ]
    await CityRow.bulk_create(cities)
    await AuthorRow.bulk_create(authors)
    await BookRow.bulk_create(books)
    await ReviewRow.bulk_create(reviews)
    await TagRow.bulk_create(tags)
