"""Wherever the DGI or a provider finds a fault, its path leads to a field of our inputs."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLInputObjectType, get_named_type, get_nullable_type, is_list_type

from pac.hka.faults import read_field_faults, read_rules
from pac.hka.member import Member
from pac.hka.members import DOCUMENTO
from rules.fiscal.codes import RULES
from schema import schema

_LINE = 3


def leads_somewhere(path: tuple[str, ...]) -> bool:
    """Whether the path is that of a field of an invoice, or of its customer."""
    if path[0] == "customer":
        return _leads_into("CustomerInput", path[1:])
    return _leads_into("InvoiceInput", path)


def _leads_into(input: str, path: tuple[str, ...]) -> bool:
    type_: Any = schema._schema.get_type(input)
    for part in path:
        nullable = get_nullable_type(type_)
        if is_list_type(nullable):
            if not part.isdecimal():
                return False
            type_ = nullable.of_type
            continue
        named = get_named_type(type_)
        if not isinstance(named, GraphQLInputObjectType) or part not in named.fields:
            return False
        type_ = named.fields[part].type
    return True


def members(group: Member) -> Iterator[Member]:
    for member in group.members:
        yield member
        yield from members(member)


def test_what_is_no_field_is_found_out() -> None:
    assert leads_somewhere(("lines", "0", "cpbs"))
    assert leads_somewhere(("customer", "foreignId", "country"))
    for path in (("lines", "cpbs"), ("lines", "0", "iva"), ("customer", "customerId"), ("documentType",)):
        assert not leads_somewhere(path)


@pytest.mark.parametrize("code", RULES)
def test_each_of_the_dgis_codes_leads_to_a_field(code: str) -> None:
    for text in (f"{code}-Texto", f"{code}-Item {_LINE}: Texto"):
        [fault] = read_rules(text)
        assert fault.path is None or leads_somewhere(fault.path), fault
    assert len(RULES) == 190


@pytest.mark.parametrize("name", sorted({member.name for member in members(DOCUMENTO)}))
def test_each_member_leads_to_a_field(name: str) -> None:
    for occurrence in ("", f"En la ocurrencia [{_LINE}] de Item: ", f"En la ocurrencia [{_LINE}] de FormaPago: "):
        [fault] = read_field_faults(f"{occurrence}El campo [{name}] es inválido")
        assert fault.path is None or leads_somewhere(fault.path), fault


def test_what_is_about_receiver_and_lines_has_its_place_there() -> None:
    of_receiver = [rule.path for code, rule in RULES.items() if "1600" <= code < "1650"]
    of_lines = [rule.path for code, rule in RULES.items() if "2000" <= code < "2500"]
    assert len(of_receiver) == 24
    assert all(path.startswith("customer.") or path == "export.country" for path in of_receiver)
    assert len(of_lines) == 25
    assert all(path.startswith("lines") for path in of_lines)
