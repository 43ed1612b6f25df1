"""What is wrong with a document, in HKA's words: the texts of codes 109 and 203, and their place in our input."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pac.emission import FiscalFault
from pac.hka.member import Member
from pac.hka.members import DOCUMENTO
from rules.fiscal.codes import RULES, input_path

MOST_FAULTS: Final = 1000
_LONGEST_MESSAGE: Final = 1000

_ITEM: Final = r"[IÍ]tem\s*\[?\s*([0-9]{1,4})\s*\]?\s*[:.,-]\s*"
_CODED: Final = re.compile(rf"\s*(?:{_ITEM})?\[?([0-9]{{4}})\]?(?:\s*[-–:.]\s*|\s+|$)(.*)", re.DOTALL | re.IGNORECASE)
_LINE: Final = re.compile(rf"(?:{_ITEM})(.*)", re.DOTALL | re.IGNORECASE)

# "En la ocurrencia [2] de Item: El campo [precioItem] es inválido"
_OCCURRENCE: Final = re.compile(
    r"ocurrencia\s*\[?\s*([0-9]{1,4})\s*\]?\s*de\s+(?:la\s+|el\s+)?\W?([a-z]+)", re.IGNORECASE
)
_FIELD: Final = re.compile(r"campo\W+([a-z][a-z0-9_]*)", re.IGNORECASE)


def _read_paths(group: Member) -> Iterator[tuple[str, str]]:
    for member in group.members:
        if member.path:
            yield member.name.lower(), member.path
        yield from _read_paths(member)


def _read_lists(group: Member) -> Iterator[tuple[str, str]]:
    for member in group.members:
        if member.item and member.path:
            yield member.item.lower(), member.path
        yield from _read_lists(member)


# Backwards, so that of two members with one name the first counts.
_PATHS: Final[Mapping[str, str]] = dict(reversed([*_read_paths(DOCUMENTO)]))
_LISTS: Final[Mapping[str, str]] = dict(_read_lists(DOCUMENTO))
_ITEM_NAME: Final = "item"


def read_rules(text: str) -> tuple[FiscalFault, ...]:
    """The faults in a text like ``1513-Duplicado | 2152-Item 3: Monto inválido``, by their codes alone.

    Text without a code belongs to the fault before it. What is in front of the first code is left out.

    >>> [(fault.code, fault.line, fault.path) for fault in read_rules("1513-Duplicado | 2152-Item 3: Monto inválido")]
    [('1513', None, None), ('2152', 3, ('lines', '2', 'itbmsRate'))]
    """
    found: list[tuple[str, int | None, str]] = []
    for part in text.split("|"):
        if match := _CODED.fullmatch(part):
            line, message = match[1], match[3].strip()
            if inner := _LINE.fullmatch(message):
                line, message = inner[1], inner[2].strip()
            found.append((match[2], _number(line), message))
        elif found:
            code, number, message = found[-1]
            found[-1] = (code, number, f"{message} | {part.strip()}")
    return tuple(_coded_fault(*each) for each in found[:MOST_FAULTS])


def _coded_fault(code: str, line: int | None, message: str) -> FiscalFault:
    rule = RULES.get(code)
    path = input_path(rule.path, line) if rule else None
    return FiscalFault(
        code=code,
        message=(message or (rule.label if rule else code))[:_LONGEST_MESSAGE],
        field=rule.field or None if rule else None,
        path=path or (input_path("lines.*", line) if line else None),
        line=line,
        is_notice=rule.is_notice if rule else False,
    )


def read_field_faults(text: str) -> tuple[FiscalFault, ...]:
    """The faults in the text of code 109, one at least: the provider's own check of the members.

    >>> [fault] = read_field_faults("En la ocurrencia [2] de Item: El campo [precioUnitario] es inválido")
    >>> fault.field, fault.line, fault.path
    ('precioUnitario', 2, ('lines', '1', 'unitPrice'))
    """
    parts = [part.strip() for part in text.split("|") if part.strip()] or [""]
    return tuple(_field_fault(part) for part in parts[:MOST_FAULTS])


def _field_fault(text: str) -> FiscalFault:
    field, occurrence = _FIELD.search(text), _OCCURRENCE.search(text)
    name = field[1] if field else None
    path = _PATHS.get(name.lower()) if name else None
    item, position = (occurrence[2].lower(), _number(occurrence[1])) if occurrence else (None, None)
    list_ = _LISTS.get(item) if item else None
    if list_ and not (path or "").startswith(f"{list_}.*"):
        path = f"{list_}.*"
    return FiscalFault(
        code="109",
        message=text[:_LONGEST_MESSAGE],
        field=name,
        path=input_path(path, position),
        line=position if item == _ITEM_NAME else None,
    )


def _number(text: str | None) -> int | None:
    """A position from 1."""
    return int(text) or None if text else None
