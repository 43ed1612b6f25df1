"""What a customer must have, may have and can't have: every cell of the table, and RUC with DV."""

import time
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules import ruc
from rules.customer import AssociatedPerson, CustomerDraft, CustomerRecord, ForeignId
from rules.customer_check import Customer, check_customer, clean_customer
from rules.customer_form import FormField, form
from rules.faults import Code, Fault, Refusal
from rules.references import MetadataEntry
from rules.vocabulary import ForeignIdType, Language, ReceiverType, TaxpayerType

TAXPAYER, FINAL_CONSUMER, GOVERNMENT, FOREIGN = ReceiverType
NATURAL, JURIDICAL = TaxpayerType

Found = list[tuple[tuple[str, ...], Code]]

COMPANY, COMPANY_DV = "155596713-2-2015", "59"
NT, NT_JURIDICAL_DV, NT_NATURAL_DV = "8-NT-1-13656", "43", "02"
CEDULA, CEDULA_NATURAL_DV, CEDULA_JURIDICAL_DV = "2-221-78", "42", "56"
FINCA = "8-30213562"

PASSPORT = ForeignId(type=ForeignIdType.PASSPORT, number="AB123456", country="CO")
PERSON = AssociatedPerson(name="Ana Ríos", email="ana@example.com", notify=True)

# A customer of each receiver type with a value for whatever it may have.
COMPLETE = {
    TAXPAYER: CustomerDraft(
        receiver_type=TAXPAYER,
        taxpayer_type=JURIDICAL,
        ruc=COMPANY,
        dv=COMPANY_DV,
        name="Hoteles Istmo, S.A.",
        location_code="8-8-7",
        address="Calle 50, edificio Balboa",
        email="cobros@example.com",
        phone="+5072691234",
        mobile="+50766778899",
        associated_persons=(PERSON,),
    ),
    FINAL_CONSUMER: CustomerDraft(
        receiver_type=FINAL_CONSUMER,
        taxpayer_type=NATURAL,
        ruc=CEDULA,
        dv=CEDULA_NATURAL_DV,
        name="Luis Peña",
        location_code="4-6-1",
        address="Barrio Bolívar, casa 3",
        email="luis@example.com",
        phone="+5077741234",
        mobile="+50766778899",
    ),
    GOVERNMENT: CustomerDraft(
        receiver_type=GOVERNMENT,
        taxpayer_type=JURIDICAL,
        ruc=NT,
        dv=NT_JURIDICAL_DV,
        name="Ministerio de Educación",
        location_code="8-8-2",
        address="Villa Cárdenas, Ancón",
        email="compras@example.com",
        phone="+5075154000",
        mobile="+50766778899",
        associated_persons=(PERSON,),
    ),
    FOREIGN: CustomerDraft(
        receiver_type=FOREIGN,
        foreign_id=PASSPORT,
        name="Jean Dupont",
        address="12 rue de la Paix, Paris",
        email="jean@example.com",
        phone="+33142685300",
        mobile="+33612345678",
        associated_persons=(PERSON,),
    ),
}

# What a form may hold in each field, for receivers that can't have it.
VALUES: dict[str, Any] = {
    "taxpayer_type": NATURAL,
    "ruc": COMPANY,
    "dv": COMPANY_DV,
    "foreign_id": PASSPORT,
    "name": "Hoteles Istmo, S.A.",
    "location_code": "8-8-7",
    "address": "Calle 50, edificio Balboa",
    "email": "cobros@example.com",
    "phone": "+5072691234",
    "mobile": "+50766778899",
    "payment_term_days": 30,
    "language": Language.EN,
    "associated_persons": (PERSON,),
    "external_id": "CRM-00042",
    "tags": ("Mayorista", "Colón"),
    "metadata": (MetadataEntry(key="ruta", value="7"), MetadataEntry(key="vendedor", value="Ana")),
}
API_NAMES = {
    "taxpayer_type": "taxpayerType",
    "ruc": "ruc",
    "dv": "dv",
    "foreign_id": "foreignId",
    "name": "name",
    "location_code": "locationCode",
    "address": "address",
    "email": "email",
    "phone": "phone",
    "mobile": "mobile",
    "payment_term_days": "paymentTermDays",
    "language": "language",
    "associated_persons": "associatedPersons",
    "external_id": "externalId",
    "tags": "tags",
    "metadata": "metadata",
}


def check(
    data: CustomerDraft, *, electronic: bool, confirmed_dv: str | None = None
) -> tuple[CustomerDraft, tuple[Fault, ...]]:
    """The customer as it would be stored, and its faults."""
    result = check_customer(clean_customer(data), electronic=electronic, confirmed_dv=confirmed_dv)
    return result.derived.as_draft(), result.faults


def faults_of(data: CustomerDraft, *, electronic: bool = False, confirmed_dv: str | None = None) -> tuple[Fault, ...]:
    return check(data, electronic=electronic, confirmed_dv=confirmed_dv)[1]


def found(data: CustomerDraft, *, electronic: bool = False, confirmed_dv: str | None = None) -> Found:
    return [(fault.path, fault.code) for fault in faults_of(data, electronic=electronic, confirmed_dv=confirmed_dv)]


def without(data: CustomerDraft, attribute: str) -> CustomerDraft:
    # A DV needs its RUC, so the two go together.
    changes: dict[str, Any] = {attribute: () if attribute in ("associated_persons", "tags", "metadata") else None}
    return replace(data, **({"ruc": None, "dv": None} if attribute == "ruc" else changes))


# The table of fields, cell by cell, written as R, O, F with electronic invoicing off and on

TABLE = """
taxpayer_type       OR OO OR FF
ruc                 OR OO OR FF
dv                  OO OO OO FF
foreign_id          FF FF FF OR
name                RR RR RR RR
location_code       OR OO OR FF
address             OR OO OR OO
email               OO OO OO OO
phone               OO OO OO OO
mobile              OO OO OO OO
payment_term_days   OO OO OO OO
language            OO OO OO OO
associated_persons  OO FF OO OO
external_id         OO OO OO OO
tags                OO OO OO OO
metadata            OO OO OO OO
"""
CELLS = [
    pytest.param(receiver, attribute, electronic, cell, id=f"{attribute}-{receiver}-{'on' if electronic else 'off'}")
    for attribute, *columns in (row.split() for row in TABLE.strip().splitlines())
    for receiver, column in zip(ReceiverType, columns, strict=True)
    for electronic, cell in zip((False, True), column, strict=True)
]


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize("receiver", list(ReceiverType))
def test_a_complete_customer_has_no_fault_and_stays_as_it_is(receiver: ReceiverType, electronic: bool) -> None:
    assert check(COMPLETE[receiver], electronic=electronic) == (COMPLETE[receiver], ())


@pytest.mark.parametrize(("receiver", "attribute", "electronic", "cell"), CELLS)
def test_a_field_is_missed_only_where_it_is_required(
    receiver: ReceiverType, attribute: str, electronic: bool, cell: str
) -> None:
    left_out = found(without(COMPLETE[receiver], attribute), electronic=electronic)

    assert left_out == ([((API_NAMES[attribute],), Code.REQUIRED)] if cell == "R" else [])


@pytest.mark.parametrize(("receiver", "attribute", "electronic", "cell"), CELLS)
def test_a_field_is_refused_only_where_it_is_forbidden(
    receiver: ReceiverType, attribute: str, electronic: bool, cell: str
) -> None:
    value = getattr(COMPLETE[receiver], attribute) or VALUES[attribute]

    given_too = found(replace(COMPLETE[receiver], **{attribute: value}), electronic=electronic)

    assert given_too == ([((API_NAMES[attribute],), Code.FORBIDDEN_FIELD)] if cell == "F" else [])


@pytest.mark.parametrize(("receiver", "attribute", "electronic", "cell"), CELLS)
def test_the_form_shows_the_table(receiver: ReceiverType, attribute: str, electronic: bool, cell: str) -> None:
    [field] = [field for field in form(receiver, None, electronic=electronic) if field.name == API_NAMES[attribute]]

    assert (field.required, field.forbidden) == (cell == "R", cell == "F")


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize(
    ("receiver", "taxpayer_type", "forbidden"),
    [
        (TAXPAYER, NATURAL, True),
        (TAXPAYER, JURIDICAL, False),
        (TAXPAYER, None, False),
        (FINAL_CONSUMER, NATURAL, True),
        (FINAL_CONSUMER, None, True),
        (GOVERNMENT, JURIDICAL, False),
        (GOVERNMENT, None, False),
        (FOREIGN, None, False),
    ],
)
def test_only_companies_governments_and_foreigners_have_associated_persons(
    receiver: ReceiverType, taxpayer_type: TaxpayerType | None, forbidden: bool, electronic: bool
) -> None:
    data = CustomerDraft(
        receiver_type=receiver, taxpayer_type=taxpayer_type, name="Luis Peña", associated_persons=(PERSON,)
    )
    [field] = [
        field for field in form(receiver, taxpayer_type, electronic=electronic) if field.name == "associatedPersons"
    ]

    assert ((("associatedPersons",), Code.FORBIDDEN_FIELD) in found(data, electronic=electronic)) is forbidden
    assert field.forbidden is forbidden


def test_a_person_known_by_the_ruc_alone_has_no_associated_persons() -> None:
    data = CustomerDraft(receiver_type=TAXPAYER, name="Ana Ríos", ruc="PE-5-687", associated_persons=(PERSON,))

    assert found(data) == [(("associatedPersons",), Code.FORBIDDEN_FIELD)]


def test_of_a_forbidden_field_nothing_else_is_said() -> None:
    data = CustomerDraft(
        receiver_type=FOREIGN,
        taxpayer_type=NATURAL,
        name="Jean Dupont",
        ruc="nonsense",
        dv="nonsense",
        location_code="nonsense",
    )

    assert found(data) == [
        (("taxpayerType",), Code.FORBIDDEN_FIELD),
        (("ruc",), Code.FORBIDDEN_FIELD),
        (("dv",), Code.FORBIDDEN_FIELD),
        (("locationCode",), Code.FORBIDDEN_FIELD),
    ]


def test_a_foreigner_with_a_dv_is_not_asked_for_its_ruc() -> None:
    assert found(CustomerDraft(receiver_type=FOREIGN, name="Jean Dupont", dv="12")) == [(("dv",), Code.FORBIDDEN_FIELD)]


@pytest.mark.parametrize("blank", ["", "  ", "\t\n", "\u00a0", "\u200b\u200b"])
def test_blank_is_as_good_as_left_out(blank: str) -> None:
    blanks = {
        field.name: blank
        for field in fields(CustomerDraft)
        if field.name
        not in ("receiver_type", "taxpayer_type", "foreign_id", "language", "associated_persons", "tags", "metadata")
    }
    data = CustomerDraft(receiver_type=TAXPAYER, foreign_id=ForeignId(number=blank, country=blank), **blanks)  # type: ignore[arg-type]

    assert check(data, electronic=False)[0] == CustomerDraft(receiver_type=TAXPAYER)
    assert found(data) == [(("name",), Code.REQUIRED)]


def test_all_faults_come_at_once_in_the_order_of_the_form() -> None:
    data = CustomerDraft(
        receiver_type=TAXPAYER,
        ruc="155724460-22022",
        dv="5x",
        foreign_id=PASSPORT,
        name="A",
        location_code="Betania",
        address="Aquí",
        email="ana",
        phone="12",
        mobile="0",
        associated_persons=(PERSON, AssociatedPerson(email="ana")),
    )

    assert found(data, electronic=True) == [
        (("taxpayerType",), Code.REQUIRED),
        (("ruc",), Code.INVALID_RUC),
        (("dv",), Code.INVALID_VALUE),
        (("foreignId",), Code.FORBIDDEN_FIELD),
        (("name",), Code.INVALID_VALUE),
        (("locationCode",), Code.INVALID_VALUE),
        (("address",), Code.INVALID_VALUE),
        (("email",), Code.INVALID_EMAIL),
        (("phone",), Code.INVALID_PHONE),
        (("mobile",), Code.INVALID_PHONE),
        (("associatedPersons", "1", "name"), Code.REQUIRED),
        (("associatedPersons", "1", "email"), Code.INVALID_EMAIL),
    ]


# A checked customer


def test_a_checked_customer_has_its_ruc_parsed() -> None:
    customer = check_customer(clean_customer(COMPLETE[TAXPAYER]), electronic=True).customer

    assert customer.ruc == ruc.parse(COMPANY)
    assert customer.as_draft() == COMPLETE[TAXPAYER]


def test_a_customer_with_faults_is_no_checked_one() -> None:
    with pytest.raises(Refusal) as refusal:
        _ = check_customer(clean_customer(CustomerDraft(receiver_type=TAXPAYER)), electronic=False).customer

    assert [fault.path for fault in refusal.value.faults] == [("name",)]


def test_nothing_but_the_check_makes_a_checked_customer() -> None:
    customer = check_customer(clean_customer(COMPLETE[TAXPAYER]), electronic=True).customer
    values = {field.name: getattr(customer, field.name) for field in fields(CustomerRecord)}

    with pytest.raises(TypeError):
        Customer(**values, seal=None)
    with pytest.raises(ValueError, match="seal"):
        replace(customer, name="Other")  # type: ignore[call-arg]


# Single fields

NO_RUC = CustomerDraft(receiver_type=TAXPAYER, name="Hoteles Istmo, S.A.")


@pytest.mark.parametrize(
    ("attribute", "value", "path", "code"),
    [
        ("name", "A", ("name",), Code.INVALID_VALUE),
        ("name", "A" * 201, ("name",), Code.TOO_LONG),
        ("name", "Ana\x00Ríos", ("name",), Code.INVALID_VALUE),
        ("name", "\u200e\u200f", ("name",), Code.REQUIRED),
        ("name", "\u00ad\u00ad", ("name",), Code.REQUIRED),
        ("name", "A\u115f", ("name",), Code.INVALID_VALUE),
        ("ruc", "1" * 51, ("ruc",), Code.TOO_LONG),
        ("location_code", "8-8", ("locationCode",), Code.INVALID_VALUE),
        ("location_code", "8-8-7 Betania", ("locationCode",), Code.TOO_LONG),
        ("location_code", "٨-٨-٧", ("locationCode",), Code.INVALID_VALUE),
        ("address", "Aquí", ("address",), Code.INVALID_VALUE),
        ("address", "A" * 101, ("address",), Code.TOO_LONG),
        ("address", "A\nB\nC\nD\nE", ("address",), Code.TOO_LONG),
        ("email", "ana@", ("email",), Code.INVALID_EMAIL),
        ("email", "a" * 89 + "@example.com", ("email",), Code.TOO_LONG),
        ("email", "ana\x07@example.com", ("email",), Code.INVALID_VALUE),
        ("phone", "123", ("phone",), Code.INVALID_PHONE),
        ("phone", "6677-8899" * 4, ("phone",), Code.TOO_LONG),
        ("mobile", "6677-8899 ext. 3", ("mobile",), Code.INVALID_PHONE),
        ("mobile", "6677\x008899", ("mobile",), Code.INVALID_VALUE),
    ],
)
def test_a_value_out_of_its_limits_is_refused_once(
    attribute: str, value: str, path: tuple[str, ...], code: Code
) -> None:
    assert found(replace(NO_RUC, **{attribute: value})) == [(path, code)]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("name", "Ñu"),
        ("name", "A" * 200),
        ("address", "Aquí."),
        ("address", "A" * 100),
        ("location_code", "10-1-12"),
        ("email", "a" * 64 + "@" + "e" * 31 + ".com"),
    ],
)
def test_a_value_at_its_limits_is_accepted(attribute: str, value: str) -> None:
    assert check(replace(NO_RUC, **{attribute: value}), electronic=False) == (replace(NO_RUC, **{attribute: value}), ())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("foreign_id", "path", "code"),
    [
        (ForeignId(number="AB1", country="CO"), "type", Code.REQUIRED),
        (ForeignId(type=ForeignIdType.TAX_ID, country="CO"), "number", Code.REQUIRED),
        (ForeignId(type=ForeignIdType.TAX_ID, number="AB1"), "country", Code.REQUIRED),
        (ForeignId(type=ForeignIdType.OTHER, number="1" * 51, country="CO"), "number", Code.TOO_LONG),
        (ForeignId(type=ForeignIdType.OTHER, number="1\x1b", country="CO"), "number", Code.INVALID_VALUE),
        (ForeignId(type=ForeignIdType.OTHER, number="1", country="PA"), "country", Code.INVALID_VALUE),
        (ForeignId(type=ForeignIdType.OTHER, number="1", country="pa"), "country", Code.INVALID_VALUE),
        (ForeignId(type=ForeignIdType.OTHER, number="1", country="ZZ"), "country", Code.INVALID_VALUE),
        (ForeignId(type=ForeignIdType.OTHER, number="1", country="Colombia"), "country", Code.INVALID_VALUE),
    ],
)
def test_a_foreign_id_has_type_number_and_a_country_other_than_panama(
    foreign_id: ForeignId, path: str, code: Code
) -> None:
    data = CustomerDraft(receiver_type=FOREIGN, name="Jean Dupont", foreign_id=foreign_id)

    assert found(data) == [(("foreignId", path), code)]


@pytest.mark.parametrize(
    ("person", "path", "code"),
    [
        (AssociatedPerson(), "name", Code.REQUIRED),
        (AssociatedPerson(name="A"), "name", Code.INVALID_VALUE),
        (AssociatedPerson(name="A" * 201), "name", Code.TOO_LONG),
        (AssociatedPerson(name="Ana", email="ana"), "email", Code.INVALID_EMAIL),
        (AssociatedPerson(name="Ana", email="a" * 89 + "@example.com"), "email", Code.TOO_LONG),
        (AssociatedPerson(name="Ana", phone="1"), "phone", Code.INVALID_PHONE),
        (AssociatedPerson(name="Ana", phone="1" * 31), "phone", Code.TOO_LONG),
        (AssociatedPerson(name="Ana", notify=True), "email", Code.REQUIRED),
    ],
)
def test_an_associated_person_is_checked_in_its_place(person: AssociatedPerson, path: str, code: Code) -> None:
    assert found(replace(NO_RUC, associated_persons=(PERSON, person))) == [(("associatedPersons", "1", path), code)]


def test_there_are_twenty_associated_persons_at_most() -> None:
    assert found(replace(NO_RUC, associated_persons=(PERSON,) * 20)) == []
    assert found(replace(NO_RUC, associated_persons=(AssociatedPerson(),) * 21)) == [
        (("associatedPersons",), Code.TOO_MANY)
    ]


def test_everything_is_stored_in_one_spelling() -> None:
    written = CustomerDraft(
        receiver_type=TAXPAYER,
        ruc=" 155596713 – 2 – 2015 d.v. 59 ",
        name=" Jose\u0301, S.A. ",
        address=" Calle 50 ",
        location_code=" 8-8-7 ",
        email=" Cobros@EXAMPLE.com ",
        phone="269-1234",
        mobile="(507) 6677 8899",
        associated_persons=(AssociatedPerson(name=" Ana ", email="Ana@EXAMPLE.com", phone="6677.8899"),),
    )

    assert check(written, electronic=False) == (
        CustomerDraft(
            receiver_type=TAXPAYER,
            taxpayer_type=JURIDICAL,
            ruc=COMPANY,
            dv=COMPANY_DV,
            name="José, S.A.",
            address="Calle 50",
            location_code="8-8-7",
            email="Cobros@example.com",
            phone="+5072691234",
            mobile="+50766778899",
            associated_persons=(AssociatedPerson(name="Ana", email="Ana@example.com", phone="+50766778899"),),
        ),
        (),
    )


def test_a_country_is_stored_in_capitals() -> None:
    data = CustomerDraft(receiver_type=FOREIGN, name="Jean Dupont", foreign_id=replace(PASSPORT, country=" fr "))

    assert check(data, electronic=False)[0].foreign_id == replace(PASSPORT, country="FR")


# RUC, DV and taxpayer type


def numbered(receiver: ReceiverType, taxpayer_type: TaxpayerType | None, number: str, dv: str | None) -> CustomerDraft:
    """A customer that lacks nothing but what its number says of itself."""
    return replace(COMPLETE[receiver], taxpayer_type=taxpayer_type, ruc=number, dv=dv, associated_persons=())


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize(
    ("number", "taxpayer_type", "dv"),
    [
        (COMPANY, JURIDICAL, COMPANY_DV),
        (NT, JURIDICAL, NT_JURIDICAL_DV),
        (NT, NATURAL, NT_NATURAL_DV),
        (CEDULA, NATURAL, CEDULA_NATURAL_DV),
        (CEDULA, JURIDICAL, CEDULA_JURIDICAL_DV),
    ],
)
def test_a_missing_dv_is_computed(number: str, taxpayer_type: TaxpayerType, dv: str, electronic: bool) -> None:
    stored, faults = check(numbered(TAXPAYER, taxpayer_type, number, None), electronic=electronic)

    assert (stored.dv, faults) == (dv, ())


@pytest.mark.parametrize(
    ("receiver", "number", "dv", "taxpayer_type"),
    [
        (TAXPAYER, COMPANY, None, JURIDICAL),
        (TAXPAYER, "PE-5-687", None, NATURAL),
        (TAXPAYER, NT, NT_NATURAL_DV, NATURAL),
        (TAXPAYER, NT, NT_JURIDICAL_DV, JURIDICAL),
        (TAXPAYER, f"{NT} DV {NT_JURIDICAL_DV}", None, JURIDICAL),
        (TAXPAYER, CEDULA, CEDULA_NATURAL_DV, NATURAL),
        (TAXPAYER, CEDULA, CEDULA_JURIDICAL_DV, JURIDICAL),
        # A final consumer is never a company and a government never a person, which leaves one reading.
        (FINAL_CONSUMER, CEDULA, None, NATURAL),
        (FINAL_CONSUMER, NT, None, NATURAL),
        (GOVERNMENT, NT, None, JURIDICAL),
    ],
)
def test_a_missing_taxpayer_type_is_settled_where_it_is_certain(
    receiver: ReceiverType, number: str, dv: str | None, taxpayer_type: TaxpayerType
) -> None:
    stored, faults = check(numbered(receiver, None, number, dv), electronic=False)

    assert (stored.taxpayer_type, faults) == (taxpayer_type, ())
    assert stored.dv == ruc.compute_dv(ruc.parse(number), taxpayer_type)


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize("number", [NT, CEDULA, "8-1234-567"])
def test_an_ambiguous_ruc_without_dv_needs_the_taxpayer_type(number: str, electronic: bool) -> None:
    stored, faults = check(numbered(TAXPAYER, None, number, None), electronic=electronic)

    assert [(fault.path, fault.code) for fault in faults] == [(("taxpayerType",), Code.REQUIRED)]
    assert (stored.taxpayer_type, stored.dv) == (None, None)


def test_a_dv_that_no_rule_knows_does_not_settle_the_taxpayer_type() -> None:
    # Six digits behind a cédula are a company's, or a person's of whom the DGI says nothing.
    assert found(numbered(TAXPAYER, None, "8-123-456789", "00")) == [(("taxpayerType",), Code.REQUIRED)]


@pytest.mark.parametrize(
    ("number", "dv"),
    [("155704849-2-2021", "32"), (COMPANY, COMPANY_DV), ("8-274-125", "91"), ("E-8-127702", None)]
    + [(CEDULA, CEDULA_NATURAL_DV), (CEDULA, CEDULA_JURIDICAL_DV), (NT, NT_NATURAL_DV), (NT, NT_JURIDICAL_DV)],
)
def test_every_answer_goes_by_the_same_type_that_ruc_and_dv_prove(number: str, dv: str | None) -> None:
    proven = ruc.proven_type(ruc.parse(number), dv or "")  # that of an account with this RUC

    [asked] = faults_of(numbered(TAXPAYER, None, number, dv), electronic=True)
    assert (asked.path, asked.code, asked.expected) == (("taxpayerType",), Code.REQUIRED, (proven,))
    assert found(numbered(TAXPAYER, proven, number, dv), electronic=True) == []
    as_consumer = [(("taxpayerType",), Code.NOT_ALLOWED)] if proven is JURIDICAL else []
    assert found(numbered(FINAL_CONSUMER, None, number, dv), electronic=True) == as_consumer


@pytest.mark.parametrize(("receiver", "number"), [(TAXPAYER, COMPANY), (GOVERNMENT, NT)])
def test_with_electronic_invoicing_the_taxpayer_type_is_required_even_where_it_is_certain(
    receiver: ReceiverType, number: str
) -> None:
    [fault] = faults_of(numbered(receiver, None, number, None), electronic=True)

    assert (fault.path, fault.code, fault.expected) == (("taxpayerType",), Code.REQUIRED, (JURIDICAL,))


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize(
    ("number", "taxpayer_type", "dv", "expected"),
    [
        (COMPANY, JURIDICAL, "95", (COMPANY_DV,)),
        (NT, NATURAL, NT_JURIDICAL_DV, (NT_NATURAL_DV,)),
        (CEDULA, JURIDICAL, "00", (CEDULA_JURIDICAL_DV,)),
        (f"{COMPANY} DV 95", JURIDICAL, None, (COMPANY_DV,)),
    ],
)
def test_a_wrong_dv_is_refused_with_the_right_one(
    number: str, taxpayer_type: TaxpayerType, dv: str | None, expected: tuple[str, ...], electronic: bool
) -> None:
    [fault] = faults_of(numbered(TAXPAYER, taxpayer_type, number, dv), electronic=electronic)

    assert (fault.path, fault.code, fault.expected) == (("dv",), Code.DV_MISMATCH, expected)


@pytest.mark.parametrize(
    ("receiver", "number", "expected"),
    [
        (TAXPAYER, COMPANY, (COMPANY_DV,)),
        (TAXPAYER, NT, (NT_NATURAL_DV, NT_JURIDICAL_DV)),
        (TAXPAYER, CEDULA, (CEDULA_NATURAL_DV, CEDULA_JURIDICAL_DV)),
        (FINAL_CONSUMER, CEDULA, (CEDULA_NATURAL_DV,)),
        (GOVERNMENT, NT, (NT_JURIDICAL_DV,)),
    ],
)
def test_a_wrong_dv_without_type_is_refused_with_the_right_one_for_each_reading(
    receiver: ReceiverType, number: str, expected: tuple[str, ...]
) -> None:
    [fault] = faults_of(numbered(receiver, None, number, "12"))

    assert (fault.path, fault.code, fault.expected) == (("dv",), Code.DV_MISMATCH, expected)


def test_a_dv_of_one_digit_is_padded() -> None:
    number = next(
        f"155596713-2-{year}"
        for year in range(2014, 2100)
        if (ruc.compute_dv(ruc.parse(f"155596713-2-{year}"), JURIDICAL) or "").startswith("0")
    )
    dv = ruc.compute_dv(ruc.parse(number), JURIDICAL)

    assert dv is not None
    stored, faults = check(numbered(TAXPAYER, JURIDICAL, number, dv.removeprefix("0")), electronic=True)
    assert (stored.dv, faults) == (dv, ())


@pytest.mark.parametrize(
    ("number", "dv", "expected"),
    [
        (f"{COMPANY} DV 95", COMPANY_DV, (COMPANY_DV,)),
        (f"{COMPANY} DV {COMPANY_DV}", "95", (COMPANY_DV,)),
        (f"{FINCA} DV 68", "12", ()),
    ],
)
def test_two_different_dvs_are_refused(number: str, dv: str, expected: tuple[str, ...]) -> None:
    [fault] = faults_of(numbered(TAXPAYER, JURIDICAL, number, dv))

    assert (fault.path, fault.code, fault.expected) == (("dv",), Code.DV_MISMATCH, expected)


def test_two_dvs_that_are_right_for_one_type_each_are_both_expected() -> None:
    [fault] = faults_of(numbered(TAXPAYER, None, "8-NT-1-123456 DV 76", "52"))
    assert (fault.path, fault.code, fault.expected) == (("dv",), Code.DV_MISMATCH, ("76", "52"))
    [fault] = faults_of(numbered(TAXPAYER, JURIDICAL, "8-NT-1-123456 DV 76", "52"))
    assert fault.expected == ("52",)


def test_a_dv_may_be_typed_with_its_label() -> None:
    assert found(numbered(TAXPAYER, JURIDICAL, COMPANY, f"DV {COMPANY_DV}")) == []


@pytest.mark.parametrize(
    ("email", "first"),
    [
        ("a@example.com; b@example.com", "a@example.com"),
        ("a@example.com,b@example.com", "a@example.com"),
        ("a@example.com b@example.com", "a@example.com"),
        ("Ana <ana@example.com>", "ana@example.com"),
        ("mailto:ana@example.com", "ana@example.com"),
    ],
)
def test_a_list_of_addresses_is_told_of_associated_persons(email: str, first: str) -> None:
    [fault] = faults_of(replace(NO_RUC, email=email))
    assert (fault.path, fault.code) == (("email",), Code.INVALID_EMAIL)
    assert first in fault.message.es
    assert "Personas asociadas" in fault.message.es
    assert "associated persons" in fault.message.en


def test_a_huge_list_of_addresses_costs_no_time() -> None:
    start = time.process_time()
    [fault] = faults_of(replace(NO_RUC, email="a@example.com;" * 100_000))
    assert (fault.path, fault.code) == (("email",), Code.TOO_LONG)
    assert time.process_time() - start < 2


def test_marks_that_come_with_a_paste_are_dropped_everywhere() -> None:
    pasted = CustomerDraft(
        receiver_type=TAXPAYER,
        name="\u200eHo\u200bteles\tIstmo,\nS.A.\ufeff",
        ruc=f"\u202aRUC {COMPANY} DV {COMPANY_DV}\u202c",
        address="Calle 50\r\nPiso\u00ad 3",
        email="ana\u200b@exam\u00adple.com",
        phone="\u202a+507 6677\ufe0f-8899\u202c",
        associated_persons=(
            AssociatedPerson(name="E\u200bva", email="\ufeffeva@example.com", phone="\u200e6677-8899"),
        ),
    )
    stored, faults = check(pasted, electronic=False)
    assert faults == ()
    assert (stored.name, stored.address) == ("Hoteles Istmo, S.A.", "Calle 50\nPiso 3")
    assert (stored.email, stored.phone) == ("ana@example.com", "+50766778899")
    [person] = stored.associated_persons
    assert (person.name, person.email, person.phone) == ("Eva", "eva@example.com", "+50766778899")


def test_the_same_dv_written_twice_is_fine() -> None:
    assert found(numbered(TAXPAYER, JURIDICAL, f"{COMPANY} DV {COMPANY_DV}", COMPANY_DV)) == []


@pytest.mark.parametrize(
    ("dv", "code"),
    [("5x", Code.INVALID_VALUE), ("²", Code.INVALID_VALUE), ("٥٩", Code.INVALID_VALUE), ("059", Code.TOO_LONG)],
)
def test_a_dv_is_one_or_two_digits(dv: str, code: Code) -> None:
    assert found(numbered(TAXPAYER, JURIDICAL, COMPANY, dv)) == [(("dv",), code)]


def test_a_dv_without_ruc_asks_for_the_ruc() -> None:
    assert found(replace(NO_RUC, dv="59")) == [(("ruc",), Code.REQUIRED)]


def test_a_text_that_is_no_ruc_is_refused_with_suggestions() -> None:
    [fault] = faults_of(numbered(TAXPAYER, JURIDICAL, "155724460-22022", None))

    assert (fault.path, fault.code, fault.expected) == (("ruc",), Code.INVALID_RUC, ("155724460-2-2022",))


@pytest.mark.parametrize(
    ("number", "taxpayer_type", "only"),
    [(COMPANY, NATURAL, JURIDICAL), ("PE-5-687", JURIDICAL, NATURAL), ("E-8-127702", JURIDICAL, NATURAL)],
)
def test_a_taxpayer_type_that_the_ruc_excludes_is_not_allowed(
    number: str, taxpayer_type: TaxpayerType, only: TaxpayerType
) -> None:
    [fault] = faults_of(numbered(TAXPAYER, taxpayer_type, number, None), electronic=True)

    assert (fault.path, fault.code, fault.expected) == (("taxpayerType",), Code.NOT_ALLOWED, (only,))


@pytest.mark.parametrize("electronic", [False, True])
@pytest.mark.parametrize(
    ("receiver", "taxpayer_type", "number", "dv"),
    [
        (FINAL_CONSUMER, JURIDICAL, None, None),
        (FINAL_CONSUMER, JURIDICAL, COMPANY, COMPANY_DV),
        (FINAL_CONSUMER, None, COMPANY, None),
        (FINAL_CONSUMER, None, CEDULA, CEDULA_JURIDICAL_DV),
        (GOVERNMENT, NATURAL, NT, NT_NATURAL_DV),
    ],
)
def test_a_taxpayer_type_that_the_receiver_type_excludes_is_not_allowed(
    receiver: ReceiverType, taxpayer_type: TaxpayerType | None, number: str | None, dv: str | None, electronic: bool
) -> None:
    data = replace(COMPLETE[receiver], taxpayer_type=taxpayer_type, ruc=number, dv=dv, associated_persons=())

    assert found(data, electronic=electronic) == [(("taxpayerType",), Code.NOT_ALLOWED)]


@pytest.mark.parametrize(("electronic", "code"), [(False, Code.NOT_ALLOWED), (True, Code.REQUIRED)])
@pytest.mark.parametrize(("number", "dv"), [(NT, NT_NATURAL_DV), ("PE-5-687", None)])
def test_a_government_is_not_settled_as_a_person(number: str, dv: str | None, electronic: bool, code: Code) -> None:
    stored, faults = check(numbered(GOVERNMENT, None, number, dv), electronic=electronic)

    assert [(fault.path, fault.code) for fault in faults] == [(("taxpayerType",), code)]
    assert (stored.taxpayer_type, faults[0].expected) == (None, ())


@pytest.mark.parametrize("taxpayer_type", [NATURAL, JURIDICAL])
@pytest.mark.parametrize("electronic", [False, True])
def test_a_dv_that_no_rule_tells_is_stored_as_given(taxpayer_type: TaxpayerType, electronic: bool) -> None:
    stored, faults = check(numbered(TAXPAYER, taxpayer_type, FINCA, "68"), electronic=electronic)

    assert (stored.ruc, stored.dv, stored.taxpayer_type, faults) == (FINCA, "68", taxpayer_type, ())


@pytest.mark.parametrize(
    ("receiver", "number", "electronic", "required"),
    [
        (TAXPAYER, FINCA, True, True),
        (TAXPAYER, FINCA, False, False),
        (FINAL_CONSUMER, FINCA, True, False),
        (GOVERNMENT, FINCA, True, True),
        (TAXPAYER, "N-1234-567", True, True),
        (TAXPAYER, "N-1234-567", False, False),
    ],
)
def test_a_dv_that_no_rule_tells_is_required_where_the_ruc_is(
    receiver: ReceiverType, number: str, electronic: bool, required: bool
) -> None:
    taxpayer_type = JURIDICAL if receiver is GOVERNMENT else NATURAL

    faults = found(numbered(receiver, taxpayer_type, number, None), electronic=electronic)

    assert faults == ([(("dv",), Code.REQUIRED)] if required else [])


def test_a_finca_needs_no_taxpayer_type_without_electronic_invoicing() -> None:
    stored, faults = check(numbered(TAXPAYER, None, FINCA, None), electronic=False)

    assert (stored.taxpayer_type, stored.dv, faults) == (None, None, ())


@pytest.mark.parametrize(
    ("number", "dv"), [(COMPANY, "95"), (COMPANY, None), (f"{COMPANY} DV 95", None), (FINCA, None)]
)
def test_a_dv_that_the_registry_confirms_beats_the_computed_one(number: str, dv: str | None) -> None:
    stored, faults = check(numbered(TAXPAYER, JURIDICAL, number, dv), electronic=True, confirmed_dv="95")

    assert (stored.dv, faults) == ("95", ())


def test_a_dv_that_the_registry_confirms_settles_the_taxpayer_type() -> None:
    stored, faults = check(numbered(TAXPAYER, None, NT, None), electronic=False, confirmed_dv=NT_JURIDICAL_DV)

    assert (stored.dv, stored.taxpayer_type, faults) == (NT_JURIDICAL_DV, JURIDICAL, ())


def test_a_computed_dv_that_the_registry_contradicts_is_refused() -> None:
    [fault] = faults_of(numbered(TAXPAYER, JURIDICAL, COMPANY, COMPANY_DV), confirmed_dv="95")

    assert (fault.path, fault.code, fault.expected) == (("dv",), Code.DV_MISMATCH, ("95",))


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (COMPLETE[TAXPAYER], "155596713-2-2015 DV 59"),
        (numbered(TAXPAYER, NATURAL, FINCA, None), FINCA),
        (COMPLETE[FOREIGN], "AB123456"),
        (NO_RUC, ""),
    ],
)
def test_identification_is_what_documents_show(data: CustomerDraft, shown: str) -> None:
    assert data.identification == shown


# The form


def form_field(receiver: ReceiverType, name: str) -> FormField:
    [field] = [field for field in form(receiver, None, electronic=True) if field.name == name]
    return field


@pytest.mark.parametrize(
    ("name", "max_length"),
    [("name", 200), ("ruc", 50), ("dv", 2), ("foreignId", 50), ("address", 100), ("email", 100)],
)
def test_the_form_tells_the_limits(name: str, max_length: int) -> None:
    assert form_field(TAXPAYER, name).max_length == max_length


@pytest.mark.parametrize(
    ("receiver", "pattern"), [(TAXPAYER, "NATURAL|JURIDICAL"), (FINAL_CONSUMER, "NATURAL"), (GOVERNMENT, "JURIDICAL")]
)
def test_the_form_tells_which_taxpayer_types_there_are(receiver: ReceiverType, pattern: str) -> None:
    assert form_field(receiver, "taxpayerType").pattern == pattern


# Properties

rucs = st.sampled_from(
    [COMPANY, NT, CEDULA, FINCA, "PE-5-687", "N-1234-567", "8-123-456789", f"{NT} DV {NT_NATURAL_DV}", "8-1-12607-01"]
) | st.text(max_size=60)
dvs = st.sampled_from([COMPANY_DV, NT_NATURAL_DV, NT_JURIDICAL_DV, CEDULA_NATURAL_DV, CEDULA_JURIDICAL_DV, "5", "00"])
texts = st.text(max_size=12)
emails = st.emails() | st.sampled_from(["Ana@EXAMPLE.com", "ana@peña.com", "josé@example.com"]) | texts
phones = st.from_regex(r"(\+507 ?|\+1 ?|\+57 ?)?[0-9]{3,4}[- ]?[0-9]{4,7}", fullmatch=True) | texts


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | values


customers = st.builds(
    CustomerDraft,
    receiver_type=st.sampled_from(ReceiverType),
    taxpayer_type=maybe(st.sampled_from(TaxpayerType)),
    ruc=maybe(rucs),
    dv=maybe(dvs | texts),
    foreign_id=maybe(
        st.builds(
            ForeignId,
            type=maybe(st.sampled_from(ForeignIdType)),
            number=maybe(texts),
            country=maybe(st.sampled_from(["CO", "fr", "PA"]) | texts),
        )
    ),
    name=maybe(texts),
    location_code=maybe(st.just("8-8-7") | texts),
    address=maybe(texts),
    email=maybe(emails),
    phone=maybe(phones),
    mobile=maybe(phones),
    associated_persons=st.lists(
        st.builds(AssociatedPerson, name=maybe(texts), email=maybe(emails), phone=maybe(phones), notify=st.booleans()),
        max_size=2,
    ).map(tuple),
)


@given(data=customers, electronic=st.booleans(), confirmed_dv=maybe(dvs.filter(lambda dv: len(dv) == 2)))
def test_checking_again_changes_nothing_and_finds_nothing_new(
    data: CustomerDraft, electronic: bool, confirmed_dv: str | None
) -> None:
    once, faults = check(data, electronic=electronic, confirmed_dv=confirmed_dv)
    twice, faults_again = check(once, electronic=electronic, confirmed_dv=confirmed_dv)

    assert twice == once
    assert {(fault.path, fault.code) for fault in faults_again} <= {(fault.path, fault.code) for fault in faults}


def attribute_of(field: FormField) -> str:
    for attribute, name in API_NAMES.items():
        if name == field.name:
            return attribute
    pytest.fail(f"API_NAMES has no row for {field.name}, which is in the form: add one, also to VALUES and TABLE")


@given(data=customers, electronic=st.booleans())
def test_the_form_and_the_check_agree(data: CustomerDraft, electronic: bool) -> None:
    stored, _ = check(data, electronic=electronic)
    codes = dict(found(data, electronic=electronic))
    assert len(codes) == len(found(data, electronic=electronic)), "a place has one fault at most"
    # These three the RUC can require, whatever the form says.
    by_ruc = {("taxpayerType",), ("ruc",), ("dv",)}

    for field in form(data.receiver_type, stored.taxpayer_type, electronic=electronic):
        attribute = attribute_of(field)
        value = getattr(data, attribute)
        cleaned = value if attribute == "taxpayer_type" else getattr(stored, attribute)
        is_given = bool(value) and bool(cleaned)
        path = (field.name,)
        if field.required and not is_given:
            assert codes[path] is Code.REQUIRED
        elif field.forbidden and is_given:
            assert codes[path] is Code.FORBIDDEN_FIELD
        else:
            assert codes.get(path) is not Code.FORBIDDEN_FIELD
            assert codes.get(path) is not Code.REQUIRED or path in by_ruc


@given(receiver=st.sampled_from(ReceiverType), electronic=st.booleans(), draw=st.data())
def test_data_that_follow_the_form_are_accepted(receiver: ReceiverType, electronic: bool, draw: st.DataObject) -> None:
    complete = COMPLETE[receiver]
    fields_ = form(receiver, complete.taxpayer_type, electronic=electronic)
    optional = [attribute_of(field) for field in fields_ if not field.required and not field.forbidden]

    data = complete
    for attribute in draw.draw(st.sets(st.sampled_from(optional))):
        data = without(data, attribute)

    assert found(data, electronic=electronic) == []
