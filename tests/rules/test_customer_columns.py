"""Rows of files of customers, as programs and people in Panama write them."""

from typing import Any

import pytest

from rules.customer_check import check_customer, clean_customer
from rules.customer_columns import TEMPLATE, TEMPLATE_EXAMPLES, ReadRow, guess_columns, read_row
from rules.vocabulary import CustomerColumn

PLACES = {("bella vista", "panama", "panama"): "8-8-7", ("boquete", "", ""): "4-4-1"}

ERRORS = (
    "#N/A",
    "#N/D",
    "#REF!",
    "#¡REF!",
    "#VALUE!",
    "#¡VALOR!",
    "#DIV/0!",
    "#¡DIV/0!",
    "#NAME?",
    "#¿NOMBRE?",
    "#¡NULO!",
)


def find(corregimiento: str, district: str, province: str) -> str | None:
    found = [code for (name, *_), code in PLACES.items() if name == corregimiento.lower()]
    return found[0] if found else None


def read(header: str, row: str) -> ReadRow:
    _, columns = guess_columns([header.split(";")])
    return read_row(columns, row.split(";"), find)


@pytest.mark.parametrize(
    ("header", "row", "expected"),
    [
        (
            "Cliente;RUC y DV",
            "Hotel;155596713-2-2015 DV 59",
            {"receiver_type": "TAXPAYER", "ruc": "155596713-2-2015 DV 59"},
        ),
        ("Nombre;R.U.C.;D.V.", "Hotel;155596713-2-2015;59", {"receiver_type": "TAXPAYER", "dv": "59"}),
        ("NOMBRE;CÉDULA", "Ana;8-769-1080", {"receiver_type": "FINAL_CONSUMER", "ruc": "8-769-1080"}),
        ("Nombre;Cédula;DV", "Ana;8-769-1080;12", {"receiver_type": "TAXPAYER"}),
        ("Nombre", "Ana", {"receiver_type": "FINAL_CONSUMER", "ruc": None}),
        ("Nombre;RUC;Tipo de cliente", "CSS;8-NT-1-13656;Gobierno", {"receiver_type": "GOVERNMENT"}),
        ("Nombre;RUC", "Consorcio;8-NT-1-13656", {"receiver_type": "TAXPAYER"}),
        (
            "Nombre;RUC;Tipo de persona",
            "Ana;8-769-1080;Natural",
            {"taxpayer_type": "NATURAL", "receiver_type": "TAXPAYER"},
        ),
        ("Nombres;Primer apellido;Segundo apellido", "Ana María;Ruiz;Paz", {"name": "Ana María Ruiz Paz"}),
        ("Nombre;Teléfono 1;Teléfono 2", "Ana;264-1234;6677-8899", {"phone": "264-1234", "mobile": "6677-8899"}),
        ("Nombre;Teléfono;Celular", "Ana;;6677-8899", {"phone": None, "mobile": "6677-8899"}),
        ("Nombre;Plazo de pago", "Ana;30,00", {"payment_term_days": 30}),
        ("Nombre;Términos de pago", "Ana;30 días", {"payment_term_days": 30}),
        ("Nombre;Condición de pago", "Ana;De contado", {"payment_term_days": 0}),
        ("Nombre;Corregimiento", "Ana;Boquete", {"location_code": "4-4-1"}),
        ("Nombre;Corregimiento", "Ana;8-8-7", {"location_code": "8-8-7"}),
        ("Nombre;Idioma;Etiquetas", "Ana;Inglés;Mayorista, Colón", {"language": "EN", "tags": ("Mayorista", "Colón")}),
        ("Nombre;Código de cliente", "Ana;C-1", {"external_id": "C-1"}),
    ],
)
def test_a_row_says_what_people_mean(header: str, row: str, expected: dict[str, Any]) -> None:
    found = read(header, row)
    assert found.faults == ()
    assert {name: getattr(found.draft, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("header", "row", "document"),
    [
        ("Nombre;Pasaporte;País", "John;AB1;Estados Unidos", ("PASSPORT", "AB1", "US")),
        ("Nombre;Tipo de identificación;Identificación;País", "Acme;NIT;900.1;Colombia", ("TAX_ID", "900.1", "CO")),
        ("Nombre;Identificación;País", "Acme;X900;CO", ("OTHER", "X900", "CO")),
    ],
)
def test_a_foreigner_is_known_by_their_document(header: str, row: str, document: tuple[str, str, str]) -> None:
    draft = read(header, row).draft
    assert draft.foreign_id
    assert (draft.foreign_id.type, draft.foreign_id.number, draft.foreign_id.country) == document
    assert (draft.receiver_type, draft.ruc) == ("FOREIGN", None)


@pytest.mark.parametrize(
    ("header", "row", "path", "code"),
    [
        ("Nombre;Plazo", "Ana;pronto", ("paymentTermDays",), "INVALID_VALUE"),
        ("Nombre;Plazo", "Ana;1.500,50", ("paymentTermDays",), "INVALID_VALUE"),
        ("Nombre;Corregimiento", "Ana;Nowhere", ("locationCode",), "UNKNOWN_LOCATION"),
        ("Nombre;País;Pasaporte", "Ana;Atlántida;1", ("foreignId", "country"), "INVALID_VALUE"),
        ("Nombre;Idioma", "Ana;Klingon", ("language",), "INVALID_VALUE"),
        ("Nombre;Correo", '=HYPERLINK("x");', ("name",), "INVALID_VALUE"),
        *(("Nombre;RUC", f"Ana;{error}", ("ruc",), "INVALID_VALUE") for error in ERRORS),
        ("Nombre", "#N/D", ("name",), "INVALID_VALUE"),
    ],
)
def test_what_is_not_understood_is_a_fault_there(header: str, row: str, path: tuple[str, ...], code: str) -> None:
    assert [(fault.path, fault.code) for fault in read(header, row).faults] == [(path, code)]


@pytest.mark.parametrize("name", ["#1 Taller", "Taller #2", "#Hashtag", "¡Hola!"])
def test_a_name_with_a_number_sign_is_no_error_of_excel(name: str) -> None:
    assert read("Nombre", name).faults == ()


def test_the_names_of_alegras_form_are_known_and_suppliers_are_told_apart() -> None:
    header = (
        "Tipo de contacto;Tipo de identificación;Identificación;DV;Nombre / Razón social;Provincia;Distrito;"
        "Corregimiento;Dirección;Correo;Celular;Teléfono 1;Teléfono 2;Límite de crédito;"
        "Plazo de pago;Lista de precios;Vendedor"
    )
    _, columns = guess_columns([header.split(";")])
    assert [column.value if column else None for column in columns] == [
        *("CONTACT_TYPE", "ID_TYPE", "IDENTIFICATION", "DV", "NAME", "PROVINCE", "DISTRICT", "CORREGIMIENTO"),
        *("ADDRESS", "EMAIL", "MOBILE", "PHONE", "PHONE", None, "PAYMENT_TERM_DAYS", None, None),
    ]
    row = "Cliente;RUC;155596713-2-2015;59;Hotel;;;;;;;;;;;;"
    assert not read(header, row).is_supplier
    assert read(header, row).draft.ruc == "155596713-2-2015"
    assert read(header, row.replace("Cliente;", "Proveedor;")).is_supplier
    assert not read(header, row.replace("Cliente;", "Cliente y proveedor;")).is_supplier


def test_the_header_is_the_row_with_the_most_known_names() -> None:
    rows = [["Reporte de clientes"], ["Empresa", "2026"], ["Código", "Nombre", "RUC"], ["1", "Empresa", "8-1-1"]]
    assert guess_columns(rows) == (2, [CustomerColumn.EXTERNAL_ID, CustomerColumn.NAME, CustomerColumn.RUC])
    assert guess_columns([["a", "b"]]) == (0, [None, None])
    assert guess_columns([]) == (0, [])


def test_every_column_of_the_template_is_known_and_its_examples_are_customers() -> None:
    _, columns = guess_columns([TEMPLATE])
    assert None not in columns
    for example in TEMPLATE_EXAMPLES:
        assert len(example) == len(TEMPLATE)
        found = read_row(columns, example, lambda *_: "8-8-7")
        assert found.faults == ()
        assert check_customer(clean_customer(found.draft), electronic=True).faults == ()
