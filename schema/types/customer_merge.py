"""Merged customers."""

from datetime import datetime
from typing import Self

import strawberry

import projection
from db import models
from projection import sql
from resolvers import customer_merging as resolvers
from schema.types.customer import Customer
from schema.types.node import Connection


@projection.table(models.CustomerMerge)
@strawberry.type(description="A customer that was merged into another one, as long as that can be undone.")
class CustomerMerge:
    id: strawberry.ID = strawberry.field(description="The merge's id, for `undoMerge`.")
    customer: Customer = strawberry.field(
        description="The customer that was merged, with its own fields. Its documents are the survivor's."
    )
    survivor: Customer = strawberry.field(
        description="The customer into which it was merged, which may have been merged since."
    )
    document_count: int = sql(
        "cardinality({row}.documents) + cardinality({row}.drafts)",
        description="How many documents went to the survivor, drafts included.",
    )
    merged_at: datetime = strawberry.field(description="When it was merged.")
    undo_until: datetime = sql("{row}.merged_at + interval '30 days'", description="Until when it can be undone.")


@strawberry.type(description="A page of merges.")
class CustomerMergeConnection(Connection[CustomerMerge]):
    pass


@strawberry.type(description="What a field has at one of the customers that are merged.")
class MergedValue:
    customer_id: strawberry.ID = strawberry.field(description="The customer.")
    text: str | None = strawberry.field(description="The value as a line of text; null for none.")


@strawberry.type(description="What becomes of a field when customers are merged.")
class MergedField:
    name: str = strawberry.field(description="Name of the field in CustomerInput.")
    winner_ids: list[strawberry.ID] = strawberry.field(
        description="The customers whose value the survivor has: one, several for a list, none where it is empty."
    )
    values: list[MergedValue] = strawberry.field(description="What it had at each, the survivor first.")

    @classmethod
    def of(cls, field: resolvers.MergedField) -> Self:
        return cls(
            name=field.name,
            winner_ids=[strawberry.ID(str(id)) for id in field.winners],
            values=[MergedValue(customer_id=strawberry.ID(str(id)), text=text) for id, text in field.values],
        )
