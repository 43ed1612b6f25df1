"""The provider's own check of a document's members, by the one table by which requests are written."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from pac.hka import walk
from pac.hka.member import Content
from pac.hka.walk import Breach, MemberFault
from pac.sandbox.group import Group
from pac.sandbox.reply import Declined

_FOREIGNER: Final = "04"
_WORDS: Final = {
    Breach.MISSING: "debe ser informado",
    Breach.FORBIDDEN: "no debe ser informado",
    Breach.EMPTY: "es inválido",
    Breach.INVALID: "es inválido",
}


def check_members(document: Group) -> None:
    """Raises ``Declined`` for the first member that is missing, should be, or has a wrong format."""
    receiver = document.group("datosTransaccion").group("cliente")
    if receiver["tipoClienteFE"] == _FOREIGNER and "tipoContribuyente" in receiver:
        # A real provider doesn't say what is wrong, either.
        raise Declined("201", "Error al procesar solicitud.")
    for fault in walk.check(document.content):
        raise Declined("109", write_fault(fault))
    for name in _impossible_dates(document.content):
        raise Declined("109", f"El campo [{name}] es inválido")


def _impossible_dates(content: Content) -> Iterator[str]:
    """The names of dates and times that have their format and don't exist, such as the 31st of April."""
    for name, value in content.items():
        match value:
            case str():
                if name.startswith("fecha") and not _is_instant(value):
                    yield name
            case Mapping():
                yield from _impossible_dates(value)
            case _:
                for item in value:
                    yield from _impossible_dates(item)


def _is_instant(text: str) -> bool:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True


def write_fault(fault: MemberFault) -> str:
    """
    >>> write_fault(MemberFault(Breach.INVALID, "precioItem", "item", 2))
    'En la ocurrencia [2] de Item: El campo [precioItem] es inválido'
    """
    item = fault.item or ""
    place = f"En la ocurrencia [{fault.occurrence}] de {item[:1].upper()}{item[1:]}: " if fault.occurrence else ""
    return f"{place}El campo [{fault.name}] {_WORDS[fault.breach]}"
