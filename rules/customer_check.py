"""From a customer as it was typed to one that may be stored, in three steps.

1. ``clean_customer`` trims the texts and reads the RUC, once.
2. ``derive_customer`` gives e-mails and phones their one spelling, and finds DV and taxpayer type
   where they follow from each other and the RUC.
3. ``judge_customer`` compares what was typed with the rules of the record's fields.

``check_customer`` does the second and third, and returns all faults at once in the order of a form.

>>> draft = CustomerDraft(receiver_type=ReceiverType.TAXPAYER, name=" Hoteles Istmo, S.A. ", ruc="155596713-2-2015")
>>> customer = check_customer(clean_customer(draft), electronic=False).customer
>>> customer.name, customer.taxpayer_type.value, customer.identification
('Hoteles Istmo, S.A.', 'JURIDICAL', '155596713-2-2015 DV 59')
>>> [fault.path for fault in check_customer(clean_customer(draft), electronic=True).faults]
[('taxpayerType',), ('locationCode',), ('address',)]
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import InitVar, dataclass, fields, replace
from enum import Enum
from typing import Any, Final, TypeVar

from rules import customer_messages as messages
from rules import ruc, tax_id, text
from rules.contact import EMAIL_LONGEST, PHONE_LONGEST
from rules.countries import COUNTRIES
from rules.customer import (
    EMAIL,
    EXCLUDED_TYPES,
    FIELDS,
    ID_NUMBER_LONGEST,
    MOST_PERSONS,
    NAME_LONGEST,
    NAME_SHORTEST,
    PHONE,
    AssociatedPerson,
    CustomerDraft,
    CustomerRecord,
    Field,
    ForeignId,
    Format,
    Need,
    ruc_text,
)
from rules.faults import Code, Fault, Record, Refusal, faults_of
from rules.references import check_metadata, check_tags, clean_metadata, clean_tags, drop_same_tags, sort_metadata
from rules.ruc import InvalidRuc, Ruc
from rules.vocabulary import ReceiverType

T = TypeVar("T")

_SEAL: Final = object()
_FIELDS: Final = {field.attribute: field for field in FIELDS}


@dataclass(frozen=True, kw_only=True)
class CleanCustomer(CustomerRecord[Ruc | InvalidRuc]):
    """A customer with clean texts, whose RUC was read; it may have faults."""

    @property
    def written_dv(self) -> str | None:
        """The DV that was typed, or stood behind the RUC, on two digits; None also if it isn't one."""
        if self.dv:
            return self.dv.zfill(2) if re.fullmatch("[0-9]{1,2}", self.dv) else None
        return self.ruc.written_dv if isinstance(self.ruc, Ruc) else None


@dataclass(frozen=True, kw_only=True)
class Customer(CustomerRecord[Ruc]):
    """A customer without faults. It can't be built or changed by hand: ``CustomerCheck.customer`` gives it."""

    seal: InitVar[object]

    def __post_init__(self, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only check_customer makes a Customer")


@dataclass(frozen=True)
class CustomerCheck:
    """What a check found: the customer as it would be stored, and all that is wrong with it."""

    derived: CleanCustomer
    faults: tuple[Fault, ...]

    @property
    def customer(self) -> Customer:
        """The customer that passed the check; raises ``Refusal`` with all faults if there are some."""
        if self.faults:
            raise Refusal(*self.faults)
        return Customer(**_values(self.derived), seal=_SEAL)

    def with_faults(self, *faults: Fault) -> "CustomerCheck":
        return replace(self, faults=(*self.faults, *faults_of(Record.CUSTOMER, faults)))


def check_customer(clean: CleanCustomer, *, electronic: bool, confirmed_dv: str | None = None) -> CustomerCheck:
    """The customer as it would be stored, and all its faults, in the order of the form.

    Checking the result again changes nothing and finds no other fault, so this works for stored customers too.

    ``electronic`` says whether the account issues electronic invoices. ``confirmed_dv`` is the DV
    that the registry has for this RUC and type; it beats the computed one. The caller checks whether
    ``location_code`` exists.
    """
    derived, faults = derive_customer(clean, electronic=electronic, confirmed_dv=confirmed_dv)
    needs = {field.name: field.need(clean.receiver_type, derived.taxpayer_type, electronic) for field in FIELDS}
    first: dict[tuple[str, ...], Fault] = {}
    for fault in [*judge_customer(clean, derived, needs), *faults]:
        if fault.code is Code.FORBIDDEN_FIELD or needs[fault.path[0]] is not Need.FORBIDDEN:
            first.setdefault(fault.path, fault)
    order = list(needs)
    listed = sorted(first.values(), key=lambda fault: order.index(fault.path[0]))
    return CustomerCheck(derived, faults_of(Record.CUSTOMER, listed))


# Cleaning


def clean_customer(draft: CustomerDraft) -> CleanCustomer:
    """The customer with trimmed texts, None for those that are blank, and with its RUC read."""
    values = {name: _clean(value, multiline=_is_multiline(name)) for name, value in _values(draft).items()}
    foreign_id = draft.foreign_id and replace(
        values["foreign_id"], country=text.clean((draft.foreign_id.country or "").upper())
    )
    return CleanCustomer(
        **{
            **values,
            "ruc": values["ruc"] and tax_id.read_ruc(values["ruc"]),
            "dv": values["dv"] and ruc.without_dv_label(values["dv"]),
            "foreign_id": None if foreign_id == ForeignId() else foreign_id,
            "associated_persons": tuple(map(_clean_person, draft.associated_persons)),
            "tags": clean_tags(draft.tags),
            "metadata": clean_metadata(draft.metadata),
        }
    )


def _is_multiline(attribute: str) -> bool:
    field = _FIELDS.get(attribute)
    return field is not None and field.lines > 1


def _clean(value: Any, *, multiline: bool) -> Any:
    match value:
        case Enum():
            return value
        case str():
            return text.clean(value, multiline=multiline)
        case ForeignId():
            return replace(value, number=text.clean(value.number))
    return value


def _clean_person(person: AssociatedPerson) -> AssociatedPerson:
    return replace(person, name=text.clean(person.name), email=text.clean(person.email), phone=text.clean(person.phone))


def _values(record: CustomerRecord[Any]) -> dict[str, Any]:
    return {field.name: getattr(record, field.name) for field in fields(CustomerRecord)}


# Deriving


def derive_customer(
    clean: CleanCustomer, *, electronic: bool, confirmed_dv: str | None = None
) -> tuple[CleanCustomer, list[Fault]]:
    """The customer with all that follows from its fields, and the faults that were found on the way."""
    faults: list[Fault] = []
    derived = clean
    if clean.receiver_type is not ReceiverType.FOREIGN:
        derived = _derive_tax_id(clean, electronic, confirmed_dv, faults)
    texts: dict[str, Any] = {
        field.attribute: normalise((field.name,), getattr(derived, field.attribute), field.format, faults)
        for field in FIELDS
        if field.format
    }
    return replace(
        derived,
        **texts,
        associated_persons=_derive_persons(derived.associated_persons, faults),
        tags=drop_same_tags(derived.tags),
        metadata=sort_metadata(derived.metadata),
    ), faults


def with_proven_type(clean: CleanCustomer, *, electronic: bool) -> CleanCustomer:
    """The customer with the taxpayer type that RUC and DV prove, where it was left out: files seldom have it."""
    derived, _ = derive_customer(clean, electronic=electronic)
    return replace(clean, taxpayer_type=derived.taxpayer_type)


def _derive_tax_id(
    clean: CleanCustomer, electronic: bool, confirmed_dv: str | None, faults: list[Fault]
) -> CleanCustomer:
    derived = clean
    excluded = EXCLUDED_TYPES.get(clean.receiver_type)
    is_required = _FIELDS["ruc"].need(clean.receiver_type, None, electronic) is Need.REQUIRED
    faults += tax_id.ruc_faults(clean.ruc, clean.dv)
    if isinstance(clean.ruc, Ruc):
        readings = tuple(reading for reading in clean.ruc.readings if reading is not excluded) or clean.ruc.readings
        try:
            found = tax_id.derive(
                clean.ruc,
                clean.dv,
                clean.taxpayer_type,
                readings=readings,
                confirmed_dv=confirmed_dv,
                needs_dv=is_required,
            )
        except ruc.InvalidDv:
            return clean  # judging finds the fault, and without a DV nothing else is certain
        faults += found.faults
        derived = replace(clean, dv=found.dv, taxpayer_type=clean.taxpayer_type or found.taxpayer_type)
    if excluded and derived.taxpayer_type is excluded:
        faults.append(Fault(("taxpayerType",), Code.NOT_ALLOWED, messages.EXCLUDED[clean.receiver_type]))
        return replace(derived, taxpayer_type=clean.taxpayer_type)  # a type that is refused is not filled in
    return derived


def normalise(path: tuple[str, ...], value: str | None, format: Format, faults: list[Fault]) -> str | None:
    """The text in its one spelling; one that isn't of the format stays, and is a fault."""
    if value is None:
        return None
    normal = format.normalise(value)
    if normal is None:
        faults.append(Fault(path, format.code, format.message(value)))
    return normal or value


def _derive_persons(persons: tuple[AssociatedPerson, ...], faults: list[Fault]) -> tuple[AssociatedPerson, ...]:
    path = ("associatedPersons",)
    if len(persons) > MOST_PERSONS:
        message = messages.TOO_MANY_PERSONS.format(most=MOST_PERSONS, count=len(persons))
        faults.append(Fault(path, Code.TOO_MANY, message))
        return persons
    return tuple(_derive_person((*path, str(index)), person, faults) for index, person in enumerate(persons))


def _derive_person(path: tuple[str, ...], person: AssociatedPerson, faults: list[Fault]) -> AssociatedPerson:
    faults += text.check((*path, "name"), person.name, NAME_SHORTEST, NAME_LONGEST)
    faults += text.check((*path, "email"), person.email, 0, EMAIL_LONGEST)
    faults += text.check((*path, "phone"), person.phone, 0, PHONE_LONGEST)
    if person.notify and person.email is None:
        faults.append(Fault((*path, "email"), Code.REQUIRED, messages.NOTIFY_WHERE))
    return replace(
        person,
        email=normalise((*path, "email"), person.email, EMAIL, faults),
        phone=normalise((*path, "phone"), person.phone, PHONE, faults),
    )


# Judging


def judge_customer(clean: CleanCustomer, derived: CleanCustomer, needs: Mapping[str, Need]) -> Iterator[Fault]:
    """What is wrong with the customer as it was typed, by the rules of each field.

    ``derived`` has what is known of a field that is required but left out.
    """
    for field in FIELDS:
        path, value = (field.name,), getattr(clean, field.attribute)
        if value in (None, "", ()):
            if needs[field.name] is Need.REQUIRED:
                known = getattr(derived, field.attribute)
                yield Fault(
                    path, Code.REQUIRED, messages.required(field, clean.receiver_type), (known,) if known else ()
                )
        elif needs[field.name] is Need.FORBIDDEN:
            yield Fault(path, Code.FORBIDDEN_FIELD, messages.forbidden(field, clean.receiver_type))
        else:
            yield from judge_value(field, ruc_text(value))
    yield from _judge_foreign_id(derived.foreign_id)
    yield from check_tags(clean.tags)
    yield from check_metadata(clean.metadata)


def judge_value(field: Field, value: Any) -> Iterator[Fault]:
    """What is wrong with a text or a number by the rule of its field."""
    path = (field.name,)
    if isinstance(value, int) and field.most is not None and not 0 <= value <= field.most:
        yield Fault(path, Code.OUT_OF_RANGE, messages.FROM_0_TO.format(most=field.most))
    if not isinstance(value, str) or field.longest is None:
        return
    yield from text.check(path, value, field.shortest, field.longest, lines=field.lines)
    if field.pattern and not re.fullmatch(field.pattern, value):
        yield Fault(path, Code.INVALID_VALUE, messages.LIKE.format(example=field.example))


def _judge_foreign_id(foreign_id: ForeignId | None) -> Iterator[Fault]:
    if foreign_id is None:
        return
    path = ("foreignId",)
    if foreign_id.type is None:
        yield Fault((*path, "type"), Code.REQUIRED, messages.ID_TYPE)
    yield from text.check((*path, "number"), foreign_id.number, 1, ID_NUMBER_LONGEST)
    if foreign_id.country is None:
        yield Fault((*path, "country"), Code.REQUIRED, messages.ID_COUNTRY)
    elif foreign_id.country == "PA" or foreign_id.country not in COUNTRIES:
        yield Fault((*path, "country"), Code.INVALID_VALUE, messages.ID_COUNTRY)
