"""The result of looking a RUC up."""

from datetime import datetime
from typing import Self

import strawberry

from lookup.service import Lookup, Source, Status
from projection import One
from resolvers import customers
from rules.vocabulary import ReceiverType, TaxpayerType
from schema.types.customer import Customer


@strawberry.type(
    description=(
        "What is known about a RUC, from the registry, from its earlier answer or from the number itself. "
        "Registries give no address, location, e-mail or phone."
    )
)
class RucLookup:
    status: Status = strawberry.field(description="How the look-up ended.")
    ruc: str | None = strawberry.field(
        description="The RUC in its canonical spelling; null where the text is not a RUC."
    )
    dv: str | None = strawberry.field(
        description="The RUC's check digit (dígito verificador), two digits; null where it is not known."
    )
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="Tipo de contribuyente; null where registry and number leave it open."
    )
    receiver_type: ReceiverType | None = strawberry.field(
        description="Tipo de receptor; null where the registry doesn't say, as most don't."
    )
    name: str | None = strawberry.field(
        description="Nombre o razón social in the registry; null where it is not known."
    )
    electronic_invoicing: bool | None = strawberry.field(
        description="Whether the taxpayer is registered for electronic invoicing; null where it is not known."
    )
    source: Source = strawberry.field(description="Where the data come from.")
    as_of: datetime | None = strawberry.field(
        description="When the registry answered; null where the data are computed."
    )
    sandbox: bool = strawberry.field(description="Whether the registry is a sandbox, with made-up answers.")
    existing_customer: One | None = strawberry.field(
        graphql_type=Customer | None, description="The account's active customer with this RUC; null if there is none."
    )
    suggestions: list[str] = strawberry.field(
        description=(
            "RUCs that may have been meant. They are given where the text is not a RUC, or where the RUC is not"
            " registered or has another DV."
        )
    )

    @classmethod
    def of(cls, lookup: Lookup) -> Self:
        return cls(
            status=lookup.status,
            ruc=lookup.ruc,
            dv=lookup.dv,
            taxpayer_type=lookup.taxpayer_type,
            receiver_type=lookup.receiver_type,
            name=lookup.name,
            electronic_invoicing=lookup.electronic_invoicing,
            source=lookup.source,
            as_of=lookup.as_of,
            sandbox=lookup.sandbox,
            existing_customer=customers.by_lookup(lookup),
            suggestions=list(lookup.suggestions),
        )
