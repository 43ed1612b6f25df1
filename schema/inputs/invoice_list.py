"""How a client picks and orders invoices."""

from enum import Enum
from typing import Annotated

import strawberry
from tortoise.expressions import Q

from projection import Order
from resolvers import fiscal_lists, invoice_lists
from resolvers.scope import survivor_of
from rules.vocabulary import BlockedReason, FiscalStatus, InvoiceStatus
from schema.enums import publish
from schema.inputs.common import AmountRange, DateRange, Direction, ends, one_of, within
from schema.types.fiscal import ShownStatus


@strawberry.input(description="Conditions that the listed invoices meet. A condition that is left out is ignored.")
class InvoiceFilter:
    status: list[InvoiceStatus] | None = strawberry.field(
        default=None, description="Invoices with one of these statuses."
    )
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="The customer's id.")
    branch: str | None = strawberry.field(default=None, description="Code of the branch.")
    billing_point: str | None = strawberry.field(default=None, description="Code of the billing point.")
    issue_date: DateRange | None = strawberry.field(
        default=None, description="Day of issue; of a draft whose day is open, the day on which its dates were given."
    )
    total: AmountRange | None = strawberry.field(default=None, description="Total of the invoice.")
    overdue: bool | None = strawberry.field(
        default=None, description="Whether it is issued and its due date has passed in Panama."
    )
    fiscal_status: list[ShownStatus] | None = strawberry.field(
        default=None, description="Invoices with one of these statuses on their way to the DGI."
    )
    blocked_reason: list[BlockedReason] | None = strawberry.field(
        default=None, description="Invoices that are blocked by one of these reasons."
    )
    cufe: str | None = strawberry.field(default=None, description="CUFE of the electronic invoice, the whole of it.")

    def conditions(self) -> Q:
        conditions = within("issue_date", *ends(self.issue_date))
        if self.total is not None:
            lowest = invoice_lists.in_cents(self.total.from_, up=True)
            highest = invoice_lists.in_cents(self.total.to, up=False)
            conditions &= within("total_cents", lowest, highest)
        if self.status is not None:
            conditions &= one_of("status", self.status)
        if self.customer_id is not None:
            conditions &= Q(customer_id=survivor_of(self.customer_id))
        if self.branch is not None:
            conditions &= invoice_lists.with_code(branch=self.branch)
        if self.billing_point is not None:
            conditions &= invoice_lists.with_code(billing_point=self.billing_point)
        if self.overdue is not None:
            conditions &= invoice_lists.overdue(self.overdue)
        if self.fiscal_status is not None:
            conditions &= fiscal_lists.by_status({FiscalStatus(status.value) for status in self.fiscal_status})
        if self.blocked_reason is not None:
            conditions &= fiscal_lists.by_blocked_reason(self.blocked_reason)
        if self.cufe is not None:
            conditions &= fiscal_lists.by_cufe(self.cufe)
        return conditions


class InvoiceOrderField(Enum):
    NUMBER = "NUMBER"
    ISSUE_DATE = "ISSUE_DATE"
    TOTAL = "TOTAL"
    CREATED_AT = "CREATED_AT"


publish(
    InvoiceOrderField,
    "The fields that invoices can be ordered by.",
    NUMBER="By number, which drafts don't have.",
    ISSUE_DATE="By day of issue.",
    TOTAL="By total.",
    CREATED_AT="By the time of creation.",
)


@strawberry.input(
    description=(
        "The order of invoices. Invoices that are equal in it are ordered by id, which is the order of creation."
    )
)
class InvoiceOrder:
    field: InvoiceOrderField = strawberry.field(description="The field to order by.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="The direction of the order.")

    def order(self) -> Order:
        return invoice_lists.ordered_by(self.field.value, descending=self.direction is Direction.DESC)


InvoiceFilterArgument = Annotated[
    InvoiceFilter | None,
    strawberry.argument(description="Conditions that the listed invoices meet; by default all are listed."),
]
InvoiceOrderArgument = Annotated[
    InvoiceOrder | None,
    strawberry.argument(description="The order of the list; by default the latest day of issue first."),
]
