"""How a client merges customers."""

import strawberry


@strawberry.input(description="The customer that a field is taken from.")
class MergeChoice:
    field: str = strawberry.field(
        description=(
            'Name of the field in CustomerInput, such as "email". Receiver and taxpayer type, RUC, DV and foreign id '
            "come from one customer, and so do corregimiento and address."
        )
    )
    customer_id: strawberry.ID = strawberry.field(description="One of the customers that are merged.")
