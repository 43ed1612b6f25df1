"""What a client writes about invoices."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import strawberry
from strawberry import Maybe

from rules import invoice as rules
from rules.faults import Record
from rules.fiscal.catalogues import DEFAULT_UNIT
from rules.fiscal.document import Instalment
from rules.fiscal.exports import ExportData
from rules.fiscal.payments import PaymentFormData
from rules.fiscal.withholding import WithholdingData
from rules.invoice import InvoiceData
from rules.references import References
from rules.vocabulary import Currency, Incoterm, ItbmsRate, PaymentMethod
from schema.inputs.common import changes_of
from schema.inputs.references import EXTERNAL_ID, METADATA, TAGS, MetadataInput, read_references


@strawberry.input(description="A form of payment of an invoice.")
class PaymentFormInput:
    method: PaymentMethod = strawberry.field(description="Forma de pago. What is paid later is CREDIT.")
    amount: Decimal | None = strawberry.field(
        default=None, description="Amount. One form may leave it out; it is then the rest of the total."
    )
    description: str | None = strawberry.field(
        default=None, description="10 to 100 characters, for OTHER alone, which requires it."
    )

    def data(self) -> PaymentFormData:
        return PaymentFormData(**vars(self))


@strawberry.input(description="A part of an invoice that is to be paid by a day.")
class InstalmentInput:
    due_date: date = strawberry.field(description="Day by which it is to be paid, not before the day of issue.")
    amount: Decimal = strawberry.field(description="Amount.")

    def data(self) -> Instalment:
        return Instalment(**vars(self))


@strawberry.input(description="Retención: ITBMS that the customer keeps back. The total isn't reduced by it.")
class WithholdingInput:
    code: str = strawberry.field(
        description=(
            "The DGI's code: 1 professional service to the State, 2 sale to the State, 3 not domiciled in Panama, "
            "4 purchase of goods or services, 7 business that takes cards, 8 other."
        )
    )
    amount: Decimal | None = strawberry.field(
        default=None,
        description="Amount, required for code 8. For the others it is all (1, 3) or half (2, 4, 7) of the ITBMS.",
    )

    def data(self) -> WithholdingData:
        return WithholdingData(**vars(self))


@strawberry.input(
    description=(
        "What an invoice for export has besides. Its customer is foreign, its type EXPORT_INVOICE, and it has numbers "
        "of its own."
    )
)
class ExportInput:
    incoterm: Incoterm = strawberry.field(description="On what terms the goods are delivered.")
    country: str | None = strawberry.field(
        default=None,
        description=(
            "The customer's country, two letters by ISO 3166-1 alpha-2, not PA; by default the country that issued its "
            "document."
        ),
    )
    port: str | None = strawberry.field(default=None, description="Port from which they leave, 5 to 50 characters.")

    def data(self) -> ExportData:
        return ExportData(**vars(self))


@strawberry.input(description="A line of an invoice.")
class InvoiceLineInput:
    description: str = strawberry.field(description="What is sold, 2 to 500 characters in up to 20 lines.")
    quantity: Decimal = strawberry.field(description="Above 0, up to 9 digits and 6 decimals.")
    unit_price: Decimal = strawberry.field(description="Price of one unit, up to 9 digits and 6 decimals.")
    discount: Decimal = strawberry.field(
        default=Decimal(0), description="Discount in money per unit, not above the price."
    )
    itbms_rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")
    code: str | None = strawberry.field(
        default=None, description="The business's own code of what is sold, up to 20 characters."
    )
    unit: str = strawberry.field(
        default=DEFAULT_UNIT,
        description="The DGI's code of the unit of measure, in which capitals and small letters differ; see `units`.",
    )
    cpbs: str | None = strawberry.field(
        default=None,
        description=(
            "The DGI's code of the class of goods or services, four digits; see `cpbs`. Each line of an electronic "
            "invoice to the government needs one."
        ),
    )

    def data(self) -> rules.LineData:
        return rules.LineData(**vars(self))


_PAYMENT_FORMS: Final = (
    "How it was agreed to pay, at most 10 forms that add up to the total. By default all of an invoice with a later "
    "due date is CREDIT; otherwise it is paid at once in the account's `paymentMethod`."
)
_INSTALMENTS: Final = (
    "When which part is to be paid, at most 99 parts that add up to the total; a part that is paid at once has the "
    "day of issue. By default all that is on credit is due on the due date. The last instalment sets the due date."
)


@strawberry.input(description="A new sales invoice.")
class InvoiceInput:
    branch: str | None = strawberry.field(
        default=None,
        description="Code of the branch. It may be left out while only one branch has the billing point.",
    )
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
    export: ExportInput | None = strawberry.field(
        default=None, description="For an export: what it has besides. Without it, the sale is in Panama."
    )
    payment_forms: list[PaymentFormInput] | None = strawberry.field(default=None, description=_PAYMENT_FORMS)
    instalments: list[InstalmentInput] | None = strawberry.field(default=None, description=_INSTALMENTS)
    withholding: WithholdingInput | None = strawberry.field(
        default=None, description="ITBMS that the customer keeps back."
    )
    purchase_order: str | None = strawberry.field(
        default=None, description="Number of the customer's purchase order, up to 50 characters."
    )
    notes: str | None = strawberry.field(default=None, description="Up to 2000 characters, shown on the invoice.")
    external_id: str | None = strawberry.field(default=None, description=EXTERNAL_ID)
    tags: list[str] | None = strawberry.field(default=None, description=TAGS)
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description=METADATA)
    issue: bool = strawberry.field(
        default=True, description="Whether to issue the invoice, which gives it its number. Otherwise it is a draft."
    )
    lines: list[InvoiceLineInput] = strawberry.field(description="1 to 1000 lines.")

    def data(self) -> InvoiceData:
        return InvoiceData(
            branch=self.branch,
            billing_point=self.billing_point,
            issue_date=self.issue_date,
            due_date=self.due_date,
            currency=self.currency,
            export=self.export.data() if self.export else None,
            payment_forms=tuple(form.data() for form in self.payment_forms or ()),
            instalments=tuple(each.data() for each in self.instalments or ()),
            withholding=self.withholding.data() if self.withholding else None,
            purchase_order=self.purchase_order,
            notes=self.notes,
            lines=tuple(line.data() for line in self.lines),
        )

    def references(self) -> References:
        return read_references(self.external_id, self.tags, self.metadata)


@strawberry.input(
    description="Changes to a rejected electronic invoice. A field that is left out stays as it is; null empties it."
)
class InvoiceCorrection:
    customer_id: Maybe[strawberry.ID] = strawberry.field(description="Another customer.")
    due_date: Maybe[date | None] = strawberry.field(
        description="Due date, not before the day of issue; null for what follows from the payment term at issue."
    )
    export: Maybe[ExportInput | None] = strawberry.field(
        description=(
            "What an export has besides; null for a sale in Panama. An issued invoice can't become an export, nor an "
            "export another invoice."
        )
    )
    payment_forms: Maybe[list[PaymentFormInput] | None] = strawberry.field(
        description="Forms of payment. This list replaces the present one; null or an empty one for the default."
    )
    instalments: Maybe[list[InstalmentInput] | None] = strawberry.field(
        description="Instalments. This list replaces the present one; null or an empty one for the default."
    )
    withholding: Maybe[WithholdingInput | None] = strawberry.field(
        description="ITBMS that the customer keeps back; null for none."
    )
    purchase_order: Maybe[str | None] = strawberry.field(
        description="Number of the customer's purchase order; null for none."
    )
    notes: Maybe[str | None] = strawberry.field(description="Notes shown on the invoice.")
    lines: Maybe[list[InvoiceLineInput]] = strawberry.field(
        description="The lines, 1 to 1000. This list replaces the present one."
    )

    def changes(self) -> dict[str, Any]:
        """The fields of ``InvoiceData`` that the client gave, and ``customer_id``; raises ``Refusal``."""
        changes = changes_of(self, Record.INVOICE)
        for name in ("lines", "payment_forms", "instalments"):
            if name in changes:
                changes[name] = tuple(each.data() for each in changes[name] or ())
        for name in ("withholding", "export"):
            if changes.get(name):
                changes[name] = changes[name].data()
        return changes


@strawberry.input(description="Changes to a draft. A field that is left out stays as it is; null empties it.")
class InvoicePatch(InvoiceCorrection):
    branch: Maybe[str] = strawberry.field(description="Code of the branch.")
    billing_point: Maybe[str] = strawberry.field(description="Code of the billing point.")
    issue_date: Maybe[date | None] = strawberry.field(
        description="Day of issue; null for the day on which it is issued."
    )
    currency: Maybe[Currency] = strawberry.field(description="Balboas or US dollars.")
