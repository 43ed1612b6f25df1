"""Suggestions for the lines of an invoice."""

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from resolvers import suggestions
from rules.vocabulary import ItbmsRate


@strawberry.type(description="A line that was invoiced before, to be used again.")
class LineSuggestion:
    description: str = strawberry.field(description="What is sold.")
    code: str | None = strawberry.field(description="The business's own code, as it was last; null for none.")
    unit: str = strawberry.field(description="The DGI's code of the unit of measure, as it was last.")
    cpbs: str | None = strawberry.field(
        description="The DGI's code of the class of goods or services, as it was last; null for none."
    )
    unit_price: Decimal = strawberry.field(description="The last price of one unit, to this customer if there is one.")
    discount: Decimal = strawberry.field(description="The last discount in money per unit.")
    itbms_rate: ItbmsRate = strawberry.field(description="The last rate of the ITBMS.")
    uses: int = strawberry.field(description="How often it was invoiced, among the latest lines.")
    last_used: date = strawberry.field(description="The latest day of issue.")

    @classmethod
    def of(cls, suggestion: suggestions.LineSuggestion) -> Self:
        return cls(**vars(suggestion))
