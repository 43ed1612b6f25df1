"""What a client writes about the account."""

from typing import Any

import strawberry
from strawberry import Maybe

from rules.branch import BranchRecord
from rules.faults import Record
from rules.vocabulary import BranchType, Language, PaymentMethod, SaleType, TaxpayerType
from schema.inputs.common import changes_of


@strawberry.input(
    description=(
        "The account's own words in mails of a language. {documento}, {numero}, {cliente}, {empresa} and {total} stand "
        "for the document's data."
    )
)
class MailTextInput:
    language: Language = strawberry.field(description="Language of the mails.")
    subject: str | None = strawberry.field(
        default=None, description="Subject, up to 150 characters; null for that of the service."
    )
    greeting: str | None = strawberry.field(
        default=None,
        description="What the mail begins with: plain text, up to 1000 characters; null for the service's own words.",
    )


@strawberry.input(description="Changes to the account. A field that is left out stays as it is; null empties it.")
class AccountInput:
    name: Maybe[str] = strawberry.field(description="Name of the business.")
    legal_name: Maybe[str | None] = strawberry.field(
        description="Razón social as the DGI has it, if it isn't the name: 2 to 200 characters. Invoices show it."
    )
    ruc: Maybe[str | None] = strawberry.field(description="RUC of the business.")
    dv: Maybe[str | None] = strawberry.field(
        description="The RUC's check digit (dígito verificador), required with the RUC."
    )
    taxpayer_type: Maybe[TaxpayerType | None] = strawberry.field(
        description="Tipo de contribuyente, for the few RUCs that with their DV leave it open."
    )
    payment_method: Maybe[PaymentMethod] = strawberry.field(
        description=(
            "Forma de pago of electronic invoices that are paid at once and don't say how; neither CREDIT nor OTHER."
        )
    )
    sale_type: Maybe[SaleType] = strawberry.field(description="Tipo de venta of the account's electronic invoices.")
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
    paper_color: Maybe[str | None] = strawberry.field(
        description='Colour of papers, such as "#0b6b66": dark enough to be read on white. Null for the usual one.'
    )
    paper_footer: Maybe[str | None] = strawberry.field(
        description="A line at the foot of each page of papers, up to 120 characters."
    )
    bank_lines: Maybe[str | None] = strawberry.field(
        description=(
            "Where to pay: bank, account and the like, up to 500 characters in 8 lines. It stands below the total of "
            "invoices and debit notes, always as it is now."
        )
    )
    payment_term_days: Maybe[int | None] = strawberry.field(
        description=(
            "Plazo de pago: how many days customers have to pay that have no term of their own, 0 (contado) to 365. "
            "It sets the due date of invoices where that is left out."
        )
    )

    mail_link: Maybe[bool] = strawberry.field(
        description="Whether mails with a document have a public link of it, if the service knows its own address."
    )
    mail_texts: Maybe[list[MailTextInput] | None] = strawberry.field(
        description=(
            "The account's own words in the mails with its documents, by language; they replace all that it had. Mails "
            "about a void keep the service's words. See `previewMail`."
        )
    )

    def changes(self) -> dict[str, Any]:
        changes = changes_of(self, Record.ACCOUNT)
        if "mail_texts" in changes:
            changes["mail_texts"] = [vars(each) for each in changes["mail_texts"] or []]
        return changes


@strawberry.input(description="A new branch.")
class BranchInput:
    code: str = strawberry.field(description='Its code at the DGI: four digits or letters, such as "0001".')
    name: str | None = strawberry.field(default=None, description="Name of the branch, up to 100 characters.")
    address: str | None = strawberry.field(
        default=None, description="Street, building, number: 5 to 100 characters; by default the account's."
    )
    location_code: str | None = strawberry.field(
        default=None, description='Code of the corregimiento, such as "8-8-7".'
    )
    phone: str | None = strawberry.field(
        default=None,
        description='Phone number; Panamanian unless it begins with "+". By default the account\'s phones.',
    )
    mobile: str | None = strawberry.field(
        default=None, description='Mobile phone number; Panamanian unless it begins with "+".'
    )
    email: str | None = strawberry.field(default=None, description="E-mail address; by default the account's.")
    type: BranchType | None = strawberry.field(default=None, description="Tipo de sucursal.")

    def record(self) -> BranchRecord:
        return BranchRecord(**vars(self))


@strawberry.input(description="Changes to a branch. A field that is left out stays as it is; null empties it.")
class BranchPatch:
    name: Maybe[str | None] = strawberry.field(description="Name of the branch.")
    address: Maybe[str | None] = strawberry.field(description="Street, building, number; null for the account's.")
    location_code: Maybe[str | None] = strawberry.field(description="Code of the corregimiento.")
    phone: Maybe[str | None] = strawberry.field(description="Phone number.")
    mobile: Maybe[str | None] = strawberry.field(description="Mobile phone number.")
    email: Maybe[str | None] = strawberry.field(description="E-mail address; null for the account's.")
    type: Maybe[BranchType | None] = strawberry.field(description="Tipo de sucursal.")

    def changes(self) -> dict[str, Any]:
        return changes_of(self, Record.BRANCH)
