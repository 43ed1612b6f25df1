"""checkPacConnection."""

import strawberry

from pac.emission import Folios
from resolvers import pac_connection
from rules.faults import Refusal
from schema.context import Info
from schema.errors import UserError
from schema.mutations.run import user_errors
from schema.permissions import IsAdmin


@strawberry.type(description="What the provider says of the account's licence, or why it didn't.")
class CheckPacConnectionPayload:
    ok: bool = strawberry.field(default=False, description="Whether the provider accepts the credentials.")
    available: int | None = strawberry.field(
        default=None, description="Folios that are left; null where the provider doesn't say it, or when refused."
    )
    licence_until: str | None = strawberry.field(
        default=None, description="The licence's end, as the provider writes it; null where it doesn't say it."
    )
    user_errors: list[UserError] = user_errors()


def _answer(found: Folios) -> CheckPacConnectionPayload:
    return CheckPacConnectionPayload(ok=True, available=found.available, licence_until=found.licence_until)


# Nothing is stored, so it takes no idempotency key and makes no dry run.
@strawberry.mutation(
    name="checkPacConnection",
    permission_classes=[IsAdmin],
    description=(
        "Ask the account's provider (PAC) how many folios are left, which changes nothing there: whether it answers "
        "and accepts the credentials. Takes up to ten seconds."
    ),
)
async def ask_pac(info: Info) -> CheckPacConnectionPayload:
    try:
        return _answer(await pac_connection.count_folios(info.context.connections))
    except Refusal as refusal:
        return CheckPacConnectionPayload(user_errors=[UserError.of(fault, info.context) for fault in refusal.faults])
