"""How a client picks documents of any type."""

from collections.abc import Iterator
from typing import Annotated, Optional

import strawberry
from tortoise.expressions import Q

from resolvers.scope import NOBODY, uuid_of
from rules.vocabulary import DocumentType
from schema.inputs.combined import AND, NOT, OR, combine
from schema.inputs.common import one_of
from schema.inputs.document_conditions import DocumentConditions


@strawberry.input(description="Conditions that the listed documents meet. A condition that is left out is ignored.")
class DocumentFilter(DocumentConditions):
    document_type: list[DocumentType] | None = strawberry.field(
        default=None, description="Documents of one of these types."
    )
    invoice_id: strawberry.ID | None = strawberry.field(default=None, description="Id of the invoice: its notes.")
    and_: list["DocumentFilter"] | None = strawberry.field(name="and", default=None, description=AND)
    or_: list["DocumentFilter"] | None = strawberry.field(name="or", default=None, description=OR)
    not_: Optional["DocumentFilter"] = strawberry.field(name="not", default=None, description=NOT)

    def conditions(self) -> Q:
        return combine(self)

    def own_conditions(self) -> Iterator[Q]:
        yield from super().own_conditions()
        if self.document_type is not None:
            yield one_of("type", self.document_type)
        if self.invoice_id is not None:
            yield Q(invoice_id=uuid_of(self.invoice_id) or NOBODY)


DocumentFilterArgument = Annotated[
    DocumentFilter | None,
    strawberry.argument(description="Conditions that the listed documents meet; by default all are listed."),
]
