"""What outside systems keep beside customers and documents."""

from collections.abc import Sequence
from typing import Any, Final

import strawberry
from strawberry import Maybe
from tortoise.expressions import Q

from rules import text
from rules.faults import Record
from rules.references import MetadataEntry, References
from schema.inputs.common import changes_of, one_of


@strawberry.input(description="A text under a key.")
class MetadataInput:
    key: str = strawberry.field(description="The key, 1 to 40 characters, each one once.")
    value: str = strawberry.field(description="The text, 1 to 500 characters.")

    def entry(self) -> MetadataEntry:
        return MetadataEntry(**vars(self))


EXTERNAL_ID: Final = (
    "The id that another system has for it, up to 100 characters. No other document of the account, of whatever type "
    "and status, has the same."
)
TAGS: Final = "Etiquetas, up to 20 of up to 40 characters. Case and accents don't tell them apart. They aren't printed."
METADATA: Final = "What other systems keep with it: up to 50 texts, each under a key. They aren't printed."


@strawberry.input(description="A key of the metadata, and the text under it.")
class MetadataFilter:
    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The whole text.")


@strawberry.input(
    description=(
        "Changes to what other systems keep with a document. A field that is left out stays as it is; null empties it."
    )
)
class ReferencesPatch:
    external_id: Maybe[str | None] = strawberry.field(description=EXTERNAL_ID)
    tags: Maybe[list[str] | None] = strawberry.field(description=TAGS + " This list replaces the present one.")
    metadata: Maybe[list[MetadataInput] | None] = strawberry.field(
        description=METADATA + " This list replaces the present one."
    )

    def changes(self) -> dict[str, Any]:
        """The fields of ``References`` that the client gave."""
        changes = changes_of(self, Record.REFERENCES)
        if "tags" in changes:
            changes["tags"] = tuple(changes["tags"] or ())
        if "metadata" in changes:
            changes["metadata"] = _entries(changes["metadata"])
        return changes


def read_references(
    external_id: str | None, tags: Sequence[str] | None, metadata: Sequence[MetadataInput] | None
) -> References:
    """What the input of a new document has of them."""
    return References(external_id=external_id, tags=tuple(tags or ()), metadata=_entries(metadata))


def _entries(metadata: Sequence[MetadataInput] | None) -> tuple[MetadataEntry, ...]:
    return tuple(each.entry() for each in metadata or ())


def by_external_ids(ids: Sequence[str]) -> Q:
    """The rows that another system knows by one of these ids."""
    return one_of("external_id", [text.clean(id) or "" for id in ids])
