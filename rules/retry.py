"""When to try again what another service failed to do: Istmo's one back-off, and the header Retry-After."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from random import random as _random


@dataclass(frozen=True)
class Backoff:
    """Pauses between attempts that grow by ``factor``, from ``first`` up to ``longest``, in seconds.

    Each is up to a tenth shorter than that, so that what failed together doesn't come back together.

    >>> Backoff(first=5, longest=60).pauses(6)
    [5.0, 10.0, 20.0, 40.0, 60.0, 60.0]
    """

    first: float
    longest: float
    factor: float = 2.0

    def pause(self, failing_for: float, random: Callable[[], float] = _random) -> float:
        """Seconds to wait, where the first failure was ``failing_for`` seconds ago.

        It takes the time and not the number of failures, so that failures needn't be counted. The pauses
        before the n-th failure add up to first × (factorⁿ⁻¹ - 1) ÷ (factor - 1), which gives the next one:

        >>> middle = lambda: 1.0
        >>> [Backoff(first=5, longest=60).pause(seconds, middle) for seconds in (0, 5, 15, 35, 75)]
        [5.0, 10.0, 20.0, 40.0, 60.0]
        >>> Backoff(first=5, longest=60).pause(0, lambda: 0.0)
        4.5
        """
        pause = min(self.first + max(failing_for, 0.0) * (self.factor - 1), self.longest)
        return pause * (0.9 + 0.1 * random())

    def pauses(self, count: int) -> list[float]:
        """The first ``count`` pauses, without variation."""
        return [min(float(self.first * self.factor**failures), float(self.longest)) for failures in range(count)]


@dataclass(frozen=True)
class Pauses:
    """Pauses between attempts that are given one by one, in seconds; the last one repeats.

    Each is up to a tenth shorter than that, as those of ``Backoff``.
    """

    seconds: tuple[float, ...]

    def pause(self, failing_for: float, random: Callable[[], float] = _random) -> float:
        """Seconds to wait, where the first failure was ``failing_for`` seconds ago.

        >>> pauses = Pauses((5.0, 30.0, 120.0))
        >>> [pauses.pause(seconds, lambda: 1.0) for seconds in (0, 4.4, 4.5, 35, 155, 86400)]
        [5.0, 5.0, 30.0, 120.0, 120.0, 120.0]
        """
        passed = 0.0
        for pause in self.seconds[:-1]:
            passed += pause
            if failing_for < 0.9 * passed:
                break
        else:
            pause = self.seconds[-1]
        return pause * (0.9 + 0.1 * random())


def read_retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """The seconds that a Retry-After header asks to wait (RFC 9110, 10.2.3); None without a valid header.

    A date is one of GMT, whether it says so or not.

    >>> read_retry_after("120"), read_retry_after("soon"), read_retry_after("²"), read_retry_after(None)
    (120.0, None, None, None)
    >>> noon = datetime(2026, 11, 26, 12, tzinfo=UTC)
    >>> read_retry_after("Thu, 26 Nov 2026 12:01:00 GMT", noon), read_retry_after("Thu, 26 Nov 2026 12:01:00", noon)
    (60.0, 60.0)
    >>> read_retry_after("Thu, 26 Nov 2026 11:00:00 GMT", noon)
    0.0
    """
    if header is None:
        return None
    if header.isascii() and header.isdigit():
        return float(header)
    try:
        date = parsedate_to_datetime(header)
        if date.tzinfo is None:
            date = date.replace(tzinfo=UTC)
        return max(0.0, (date - (now or datetime.now(UTC))).total_seconds())
    except (ValueError, OverflowError):
        return None
