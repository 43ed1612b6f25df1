"""The DGI's catalogues for invoices, which are the same for everybody and take no statement."""

from typing import Annotated, Final

import strawberry

from resolvers.paging import LARGEST_SIZE, check_size, read_terms
from resolvers.suggestions import suggest_cpbs
from rules.fiscal import catalogues
from schema.context import Info
from schema.types.catalogue import Cpbs, CpbsSuggestion, PaymentFormChoice, Unit

_SEARCH: Final = (
    "Search words, in any order, with or without accents. Each must be found in code or name: of one or two letters "
    "the beginning of a word, of more any part of one. By default the first ones are listed."
)
_ORDER: Final = (
    "in the DGI's order; of what is searched, first the code or name itself, then what begins with the words. "
    "They change only with a new release, so clients may keep them."
)

Search = Annotated[str | None, strawberry.argument(description=_SEARCH)]
First = Annotated[int, strawberry.argument(description=f"How many at most, 1 to {LARGEST_SIZE}.")]


@strawberry.type
class CatalogueQueries:
    @strawberry.field(description=f"Units of measure for lines of invoices, {_ORDER}")
    def units(self, search: Search = None, first: First = 20) -> list[Unit]:
        return [Unit.of(code) for code in _find(catalogues.UNIT_SEARCH, search, first)]

    @strawberry.field(
        description=f"Classes of goods and services for lines of invoices, also found by their families, {_ORDER}"
    )
    def cpbs(self, search: Search = None, first: First = 20) -> list[Cpbs]:
        return [Cpbs.of(code) for code in _find(catalogues.CPBS_SEARCH, search, first)]

    @strawberry.field(description=f"Forms of payment for invoices, found by their Spanish or English names, {_ORDER}")
    def payment_forms(self, info: Info, search: Search = None, first: First = 20) -> list[PaymentFormChoice]:
        methods = [catalogues.PAYMENT_METHODS[code] for code in _find(catalogues.PAYMENT_SEARCH, search, first)]
        return [PaymentFormChoice.of(method, info.context) for method in methods]

    @strawberry.field(
        description=(
            "Classes that the account's earlier lines with the same or a similar description had, the most similar "
            "first, for invoices to the government. The lines looked at are those of `lineSuggestions`."
        )
    )
    async def cpbs_suggestions(
        self,
        description: Annotated[str, strawberry.argument(description="What the new line sells.")],
        customer_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Id of the customer to be invoiced.")
        ] = None,
        first: Annotated[int, strawberry.argument(description=f"How many suggestions, 1 to {LARGEST_SIZE}.")] = 3,
    ) -> list[CpbsSuggestion]:
        return [CpbsSuggestion.of(each) for each in await suggest_cpbs(description, customer_id, first)]


def _find(search: catalogues.Search, query: str | None, first: int) -> list[str]:
    check_size(first)
    return read_terms(lambda text: search.find(text, first), query)
