"""What outside systems keep beside a record: their own id of it, metadata and tags.

Customers and documents have the same three. None of them is printed, and an issued document's may still change.

>>> given = clean_references(References(external_id=" A-1 ", tags=("Mayorista", " mayorista", "Colón")))
>>> given.external_id, given.tags, check_references(given)
('A-1', ('Mayorista', 'mayorista', 'Colón'), ())
>>> drop_same_tags(given.tags)
('Mayorista', 'Colón')
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from rules import text
from rules.faults import Code, Fault, Text
from rules.keys import tag_key

EXTERNAL_ID_LONGEST: Final = 100
MOST_METADATA: Final = 50
KEY_LONGEST: Final = 40
VALUE_LONGEST: Final = 500
MOST_TAGS: Final = 20
TAG_LONGEST: Final = 40


@dataclass(frozen=True, kw_only=True)
class MetadataEntry:
    """A text under a name of an outside system's choice."""

    key: str | None = None
    value: str | None = None


Metadata = tuple[MetadataEntry, ...]


@dataclass(frozen=True, kw_only=True)
class References:
    external_id: str | None = None
    metadata: Metadata = ()
    tags: tuple[str, ...] = ()


NO_REFERENCES: Final = References()


def read_metadata(stored: Mapping[str, str]) -> Metadata:
    """The entries of a stored object."""
    return tuple(MetadataEntry(key=key, value=stored[key]) for key in sorted(stored))


def write_metadata(metadata: Metadata) -> dict[str, str]:
    """The object that is stored for checked entries."""
    return {entry.key or "": entry.value or "" for entry in metadata}


def clean_references(references: References) -> References:
    return replace(
        references,
        external_id=text.clean(references.external_id),
        metadata=clean_metadata(references.metadata),
        tags=clean_tags(references.tags),
    )


def clean_metadata(metadata: Metadata) -> Metadata:
    return tuple(
        MetadataEntry(key=text.clean(entry.key), value=text.clean(entry.value, multiline=True)) for entry in metadata
    )


def clean_tags(tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(text.clean(tag) or "" for tag in tags)


def sort_metadata(metadata: Metadata) -> Metadata:
    """The entries in the order of their keys, in which they are read."""
    return tuple(sorted(metadata, key=lambda entry: entry.key or ""))


def drop_same_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    """The tags in their order; of those that differ by case and accents alone, the first."""
    first: dict[str, str] = {}
    for tag in tags[:MOST_TAGS]:
        first.setdefault(tag_key(tag), tag)
    return (*first.values(), *tags[MOST_TAGS:])


def check_references(references: References) -> tuple[Fault, ...]:
    """All that is wrong with clean references."""
    return (
        *text.check(("externalId",), references.external_id, 0, EXTERNAL_ID_LONGEST),
        *check_metadata(references.metadata),
        *check_tags(references.tags),
    )


def check_metadata(metadata: Metadata) -> Iterator[Fault]:
    path = ("metadata",)
    if len(metadata) > MOST_METADATA:
        yield Fault(path, Code.TOO_MANY, _TOO_MANY.format(most=MOST_METADATA, count=len(metadata)))
        return
    seen: set[str | None] = set()
    for index, entry in enumerate(metadata):
        place = (*path, str(index))
        yield from text.check((*place, "key"), entry.key, 1, KEY_LONGEST)
        yield from text.check((*place, "value"), entry.value, 1, VALUE_LONGEST, lines=VALUE_LONGEST)
        if entry.key and entry.key in seen:
            yield Fault((*place, "key"), Code.INVALID_VALUE, _TWICE)
        seen.add(entry.key)


def check_tags(tags: tuple[str, ...]) -> Iterator[Fault]:
    path = ("tags",)
    if len(tags) > MOST_TAGS:
        yield Fault(path, Code.TOO_MANY, _TOO_MANY.format(most=MOST_TAGS, count=len(tags)))
        return
    for index, tag in enumerate(tags):
        yield from text.check((*path, str(index)), tag or None, 1, TAG_LONGEST)


_TOO_MANY: Final = Text("Son como máximo {most}; hay {count}.", "There may be at most {most}; there are {count}.")
_TWICE: Final = Text("Esta clave está dos veces.", "This key is there twice.")
