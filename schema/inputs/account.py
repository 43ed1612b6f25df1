"""What a client writes about the account."""

from typing import Any

import strawberry
from strawberry import Maybe

from schema.inputs.common import changes_of


@strawberry.input(description="Changes to the account. A field that is left out stays as it is; null empties it.")
class AccountInput:
    name: Maybe[str] = strawberry.field(description="Name of the business.")
    ruc: Maybe[str | None] = strawberry.field(description="RUC of the business.")
    dv: Maybe[str | None] = strawberry.field(
        description="The RUC's check digit (dígito verificador), required with the RUC."
    )
    electronic_invoicing: Maybe[bool] = strawberry.field(
        description="Whether the business issues electronic invoices, which require more data of its customers."
    )

    def changes(self) -> dict[str, Any]:
        return changes_of(self)
