"""Objects with ids and lists in pages, by the Relay specification."""

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.interface(description="An object that `node(id:)` finds.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Unique across all types, and the same wherever the object appears."
    )


@strawberry.type(description="The position of a page in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether the list has entries after this page.")
    has_previous_page: bool = strawberry.field(description="Whether the list has entries before this page.")
    start_cursor: str | None = strawberry.field(
        description="Cursor of the first edge, for `before`; null on an empty page."
    )
    end_cursor: str | None = strawberry.field(
        description="Cursor of the last edge, for `after`; null on an empty page."
    )


@strawberry.type(description="An entry of a list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(
        description="The position of this entry, as an opaque text. It is valid for this list in this order."
    )
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The entries of the page, in the requested order.")
    page_info: PageInfo = strawberry.field(description="The position of the page in the list.")
    total_count: int = strawberry.field(
        description=(
            "The number of objects in the whole list. It is counted exactly, which takes longer for longer lists."
        )
    )
