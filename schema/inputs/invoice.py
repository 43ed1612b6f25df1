"""What a client writes about invoices."""

from datetime import date
from decimal import Decimal
from typing import Any

import strawberry
from strawberry import Maybe

from rules import invoice as rules
from rules.faults import Record
from rules.invoice import InvoiceData
from rules.vocabulary import Currency, ItbmsRate
from schema.inputs.common import changes_of


@strawberry.input(description="A line of an invoice.")
class InvoiceLineInput:
    description: str = strawberry.field(description="What is sold, 2 to 500 characters in up to 20 lines.")
    quantity: Decimal = strawberry.field(description="Above 0, up to 9 digits and 6 decimals.")
    unit_price: Decimal = strawberry.field(description="Price of one unit, up to 9 digits and 6 decimals.")
    discount: Decimal = strawberry.field(
        default=Decimal(0), description="Discount in money per unit, not above the price."
    )
    itbms_rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")

    def data(self) -> rules.LineData:
        return rules.LineData(**vars(self))


@strawberry.input(description="A new sales invoice.")
class InvoiceInput:
    billing_point: str | None = strawberry.field(
        default=None, description="Code of the billing point. It may be left out while the account has only one."
    )
    issue_date: date | None = strawberry.field(
        default=None,
        description=(
            "Day of issue, not in the future; by default the day in Panama on which the invoice is issued. It may be"
            " before that of the billing point's last invoice by a number of days that the service sets, 31 by default."
        ),
    )
    due_date: date | None = strawberry.field(
        default=None,
        description=(
            "Due date, not before the day of issue. By default the payment term of the customer, or else of the "
            "account, sets it when the invoice is issued."
        ),
    )
    currency: Currency = strawberry.field(default=Currency.PAB, description="Balboas or US dollars.")
    notes: str | None = strawberry.field(default=None, description="Up to 2000 characters, shown on the invoice.")
    issue: bool = strawberry.field(
        default=True, description="Whether to issue the invoice, which gives it its number. Otherwise it is a draft."
    )
    lines: list[InvoiceLineInput] = strawberry.field(description="1 to 1000 lines.")

    def data(self) -> InvoiceData:
        return InvoiceData(
            billing_point=self.billing_point,
            issue_date=self.issue_date,
            due_date=self.due_date,
            currency=self.currency,
            notes=self.notes,
            lines=tuple(line.data() for line in self.lines),
        )


@strawberry.input(description="Changes to a draft. A field that is left out stays as it is; null empties it.")
class InvoicePatch:
    customer_id: Maybe[strawberry.ID] = strawberry.field(description="Another customer.")
    billing_point: Maybe[str] = strawberry.field(description="Code of the billing point.")
    issue_date: Maybe[date | None] = strawberry.field(
        description="Day of issue; null for the day on which it is issued."
    )
    due_date: Maybe[date | None] = strawberry.field(
        description="Due date, not before the day of issue; null for what follows from the payment term at issue."
    )
    currency: Maybe[Currency] = strawberry.field(description="Balboas or US dollars.")
    notes: Maybe[str | None] = strawberry.field(description="Notes shown on the invoice.")
    lines: Maybe[list[InvoiceLineInput]] = strawberry.field(
        description="The lines, 1 to 1000. This list replaces the present one."
    )

    def changes(self) -> dict[str, Any]:
        """The fields of ``InvoiceData`` that the client gave, and ``customer_id``; raises ``Refusal``."""
        changes = changes_of(self, Record.INVOICE)
        if "lines" in changes:
            changes["lines"] = tuple(line.data() for line in changes["lines"])
        return changes
