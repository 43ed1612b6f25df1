"""How workers hold rows and try again: one way for deliveries and for emission.

A worker claims a row by moving its ``due_at`` to the end of its lease, and holds it until then and no longer: a
killed worker leaves nothing to clean up. The number of ``attempts`` goes up with each claim and is the fence: a
worker that comes back too late finds another number and changes nothing.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from rules.retry import Backoff, Pauses

LEASE: Final = 120.0  # seconds; longer than any attempt may take

# Part of each statement that finds something to begin, whose first value is the account: nothing is begun for one that
# moves to another node, so that what is under way there ends.
STAYS: Final = "NOT EXISTS (SELECT FROM account_move m WHERE m.owner_id = $1 AND m.state <> 'BEGUN')"

# Part of what operators see of all accounts: not what is left of one that has moved, nor what is only being copied.
# ``{}`` is the account's column.
IS_HERE: Final = """NOT EXISTS (SELECT FROM account_move m WHERE m.owner_id = {}
    AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING'))"""


def take(moment: str, seconds: str) -> str:
    """The SQL that claims a row at a moment, for so many seconds: both are expressions, or parameters of the statement.

    >>> take("now()", "$3")
    'attempts = attempts + 1, due_at = now() + make_interval(secs => $3)'
    """
    return f"attempts = attempts + 1, due_at = {moment} + make_interval(secs => {seconds})"


@dataclass(frozen=True)
class Retries:
    """After which pauses what failed is tried again, and after how many seconds of failing no more."""

    backoff: Backoff | Pauses
    patience: float

    def pause(self, failing_for: float, random: Callable[[], float] = random.random) -> float:
        """Seconds to wait after a failure, the first of which was ``failing_for`` seconds ago."""
        return self.backoff.pause(failing_for, random)

    def is_over(self, failing_for: float) -> bool:
        return failing_for >= self.patience
