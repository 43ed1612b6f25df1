"""How many requests may be in progress: in all, and for each account."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID


class Slots:
    """``most`` in all. An account has up to ``most_of_account``, and beyond that one at a time for each caller."""

    def __init__(self, most: int, most_of_account: int) -> None:
        self._most = most
        self._most_of_account = most_of_account
        self._taken: Counter[UUID] = Counter()

    @contextmanager
    def take(self, account: UUID, wanted: int) -> "Iterator[Taken]":
        """Take as many slots as there are, up to ``wanted``, while the block runs; there may be none."""
        of_account = max(self._most_of_account - self._taken[account], 1)
        taken = Taken(self._taken, account, min(wanted, of_account, self._most - self._taken.total()))
        try:
            yield taken
        finally:
            taken.keep(0)


class Taken:
    """Slots that are taken."""

    def __init__(self, all: Counter[UUID], account: UUID, count: int) -> None:
        self.count = count
        self._all = all
        self._account = account
        all[account] += count

    def keep(self, count: int) -> None:
        """Give back all but ``count``."""
        self._all[self._account] -= self.count - count
        self.count = count
        if not self._all[self._account]:
            del self._all[self._account]
