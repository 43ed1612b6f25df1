"""What outside systems keep beside customers and documents."""

from typing import Any

import strawberry

from projection import rows, sql


@strawberry.type(description="A text under a key.")
class MetadataEntry:
    key: str = strawberry.field(description="The key.")
    value: str = strawberry.field(description="The text.")


def tags() -> Any:
    return sql("to_json({row}.tags)", description="Etiquetas, in the order in which they were given.")


def metadata() -> Any:
    """The entries of the row's object, in the order of their keys."""
    return rows(
        'SELECT key, value FROM jsonb_each_text({row}.metadata) ORDER BY key COLLATE "C"',
        description="What other systems keep here: texts by their keys, in the order of the keys.",
    )
