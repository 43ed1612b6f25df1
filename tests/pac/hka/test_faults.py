"""A fault in the provider's words has the field and line of our input."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pac.hka import walk
from pac.hka.faults import read_field_faults, read_rules
from pac.hka.member import Member
from pac.hka.members import DOCUMENTO
from pac.hka.walk import Breach, MemberFault
from rules.fiscal.codes import RULES


@pytest.mark.parametrize(
    ("text", "field", "line", "path"),
    [
        ("El campo [unidadMedida] es inválido", "unidadMedida", None, ("lines",)),
        ("En la ocurrencia [2] de Item: El campo [precioItem] es inválido", "precioItem", 2, ("lines", "1")),
        ("En la ocurrencia [3] de Item: El campo unidadMedida es inválido", "unidadMedida", 3, ("lines", "2", "unit")),
        ("El campo numeroRUC debe ser informado", "numeroRUC", None, ("customer", "ruc")),
        ("El campo NumeroRUC debe ser informado", "NumeroRUC", None, ("customer", "ruc")),
        ("El campo totalISC no debe ser informado", "totalISC", None, None),
        ("El campo 'correoElectronico1' es inválido.", "correoElectronico1", None, ("customer", "email")),
        (
            "En la ocurrencia [2] de formaPago: El campo [descFormaPago] es inválido",
            "descFormaPago",
            None,
            ("paymentForms", "1", "description"),
        ),
        (
            "En la ocurrencia [1] de pagoPlazo: El campo [valorCuota] es inválido",
            "valorCuota",
            None,
            ("instalments", "0", "amount"),
        ),
        ("En la ocurrencia [4] de Item: El campo [nuevo] es inválido", "nuevo", 4, ("lines", "3")),
        ("Algo está mal", None, None, None),
        ("", None, None, None),
    ],
)
def test_the_providers_own_check_names_field_and_line(
    text: str, field: str | None, line: int | None, path: tuple[str, ...] | None
) -> None:
    [fault] = read_field_faults(text)
    assert (fault.code, fault.message, fault.field, fault.line, fault.path) == ("109", text, field, line, path)


def test_several_checks_in_one_text_are_several_faults() -> None:
    faults = read_field_faults("El campo direccion debe ser informado | El campo telefono1 es inválido")
    assert [fault.path for fault in faults] == [("customer", "address"), ("customer", "phone")]


def names_of(group: Member, item: str | None = None) -> list[tuple[str | None, Member]]:
    found: list[tuple[str | None, Member]] = []
    for member in group.members:
        found += [(item, member), *names_of(member, member.item or item)]
    return found


@pytest.mark.parametrize(
    ("item", "member"),
    [pair for pair in names_of(DOCUMENTO) if pair[1].path],
    ids=lambda each: getattr(each, "name", ""),
)
def test_each_member_that_comes_from_our_input_leads_back_to_it(item: str | None, member: Member) -> None:
    place = f"En la ocurrencia [7] de {item}: " if item else ""
    [fault] = read_field_faults(f"{place}El campo [{member.name}] es inválido")
    assert fault.path == tuple((member.path or "").replace("*", "6").split("."))
    assert fault.line == (7 if item == "item" else None)


def test_whatever_breaks_the_table_is_found_again_from_the_text_that_names_it() -> None:
    content = {"listaItems": [{}, {"cantidad": "1"}]}
    missing = [fault for fault in walk.check(content) if fault.item == "item"]
    assert MemberFault(Breach.INVALID, "cantidad", "item", 2) in missing
    for fault in missing:
        text = f"En la ocurrencia [{fault.occurrence}] de Item: El campo [{fault.name}] es inválido"
        [read] = read_field_faults(text)
        assert (read.field, read.line, (read.path or ())[:2]) == (
            fault.name,
            fault.occurrence,
            ("lines", str((fault.occurrence or 0) - 1)),
        )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2007-Item 1: No informado", [("2007", 1, ("lines", "0", "cpbs"), "No informado")]),
        ("Item 2: 2152-Monto inválido", [("2152", 2, ("lines", "1", "itbmsRate"), "Monto inválido")]),
        ("2152-Ítem [3]: Monto", [("2152", 3, ("lines", "2", "itbmsRate"), "Monto")]),
        ("1602-RUC inexistente", [("1602", None, ("customer", "ruc"), "RUC inexistente")]),
        ("2005-Código", [("2005", None, ("lines",), "Código")]),
        ("9999-Item 4: nuevo", [("9999", 4, ("lines", "3"), "nuevo")]),
        ("9999-nuevo", [("9999", None, None, "nuevo")]),
        ("2152", [("2152", None, ("lines",), RULES["2152"].label)]),
        ("Errores: | 1601-RUC | con detalle", [("1601", None, ("customer", "ruc"), "RUC | con detalle")]),
        ("Item 0: 2152-Monto", [("2152", None, ("lines",), "Monto")]),
        ("21520-otro", []),
        ("", []),
    ],
)
def test_rules_are_read_by_their_codes(text: str, expected: list[tuple[str, int | None, object, str]]) -> None:
    assert [(fault.code, fault.line, fault.path, fault.message) for fault in read_rules(text)] == expected


@given(st.lists(st.tuples(st.sampled_from(sorted(RULES)), st.none() | st.integers(1, 1000)), min_size=1, max_size=20))
def test_any_codes_and_lines_are_read_back(rules: list[tuple[str, int | None]]) -> None:
    text = " | ".join(f"{code}-{f'Item {line}: ' if line else ''}{RULES[code].label}" for code, line in rules)
    assert [(fault.code, fault.line) for fault in read_rules(text)] == rules


@given(st.text(max_size=200))
def test_no_text_breaks_the_readers(text: str) -> None:
    assert read_field_faults(text)
    assert all(fault.message for fault in read_rules(text))


def test_a_flood_of_faults_is_cut() -> None:
    assert len(read_rules("2152-a|" * 5000)) == 1000
    assert len(read_rules("2152-" + "a" * 10_000)[0].message) == 1000
