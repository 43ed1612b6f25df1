"""A circuit breaker: a provider that fails again and again is not called for a while.

Closed, it lets calls through. After some failures in a row it opens and refuses calls at once, for
``rest`` seconds or for as long as the provider asked. Then it lets one call through as a probe: a
success closes it, a failure opens it again.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import IntEnum
from typing import Final

from pac.failures import PROVIDER_FAULTS, Reason, Unavailable

LONGEST_REST: Final = 300.0  # seconds, whatever a Retry-After asks for


class State(IntEnum):
    CLOSED = 0
    PROBING = 1
    OPEN = 2


class Breaker:
    def __init__(
        self,
        failures: int,
        rest: float,
        on_change: Callable[[State], None] = lambda state: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.state = State.CLOSED
        self._limit = failures
        self._rest = rest
        self._on_change = on_change
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def refuses(self) -> bool:
        return self.state is State.PROBING or (self.state is State.OPEN and self._clock() < self._until)

    @contextmanager
    def call(self) -> Iterator[None]:
        """Wrap a call: raise ``Unavailable`` instead of making it, or note how it ends."""
        if self.refuses:
            raise Unavailable(Reason.RESTING)
        is_probe = self.state is State.OPEN
        if is_probe:
            self._enter(State.PROBING)
        try:
            yield
        except Unavailable as error:
            if error.reason in PROVIDER_FAULTS:
                self._count_failure(error.retry_after)
            raise
        else:
            self._failures = 0
            self._enter(State.CLOSED)
        finally:
            # After a probe that was cancelled, or that says nothing about the provider, the next call is the probe.
            if is_probe and self.state is State.PROBING:
                self._enter(State.OPEN)

    def _count_failure(self, retry_after: float | None) -> None:
        self._failures += 1
        if retry_after is not None or self._failures >= self._limit or self.state is not State.CLOSED:
            rest = self._rest if retry_after is None else min(retry_after, LONGEST_REST)
            self._until = max(self._until, self._clock() + rest)
            self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self._on_change(state)
