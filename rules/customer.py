"""The record of a customer: its fields, and which customers must, may and can't have each.

``CustomerRecord`` is the one place where a field is written down. Forms and checks read its rules,
and columns, GraphQL inputs, patches and the copies that invoices keep follow its names.
``CustomerDraft`` is the record as it was typed; ``rules.customer_check`` turns it into a ``Customer``.

>>> [field.name for field in FIELDS if field.need(ReceiverType.FOREIGN, None, electronic=True) is Need.REQUIRED]
['foreignId', 'name']

Sources: Ficha Técnica de la Factura Electrónica (schema FE_v1.00.xsd) and the documentation of the
PACs, the providers that pass electronic invoices on to the DGI.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from enum import Enum
from functools import cached_property
from typing import Any, Final, Generic, TypeAlias, TypeVar

from rules import contact
from rules.faults import Code, Text
from rules.keys import sort_key
from rules.references import EXTERNAL_ID_LONGEST, MOST_METADATA, MOST_TAGS, Metadata
from rules.ruc import MAX_LENGTH, InvalidRuc, Ruc, identification
from rules.vocabulary import ForeignIdType, Language, ReceiverType, TaxpayerType

RucT = TypeVar("RucT")

_RULE: Final = "rule"


class Need(Enum):
    """Whether customers of a receiver type must, may or can't have a field."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    FORBIDDEN = "FORBIDDEN"
    REQUIRED_IF_ELECTRONIC = "REQUIRED_IF_ELECTRONIC"
    FORBIDDEN_IF_NATURAL = "FORBIDDEN_IF_NATURAL"


# The letters of the record below. E is required if the account issues electronic invoices, otherwise optional; N is
# forbidden to natural persons, otherwise optional.
R: Final = Need.REQUIRED
O: Final = Need.OPTIONAL  # noqa: E741
F: Final = Need.FORBIDDEN
E: Final = Need.REQUIRED_IF_ELECTRONIC
N: Final = Need.FORBIDDEN_IF_NATURAL


@dataclass(frozen=True)
class Format:
    """A kind of text that has one spelling to store. ``normalise`` gives it, or None for any other text.

    ``message`` tells what is wrong with such a text.
    """

    normalise: Callable[[str], str | None]
    code: Code
    message: Callable[[str], Text]


def _explain_email(text: str) -> Text:
    if addresses := contact.find_addresses(text):
        return Text(
            f"Escribe un solo correo y sin el nombre, como {addresses[0]}. Los demás contactos y sus correos van en "
            "«Personas asociadas».",
            f"Write one address without a name, like {addresses[0]}. Further contacts and their addresses are added as "
            "associated persons.",
        )
    return Text(
        "Esto no es un correo electrónico; escríbelo como nombre@ejemplo.com, sin tildes antes de la @.",
        "This is not an e-mail address; write it like name@example.com, without accents before the @.",
    )


def _explain_phone(_text: str) -> Text:
    return Text(
        "Esto no es un teléfono; escríbelo como 6677-8899 o, si es del exterior, con el código del país: "
        "+57 300 1234567.",
        "This is not a phone number; write it like 6677-8899 or, if it is from abroad, with the country code: "
        "+57 300 1234567.",
    )


EMAIL: Final = Format(contact.email, Code.INVALID_EMAIL, _explain_email)
PHONE: Final = Format(contact.phone, Code.INVALID_PHONE, _explain_phone)


@dataclass(frozen=True, kw_only=True)
class Field:
    """What is known of a field of the record.

    ``shortest`` and ``longest`` are characters of a text, of the number of a foreign id, or entries of
    a list; ``lines`` is how many lines a text may have, ``most`` the largest whole number. ``pattern`` is a
    regular expression that the whole text matches, ``example`` such a text.
    ``frozen`` says whether an issued invoice keeps a copy of the field.
    """

    attribute: str = ""
    needs: Mapping[ReceiverType, Need]
    label: Text
    shortest: int = 1
    longest: int | None = None
    most: int | None = None
    lines: int = 1
    pattern: str | None = None
    example: str | None = None
    format: Format | None = None
    frozen: bool = True

    @cached_property
    def name(self) -> str:
        """The attribute in the API's spelling."""
        first, *rest = self.attribute.split("_")
        return first + "".join(map(str.capitalize, rest))

    def need(self, receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None, electronic: bool) -> Need:
        """REQUIRED, OPTIONAL or FORBIDDEN, after its condition is decided."""
        match need := self.needs[receiver_type]:
            case Need.REQUIRED_IF_ELECTRONIC:
                return Need.REQUIRED if electronic else Need.OPTIONAL
            case Need.FORBIDDEN_IF_NATURAL:
                return Need.FORBIDDEN if taxpayer_type is TaxpayerType.NATURAL else Need.OPTIONAL
        return need


def rule(taxpayer: Need, final: Need, government: Need, foreign: Need, label: Text, **options: Any) -> Any:
    """A field of the record with its need for each receiver type; ``options`` are those of ``Field``."""
    needs = {
        ReceiverType.TAXPAYER: taxpayer,
        ReceiverType.FINAL_CONSUMER: final,
        ReceiverType.GOVERNMENT: government,
        ReceiverType.FOREIGN: foreign,
    }
    default = options.pop("default", None)
    return field(default=default, metadata={_RULE: Field(needs=needs, label=label, **options)})


@dataclass(frozen=True, kw_only=True)
class ForeignId:
    """The document of a foreigner and the country that issued it (ISO 3166-1 alpha-2)."""

    type: ForeignIdType | None = None
    number: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class AssociatedPerson:
    """A contact person of a customer; with ``notify``, invoices are announced to them by e-mail."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    notify: bool = False


Persons: TypeAlias = tuple[AssociatedPerson, ...]

NAME_SHORTEST: Final = 2
NAME_LONGEST: Final = 200
ID_NUMBER_LONGEST: Final = 50
MOST_PERSONS: Final = 20
LONGEST_TERM: Final = 365  # days

# Options of fields that are too long for their line.
_DV: Final[Mapping[str, Any]] = {"longest": 2, "pattern": "[0-9]{1,2}", "example": "59"}
_FOREIGN_ID: Final[Mapping[str, Any]] = {"longest": ID_NUMBER_LONGEST}
_NAME: Final[Mapping[str, Any]] = {"shortest": NAME_SHORTEST, "longest": NAME_LONGEST}
_LOCATION: Final[Mapping[str, Any]] = {"longest": 8, "pattern": "[0-9]{1,2}(-[0-9]{1,2}){2}", "example": "8-8-7"}
_EMAIL: Final[Mapping[str, Any]] = {"longest": contact.EMAIL_LONGEST, "format": EMAIL}
_PHONE: Final[Mapping[str, Any]] = {"longest": contact.PHONE_LONGEST, "format": PHONE}
_TERM: Final[Mapping[str, Any]] = {"most": LONGEST_TERM, "pattern": "[0-9]{1,3}", "frozen": False}
_ADDRESS: Final[Mapping[str, Any]] = {"shortest": 5, "longest": 100, "lines": 4}
_LANGUAGE: Final[Mapping[str, Any]] = {"default": Language.ES, "pattern": "|".join(Language)}
_PERSONS: Final[Mapping[str, Any]] = {"longest": MOST_PERSONS, "default": (), "frozen": False}
_EXTERNAL_ID: Final[Mapping[str, Any]] = {"longest": EXTERNAL_ID_LONGEST, "frozen": False}
_TAGS: Final[Mapping[str, Any]] = {"longest": MOST_TAGS, "default": (), "frozen": False}
_METADATA: Final[Mapping[str, Any]] = {"longest": MOST_METADATA, "default": (), "frozen": False}


@dataclass(frozen=True, kw_only=True)
class CustomerRecord(Generic[RucT]):
    """Every field of a customer, in the order of a form.

    The letters are for TAXPAYER, FINAL_CONSUMER, GOVERNMENT and FOREIGN. R: required. O: optional.
    F: forbidden. E: required if the account issues electronic invoices. N: forbidden to natural persons.
    """

    receiver_type: ReceiverType
    taxpayer_type: TaxpayerType | None = rule(E, O, E, F, Text("Tipo de contribuyente", "Taxpayer type"))
    ruc: RucT | None = rule(E, O, E, F, Text("RUC", "RUC"), longest=MAX_LENGTH)
    dv: str | None = rule(O, O, O, F, Text("DV", "DV"), **_DV)
    foreign_id: ForeignId | None = rule(F, F, F, E, Text("Identificación extranjera", "Foreign id"), **_FOREIGN_ID)
    name: str | None = rule(R, R, R, R, Text("Nombre o razón social", "Name"), **_NAME)
    location_code: str | None = rule(E, O, E, F, Text("Corregimiento", "Corregimiento"), **_LOCATION)
    address: str | None = rule(E, O, E, O, Text("Dirección", "Address"), **_ADDRESS)
    email: str | None = rule(O, O, O, O, Text("Correo electrónico", "E-mail"), **_EMAIL)
    phone: str | None = rule(O, O, O, O, Text("Teléfono", "Phone"), **_PHONE)
    mobile: str | None = rule(O, O, O, O, Text("Celular", "Mobile"), **_PHONE)
    payment_term_days: int | None = rule(O, O, O, O, Text("Plazo de pago en días", "Payment term in days"), **_TERM)
    language: Language = rule(O, O, O, O, Text("Idioma", "Language"), **_LANGUAGE)
    associated_persons: Persons = rule(N, F, O, O, Text("Personas asociadas", "Associated persons"), **_PERSONS)
    external_id: str | None = rule(O, O, O, O, Text("Código en otro sistema", "External id"), **_EXTERNAL_ID)
    tags: tuple[str, ...] = rule(O, O, O, O, Text("Etiquetas", "Tags"), **_TAGS)
    metadata: Metadata = rule(O, O, O, O, Text("Datos de otros sistemas", "Metadata"), **_METADATA)

    def as_draft(self) -> "CustomerDraft":
        """The same fields with the RUC as text."""
        values = {each.name: getattr(self, each.name) for each in fields(self)}
        return CustomerDraft(**{**values, "ruc": ruc_text(self.ruc)})

    @property
    def identification(self) -> str:
        """What identifies the customer, as people write it: RUC and DV, or the number of the foreign document.

        >>> CustomerDraft(receiver_type=ReceiverType.TAXPAYER, ruc="8-769-1080", dv="12").identification
        '8-769-1080 DV 12'
        """
        if self.ruc:
            return identification(ruc_text(self.ruc) or "", self.dv)
        return (self.foreign_id and self.foreign_id.number) or ""


@dataclass(frozen=True, kw_only=True)
class CustomerDraft(CustomerRecord[str]):
    """A customer as it was typed."""


FIELDS: Final = tuple(
    replace(each.metadata[_RULE], attribute=each.name) for each in fields(CustomerRecord) if _RULE in each.metadata
)

# The PACs refuse a company that is a final consumer, and no government is a natural person.
EXCLUDED_TYPES: Final[Mapping[ReceiverType, TaxpayerType]] = {
    ReceiverType.FINAL_CONSUMER: TaxpayerType.JURIDICAL,
    ReceiverType.GOVERNMENT: TaxpayerType.NATURAL,
}


ANYBODY: Final = "consumidor final"


def is_anybody(customer: CustomerRecord[Any]) -> bool:
    """Whether this stands for any final consumer: it is called CONSUMIDOR FINAL, and nothing else is known.

    >>> is_anybody(CustomerDraft(receiver_type=ReceiverType.FINAL_CONSUMER, name="Consumidor Final"))
    True
    """
    nothing_else = type(customer)(receiver_type=ReceiverType.FINAL_CONSUMER, name=customer.name)
    return customer == nothing_else and sort_key(customer.name or "") == ANYBODY


def ruc_text(number: Any) -> str | None:
    """The text of a RUC in any of its states: as typed, read, or invalid."""
    match number:
        case Ruc():
            return number.canonical
        case InvalidRuc():
            return number.text
    text: str | None = number
    return text
