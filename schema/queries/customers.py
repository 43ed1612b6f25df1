"""Reading customers."""

from typing import Annotated

import strawberry

from projection import ByIds, One, Page
from resolvers import customer_lists, customer_separating, customers, duplicates, forms
from resolvers.paging import PageArguments
from rules.vocabulary import ReceiverType, TaxpayerType
from schema.arguments import CustomerId, ExternalId, with_paging
from schema.context import Info
from schema.inputs.customer_list import CustomerFilter, CustomerOrder
from schema.types.customer import Customer, CustomerConnection
from schema.types.customer_merge import CustomerMergeConnection
from schema.types.duplicate import DuplicateCandidateConnection
from schema.types.form import FormField


@strawberry.type
class CustomerQueries:
    @strawberry.field(
        graphql_type=Customer | None,
        description=(
            "The customer with this id; null if there is none. The id of a merged customer leads to its survivor."
        ),
    )
    def customer(self, id: CustomerId) -> ByIds:
        return customers.by_id(id)

    @strawberry.field(
        graphql_type=Customer | None,
        description=("The customer, active or archived, that another system knows by this id; null if there is none."),
    )
    def customer_by_external_id(self, external_id: ExternalId) -> One:
        return customers.by_external_id(external_id)

    @strawberry.field(
        graphql_type=Customer | None,
        description=(
            "The active customer with this RUC, in any spelling, or the one into which a customer with it was merged; "
            "null if there is none. If a person and a company have this RUC, the taxpayer type is required."
        ),
    )
    def customer_by_ruc(
        self,
        ruc: Annotated[str, strawberry.argument(description="RUC as people write it. The dashes are part of it.")],
        taxpayer_type: Annotated[
            TaxpayerType | None, strawberry.argument(description="Tipo de contribuyente of the customer.")
        ] = None,
    ) -> One:
        return customers.by_ruc(ruc, taxpayer_type)

    @strawberry.field(
        graphql_type=CustomerConnection, description="The account's customers; by default the active ones, by name."
    )
    @with_paging
    def customers(
        self,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Search words. Each must be found in the customer's name, RUC, document, phone or e-mail address, "
                    "or in the address of an associated person."
                )
            ),
        ] = None,
        filter: Annotated[
            CustomerFilter | None,
            strawberry.argument(
                description="Conditions that the listed customers meet; by default the active ones are listed."
            ),
        ] = None,
        order_by: Annotated[
            CustomerOrder | None, strawberry.argument(description="The order of the list; by default by name.")
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        return customer_lists.list_page(
            search,
            filter.conditions() if filter else None,
            order_by.order() if order_by else None,
            page,
        )

    @strawberry.field(
        description=(
            "Active customers that may be the same, by name: with the same digits of the RUC or the same document, "
            "with the same or a similar name and the same phone or e-mail address, or with similar names next to each "
            "other. A page examines 500 customers, so it may have fewer entries than asked for, or none, although more "
            "follow."
        )
    )
    async def duplicate_candidates(
        self,
        first: Annotated[int, strawberry.argument(description="How many from the start of the list, 1 to 100.")] = 20,
        after: Annotated[
            str | None, strawberry.argument(description="Only entries after this cursor, which may be `endCursor`.")
        ] = None,
    ) -> DuplicateCandidateConnection:
        return DuplicateCandidateConnection.of(await duplicates.find_candidates(first, after))

    @strawberry.field(
        graphql_type=CustomerMergeConnection,
        description="The merges of customers that can still be undone, the latest first.",
    )
    @with_paging
    def customer_merges(
        self,
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only merges into this customer.")
        ] = None,
        *,
        page: PageArguments,
    ) -> Page:
        return customer_separating.list_page(customer_id, page)

    @strawberry.field(description="The fields of a new customer of these types, under the account's settings.")
    async def customer_form(
        self,
        info: Info,
        receiver_type: Annotated[ReceiverType, strawberry.argument(description="Tipo de receptor.")],
        taxpayer_type: Annotated[
            TaxpayerType | None, strawberry.argument(description="Tipo de contribuyente, once it is chosen.")
        ] = None,
    ) -> list[FormField]:
        fields = await forms.customer_form(receiver_type, taxpayer_type)
        return [FormField.of(field, info.context) for field in fields]
