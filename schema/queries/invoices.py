"""Reading invoices."""

import strawberry

from projection import One, Page
from resolvers import invoices
from schema.inputs.invoice import InvoiceFilter, InvoiceOrder
from schema.types.invoice import Invoice, InvoiceConnection
from schema.types.numbering import NumberingAudit


@strawberry.type
class InvoiceQueries:
    @strawberry.field(graphql_type=Invoice | None, description="The invoice with this id.")
    def invoice(self, id: strawberry.ID) -> One:
        return invoices.by_id(id)

    @strawberry.field(description="What became of each number of a billing point: none is missing, some are void.")
    async def numbering_audit(self, billing_point: str) -> NumberingAudit:
        return NumberingAudit.of(await invoices.numbering_audit(billing_point))

    @strawberry.field(
        graphql_type=InvoiceConnection,
        description="The account's invoices, the latest day of issue first unless asked.",
    )
    def invoices(
        self,
        search: str | None = None,
        filter: InvoiceFilter | None = None,
        order_by: InvoiceOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Page:
        return invoices.page(
            search,
            filter.conditions() if filter else None,
            order_by.order() if order_by else None,
            first=first,
            after=after,
            last=last,
            before=before,
        )
