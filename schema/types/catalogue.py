"""Entries of the DGI's catalogues."""

from datetime import date
from typing import Self

import strawberry

from resolvers import suggestions
from rules.fiscal import catalogues
from rules.vocabulary import CODES, PaymentMethod
from schema.context import Context


@strawberry.type(description="A unit of measure of the DGI's catalogue.")
class Unit:
    code: str = strawberry.field(description='Its code, such as "kg", in which capitals and small letters differ.')
    name: str = strawberry.field(description="Its name, in Spanish, as the DGI writes it.")

    @classmethod
    def of(cls, code: str) -> Self:
        return cls(code=code, name=catalogues.UNITS[code])


@strawberry.type(
    description="A class of goods or services of the DGI's catalogue (Codificación Panameña de Bienes y Servicios)."
)
class Cpbs:
    code: str = strawberry.field(description="Its code, four digits; the first two are its family's.")
    name: str = strawberry.field(description="Its name, in Spanish, as the DGI writes it.")
    family: str = strawberry.field(description="The name of its family.")

    @classmethod
    def of(cls, code: str) -> Self:
        return cls(code=code, name=catalogues.CLASSES[code], family=catalogues.FAMILIES[catalogues.family(code)])


@strawberry.type(description="A form of payment (forma de pago) of the DGI's catalogue.")
class PaymentFormChoice:
    method: PaymentMethod = strawberry.field(description="What `PaymentFormInput` takes.")
    code: str = strawberry.field(description='The DGI\'s code, such as "08".')
    name: str = strawberry.field(description="Its name, in Spanish or, if Accept-Language prefers it, in English.")

    @classmethod
    def of(cls, method: PaymentMethod, context: Context) -> Self:
        return cls(method=method, code=CODES[method], name=context.say(catalogues.PAYMENT_NAMES[method]))


@strawberry.type(description="A class of goods or services that earlier lines of a similar description had.")
class CpbsSuggestion:
    cpbs: Cpbs = strawberry.field(description="The class.")
    description: str = strawberry.field(description="The most similar description of an earlier line that had it.")
    uses: int = strawberry.field(description="How many earlier lines with a similar description had it.")
    last_used: date = strawberry.field(description="The latest day of issue of such a line.")

    @classmethod
    def of(cls, suggestion: suggestions.CpbsSuggestion) -> Self:
        return cls(**{**vars(suggestion), "cpbs": Cpbs.of(suggestion.cpbs)})
