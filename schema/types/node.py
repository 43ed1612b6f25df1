"""What all objects and lists have in common (Relay's object identification and connections)."""

from typing import Generic, TypeVar

import strawberry

T = TypeVar("T")


@strawberry.interface(description="An object that `node(id:)` finds.")
class Node:
    id: strawberry.ID = strawberry.field(
        description="Unique across all types, and the same wherever the object appears."
    )


@strawberry.type(description="Where a page stands in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether there is more after this page.")
    has_previous_page: bool = strawberry.field(description="Whether there is more before this page.")
    start_cursor: str | None = strawberry.field(description="Cursor of the first edge, for `before`.")
    end_cursor: str | None = strawberry.field(description="Cursor of the last edge, for `after`.")


@strawberry.type(description="A place in a list and what stands there.")
class Edge(Generic[T]):
    cursor: str = strawberry.field(description="Opaque; holds for this list under this order.")
    node: T = strawberry.field(description="The object at this place.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The objects of the page, in the order asked for.")
    page_info: PageInfo = strawberry.field(description="Where the page stands in the list.")
    total_count: int = strawberry.field(
        description="How many objects the whole list has. Exact, so it takes longer the longer the list is."
    )
