"""Reading invoices."""

from typing import Annotated

import strawberry

from projection import One, Page
from resolvers import fiscal_lists, invoice_lists, invoice_numbers, invoices, suggestions
from resolvers.paging import PageArguments
from rules.vocabulary import DocumentType
from schema.arguments import InvoiceId, with_paging
from schema.inputs.invoice_list import InvoiceFilterArgument, InvoiceOrderArgument
from schema.types.invoice import Invoice, InvoiceConnection
from schema.types.numbering import NumberingAudit
from schema.types.suggestion import LineSuggestion


@strawberry.type
class InvoiceQueries:
    @strawberry.field(graphql_type=Invoice | None, description="The invoice with this id; null if there is none.")
    def invoice(self, id: InvoiceId) -> One:
        return invoices.by_id(id)

    @strawberry.field(
        graphql_type=Invoice | None, description="The electronic invoice with this CUFE; null if there is none."
    )
    def invoice_by_cufe(self, cufe: Annotated[str, strawberry.argument(description="The CUFE, 66 characters.")]) -> One:
        return fiscal_lists.invoice_by_cufe(cufe)

    @strawberry.field(
        description="A report on the numbers of a billing point, which shows that none is missing and which are void."
    )
    async def numbering_audit(
        self,
        billing_point: Annotated[str, strawberry.argument(description='Code of the billing point, such as "001".')],
        branch: Annotated[
            str | None,
            strawberry.argument(description="Code of its branch. It may be left out while only one has such a point."),
        ] = None,
        document_type: Annotated[
            DocumentType, strawberry.argument(description="Each type of document has numbers of its own.")
        ] = DocumentType.INVOICE,
    ) -> NumberingAudit:
        return NumberingAudit.of(await invoice_numbers.numbering_audit(billing_point, branch, document_type))

    @strawberry.field(
        description=(
            "Lines of earlier invoices, to be used again: first what the customer bought, then what is invoiced most "
            "often. The latest 3000 lines of the account, and 1000 of the customer, are looked at."
        )
    )
    async def line_suggestions(
        self,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Search words. Each must be found in the first 200 characters of the description; by default none."
                )
            ),
        ] = None,
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Id of the customer to be invoiced.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many suggestions, 1 to 100.")] = 10,
    ) -> list[LineSuggestion]:
        found = await suggestions.suggest_lines(search, customer_id, first)
        return [LineSuggestion.of(suggestion) for suggestion in found]

    @strawberry.field(
        graphql_type=InvoiceConnection,
        description="The account's invoices; by default the latest day of issue first.",
    )
    @with_paging
    def invoices(
        self,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Search words. Each must be found in the invoice's number or in the customer's name, RUC or "
                    "document. A number may be written with its billing point, such as 001-0000000003 or 001-3."
                )
            ),
        ] = None,
        filter: InvoiceFilterArgument = None,
        order_by: InvoiceOrderArgument = None,
        *,
        page: PageArguments,
    ) -> Page:
        return invoice_lists.list_page(
            search,
            filter.conditions() if filter else None,
            order_by.order() if order_by else None,
            page,
        )
