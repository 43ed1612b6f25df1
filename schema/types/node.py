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
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge, for `before`.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge, for `after`.")


@strawberry.type(description="An entry of a list.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(
        description="The position of this entry; opaque, and valid for this list in this order."
    )
    node: T = strawberry.field(description="The object.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The objects of the page, in the requested order.")
    page_info: PageInfo = strawberry.field(description="The position of the page in the list.")
    total_count: int = strawberry.field(
        description="How many objects the whole list has. It is exact, so it takes longer for longer lists."
    )
