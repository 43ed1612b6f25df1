"""What outside systems keep beside customers and documents."""

import strawberry

from rules.references import MetadataEntry


@strawberry.input(description="A text under a key.")
class MetadataInput:
    key: str = strawberry.field(description="The key, 1 to 40 characters, each one once.")
    value: str = strawberry.field(description="The text, 1 to 500 characters.")

    def entry(self) -> MetadataEntry:
        return MetadataEntry(**vars(self))
