"""Calling a provider within a time: few calls at once, none while it is down, and again where that may help.

Failures are counted, and logged as an error where only the operator can help.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

import structlog
from cachetools import TTLCache

from pac import metrics
from pac.breaker import Breaker, State
from pac.failures import ALARMING, TRANSIENT, Reason, Unavailable
from rules.retry import Backoff

ALARM_EVERY: Final = 15 * 60.0  # seconds between two alarms for the same reason
BACKOFF: Final = Backoff(first=0.1, longest=0.5)

log = structlog.get_logger()

T = TypeVar("T")


class ProviderClient:
    """Calls one provider, from one process.

    At most ``calls_under_way`` calls are made at once, each up to ``attempts`` times. After ``failures``
    in a row the provider is not called for ``rest`` seconds. With ``attempts=1`` nothing is repeated, as
    calls need that change something at the provider.
    """

    def __init__(self, name: str, *, attempts: int, calls_under_way: int, failures: int, rest: float) -> None:
        self.name = name
        self._attempts = attempts
        self._slots = asyncio.Semaphore(calls_under_way)
        self._breaker = Breaker(failures, rest, self._on_change)
        self._alarmed: TTLCache[Reason, bool] = TTLCache(maxsize=len(Reason), ttl=ALARM_EVERY)
        metrics.BREAKER.labels(name).set(State.CLOSED)

    @property
    def is_resting(self) -> bool:
        """Whether a call would be refused at once, because the provider failed again and again."""
        return self._breaker.refuses

    async def call(self, send: Callable[[], Awaitable[T]], seconds: float) -> T:
        """Call ``send`` within this time, and again while that may help; raises ``Unavailable``."""
        start = time.monotonic()
        deadline = start + seconds
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._call_when_free(send, deadline)
            except Unavailable as error:
                pause = self._pause(error, time.monotonic() - start)
                if attempt == self._attempts or pause is None or pause >= deadline - time.monotonic():
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("unreachable")

    def _pause(self, error: Unavailable, failing_for: float) -> float | None:
        """Seconds to wait for another attempt; None if that wouldn't help."""
        if error.reason not in TRANSIENT:
            return None
        return BACKOFF.pause(failing_for) if error.retry_after is None else error.retry_after

    async def _call_when_free(self, send: Callable[[], Awaitable[T]], deadline: float) -> T:
        if self.is_resting:
            raise Unavailable(Reason.RESTING)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._slots.acquire()
        except TimeoutError:
            raise Unavailable(Reason.BUSY) from None
        try:
            with self._breaker.call():
                return await self._call_counted(send, deadline)
        finally:
            self._slots.release()

    async def _call_counted(self, send: Callable[[], Awaitable[T]], deadline: float) -> T:
        outcome = "abandoned"
        start = time.monotonic()
        try:
            answer = await self._call_once(send, deadline)
            outcome = type(answer).__name__
            return answer
        except Unavailable as error:
            outcome = error.reason.value
            self._alarm(error.reason)
            raise
        finally:
            metrics.CALLS.labels(self.name, outcome).inc()
            metrics.SECONDS.labels(self.name).observe(time.monotonic() - start)

    async def _call_once(self, send: Callable[[], Awaitable[T]], deadline: float) -> T:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await send()
        except TimeoutError:
            raise Unavailable(Reason.TIMEOUT) from None
        except Unavailable:
            raise
        except Exception:
            # Formatted here: a logger might add the variables, and those hold our credentials.
            log.error("adapter failed", provider=self.name, traceback=traceback.format_exc())
            raise Unavailable(Reason.DEFECT) from None

    def _alarm(self, reason: Reason) -> None:
        if reason in ALARMING and reason not in self._alarmed:
            self._alarmed[reason] = True
            log.error("provider refuses us", provider=self.name, reason=reason.value, help=_HELP[reason])

    def _on_change(self, state: State) -> None:
        metrics.BREAKER.labels(self.name).set(state)
        if state is not State.PROBING:
            event = "provider is not called for a while" if state is State.OPEN else "provider answers again"
            log.warning(event, provider=self.name)


_HELP: Final = {
    Reason.CREDENTIALS: "the provider rejects our user and password: check them and the contract with it",
    Reason.CERTIFICATE: "a certificate is missing, wrong or expired: ours at the provider, or the provider's for TLS",
}
