"""The DGI's catalogues for lines of invoices."""

from collections.abc import Mapping
from typing import Annotated

import strawberry

from resolvers.errors import BadUserInput
from resolvers.paging import LARGEST_SIZE
from rules.fiscal import catalogues
from rules.search import LONGEST_SEARCH


@strawberry.type(description="A unit of measure of the DGI's catalogue.")
class Unit:
    code: str = strawberry.field(description='Its code, such as "kg", in which capitals and small letters differ.')
    name: str = strawberry.field(description="Its name, as the DGI writes it.")


@strawberry.type(
    description="A class of goods or services of the DGI's catalogue (Codificación Panameña de Bienes y Servicios)."
)
class Cpbs:
    code: str = strawberry.field(description="Its code, four digits; the first two are its family's.")
    name: str = strawberry.field(description="Its name, as the DGI writes it.")
    family: str = strawberry.field(description="The name of its family.")


Search = Annotated[
    str | None,
    strawberry.argument(description="Words, each of which must be found in code or name; by default all are listed."),
]
First = Annotated[int, strawberry.argument(description=f"How many at most, 1 to {LARGEST_SIZE}.")]


@strawberry.type
class CatalogueQueries:
    @strawberry.field(description="Units of measure for lines of invoices.")
    def units(self, search: Search = None, first: First = 20) -> list[Unit]:
        return [Unit(code=code, name=name) for code, name in _find(catalogues.UNITS, search, first)]

    @strawberry.field(description="Classes of goods and services for lines of invoices.")
    def cpbs(self, search: Search = None, first: First = 20) -> list[Cpbs]:
        return [
            Cpbs(code=code, name=name, family=catalogues.FAMILIES[catalogues.family(code)])
            for code, name in _find(catalogues.CLASSES, search, first)
        ]


def _find(catalogue: Mapping[str, str], search: str | None, first: int) -> list[tuple[str, str]]:
    if not 1 <= first <= LARGEST_SIZE:
        raise BadUserInput(f"first must be between 1 and {LARGEST_SIZE}.")
    if len(search or "") > LONGEST_SEARCH:
        raise BadUserInput(f"Search with at most {LONGEST_SEARCH} characters.")
    return catalogues.find(catalogue, search, first)
