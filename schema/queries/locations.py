"""Reading the DGI's locations."""

import strawberry

from projection import Many, One
from resolvers import locations
from schema.types.location import Location, Province


@strawberry.type
class LocationQueries:
    @strawberry.field(graphql_type=Location | None, description='The corregimiento with this code, such as "8-8-7".')
    def location(self, code: str) -> One:
        return locations.by_code(code)

    @strawberry.field(
        graphql_type=list[Location],
        description=(
            "Corregimientos in the DGI's order: by words of their names, of a province, of a district. Their codes are "
            'as in "8" and "8-8".'
        ),
    )
    def locations(
        self, search: str | None = None, province: str | None = None, district: str | None = None, first: int = 20
    ) -> Many:
        return locations.listed(search, province, district, first)

    @strawberry.field(graphql_type=list[Province], description="All provinces and comarcas, in the DGI's order.")
    def provinces(self) -> Many:
        return locations.provinces()
