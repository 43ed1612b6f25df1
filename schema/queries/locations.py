"""Reading the DGI's locations."""

from typing import Annotated

import strawberry

from projection import Many, One
from resolvers import locations
from schema.types.location import Location, Province


@strawberry.type
class LocationQueries:
    @strawberry.field(
        graphql_type=Location | None, description="The corregimiento with this code; null if there is none."
    )
    def location(
        self,
        code: Annotated[
            str, strawberry.argument(description='The DGI\'s code, province-district-corregimiento, such as "8-8-7".')
        ],
    ) -> One:
        return locations.by_code(code)

    @strawberry.field(
        graphql_type=list[Location],
        description=(
            "Corregimientos, found by words of their names, by province or by district. A search lists those first "
            "where the account has customers, then those of the large cities; otherwise they come in the DGI's order."
        ),
    )
    def locations(
        self,
        search: Annotated[
            str | None,
            strawberry.argument(
                description=(
                    "Search words. Each must be found in the name of a corregimiento, its district or province, or in "
                    "another name of it."
                )
            ),
        ] = None,
        province: Annotated[
            str | None, strawberry.argument(description='Code of the province or comarca, such as "8".')
        ] = None,
        district: Annotated[str | None, strawberry.argument(description='Code of the district, such as "8-8".')] = None,
        first: Annotated[int, strawberry.argument(description="How many from the start of the list, 1 to 100.")] = 20,
    ) -> Many:
        return locations.listed(search, province, district, first)

    @strawberry.field(graphql_type=list[Province], description="All provinces and comarcas, in the DGI's order.")
    def provinces(self) -> Many:
        return locations.provinces()
