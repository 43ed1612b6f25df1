"""The DGI's rules for a document: a second writing, which shares no arithmetic with the service.

===============  ===================================================================
``submission``   what the rules are applied to, and what they say
``transaction``  contingency, number, dates (1506 to 1535)
``exports``      destination, and what an export has besides (1533, 1534, 1650 to 1657)
``receiver``     the receiver (1601 to 1621)
``references``   the documents that a note refers to (1702 to 1720)
``items``        the lines (2002 to 2152)
``totals``       sums, payment, withholding (2500 to 2651)
===============  ===================================================================
"""

from typing import Final

from pac.sandbox.dgi import exports, items, receiver, references, totals, transaction
from pac.sandbox.dgi.submission import Breach, Rule, Submission

_RULES: Final[tuple[Rule, ...]] = (
    transaction.check,
    exports.check,
    receiver.check,
    references.check,
    items.check,
    totals.check,
)
# These are told, and the document is authorised all the same.
NOTICES: Final = frozenset({"1508", "1519", "1532", "1535", "2050", "2509", "2515"})


def find_breaches(submission: Submission) -> list[Breach]:
    """All rules that the document breaks, notices among them."""
    return [breach for rule in _RULES for breach in rule(submission)]
