"""Changes: what is left out stays, null clears."""

from dataclasses import fields
from datetime import date
from typing import Any

import strawberry
from strawberry import Maybe, Some

from rules.vocabulary import Currency, ReceiverType, TaxpayerType
from schema.inputs.customer import AssociatedPersonInput, ForeignIdInput
from schema.inputs.invoice import InvoiceLineInput


@strawberry.input(description="Changes of a customer: what is left out stays, null clears.")
class CustomerPatch:
    receiver_type: Maybe[ReceiverType] = strawberry.field(description="Tipo de receptor.")
    taxpayer_type: Maybe[TaxpayerType | None] = strawberry.field(description="Tipo de contribuyente.")
    ruc: Maybe[str | None] = strawberry.field(description="RUC; with a new one the DV is settled anew.")
    dv: Maybe[str | None] = strawberry.field(description="Dígito verificador.")
    foreign_id: Maybe[ForeignIdInput | None] = strawberry.field(description="A foreigner's document.")
    name: Maybe[str | None] = strawberry.field(description="Nombre o razón social.")
    location_code: Maybe[str | None] = strawberry.field(description="Code of the corregimiento.")
    address: Maybe[str | None] = strawberry.field(description="Street, building, number.")
    email: Maybe[str | None] = strawberry.field(description="Where invoices are sent.")
    phone: Maybe[str | None] = strawberry.field(description="Phone.")
    mobile: Maybe[str | None] = strawberry.field(description="Mobile phone.")
    associated_persons: Maybe[list[AssociatedPersonInput] | None] = strawberry.field(
        description="Personas asociadas; the list replaces the one before."
    )

    def changes(self) -> dict[str, Any]:
        """The given fields, by their names in ``rules.customer.CustomerData``."""
        changes = given(self)
        if "associated_persons" in changes:
            changes["associated_persons"] = tuple(person.data() for person in changes["associated_persons"] or ())
        if changes.get("foreign_id"):
            changes["foreign_id"] = changes["foreign_id"].data()
        return changes


@strawberry.input(description="Changes of a draft: what is left out stays, null clears.")
class InvoicePatch:
    customer_id: Maybe[strawberry.ID] = strawberry.field(description="Another customer.")
    billing_point: Maybe[str] = strawberry.field(description="Code of the billing point.")
    issue_date: Maybe[date | None] = strawberry.field(description="Day of issue; null for today in Panama.")
    due_date: Maybe[date | None] = strawberry.field(description="Day of payment.")
    currency: Maybe[Currency] = strawberry.field(description="Balboas or dollars.")
    notes: Maybe[str | None] = strawberry.field(description="Notes shown on the invoice.")
    lines: Maybe[list[InvoiceLineInput]] = strawberry.field(description="The lines; the list replaces the one before.")

    def changes(self) -> dict[str, Any]:
        """The given fields, by their names in ``resolvers.invoices.InvoiceData``; and ``customer_id``."""
        changes = given(self)
        if "lines" in changes:
            changes["lines"] = tuple(line.data() for line in changes["lines"])
        return changes


@strawberry.input(description="Changes of the account: what is left out stays, null clears.")
class AccountInput:
    name: Maybe[str] = strawberry.field(description="Name of the business.")
    ruc: Maybe[str | None] = strawberry.field(description="RUC of the business.")
    dv: Maybe[str | None] = strawberry.field(description="Its dígito verificador, always given with the RUC.")
    electronic_invoicing: Maybe[bool] = strawberry.field(
        description="Whether it issues electronic invoices, which require more of a customer."
    )

    def changes(self) -> dict[str, Any]:
        return given(self)


def given(patch: Any) -> dict[str, Any]:
    """The fields that the client gave, null or not."""
    values = {field.name: getattr(patch, field.name) for field in fields(patch)}
    return {name: value.value for name, value in values.items() if isinstance(value, Some)}
