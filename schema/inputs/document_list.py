"""How a client picks documents of any type."""

from typing import Annotated

import strawberry
from tortoise.expressions import Q

from resolvers import fiscal_lists, invoice_lists
from resolvers.scope import NOBODY, survivor_of, uuid_of
from rules.vocabulary import BlockedReason, DocumentType, FiscalStatus, InvoiceStatus
from schema.inputs.common import AmountRange, DateRange, ends, one_of, within
from schema.types.fiscal import ShownStatus


@strawberry.input(description="Conditions that the listed documents meet. A condition that is left out is ignored.")
class DocumentFilter:
    document_type: list[DocumentType] | None = strawberry.field(
        default=None, description="Documents of one of these types."
    )
    status: list[InvoiceStatus] | None = strawberry.field(
        default=None, description="Documents with one of these statuses."
    )
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="The customer's id.")
    invoice_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the invoice: its notes.")
    branch: str | None = strawberry.field(default=None, description="Code of the branch.")
    billing_point: str | None = strawberry.field(default=None, description="Code of the billing point.")
    issue_date: DateRange | None = strawberry.field(
        default=None, description="Day of issue; of a draft whose day is open, the day on which its dates were given."
    )
    total: AmountRange | None = strawberry.field(default=None, description="Total of the document.")
    fiscal_status: list[ShownStatus] | None = strawberry.field(
        default=None, description="Documents with one of these statuses on their way to the DGI."
    )
    blocked_reason: list[BlockedReason] | None = strawberry.field(
        default=None, description="Documents that are blocked by one of these reasons."
    )
    cufe: str | None = strawberry.field(default=None, description="CUFE of the electronic document, the whole of it.")

    def conditions(self) -> Q:
        conditions = within("issue_date", *ends(self.issue_date))
        if self.total is not None:
            lowest = invoice_lists.in_cents(self.total.from_, up=True)
            highest = invoice_lists.in_cents(self.total.to, up=False)
            conditions &= within("total_cents", lowest, highest)
        if self.document_type is not None:
            conditions &= one_of("type", self.document_type)
        if self.status is not None:
            conditions &= one_of("status", self.status)
        if self.customer_id is not None:
            conditions &= Q(customer_id=survivor_of(self.customer_id))
        if self.invoice_id is not None:
            conditions &= Q(invoice_id=uuid_of(self.invoice_id) or NOBODY)
        if self.branch is not None:
            conditions &= Q(branch=self.branch)
        if self.billing_point is not None:
            conditions &= Q(billing_point=self.billing_point)
        if self.fiscal_status is not None:
            conditions &= fiscal_lists.by_status({FiscalStatus(status.value) for status in self.fiscal_status})
        if self.blocked_reason is not None:
            conditions &= fiscal_lists.by_blocked_reason(self.blocked_reason)
        if self.cufe is not None:
            conditions &= fiscal_lists.by_cufe(self.cufe)
        return conditions


DocumentFilterArgument = Annotated[
    DocumentFilter | None,
    strawberry.argument(description="Conditions that the listed documents meet; by default all are listed."),
]
