"""The sandbox's registry.

``taxpayers.csv`` has companies of the DGI's list of large taxpayers (Resolución 201-3486 of 17 April
2025, Gaceta Oficial 30271-A) and a few State bodies, with the DV that the DGI's rule gives them.
Entries of origin "invented" and everything about affiliation are made up. Nothing here says anything
about a real taxpayer.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

from rules import ruc
from rules.vocabulary import CODES, TaxpayerType


@dataclass(frozen=True)
class Taxpayer:
    """A line of the file. ``affiliated`` is to electronic invoicing, in a provider's words: SI or NO."""

    ruc: str
    dv: str
    taxpayer_type: TaxpayerType
    name: str
    affiliated: str
    origin: str


def read_taxpayers() -> list[Taxpayer]:
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return [
            Taxpayer(**{**row, "taxpayer_type": TaxpayerType(row["taxpayer_type"])})  # type: ignore[arg-type]
            for row in csv.DictReader(file)
        ]


def invent_company(number: str) -> Taxpayer:
    """A company with this RUC and its right DV."""
    dv = ruc.compute_dv(ruc.parse(number), TaxpayerType.JURIDICAL) or ""
    return Taxpayer(number, dv, TaxpayerType.JURIDICAL, "EMPRESA DE PRUEBA S.A.", "SI", "invented")


class Registry:
    """The taxpayers by RUC and type, where the type is a code of the contract."""

    def __init__(self) -> None:
        self._taxpayers = {(each.ruc, CODES[each.taxpayer_type]): each for each in read_taxpayers()}

    def find(self, number: str, taxpayer_type: str) -> Taxpayer | None:
        return self._taxpayers.get((number, taxpayer_type))

    def has(self, number: str) -> bool:
        return any(number == each for each, _ in self._taxpayers)

    def find_other(self, number: str) -> Taxpayer:
        """A taxpayer with another RUC."""
        return next(taxpayer for taxpayer in self._taxpayers.values() if taxpayer.ruc != number)
