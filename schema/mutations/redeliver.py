"""redeliver."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from resolvers import deliveries
from resolvers.transactions import Result
from schema.arguments import IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin


@strawberry.type(description="The delivery's id, or why it is not repeated.")
class RedeliverPayload:
    delivery_id: strawberry.ID | None = strawberry.field(
        default=None, description="The delivery's id; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(delivery_id=strawberry.ID(str(result.id)))


@mutation(
    IsAdmin,
    (
        "Repeat a delivery, to a webhook or by mail, that succeeded or was given up. It keeps its ids, and "
        "may arrive after later events of the same object."
    ),
)
async def redeliver(
    info: Info,
    id: Annotated[strawberry.ID, strawberry.argument(description="The delivery's id.")],
    idempotency_key: IdempotencyKey = None,
) -> RedeliverPayload:
    repeat = partial(deliveries.redeliver, id)
    return await run_mutation(info, idempotency_key, RedeliverPayload, repeat, kind=models.Delivery)
