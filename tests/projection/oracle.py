"""The expected answers: graphql-core alone, over rows in memory, without projection."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from operator import attrgetter
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLScalarType,
    build_schema,
    execute_sync,
    parse,
)
from graphql.pyutils import camel_to_snake

from tests.projection import toys
from tests.projection.toys import AuthorRow, BookRow, CityRow, ReviewRow, TagRow


@dataclass(repr=False)
class Data:
    cities: list[CityRow]
    authors: list[AuthorRow]
    books: list[BookRow]
    reviews: list[ReviewRow]
    tags: list[TagRow]

    @classmethod
    async def load(cls) -> "Data":
        return cls(
            await CityRow.all(),
            await AuthorRow.all(),
            await BookRow.all(),
            await ReviewRow.all(),
            await TagRow.all(),
        )

    def answer(self, document: str, variables: dict[str, Any]) -> bytes:
        """The response's data as bytes; there must be no errors."""
        result = execute_sync(SCHEMA, parse(document), self, variable_values=variables)
        assert result.errors is None, result.errors
        return orjson.dumps(result.data)

    def ids(self) -> list[str]:
        return [str(author.id) for author in self.authors] + [str(book.id) for book in self.books]

    def cursors(self) -> list[str]:
        """Cursors of all lists, in all their orders."""
        lists: list[tuple[list[Any], list[str]]] = [
            (self.books, ["title", "pages", "published", "added"]),
            (self.authors, ["name", "joined"]),
            (self.tags, ["label"]),
        ]
        return [
            cursor(name, descending, row)
            for rows, names in lists
            for name in names
            for descending in (False, True)
            for row in rows
        ]


def only(rows: list[Any], key: Any, name: str = "id") -> Any:
    found = [row for row in rows if getattr(row, name) == key]
    return found[0] if found else None


def in_utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def cursor(name: str, descending: bool, row: Any) -> str:
    value = getattr(row, name)
    text = in_utc(value) if isinstance(value, datetime) else str(value)
    return base64.b64encode(json.dumps([name, descending, text, str(row.id)], ensure_ascii=False).encode()).decode()


def connection(
    rows: list[Any],
    name: str,
    descending: bool = False,
    *,
    first: int | None = None,
    after: str | None = None,
    last: int | None = None,
    before: str | None = None,
) -> Any:
    """The page as the Relay specification cuts it out of the whole list."""
    rows = sorted(rows, key=lambda row: (getattr(row, name), row.id.int), reverse=descending)
    size = 1 + abs(first if first is not None else last if last is not None else 3) % 4
    backward = first is None and last is not None
    start, end = 0, len(rows)
    if (place := _place(after, name, descending, rows)) is not None:
        start = place[1]
    if (place := _place(before, name, descending, rows)) is not None:
        end = place[0]
    window = list(range(start, end))
    shown = window[-size:] if backward else window[:size]
    more = len(window) > size
    cursors = [cursor(name, descending, rows[index]) for index in shown]
    return {
        "edges": [{"cursor": c, "node": rows[index]} for c, index in zip(cursors, shown, strict=True)],
        "totalCount": len(rows),
        "shelf": [{"howMany": len(rows), "thickest": max((getattr(row, "pages", 0) for row in rows), default=None)}],
        "pageInfo": {
            "hasNextPage": end < len(rows) if backward else more,
            "hasPreviousPage": more if backward else start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def _place(text: str | None, name: str, descending: bool, rows: list[Any]) -> tuple[int, int] | None:
    """How many rows stand before a cursor's row, and how many before or at it."""
    try:
        cursor_name, cursor_descending, value, id = json.loads(base64.b64decode(text or "", validate=True))
    except (ValueError, TypeError):
        return None
    if (cursor_name, cursor_descending) != (name, descending):
        return None
    here = (toys.PARSERS[name](value), toys.uuid_of(id).int)  # type: ignore[union-attr]
    keys = [(getattr(row, name), row.id.int) for row in rows]
    before = [key > here if descending else key < here for key in keys]
    return sum(before), sum(before) + (here in keys)


def books(rows: list[BookRow], genre: str | None = None) -> list[BookRow]:
    return [row for row in rows if genre is None or (row.genre and row.genre.value == genre)]


def star_counts(book: BookRow, data: Data) -> list[dict[str, int]]:
    stars = [review.stars for review in data.reviews if review.book_id == book.id]  # type: ignore[attr-defined]
    return [{"stars": number, "howMany": stars.count(number)} for number in sorted(set(stars))]


def tags_of(book: BookRow, data: Data) -> list[TagRow]:
    tags = [tag for tag in data.tags if tag.book_id == book.id]  # type: ignore[attr-defined]
    return sorted(tags, key=lambda tag: (tag.label, tag.id.int))


def trimmed(number: Any) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def phone(home: AuthorRow) -> Any:
    if home.home_phone_number is None:
        return None
    return {"prefix": home.home_phone_prefix, "number": home.home_phone_number}


# By type and field: a function of the object, the data and the arguments.
RESOLVERS: dict[str, dict[str, Callable[..., Any]]] = {
    "Query": {
        "author": lambda _, d, id: only(d.authors, toys.uuid_of(id)),
        "titled": lambda _, d, id: only(d.books, toys.uuid_of(id)),
        "allBooks": lambda _, d, genre=None: sorted(books(d.books, genre), key=lambda b: (-b.pages, b.id.int)),
        "cities": lambda _, d: sorted(d.cities, key=lambda city: city.name, reverse=True),
        "books": lambda _, d, order, descending, **page: connection(d.books, order.lower(), descending, **page),
        "authors": lambda _, d, byJoining, **page: connection(d.authors, "joined" if byJoining else "name", **page),
        "node": lambda _, d, id: only([*d.authors, *d.books], toys.uuid_of(id)),
        "nodes": lambda _, d, ids: [only([*d.authors, *d.books], toys.uuid_of(id)) for id in ids],
    },
    "City": {
        "residents": lambda city, d: sorted(
            [author for author in d.authors if author.home_city_id == city.code], key=lambda a: (a.name, a.id.int)
        ),
    },
    "Author": {
        "mentor": lambda author, d: only(d.authors, author.mentor_id),
        "students": lambda author, d: sorted(
            [other for other in d.authors if other.mentor_id == author.id], key=lambda a: (a.name, a.id.int)
        ),
        "home": lambda author, _: None if author.home_street is None else author,
        "works": lambda author, d: sorted(
            [book for book in d.books if book.author_id == author.id], key=lambda book: book.id.int
        ),
        "thinnest": lambda author, d: min(
            (book for book in d.books if book.author_id == author.id),
            key=lambda book: (book.pages, book.id.int),
            default=None,
        ),
        "bookCount": lambda author, d: len([book for book in d.books if book.author_id == author.id]),
        "braces": lambda author, _: author.name + "{} {{}} %s %(row)s",
        "books": lambda author, d, order, descending, genre=None, **page: connection(
            books([book for book in d.books if book.author_id == author.id], genre), order.lower(), descending, **page
        ),
    },
    "Home": {
        "street": lambda home, _: home.home_street,
        "number": lambda home, _: home.home_number,
        "city": lambda home, d: only(d.cities, home.home_city_id, "code"),
        "phone": lambda home, _: phone(home),
    },
    "Book": {
        "author": lambda book, d: only(d.authors, book.author_id),
        "weight": lambda book, _: trimmed(book.weight),
        "tags": tags_of,
        "tagged": lambda book, d, **page: connection(tags_of(book, d), "label", **page),
        "reviews": lambda book, d: sorted(
            [review for review in d.reviews if review.book_id == book.id], key=lambda r: (-r.stars, r.body, r.id.int)
        ),
        "starCounts": star_counts,
    },
    "Review": {"book": lambda review, d: only(d.books, review.book_id)},
    "Tag": {"work": lambda tag, d: only(d.books, tag.book_id)},
}


def _resolver(type_name: str, name: str) -> Callable[..., Any]:
    resolve = RESOLVERS.get(type_name, {}).get(name)
    if resolve is not None:
        return lambda source, info, **arguments: resolve(source, info.root_value, **arguments)
    attribute = camel_to_snake(name)
    return lambda source, info: source[name] if isinstance(source, dict) else getattr(source, attribute)


def _schema() -> Any:
    schema = build_schema(toys.schema.as_str())
    serializers: dict[str, Callable[[Any], Any]] = {
        "DateTime": in_utc,
        "Date": date.isoformat,
        "Decimal": str,
        "ID": str,
    }
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLScalarType | GraphQLEnumType):
            default = attrgetter("name") if isinstance(type_, GraphQLEnumType) else type_.coerce_output_value
            setattr(type_, "coerce_output_value", serializers.get(type_.name, default))  # noqa: B010
        if isinstance(type_, GraphQLInterfaceType):
            type_.resolve_type = lambda row, *_: type(row).__name__.removesuffix("Row")
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                field.resolve = _resolver(type_.name, name)
    return schema


SCHEMA = _schema()
