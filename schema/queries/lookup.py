"""Consultar: looking a RUC up."""

from typing import Annotated, Final

import strawberry
from graphql import GraphQLError

from lookup.daily_limit import DailyLimitReached
from resolvers import registry
from rules.faults import Text
from rules.vocabulary import TaxpayerType
from schema.context import Info
from schema.types.lookup import RucLookup


@strawberry.type
class LookupQueries:
    @strawberry.field(
        description=(
            "Consultar: look up a RUC, to fill in a customer. If no registry answers in time, the result is an "
            "earlier answer, or what follows from the number itself. An account that has asked as often as it may in a "
            "day gets the error RATE_LIMITED, with the time from which on it may ask again as `retryAt`."
        )
    )
    async def lookup_ruc(
        self,
        info: Info,
        ruc: Annotated[str, strawberry.argument(description="RUC as people write it, with or without its DV.")],
        dv: Annotated[
            str | None,
            strawberry.argument(description="DV. It decides the taxpayer type where the RUC leaves that open."),
        ] = None,
        taxpayer_type: Annotated[
            TaxpayerType | None, strawberry.argument(description="Tipo de contribuyente; without it, both are tried.")
        ] = None,
        wait_ms: Annotated[
            int | None,
            strawberry.argument(
                description=(
                    "How many milliseconds to wait for the registries, from 0 to the service's limit "
                    "(REGISTRY_TIMEOUT), which is the default. An answer that comes later is stored for the next "
                    "look-up."
                )
            ),
        ] = None,
    ) -> RucLookup:
        try:
            return RucLookup.of(await registry.look_up(info.context.consultar, ruc, dv, taxpayer_type, wait_ms))
        except DailyLimitReached as error:
            message = info.context.say(_DAILY_LIMIT.format(limit=f"{error.limit:,}"))
            extensions = {"code": "RATE_LIMITED", "retryAt": error.until.isoformat()}
            raise GraphQLError(message, extensions=extensions) from None


_DAILY_LIMIT: Final = Text(
    "La cuenta ya hizo todas las consultas que puede hacer en un día: {limit}. Podrá seguir después de medianoche.",
    "The account has made all look-ups that it may make in a day: {limit}. It may go on after midnight in Panama.",
)
