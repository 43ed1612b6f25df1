"""What a client writes about the account."""

from typing import Any

import strawberry
from strawberry import Maybe

from rules.faults import Record
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
    address: Maybe[str | None] = strawberry.field(
        description="Street, building, number: 5 to 100 characters. Invoices show it."
    )
    phone: Maybe[str | None] = strawberry.field(
        description='Phone number; Panamanian unless it begins with "+". Invoices show it.'
    )
    mobile: Maybe[str | None] = strawberry.field(
        description='Mobile phone number; Panamanian unless it begins with "+". Invoices show it.'
    )
    email: Maybe[str | None] = strawberry.field(
        description="E-mail address. Invoices show it, and customers reply to it."
    )
    terms: Maybe[str | None] = strawberry.field(
        description=(
            "What stands below every invoice, such as how to pay, bank accounts and conditions: up to 2000 characters, "
            "several lines."
        )
    )
    payment_term_days: Maybe[int | None] = strawberry.field(
        description=(
            "Plazo de pago: how many days customers have to pay that have no term of their own, 0 (contado) to 365. "
            "It sets the due date of invoices where that is left out."
        )
    )

    def changes(self) -> dict[str, Any]:
        return changes_of(self, Record.ACCOUNT)
