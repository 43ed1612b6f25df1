"""Rules about the receiver."""

import csv
import re
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from pac.sandbox.dgi.submission import Breach, Submission
from pac.sandbox.group import Group
from rules import ruc
from rules.vocabulary import CODES, TaxpayerType

# In the DGI's schema: digits and dashes, behind letters of one of its kinds.
_RUC: Final = re.compile("(?=.{5,20}$)((PE|E|N|[0-9]{1,2}-AV|([0-9]{1,2}-)?NT|[0-9]{1,2}-?PI|PI)-)?[0-9-]+")
_FOREIGNER: Final = "04"
_TAXPAYERS: Final = ("01", "03")
_LOCATIONS: Final = Path(__file__).parents[3] / "db" / "seeds" / "locations.csv"
_PLACES: Final = (("corregimiento", "1607"), ("distrito", "1608"), ("provincia", "1609"))


def check(submission: Submission) -> Iterator[Breach]:
    receiver, kind = submission.receiver, submission.receiver["tipoClienteFE"]
    has_ruc, has_foreign_id = "numeroRUC" in receiver, "nroIdentificacionExtranjero" in receiver
    if has_ruc and not _is_ruc(receiver):
        yield Breach("1601")
    if kind in _TAXPAYERS and "razonSocial" not in receiver:
        yield Breach("1605")
    if "codigoUbicacion" in receiver:
        yield from _check_places(receiver)
    is_in_panama = submission.transaction["destinoOperacion"] == "1"
    if is_in_panama and receiver["pais"] != "PA":
        yield Breach("1611")
    if not is_in_panama and receiver["pais"] == "PA":
        yield Breach("1612")
    if kind == _FOREIGNER and not has_foreign_id:
        yield Breach("1618")
    if has_foreign_id and has_ruc:
        yield Breach("1619")
    if submission.type == "03" and kind != _FOREIGNER:
        yield Breach("1620")
    if kind == "02" and receiver["tipoContribuyente"] == CODES[TaxpayerType.JURIDICAL]:
        yield Breach("1621")


def _is_ruc(receiver: Group) -> bool:
    """Whether the RUC has a form that the schema takes and, where there is a DV, the right one."""
    number = receiver["numeroRUC"]
    if not _RUC.fullmatch(number):
        return False
    parsed, dv = ruc.read(number), receiver["digitoVerificadorRUC"]
    if parsed is None or not dv:
        return True
    types = {CODES[each]: each for each in TaxpayerType}
    return not isinstance(ruc.check_dv(parsed, dv, types.get(receiver["tipoContribuyente"])), ruc.Mismatch)


def _check_places(receiver: Group) -> Iterator[Breach]:
    """The names must be those of the code. Whether the DGI looks at accents is not known: here they don't matter."""
    names = _locations().get(receiver["codigoUbicacion"], {})
    for name, code in _PLACES:
        if name in receiver and plain(receiver[name]) != names.get(name):
            yield Breach(code)


@cache
def _locations() -> dict[str, dict[str, str]]:
    with _LOCATIONS.open(newline="", encoding="utf-8") as file:
        return {
            row["code"]: {
                "corregimiento": plain(row["corregimiento"]),
                "distrito": plain(row["district"]),
                "provincia": plain(row["province"]),
            }
            for row in csv.DictReader(file)
        }


def plain(text: str) -> str:
    """
    >>> plain("Isla de Cañas, Panamá")
    'ISLA DE CANAS, PANAMA'
    """
    letters = unicodedata.normalize("NFD", text.upper())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))
