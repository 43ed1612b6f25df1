"""Whose document was found: by its CUFE and its XML."""

from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

import pytest

from emission.events import Sight
from emission.ownership import judge_contents, judge_cufe
from pac.emission import FileContents
from rules.fiscal import cufe
from tests.pac.hka.documents import KNOWN

DOCUMENT: Final = KNOWN["enviar-a-contribuyente-plazo.synthetic"]
PREFIX: Final = cufe.expected_prefix(DOCUMENT)
OURS: Final = cufe.complete(PREFIX, "123456789")
OTHERS: Final = cufe.complete(PREFIX.replace("999999101", "999999102"), "123456789")
CONTENTS: Final = FileContents(
    cufe=OURS,
    qr=None,
    protocol=None,
    authorized_at=None,
    total=str(DOCUMENT.total),
    receiver_ruc=DOCUMENT.receiver.ruc,
    line_count=len(DOCUMENT.lines),
)


@pytest.mark.parametrize(
    ("text", "sight"),
    [
        (OURS, Sight.OURS),
        (cufe.complete(PREFIX, "987654321"), Sight.OURS),  # two sends of a document may get different ones
        (OTHERS, Sight.OTHERS),
        (None, Sight.UNSURE),
        ("", Sight.UNSURE),
        (OURS[:-1], Sight.UNSURE),
        (OURS[:-1] + str((int(OURS[-1]) + 1) % 10), Sight.UNSURE),
        (OTHERS[:-1] + str((int(OTHERS[-1]) + 1) % 10), Sight.UNSURE),
    ],
)
def test_a_cufe_is_ours_anothers_or_says_nothing(text: str | None, sight: Sight) -> None:
    assert judge_cufe(text, DOCUMENT) is sight


@pytest.mark.parametrize(
    ("change", "sight"),
    [
        ({}, Sight.OURS),
        ({"cufe": None}, Sight.OURS),
        ({"total": str(DOCUMENT.total) + "0"}, Sight.OURS),
        ({"receiver_ruc": (DOCUMENT.receiver.ruc or "").lower()}, Sight.OURS),
        ({"cufe": OTHERS}, Sight.OTHERS),
        ({"total": str(DOCUMENT.total + Decimal("0.01"))}, Sight.OTHERS),
        ({"receiver_ruc": None}, Sight.OTHERS),
        ({"receiver_ruc": "8-1-1"}, Sight.OTHERS),
        ({"line_count": len(DOCUMENT.lines) + 1}, Sight.OTHERS),
        ({"cufe": "FE"}, Sight.UNSURE),
        ({"total": None}, Sight.UNSURE),
        ({"total": "mil"}, Sight.UNSURE),
        ({"total": "NaN"}, Sight.UNSURE),
    ],
)
def test_an_xml_is_ours_only_with_our_total_receiver_and_lines(change: dict[str, Any], sight: Sight) -> None:
    assert judge_contents(replace(CONTENTS, **change), DOCUMENT) is sight


def test_an_xml_that_can_not_be_read_says_nothing() -> None:
    assert judge_contents(None, DOCUMENT) is Sight.UNSURE
