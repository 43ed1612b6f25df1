"""A circuit breaker: for a caller whose calls fail again and again, a provider is not called for a while.

Closed, it lets calls through. After failures about some different subjects in a row it opens and refuses calls at
once, for ``rest`` seconds or for as long as the provider asked. Then it lets one call through as a probe: a success
closes it, a failure opens it again. A subject whose call failed rests by itself for as long, so that one that the
provider can't answer neither costs more calls nor opens the breaker.
"""

import time
from collections.abc import Callable, Hashable, Iterator
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
        self._failed: set[Hashable] = set()  # subjects, since the last success
        self._resting: dict[Hashable, float] = {}  # subjects, and until when
        self._until = 0.0

    def refuses(self, subject: Hashable) -> bool:
        """Whether a call about the subject would be refused now."""
        now = self._clock()
        is_closed = self.state is State.CLOSED or (self.state is State.OPEN and now >= self._until)
        return not is_closed or self._resting.get(subject, now) > now

    @contextmanager
    def call(self, subject: Hashable) -> Iterator[None]:
        """Wrap a call: raise ``Unavailable`` instead of making it, or note how it ends."""
        if self.refuses(subject):
            raise Unavailable(Reason.RESTING)
        is_probe = self.state is State.OPEN
        if is_probe:
            self._enter(State.PROBING)
        try:
            yield
        except Unavailable as error:
            if error.reason in PROVIDER_FAULTS:
                self._note_failure(subject, error.retry_after)
            raise
        else:
            self._failed.clear()
            self._enter(State.CLOSED)
        finally:
            # After a probe that was cancelled, or that says nothing about the provider, the next call is the probe.
            if is_probe and self.state is State.PROBING:
                self._enter(State.OPEN)

    def _note_failure(self, subject: Hashable, retry_after: float | None) -> None:
        now = self._clock()
        self._failed.add(subject)
        self._resting = {each: until for each, until in self._resting.items() if until > now}
        self._resting[subject] = now + self._rest
        if retry_after is not None or len(self._failed) >= self._limit or self.state is not State.CLOSED:
            rest = self._rest if retry_after is None else min(retry_after, LONGEST_REST)
            self._until = max(self._until, now + rest)
            self._enter(State.OPEN)

    def _enter(self, state: State) -> None:
        if state is not self.state:
            self.state = state
            self._on_change(state)
