"""The numbers of a billing point, for whoever must show that none is missing."""

from typing import Self

import strawberry
from tortoise.expressions import Q

from projection import Page
from resolvers import invoices
from rules.vocabulary import InvoiceStatus
from schema.arguments import After, Before, First, Last
from schema.types.invoice import InvoiceConnection


@strawberry.type(description="Numbers from one to another, both included.")
class NumberRange:
    first: str = strawberry.field(description="The first number, 10 digits.")
    last: str = strawberry.field(description="The last number, 10 digits.")


@strawberry.type(description="What became of each number of a billing point.")
class NumberingAudit:
    billing_point: str = strawberry.field(description="Code of the billing point.")
    last_number: str | None = strawberry.field(description="The last number given; null before the first.")
    issued_count: int = strawberry.field(description="How many invoices are issued.")
    void_count: int = strawberry.field(description="How many invoices are void.")
    gaps: list[NumberRange] = strawberry.field(
        description="Numbers without an invoice. There are none, unless somebody meddled with the database."
    )

    @strawberry.field(
        graphql_type=InvoiceConnection, description="The void invoices by number, each with its reason and time."
    )
    def voids(self, first: First = None, after: After = None, last: Last = None, before: Before = None) -> Page:
        filter = Q(billing_point=self.billing_point, status=InvoiceStatus.VOID)
        order = invoices.ordered_by("NUMBER", descending=False)
        return invoices.page(None, filter, order, first=first, after=after, last=last, before=before)

    @classmethod
    def of(cls, audit: invoices.NumberingAudit) -> Self:
        return cls(
            billing_point=audit.billing_point,
            last_number=_number(audit.last) if audit.last else None,
            issued_count=audit.issued,
            void_count=audit.void,
            gaps=[NumberRange(first=_number(first), last=_number(last)) for first, last in audit.gaps],
        )


def _number(value: int) -> str:
    return f"{value:010}"
