"""exportPersonalData."""

from functools import partial
from typing import Self

import strawberry

from db import models
from projection import One
from resolvers import personal_data
from resolvers.transactions import Result
from schema.arguments import CustomerId, IdempotencyKey
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.personal_data import PersonalDataRequest


@strawberry.type(description="Where the data about a person is, or why it can't be had.")
class ExportPersonalDataPayload:
    request: One | None = strawberry.field(
        graphql_type=PersonalDataRequest | None,
        default=None,
        description="The request that this answered; null when refused.",
    )
    json_url: str | None = strawberry.field(
        default=None, description="Path of all the data as JSON, for keys with the scope ADMIN; null when refused."
    )
    pdf_url: str | None = strawberry.field(
        default=None, description="Path of the same as a PDF for the person; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        path = f"/personal-data/{result.id}"
        return cls(request=personal_data.request_by_id(result.id), json_url=f"{path}.json", pdf_url=f"{path}.pdf")


@mutation(
    IsAdmin,
    "All that the account knows about a person, as files that are made when they are fetched and are kept nowhere. "
    "It answers the open request, or writes one down that came today.",
)
async def export_personal_data(
    info: Info, customer_id: CustomerId, idempotency_key: IdempotencyKey = None
) -> ExportPersonalDataPayload:
    export = partial(personal_data.record_export, customer_id)
    return await run_mutation(info, idempotency_key, ExportPersonalDataPayload, export, kind=models.PersonalDataRequest)
