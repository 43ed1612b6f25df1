"""updateAccount."""

from typing import Annotated, Self
from uuid import UUID

import strawberry

from projection import One
from resolvers import accounts
from resolvers.transactions import Result
from rules.faults import Record
from schema.arguments import IdempotencyKey, Version
from schema.context import Info
from schema.errors import UserError
from schema.inputs.account import AccountInput
from schema.mutations.run import mutation, run_mutation, under, user_errors
from schema.permissions import IsAdmin
from schema.types.account import Account


@strawberry.type(description="The changed account, or why it was not changed.")
class UpdateAccountPayload:
    account: One | None = strawberry.field(
        graphql_type=Account | None, default=None, description="The account as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, _: Result) -> Self:
        return cls(account=accounts.current())


@mutation(
    IsAdmin,
    (
        "Change the account's settings. Electronic invoicing requires more data of customers: "
        "`customers(filter: {incomplete: true})` lists those that lack some."
    ),
)
async def update_account(
    info: Info,
    input: Annotated[AccountInput, strawberry.argument(description="What to change.")],
    version: Version = None,
    idempotency_key: IdempotencyKey = None,
) -> UpdateAccountPayload:
    async def update() -> UUID:
        return await accounts.update(input.changes(), info.context.printable, version)

    places = {Record.ACCOUNT: under("input")}
    return await run_mutation(info, idempotency_key, UpdateAccountPayload, update, kind=None, places=places)
