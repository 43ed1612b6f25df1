"""Consultar: looking a RUC up."""

from typing import Annotated

import strawberry

from resolvers import registry
from rules.vocabulary import TaxpayerType
from schema.context import Info
from schema.types.lookup import RucLookup


@strawberry.type
class LookupQueries:
    @strawberry.field(
        description=(
            "Consultar: look a RUC up, to fill in a customer. It always answers: if no registry does in time, with an "
            "earlier answer or with what the number itself tells."
        )
    )
    async def lookup_ruc(
        self,
        info: Info,
        ruc: Annotated[str, strawberry.argument(description="RUC as people write it, with or without its DV.")],
        dv: Annotated[
            str | None,
            strawberry.argument(description="DV, which decides the taxpayer type of a RUC that leaves it open."),
        ] = None,
        taxpayer_type: Annotated[
            TaxpayerType | None, strawberry.argument(description="Tipo de contribuyente; without it, both are tried.")
        ] = None,
        wait_ms: Annotated[
            int | None,
            strawberry.argument(
                description=(
                    "How long to wait for registries, in milliseconds: from 0, not at all, to the service's limit, "
                    "which is the default (REGISTRY_TIMEOUT). A later answer is stored for the next look-up."
                )
            ),
        ] = None,
    ) -> RucLookup:
        return RucLookup.of(await registry.look_up(info.context.consultar, ruc, dv, taxpayer_type, wait_ms))
