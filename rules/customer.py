"""What a customer must have, may have and can't have, and how it is written down.

This depends on the receiver type (*tipo de receptor*), on the taxpayer type (*tipo de
contribuyente*), and on whether the account issues electronic invoices: ``FIELDS`` says it all.
``form`` shows it to whoever draws a form, ``check`` applies it, and adds what the RUC and its DV
say of each other (see ``rules.ruc``).

>>> data = CustomerData(receiver_type=ReceiverType.TAXPAYER, name=" Hoteles Istmo, S.A. ", ruc="155596713-2-2015")
>>> customer, faults = check(data, electronic=False)
>>> customer.name, customer.taxpayer_type.value, identification(customer), faults
('Hoteles Istmo, S.A.', 'JURIDICAL', '155596713-2-2015 DV 59', ())
>>> [fault.path for fault in check(data, electronic=True)[1]]
[('taxpayerType',), ('locationCode',), ('address',)]

Sources: Ficha Técnica de la Factura Electrónica (schema FE_v1.00.xsd) and the documentation of the
PACs, the providers that pass electronic invoices on to the DGI.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum

from rules import contact, ruc, text
from rules.countries import COUNTRIES
from rules.faults import Code, Fault, Text
from rules.vocabulary import ForeignIdType, ReceiverType, TaxpayerType


@dataclass(frozen=True, kw_only=True)
class ForeignId:
    """The document of a foreigner and the country that gave it (ISO 3166-1 alpha-2)."""

    type: ForeignIdType | None = None
    number: str | None = None
    country: str | None = None


@dataclass(frozen=True, kw_only=True)
class AssociatedPerson:
    """Somebody at a company; with ``notify``, invoices are announced to them by e-mail."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    notify: bool = False


@dataclass(frozen=True, kw_only=True)
class CustomerData:
    """A customer as a form has it, or, out of ``check``, as it is stored."""

    receiver_type: ReceiverType
    taxpayer_type: TaxpayerType | None = None
    ruc: str | None = None
    dv: str | None = None
    foreign_id: ForeignId | None = None
    name: str | None = None
    location_code: str | None = None
    address: str | None = None
    email: str | None = None
    phone: str | None = None
    mobile: str | None = None
    associated_persons: tuple[AssociatedPerson, ...] = ()


class Need(Enum):
    """A cell of the table below: whether receivers of some type have some field."""

    REQUIRED = "R"
    OPTIONAL = "O"
    FORBIDDEN = "F"
    REQUIRED_IF_ELECTRONIC = "E"
    FORBIDDEN_IF_NATURAL = "N"


@dataclass(frozen=True)
class Field:
    """A row of the table; ``needs`` has a cell for each receiver type."""

    needs: str
    attribute: str
    label: Text
    shortest: int = 1
    longest: int | None = None
    pattern: str | None = None
    example: str | None = None

    @property
    def name(self) -> str:
        """The attribute in the API's spelling."""
        first, *rest = self.attribute.split("_")
        return first + "".join(map(str.capitalize, rest))

    def cell(self, receiver_type: ReceiverType) -> Need:
        return Need(self.needs.split()[list(ReceiverType).index(receiver_type)])

    def need(self, receiver_type: ReceiverType, taxpayer_type: TaxpayerType | None, electronic: bool) -> Need:
        """REQUIRED, OPTIONAL or FORBIDDEN: the cell with its condition settled."""
        match cell := self.cell(receiver_type):
            case Need.REQUIRED_IF_ELECTRONIC:
                return Need.REQUIRED if electronic else Need.OPTIONAL
            case Need.FORBIDDEN_IF_NATURAL:
                return Need.FORBIDDEN if taxpayer_type is TaxpayerType.NATURAL else Need.OPTIONAL
        return cell


_NAME_SHORTEST, _NAME_LONGEST = 2, 200
_ID_NUMBER_LONGEST = 50
_MOST_PERSONS = 20
_LOCATION_PATTERN = "[0-9]{1,2}(-[0-9]{1,2}){2}"

# The cells are for TAXPAYER, FINAL_CONSUMER, GOVERNMENT and FOREIGN. R: required. O: optional. F: forbidden.
# E: required if the account issues electronic invoices, else optional. N: forbidden to natural persons, else optional.
# Behind the label: shortest and longest (for foreign_id of its number, for associated_persons how many), pattern,
# example.
FIELDS = (
    Field("E O E F", "taxpayer_type", Text("Tipo de contribuyente", "Taxpayer type")),
    Field("E O E F", "ruc", Text("RUC", "RUC"), 1, ruc.MAX_LENGTH),
    Field("O O O F", "dv", Text("DV", "DV"), 1, 2, "[0-9]{1,2}", "59"),
    Field("F F F E", "foreign_id", Text("Identificación extranjera", "Foreign id"), 1, _ID_NUMBER_LONGEST),
    Field("R R R R", "name", Text("Nombre o razón social", "Name"), _NAME_SHORTEST, _NAME_LONGEST),
    Field("E O E F", "location_code", Text("Corregimiento", "Corregimiento"), 1, 8, _LOCATION_PATTERN, "8-8-7"),
    Field("E O E O", "address", Text("Dirección", "Address"), 5, 100),
    Field("O O O O", "email", Text("Correo electrónico", "E-mail"), 1, contact.EMAIL_LONGEST),
    Field("O O O O", "phone", Text("Teléfono", "Phone"), 1, contact.PHONE_LONGEST),
    Field("O O O O", "mobile", Text("Celular", "Mobile"), 1, contact.PHONE_LONGEST),
    Field("N F O O", "associated_persons", Text("Personas asociadas", "Associated persons"), 1, _MOST_PERSONS),
)

_RUC = FIELDS[1]

# The PACs refuse a company that is a final consumer, and no government is a natural person.
_EXCLUDED_TYPES = {
    ReceiverType.FINAL_CONSUMER: TaxpayerType.JURIDICAL,
    ReceiverType.GOVERNMENT: TaxpayerType.NATURAL,
}


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

    It is what can be said before the RUC is known: ``check`` may also require the taxpayer type of
    a RUC that leaves it open, and a DV that can't be computed.

    >>> fields = form(ReceiverType.FOREIGN, None, electronic=True)
    >>> [field.name for field in fields if field.required]
    ['foreignId', 'name']
    """
    types = "|".join(type_ for type_ in TaxpayerType if type_ is not _EXCLUDED_TYPES.get(receiver_type))
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


def check(
    data: CustomerData, *, electronic: bool, confirmed_dv: str | None = None
) -> tuple[CustomerData, tuple[Fault, ...]]:
    """The customer as it would be stored, and all its faults, in the order of the form.

    Texts are cleaned, the RUC is in its canonical spelling, DV and taxpayer type are settled from
    each other where that is certain, phones are in E.164. To check the result again changes nothing
    and finds nothing new, so an invoice applies this to a stored customer too.

    ``electronic`` tells whether the account issues electronic invoices. ``confirmed_dv`` is the DV
    that the registry has for this RUC and type; it beats the computed one. Whether ``location_code``
    exists is for the caller to see, if there is no fault at it.
    """
    given = _clean(data)
    faults: list[Fault] = []
    settled = given if given.receiver_type is ReceiverType.FOREIGN else _settle(given, electronic, confirmed_dv, faults)
    settled = replace(
        settled,
        email=_email(("email",), settled.email, faults),
        phone=_phone(("phone",), settled.phone, faults),
        mobile=_phone(("mobile",), settled.mobile, faults),
        associated_persons=_persons(settled.associated_persons, faults),
    )
    faults += _foreign_id_faults(settled.foreign_id)

    needs = {field.name: field.need(given.receiver_type, settled.taxpayer_type, electronic) for field in FIELDS}
    first: dict[tuple[str, ...], Fault] = {}
    for fault in [*_field_faults(given, settled, needs), *faults]:
        if fault.code is Code.FORBIDDEN_FIELD or needs[fault.path[0]] is not Need.FORBIDDEN:
            first.setdefault(fault.path, fault)
    order = list(needs)
    return settled, tuple(sorted(first.values(), key=lambda fault: order.index(fault.path[0])))


def identification(data: CustomerData) -> str:
    """What identifies the customer, as one shows it: RUC and DV, or the number of the foreign document.

    >>> identification(CustomerData(receiver_type=ReceiverType.TAXPAYER, ruc="8-769-1080", dv="12"))
    '8-769-1080 DV 12'
    """
    if data.ruc:
        return f"{data.ruc} DV {data.dv}" if data.dv else data.ruc
    return (data.foreign_id and data.foreign_id.number) or ""


def _clean(data: CustomerData) -> CustomerData:
    foreign_id = data.foreign_id and replace(
        data.foreign_id,
        number=text.clean(data.foreign_id.number),
        country=text.clean((data.foreign_id.country or "").upper()),
    )
    return replace(
        data,
        ruc=text.clean(data.ruc),
        dv=text.clean(data.dv),
        foreign_id=None if foreign_id == ForeignId() else foreign_id,
        name=text.clean(data.name),
        location_code=text.clean(data.location_code),
        address=text.clean(data.address),
        email=text.clean(data.email),
        phone=text.clean(data.phone),
        mobile=text.clean(data.mobile),
        associated_persons=tuple(
            replace(
                person, name=text.clean(person.name), email=text.clean(person.email), phone=text.clean(person.phone)
            )
            for person in data.associated_persons
        ),
    )


def _field_faults(given: CustomerData, settled: CustomerData, needs: dict[str, Need]) -> Iterator[Fault]:
    """What the table alone says."""
    for field in FIELDS:
        path, value = (field.name,), getattr(given, field.attribute)
        if not value:
            if needs[field.name] is Need.REQUIRED:
                known = getattr(settled, field.attribute)
                yield Fault(path, Code.REQUIRED, _required(field, given.receiver_type), (known,) if known else ())
        elif needs[field.name] is Need.FORBIDDEN:
            yield Fault(path, Code.FORBIDDEN_FIELD, _forbidden(field, given.receiver_type))
        elif isinstance(value, str) and field.longest:
            yield from text.check(path, value, field.shortest, field.longest)
            if field.pattern and not re.fullmatch(field.pattern, value):
                yield Fault(
                    path,
                    Code.INVALID_VALUE,
                    Text(f"Escríbelo como en este ejemplo: {field.example}.", f"Write it like this: {field.example}."),
                )


def _settle(data: CustomerData, electronic: bool, confirmed_dv: str | None, faults: list[Fault]) -> CustomerData:
    """Read the RUC, and settle DV and taxpayer type from each other where that is certain."""
    number = _read_ruc(data, faults)
    if number is None:
        settled = data
    else:
        settled = _settle_by_ruc(replace(data, ruc=number.canonical), number, electronic, confirmed_dv, faults)
    excluded = _EXCLUDED_TYPES.get(data.receiver_type)
    if excluded and settled.taxpayer_type is excluded:
        faults.append(Fault(("taxpayerType",), Code.NOT_ALLOWED, _EXCLUDED_MESSAGES[data.receiver_type]))
        return replace(settled, taxpayer_type=data.taxpayer_type)  # nothing that is refused is settled
    return settled


def _read_ruc(data: CustomerData, faults: list[Fault]) -> ruc.Ruc | None:
    if data.ruc is None:
        if data.dv:
            faults.append(Fault(("ruc",), Code.REQUIRED, _DV_WITHOUT_RUC))
        return None
    try:
        return ruc.parse(data.ruc)
    except ruc.InvalidRuc as error:
        faults.append(Fault(("ruc",), Code.INVALID_RUC, _invalid_ruc(error.suggestions), error.suggestions))
        return None


def _settle_by_ruc(
    data: CustomerData, number: ruc.Ruc, electronic: bool, confirmed_dv: str | None, faults: list[Fault]
) -> CustomerData:
    try:
        dv = ruc.parse_dv(data.dv) if data.dv else number.written_dv or confirmed_dv
    except ruc.InvalidDv:
        return data  # the table has a fault for it, and without a DV no other is certain
    taxpayer_type = data.taxpayer_type
    if taxpayer_type and not number.admits(taxpayer_type):
        faults.append(
            Fault(("taxpayerType",), Code.NOT_ALLOWED, _says(_NOT_ADMITTED, ruc=number.canonical), number.readings)
        )
        taxpayer_type = None
    proof = ruc.check_dv(number, dv, taxpayer_type) if dv else None
    if isinstance(proof, ruc.Match):
        taxpayer_type = proof.taxpayer_type
    elif taxpayer_type is None:
        taxpayer_type = _only_reading(number, data.receiver_type)

    right = (confirmed_dv,) if confirmed_dv else _computed_dvs(number, taxpayer_type)
    is_wrong = False
    if dv is None:
        dv = right[0] if len(right) == 1 else None
    elif right and dv not in right:
        is_wrong = True
        faults.append(Fault(("dv",), Code.DV_MISMATCH, _mismatch(number, dv, right), right))
    elif number.written_dv and dv != number.written_dv:
        faults.append(Fault(("dv",), Code.DV_MISMATCH, _says(_TWO_DVS, written=number.written_dv, dv=dv), right))
    # A wrong DV is mended first, since the right one tells the type.
    if taxpayer_type is None and number.readings and not is_wrong:
        faults.append(Fault(("taxpayerType",), Code.REQUIRED, _says(_AMBIGUOUS, ruc=number.canonical)))
    elif dv is None and electronic and _RUC.cell(data.receiver_type) is Need.REQUIRED_IF_ELECTRONIC:
        faults.append(Fault(("dv",), Code.REQUIRED, _says(_NO_RULE, ruc=number.canonical)))
    return replace(data, dv=dv, taxpayer_type=data.taxpayer_type or taxpayer_type)


def _only_reading(number: ruc.Ruc, receiver_type: ReceiverType) -> TaxpayerType | None:
    possible = [reading for reading in number.readings if reading is not _EXCLUDED_TYPES.get(receiver_type)]
    match possible or number.readings:
        case [reading]:
            return reading
    return None


def _computed_dvs(number: ruc.Ruc, taxpayer_type: TaxpayerType | None) -> tuple[str, ...]:
    """The right DV for each type that the customer can be of; nothing if no rule tells one of them."""
    types = (taxpayer_type,) if taxpayer_type else number.readings
    computed = [ruc.compute_dv(number, type_) for type_ in types]
    known = tuple(dv for dv in computed if dv)
    return known if len(known) == len(computed) else ()


def _email(path: tuple[str, ...], address: str | None, faults: list[Fault]) -> str | None:
    if address is None:
        return None
    read = contact.email(address)
    if read is None:
        faults.append(Fault(path, Code.INVALID_EMAIL, _INVALID_EMAIL))
    return read or address


def _phone(path: tuple[str, ...], number: str | None, faults: list[Fault]) -> str | None:
    if number is None:
        return None
    read = contact.phone(number)
    if read is None:
        faults.append(Fault(path, Code.INVALID_PHONE, _INVALID_PHONE))
    return read or number


def _persons(persons: tuple[AssociatedPerson, ...], faults: list[Fault]) -> tuple[AssociatedPerson, ...]:
    path = ("associatedPersons",)
    if len(persons) > _MOST_PERSONS:
        faults.append(Fault(path, Code.TOO_MANY, _says(_TOO_MANY_PERSONS, most=_MOST_PERSONS, count=len(persons))))
        return persons
    return tuple(_person((*path, str(place)), person, faults) for place, person in enumerate(persons))


def _person(path: tuple[str, ...], person: AssociatedPerson, faults: list[Fault]) -> AssociatedPerson:
    faults += text.check((*path, "name"), person.name, _NAME_SHORTEST, _NAME_LONGEST)
    faults += text.check((*path, "email"), person.email, 0, contact.EMAIL_LONGEST)
    faults += text.check((*path, "phone"), person.phone, 0, contact.PHONE_LONGEST)
    if person.notify and person.email is None:
        faults.append(Fault((*path, "email"), Code.REQUIRED, _NOTIFY_WHERE))
    return replace(
        person,
        email=_email((*path, "email"), person.email, faults),
        phone=_phone((*path, "phone"), person.phone, faults),
    )


def _foreign_id_faults(foreign_id: ForeignId | None) -> Iterator[Fault]:
    if foreign_id is None:
        return
    path = ("foreignId",)
    if foreign_id.type is None:
        yield Fault((*path, "type"), Code.REQUIRED, _ID_TYPE)
    yield from text.check((*path, "number"), foreign_id.number, 1, _ID_NUMBER_LONGEST)
    if foreign_id.country is None:
        yield Fault((*path, "country"), Code.REQUIRED, _ID_COUNTRY)
    elif foreign_id.country == "PA" or foreign_id.country not in COUNTRIES:
        yield Fault((*path, "country"), Code.INVALID_VALUE, _ID_COUNTRY)


# --- messages ---

_RECEIVERS = {
    ReceiverType.TAXPAYER: Text("un contribuyente", "a taxpayer"),
    ReceiverType.FINAL_CONSUMER: Text("un consumidor final", "a final consumer"),
    ReceiverType.GOVERNMENT: Text("una entidad de gobierno", "a government body"),
    ReceiverType.FOREIGN: Text("un extranjero", "a foreigner"),
}
_EXCLUDED_MESSAGES = {
    ReceiverType.FINAL_CONSUMER: Text(
        "Una persona jurídica no puede ser consumidor final; regístrala como contribuyente.",
        "A company can't be a final consumer; make it a taxpayer.",
    ),
    ReceiverType.GOVERNMENT: Text(
        "Una persona natural no puede ser gobierno; regístrala como contribuyente o consumidor final.",
        "A natural person can't be a government body; make them a taxpayer or a final consumer.",
    ),
}
_DV_WITHOUT_RUC = Text("Escribe también el RUC de este DV.", "Write the RUC of this DV too.")
_NOT_ADMITTED = Text(
    "El RUC {ruc} no puede ser de este tipo de contribuyente. Revisa los dos.",
    "The RUC {ruc} can't be of this taxpayer type. Check both.",
)
_TWO_DVS = Text(
    "El RUC lleva escrito el DV {written}, pero aquí dice {dv}. Deja uno solo.",
    "The RUC has DV {written} written behind it, but here it is {dv}. Leave only one.",
)
_AMBIGUOUS = Text(
    "El RUC {ruc} puede ser de una persona natural o jurídica. Indica cuál, o escribe su DV.",
    "The RUC {ruc} can be a natural person's or a company's. Say which, or write its DV.",
)
_NO_RULE = Text(
    "El DV del RUC {ruc} no se puede calcular. Escríbelo.",
    "The DV of the RUC {ruc} can't be computed. Write it.",
)
_INVALID_EMAIL = Text(
    "Esto no es un correo electrónico; escríbelo como nombre@ejemplo.com, sin tildes antes de la @.",
    "This is no e-mail address; write it like name@example.com, without accents before the @.",
)
_INVALID_PHONE = Text(
    "Esto no es un teléfono; escríbelo como 6677-8899, o con su código de país si es de otro: +57 300 1234567.",
    "This is no phone number; write it like 6677-8899, or with its country code if from abroad: +57 300 1234567.",
)
_TOO_MANY_PERSONS = Text(
    "Un cliente tiene como máximo {most} personas asociadas; hay {count}.",
    "A customer has at most {most} associated persons; there are {count}.",
)
_NOTIFY_WHERE = Text("Escribe el correo adonde avisarle.", "Write the e-mail address to notify.")
_ID_TYPE = Text("Indica el tipo de documento.", "Say what kind of document it is.")
_ID_COUNTRY = Text(
    "Escribe las dos letras del país del documento, que no es Panamá; por ejemplo CO para Colombia.",
    "Write the two letters of the document's country, which is not Panama; for example CO for Colombia.",
)


def _says(message: Text, **values: object) -> Text:
    return Text(message.es.format(**values), message.en.format(**values))


def _required(field: Field, receiver_type: ReceiverType) -> Text:
    who = _RECEIVERS[receiver_type]
    if field.cell(receiver_type) is Need.REQUIRED_IF_ELECTRONIC:
        return Text(
            f"Falta «{field.label.es}»: la factura electrónica lo pide para {who.es}.",
            f"{field.label.en} is missing: an electronic invoice needs it for {who.en}.",
        )
    return Text(f"Falta «{field.label.es}».", f"{field.label.en} is missing.")


def _forbidden(field: Field, receiver_type: ReceiverType) -> Text:
    who = _RECEIVERS[receiver_type]
    if field.cell(receiver_type) is Need.FORBIDDEN_IF_NATURAL:
        who = Text("una persona natural", "a natural person")
    return Text(
        f"Deja vacío «{field.label.es}»: no corresponde a {who.es}.",
        f"Leave {field.label.en} empty: it is not for {who.en}.",
    )


def _invalid_ruc(suggestions: tuple[str, ...]) -> Text:
    meant = ", ".join(suggestions)
    return Text(
        "Esto no es un RUC; lleva guiones, como 155596713-2-2015 u 8-769-1080."
        + (f" ¿Quisiste escribir {meant}?" if meant else ""),
        "This is no RUC; it has dashes, as in 155596713-2-2015 or 8-769-1080."
        + (f" Did you mean {meant}?" if meant else ""),
    )


def _mismatch(number: ruc.Ruc, dv: str, right: tuple[str, ...]) -> Text:
    meant = ", ".join(ruc.suggestions(number.canonical, dv))
    return Text(
        f"El DV {dv} no es el del RUC {number.canonical}, que es {' o '.join(right)}."
        + (f" ¿O quisiste escribir el RUC {meant}?" if meant else ""),
        f"The DV {dv} is not that of the RUC {number.canonical}, which is {' or '.join(right)}."
        + (f" Or did you mean the RUC {meant}?" if meant else ""),
    )
