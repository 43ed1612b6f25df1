"""setPacCredentials."""

from functools import partial
from typing import Annotated, Self

import strawberry

from db import models
from pac.adapters import EMITTING
from projection import One, Within
from resolvers import pac_settings
from resolvers.pac_settings import NewCredentials
from resolvers.transactions import Result, rolled_back
from schema.arguments import DryRun, IdempotencyKey, Version
from schema.context import Context, Info
from schema.errors import UserError
from schema.mutations.run import mutation, run_mutation, user_errors
from schema.permissions import IsAdmin
from schema.types.account import PacSetting


@strawberry.input(description="The account's credentials at its provider. They are stored encrypted and never shown.")
class PacCredentialsInput:
    user: str = strawberry.field(description="tokenEmpresa or usuario, the user name, 6 to 500 characters.")
    password: str = strawberry.field(description="tokenPassword or clave, the password, 6 to 500 characters.")

    def __repr__(self) -> str:
        return "PacCredentialsInput(…)"

    def conceal(self, context: Context) -> str | None:
        """What a repeated request is compared by: the credentials themselves would be guessed from their hash."""
        return context.cipher.fingerprint(f"{self.user}\n{self.password}") if context.cipher else None


@strawberry.type(description="The provider that was set, or why it was not.")
class SetPacCredentialsPayload:
    pac_setting: One | None = strawberry.field(
        graphql_type=PacSetting | None, default=None, description="The provider as it is now; null when refused."
    )
    user_errors: list[UserError] = user_errors()

    @classmethod
    def of(cls, result: Result) -> Self:
        return cls(pac_setting=pac_settings.by_id(result.id))


@mutation(
    IsAdmin,
    (
        "Set the provider (PAC) through which the account's electronic invoices go to the DGI, and the account's "
        "credentials there. TEST or PRODUCTION follows from the provider, and stays once an invoice was issued "
        "electronically. Invoices that wrong credentials have blocked are tried again, and what waits is tried at "
        "once. Another provider is refused as NOT_ALLOWED while invoices need the present one: it isn't known whether "
        "the DGI has them, they are being voided or they lack files."
    ),
    graphql_type=SetPacCredentialsPayload,
)
async def set_pac_credentials(
    info: Info,
    provider: Annotated[str, strawberry.argument(description=f"One of {', '.join(EMITTING)}.")],
    credentials: Annotated[
        PacCredentialsInput | None,
        strawberry.argument(description="The credentials there; the sandbox needs none."),
    ] = None,
    version: Version = None,
    dry_run: DryRun = False,
    idempotency_key: IdempotencyKey = None,
) -> SetPacCredentialsPayload | Within:
    typed = NewCredentials(
        provider=provider,
        user=credentials.user if credentials else None,
        password=credentials.password if credentials else None,
    )
    store = partial(pac_settings.set_credentials, typed, info.context.cipher, version)
    run = partial(run_mutation, info, idempotency_key, SetPacCredentialsPayload, store, kind=models.PacSetting)
    return Within(rolled_back(), run) if dry_run else await run()
