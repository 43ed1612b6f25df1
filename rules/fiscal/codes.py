"""The DGI's validation codes: what each says, whether it rejects a document, and which field of our input it is about.

``codes.csv`` has the 190 codes of section 8.4 of the Ficha Técnica, 2021 edition, with the DGI's number of the field
and label. ``effect`` is R where the code rejects, N where it is a notice, OK where it is good news, and empty where no
source says it: then ``act``, which is ours, decides.

>>> rule = RULES["2007"]
>>> rule.act.value, rule.rejects, input_path(rule.path, 3)
('FIX', True, ('lines', '2', 'cpbs'))
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from rules.vocabulary import BlockedReason


class Act(StrEnum):
    """What is to be done about a code."""

    FIX = "FIX"  # correct the document and send it again under the same number
    CHECK = "CHECK"  # look for the document before anything else: its number is used
    SETUP = "SETUP"  # something else must be put right: account, branch, certificate, our own program
    CLOCK = "CLOCK"  # the date is outside what is accepted
    NOTICE = "NOTICE"  # keep and show
    AUTHORIZED = "AUTHORIZED"
    VOIDED = "VOIDED"


@dataclass(frozen=True)
class Rule:
    """A line of the file. ``path`` is as ``lines.*.unit``, where ``*`` is the line; empty where we have none."""

    code: str
    field: str
    label: str
    effect: str
    act: Act
    path: str

    @property
    def is_notice(self) -> bool:
        return self.effect in ("N", "OK") or self.act is Act.NOTICE

    @property
    def is_duplicate(self) -> bool:
        """Whether it says no more than that the number is used."""
        return self.act is Act.CHECK

    @property
    def rejects(self) -> bool:
        """Whether the document isn't authorised because of it, and isn't there either."""
        return not self.is_notice and not self.is_duplicate and self.act is not Act.VOIDED

    @property
    def blocked_reason(self) -> BlockedReason | None:
        """What must be put right; None where it is the document."""
        if self.act is not Act.SETUP:
            return None
        is_issuer = self.field.startswith("B3") or self.code in ("0184", "0185")
        return BlockedReason.ISSUER if is_issuer else BlockedReason.TECHNICAL


def _read_rules() -> Mapping[str, Rule]:
    with Path(__file__).with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        return {row["code"]: Rule(**{**row, "act": Act(row["act"])}) for row in csv.DictReader(file)}  # type: ignore[arg-type]


RULES: Final[Mapping[str, Rule]] = _read_rules()


def input_path(path: str | None, position: int | None = None) -> tuple[str, ...] | None:
    """A path of our input, with the item at a position, from 1, of its list; as far as it is known.

    >>> input_path("paymentForms.*.method"), input_path("lines.*", 2), input_path("notes", 2), input_path("")
    (('paymentForms',), ('lines', '1'), ('notes',), None)
    """
    if not path:
        return None
    list_, star, rest = path.partition(".*")
    if not star:
        return tuple(path.split("."))
    if position is None:
        return (list_,)
    return (list_, str(position - 1), *filter(None, rest.split(".")))
