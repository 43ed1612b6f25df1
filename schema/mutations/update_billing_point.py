"""updateBillingPoint."""

from functools import partial
from typing import Annotated, Self

import strawberry
from strawberry import Maybe

from db import models
from projection import One
from resolvers import billing_points
from resolvers.transactions import Result
from rules import vocabulary
from schema.arguments import IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.account import BillingPoint


@strawberry.type(description="The changed billing point, or why it was not changed.")
class UpdateBillingPointPayload:
    billing_point: One | None = strawberry.field(
        graphql_type=BillingPoint | None,
        default=None,
        description="The billing point as it is now; null when refused.",
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(billing_point=billing_points.by_id(result.id))


@mutation(
    IsAdmin,
    (
        "Change a billing point. The next number of each type of document can be set until one of that type was "
        "issued, for a business that goes on from another system; `numberingAudit` begins there."
    ),
)
async def update_billing_point(
    info: Info,
    code: Annotated[str, strawberry.argument(description='Its code, such as "001".')],
    name: Annotated[
        Maybe[str | None], strawberry.argument(description="Its name; null for none. Left out, it stays as it is.")
    ] = None,
    next_number: Annotated[
        str | None, strawberry.argument(description='The number of its next document, such as "4501".')
    ] = None,
    document_type: Annotated[
        vocabulary.DocumentType, strawberry.argument(description="The type of document that gets it.")
    ] = vocabulary.DocumentType.INVOICE,
    branch: Annotated[
        str | None,
        strawberry.argument(description="Code of its branch. It may be left out while only one has such a point."),
    ] = None,
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateBillingPointPayload:
    changes: dict[str, str | None] = {} if name is None else {"name": name.value}
    changes["next_number"] = next_number
    update = partial(billing_points.update, code, changes, version, branch, document_type)
    return await run_mutation(info, idempotency_key, UpdateBillingPointPayload, update, kind=models.BillingPoint)
