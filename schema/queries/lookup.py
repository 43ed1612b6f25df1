"""Consultar."""

from typing import Annotated

import strawberry

from resolvers import registry
from rules.vocabulary import TaxpayerType
from schema import enums as enums
from schema.context import Info
from schema.types.lookup import RucLookup


@strawberry.type
class LookupQueries:
    @strawberry.field(
        description=(
            "Consultar: look a RUC up, to fill a customer in with it. It always answers: where no registry does in "
            "time, with an earlier answer or with what the number itself says."
        )
    )
    async def lookup_ruc(
        self,
        info: Info,
        ruc: Annotated[str, strawberry.argument(description="RUC as people write it, with or without its DV.")],
        dv: Annotated[
            str | None,
            strawberry.argument(description="DV, which tells the taxpayer type of a RUC that leaves it open."),
        ] = None,
        taxpayer_type: Annotated[
            TaxpayerType | None, strawberry.argument(description="Tipo de contribuyente; without it, both are tried.")
        ] = None,
        wait_ms: Annotated[
            int | None,
            strawberry.argument(
                description=(
                    "How long to wait for registries, in milliseconds: 0 for not at all, and at most as long as the "
                    "service allows, which is the default (REGISTRY_TIMEOUT). The answer is kept when it comes later."
                )
            ),
        ] = None,
    ) -> RucLookup:
        return RucLookup.of(await registry.look_up(info.context.consultar, ruc, dv, taxpayer_type, wait_ms))
