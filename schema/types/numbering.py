"""The numbers of a billing point, to show that none is missing."""

from typing import Self

import strawberry
from tortoise.expressions import Q

from projection import Page
from resolvers import documents, invoice_lists, invoice_numbers
from resolvers.paging import PageArguments
from rules.vocabulary import DocumentType, InvoiceStatus
from schema.arguments import with_paging
from schema.types.document import SalesDocumentConnection


@strawberry.type(description="A range of numbers, both ends included.")
class NumberRange:
    first: str = strawberry.field(description="The first number, 10 digits.")
    last: str = strawberry.field(description="The last number, 10 digits.")


@strawberry.type(description="A report on the numbers of a billing point.")
class NumberingAudit:
    document_type: DocumentType = strawberry.field(description="The type of documents whose numbers these are.")
    branch: str = strawberry.field(description="Code of the branch.")
    billing_point: str = strawberry.field(description="Code of the billing point.")
    first_number: str = strawberry.field(description="The number at which it begins; see `updateBillingPoint`.")
    last_number: str | None = strawberry.field(description="The last number used; null before the first.")
    issued_count: int = strawberry.field(description="The number of issued documents that are not void.")
    void_count: int = strawberry.field(description="The number of void documents.")
    authorized_count: int = strawberry.field(
        description="The number of electronic documents that are authorised; those that are being voided among them."
    )
    open_count: int = strawberry.field(
        description="The number of electronic documents that are not authorised yet: on their way, rejected or blocked."
    )
    withdrawn_count: int = strawberry.field(
        description="The number of void documents that were given up before they were authorised."
    )
    taken_numbers: list[str] = strawberry.field(
        description=(
            "Numbers that another system had used, so that `renumberDocument` gave their documents others. They are no "
            "gaps."
        )
    )
    gaps: list[NumberRange] = strawberry.field(
        description="Numbers without a document. There are none unless the database was changed by hand."
    )

    @strawberry.field(
        graphql_type=SalesDocumentConnection,
        description="The void documents by number, each with its reason and time.",
    )
    @with_paging
    def voids(self, *, page: PageArguments) -> Page:
        filter = Q(branch=self.branch, billing_point=self.billing_point, status=InvoiceStatus.VOID)
        order = invoice_lists.ordered_by("NUMBER", descending=False)
        return documents.list_page(self.document_type, None, filter, order, page)

    @classmethod
    def of(cls, audit: invoice_numbers.NumberingAudit) -> Self:
        return cls(
            document_type=audit.type,
            branch=audit.branch,
            billing_point=audit.billing_point,
            first_number=_number(audit.first),
            last_number=_number(audit.last) if audit.last >= audit.first else None,
            issued_count=audit.issued,
            void_count=audit.void,
            authorized_count=audit.authorized,
            open_count=audit.open,
            withdrawn_count=audit.withdrawn,
            taken_numbers=list(audit.taken),
            gaps=[NumberRange(first=_number(first), last=_number(last)) for first, last in audit.gaps],
        )


def _number(value: int) -> str:
    return f"{value:010}"
