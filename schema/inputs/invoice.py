"""What a client writes about invoices, and how it picks them."""

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

import strawberry
from tortoise.expressions import Q

from projection import Order
from resolvers import invoices
from resolvers.scope import uuid_of
from rules import invoice as rules
from rules.vocabulary import Currency, InvoiceStatus, ItbmsRate
from schema.enums import publish
from schema.inputs.common import AmountRange, DateRange, Direction, ends, one_of, within


@strawberry.input(description="A line of an invoice.")
class InvoiceLineInput:
    description: str = strawberry.field(description="What is sold, 2 to 500 characters.")
    quantity: Decimal = strawberry.field(description="Above 0, up to 9 digits and 6 decimals.")
    unit_price: Decimal = strawberry.field(description="Price of one unit, up to 9 digits and 6 decimals.")
    discount: Decimal = strawberry.field(
        default=Decimal(0), description="Discount in money per unit, not above the price."
    )
    itbms_rate: ItbmsRate = strawberry.field(description="Rate of the ITBMS.")

    def data(self) -> rules.LineData:
        return rules.LineData(
            description=self.description,
            quantity=self.quantity,
            unit_price=self.unit_price,
            discount=self.discount,
            itbms_rate=self.itbms_rate,
        )


@strawberry.input(description="A new sales invoice.")
class InvoiceInput:
    billing_point: str | None = strawberry.field(
        default=None, description="Code of the billing point; may be left out while the account has just one."
    )
    issue_date: date | None = strawberry.field(
        default=None, description="Day of issue, not in the future; today in Panama where it is left out."
    )
    due_date: date | None = strawberry.field(default=None, description="Day of payment, not before the day of issue.")
    currency: Currency = strawberry.field(default=Currency.PAB, description="Balboas or dollars.")
    notes: str | None = strawberry.field(default=None, description="Up to 2000 characters, shown on the invoice.")
    issue: bool = strawberry.field(
        default=True, description="Whether to issue it, which gives it its number; otherwise it stays a draft."
    )
    lines: list[InvoiceLineInput] = strawberry.field(description="1 to 1000 lines.")

    def data(self) -> invoices.InvoiceData:
        return invoices.InvoiceData(
            billing_point=self.billing_point,
            issue_date=self.issue_date,
            due_date=self.due_date,
            currency=self.currency,
            notes=self.notes,
            lines=tuple(line.data() for line in self.lines),
        )


@strawberry.input(description="Which invoices to list; what is left out doesn't matter.")
class InvoiceFilter:
    status: list[InvoiceStatus] | None = strawberry.field(default=None, description="One of these.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="The customer's id.")
    billing_point: str | None = strawberry.field(default=None, description="Code of the billing point.")
    issue_date: DateRange | None = strawberry.field(default=None, description="Day of issue.")
    total: AmountRange | None = strawberry.field(default=None, description="Total of the invoice.")
    overdue: bool | None = strawberry.field(
        default=None, description="Whether it is issued and its day of payment has passed in Panama."
    )

    def conditions(self) -> Q:
        conditions = within("issue_date", *ends(self.issue_date))
        if self.total is not None:
            lowest = invoices.in_cents(self.total.from_, up=True)
            highest = invoices.in_cents(self.total.to, up=False)
            conditions &= within("total_cents", lowest, highest)
        if self.status is not None:
            conditions &= one_of("status", self.status)
        if self.customer_id is not None:
            conditions &= Q(customer_id=uuid_of(self.customer_id) or invoices.NOBODY)
        if self.billing_point is not None:
            conditions &= Q(billing_point=self.billing_point)
        if self.overdue is not None:
            conditions &= invoices.overdue(self.overdue)
        return conditions


class InvoiceOrderField(Enum):
    NUMBER = "NUMBER"
    ISSUE_DATE = "ISSUE_DATE"
    TOTAL = "TOTAL"
    CREATED_AT = "CREATED_AT"


publish(
    InvoiceOrderField,
    "What invoices can be ordered by.",
    NUMBER="By number; drafts have none.",
    ISSUE_DATE="By day of issue.",
    TOTAL="By total.",
    CREATED_AT="By when they were made.",
)


@strawberry.input(description="How to order invoices; equal ones are ordered by id, so by when they were made.")
class InvoiceOrder:
    field: InvoiceOrderField = strawberry.field(description="What to order by.")
    direction: Direction = strawberry.field(default=Direction.DESC, description="Which end comes first.")

    def order(self) -> Order:
        return invoices.ordered_by(self.field.value, descending=self.direction is Direction.DESC)


Filter = Annotated[InvoiceFilter | None, strawberry.argument(description="Only such invoices.")]
OrderBy = Annotated[
    InvoiceOrder | None, strawberry.argument(description="The order; the latest day of issue first without it.")
]
