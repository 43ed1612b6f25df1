"""How a client picks and orders invoices."""

from collections.abc import Iterator
from enum import Enum
from typing import Annotated, Optional

import strawberry
from tortoise.expressions import Q

from projection import Order
from resolvers import invoice_lists
from schema.enums import publish
from schema.inputs.combined import AND, NOT, OR, combine
from schema.inputs.common import Direction
from schema.inputs.document_conditions import DocumentConditions


@strawberry.input(description="Conditions that the listed invoices meet. A condition that is left out is ignored.")
class InvoiceFilter(DocumentConditions):
    overdue: bool | None = strawberry.field(
        default=None,
        description="Whether it is issued, its due date has passed in Panama, and its notes leave something of it.",
    )
    and_: list["InvoiceFilter"] | None = strawberry.field(name="and", default=None, description=AND)
    or_: list["InvoiceFilter"] | None = strawberry.field(name="or", default=None, description=OR)
    not_: Optional["InvoiceFilter"] = strawberry.field(name="not", default=None, description=NOT)

    def conditions(self) -> Q:
        return combine(self)

    def own_conditions(self) -> Iterator[Q]:
        yield from super().own_conditions()
        if self.overdue is not None:
            yield invoice_lists.overdue(self.overdue)


class InvoiceOrderField(Enum):
    NUMBER = "NUMBER"
    ISSUE_DATE = "ISSUE_DATE"
    TOTAL = "TOTAL"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"


publish(
    InvoiceOrderField,
    "The fields that invoices can be ordered by.",
    NUMBER="By number, which drafts don't have.",
    ISSUE_DATE="By day of issue.",
    TOTAL="By total.",
    CREATED_AT="By the time of creation.",
    UPDATED_AT="By the time of the last change, by people or programs, not by the DGI's answers.",
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
