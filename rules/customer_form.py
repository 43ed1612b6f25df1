"""What a form for a customer must show, by the rules of ``rules.customer``."""

from dataclasses import dataclass

from rules.customer import EXCLUDED_TYPES, FIELDS, Need
from rules.faults import Text
from rules.vocabulary import ReceiverType, TaxpayerType


@dataclass(frozen=True, kw_only=True)
class FormField:
    """A field as a form shows it. ``pattern`` is a regular expression that the whole text matches."""

    name: str
    label: Text
    required: bool
    forbidden: bool
    max_length: int | None
    pattern: str | None


def form(receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None, *, electronic: bool) -> list[FormField]:
    """The fields of a customer of these types, in the order of a form.

    It says what is known before there is a RUC: the check may also require the taxpayer type of a RUC
    that leaves it open, and a DV that can't be computed.

    >>> fields = form(ReceiverType.FOREIGN, None, electronic=True)
    >>> [field.name for field in fields if field.required]
    ['foreignId', 'name']
    """
    types = "|".join(type_ for type_ in TaxpayerType if type_ is not EXCLUDED_TYPES.get(receiver_type))
    return [
        FormField(
            name=field.name,
            label=field.label,
            required=need is Need.REQUIRED,
            forbidden=need is Need.FORBIDDEN,
            max_length=field.longest,
            pattern=types if field.attribute == "taxpayer_type" else field.pattern,
        )
        for field in FIELDS
        for need in [field.need(receiver_type, taxpayer_type, electronic)]
    ]
