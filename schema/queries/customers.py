"""Reading customers."""

import strawberry

from projection import One, Page
from resolvers import customers, forms
from rules.vocabulary import ReceiverType, TaxpayerType
from schema.context import Info
from schema.inputs.customer import CustomerFilter, CustomerOrder
from schema.types.customer import Customer, CustomerConnection
from schema.types.form import FormField


@strawberry.type
class CustomerQueries:
    @strawberry.field(graphql_type=Customer | None, description="The customer with this id.")
    def customer(self, id: strawberry.ID) -> One:
        return customers.by_id(id)

    @strawberry.field(
        graphql_type=Customer | None,
        description=(
            "The active customer with this RUC, however it is written. Where the account has two of them, a person "
            "and a company, the taxpayer type must be given."
        ),
    )
    def customer_by_ruc(self, ruc: str, taxpayer_type: TaxpayerType | None = None) -> One:
        return customers.by_ruc(ruc, taxpayer_type)

    @strawberry.field(
        graphql_type=CustomerConnection, description="The account's customers: the active ones, by name, unless asked."
    )
    def customers(
        self,
        search: str | None = None,
        filter: CustomerFilter | None = None,
        order_by: CustomerOrder | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> Page:
        return customers.page(
            search,
            filter.conditions() if filter else None,
            order_by.order() if order_by else None,
            first=first,
            after=after,
            last=last,
            before=before,
        )

    @strawberry.field(description="The fields of a new customer of these types, under the account's settings.")
    async def customer_form(
        self, info: Info, receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None = None
    ) -> list[FormField]:
        fields = await forms.customer_form(receiver_type, taxpayer_type)
        return [FormField.of(field, info.context) for field in fields]
