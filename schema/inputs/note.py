"""What a client writes about credit and debit notes."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

import strawberry

from resolvers.notes import CreateNote
from rules.note_lines import PartData
from rules.vocabulary import DocumentType
from schema.inputs.invoice import InvoiceLineInput
from schema.inputs.references import EXTERNAL_ID, METADATA, TAGS, MetadataInput, read_references

_BRANCH: Final = "Code of the branch; by default the invoice's."
_POINT: Final = "Code of the billing point, whose numbers of this type go on; by default the invoice's."
_DAY: Final = (
    "Day of issue, not before the invoice's, not in the future; by default today, as it is always if it is electronic."
)
_NOTES: Final = "Up to 2000 characters, shown on the note."


@strawberry.input(
    description="A part of an invoice's line that is credited: by quantity, by amount, or all that is left."
)
class CreditNoteLineInput:
    position: int = strawberry.field(description="Position of the invoice's line, each at most once.")
    quantity: Decimal | None = strawberry.field(
        default=None, description="How many units, above 0 and not more than `creditableQuantity`."
    )
    amount: Decimal | None = strawberry.field(
        default=None,
        description=(
            "Net amount instead of a quantity, above 0 and not more than `creditableNet`. Without either, all that "
            "is left."
        ),
    )

    def data(self) -> PartData:
        return PartData(**vars(self))


@strawberry.input(
    description="What a debit note adds to a line of the invoice: by quantity at its price, or by amount."
)
class DebitNoteLineInput:
    position: int = strawberry.field(description="Position of the invoice's line.")
    quantity: Decimal | None = strawberry.field(default=None, description="How many units more, above 0.")
    amount: Decimal | None = strawberry.field(default=None, description="Net amount instead of a quantity, above 0.")
    description: str | None = strawberry.field(
        default=None, description="What it is for, 2 to 500 characters; by default the line's description."
    )

    def data(self) -> PartData:
        return PartData(**vars(self))


@strawberry.input(description="A new credit note.")
class CreditNoteInput:
    invoice_id: strawberry.ID = strawberry.field(description="Id of the invoice.")
    reason: str = strawberry.field(description="Why it is issued, 2 to 1000 characters, shown on the note.")
    lines: list[CreditNoteLineInput] | None = strawberry.field(
        default=None,
        description="What is credited, at least one line; null, which is the default, for all that is left of it.",
    )
    branch: str | None = strawberry.field(default=None, description=_BRANCH)
    billing_point: str | None = strawberry.field(default=None, description=_POINT)
    issue_date: date | None = strawberry.field(default=None, description=_DAY)
    notes: str | None = strawberry.field(default=None, description=_NOTES)
    external_id: str | None = strawberry.field(default=None, description=EXTERNAL_ID)
    tags: list[str] | None = strawberry.field(default=None, description=TAGS)
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description=METADATA)

    def command(self, *, dry_run: bool, notify: bool) -> CreateNote:
        return CreateNote(**_shared(self), type=DocumentType.CREDIT_NOTE, dry_run=dry_run, notify=notify)


@strawberry.input(description="A new debit note. It has lines, charges or both.")
class DebitNoteInput:
    invoice_id: strawberry.ID = strawberry.field(description="Id of the invoice.")
    reason: str = strawberry.field(description="Why it is issued, 2 to 1000 characters, shown on the note.")
    lines: list[DebitNoteLineInput] | None = strawberry.field(
        default=None, description="What is added to lines of the invoice; by default nothing."
    )
    charges: list[InvoiceLineInput] | None = strawberry.field(
        default=None, description="What is added besides, such as interest; by default nothing."
    )
    branch: str | None = strawberry.field(default=None, description=_BRANCH)
    billing_point: str | None = strawberry.field(default=None, description=_POINT)
    issue_date: date | None = strawberry.field(default=None, description=_DAY)
    notes: str | None = strawberry.field(default=None, description=_NOTES)
    external_id: str | None = strawberry.field(default=None, description=EXTERNAL_ID)
    tags: list[str] | None = strawberry.field(default=None, description=TAGS)
    metadata: list[MetadataInput] | None = strawberry.field(default=None, description=METADATA)

    def command(self, *, dry_run: bool, notify: bool) -> CreateNote:
        charges = tuple(charge.data() for charge in self.charges or ())
        return CreateNote(
            **_shared(self), type=DocumentType.DEBIT_NOTE, charges=charges, dry_run=dry_run, notify=notify
        )


def _shared(input: CreditNoteInput | DebitNoteInput) -> dict[str, Any]:
    shared = ("invoice_id", "reason", "branch", "billing_point", "issue_date", "notes")
    return {
        **{name: getattr(input, name) for name in shared},
        "references": read_references(input.external_id, input.tags, input.metadata),
        "parts": None if input.lines is None else tuple(line.data() for line in input.lines),
    }
