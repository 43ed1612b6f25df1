"""What a client writes about the account."""

from typing import Any

import strawberry
from strawberry import Maybe

from schema.inputs.common import changes_of


@strawberry.input(description="Changes of the account: what is left out stays, null clears.")
class AccountInput:
    name: Maybe[str] = strawberry.field(description="Name of the business.")
    ruc: Maybe[str | None] = strawberry.field(description="RUC of the business.")
    dv: Maybe[str | None] = strawberry.field(description="Its dígito verificador, required with the RUC.")
    electronic_invoicing: Maybe[bool] = strawberry.field(
        description="Whether it issues electronic invoices, which require more of a customer."
    )

    def changes(self) -> dict[str, Any]:
        return changes_of(self)
