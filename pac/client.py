"""Calling a provider within a time: few calls at once, none while it is down, and again where that may help.

Failures are counted, and logged as an error where only the operator can help.
"""

import asyncio
import time
import traceback
from collections.abc import Awaitable, Callable, Hashable
from functools import partial
from typing import Final, TypeVar

import structlog
from cachetools import LRUCache, TTLCache

from pac import metrics
from pac.breaker import Breaker, State
from pac.failures import ALARMING, TRANSIENT, Reason, Unavailable
from rules.retry import Backoff

ALARM_EVERY: Final = 15 * 60.0  # seconds between two alarms for the same reason
TELL_EVERY: Final = 60.0  # seconds between two lines in the log that say the same
_MOST_CALLERS: Final = 10_000  # whose failures are remembered
BACKOFF: Final = Backoff(first=0.1, longest=0.5)

log = structlog.get_logger()

T = TypeVar("T")


class ProviderClient:
    """Calls one provider, from one process.

    At most ``calls_under_way`` calls are made at once, each up to ``attempts`` times. With ``attempts=1`` nothing is
    repeated, as calls need that change something at the provider.

    Each caller, an account, has a breaker of its own: after its calls about ``failures`` different subjects in a row
    have failed, it gets no call for ``rest`` seconds. What one account asks takes nothing from the others.
    """

    def __init__(self, name: str, *, attempts: int, calls_under_way: int, failures: int, rest: float) -> None:
        self.name = name
        self._attempts = attempts
        self._slots = asyncio.Semaphore(calls_under_way)
        self._failures, self._rest = failures, rest
        self._breakers: LRUCache[Hashable, Breaker] = LRUCache(_MOST_CALLERS)
        self._refused: set[Hashable] = set()  # callers whose breakers are open
        self._alarmed: TTLCache[Reason, bool] = TTLCache(maxsize=len(Reason), ttl=ALARM_EVERY)
        self._told: TTLCache[str, bool] = TTLCache(maxsize=2, ttl=TELL_EVERY)
        metrics.RESTING.labels(name).set(0)

    def rests(self, caller: Hashable, subject: Hashable) -> bool:
        """Whether a call would be refused at once, because the caller's calls, or that about the subject, failed."""
        breaker = self._breakers.get(caller)
        return breaker is not None and breaker.refuses(subject)

    def probes(self, caller: Hashable) -> bool:
        """Whether a single call would be let through now, to see whether the provider answers again."""
        breaker = self._breakers.get(caller)
        return breaker is not None and breaker.state is not State.CLOSED

    async def call(self, send: Callable[[], Awaitable[T]], seconds: float, *, caller: Hashable, subject: Hashable) -> T:
        """Call ``send`` within this time, and again while that may help; raises ``Unavailable``."""
        with self._breaker_of(caller).call(subject):
            return await self._call_repeatedly(send, seconds)

    def _breaker_of(self, caller: Hashable) -> Breaker:
        breaker = self._breakers.get(caller)
        if breaker is None:
            self._refused.discard(caller)  # its breaker was forgotten
            changed = partial(self._on_change, caller)
            breaker = self._breakers[caller] = Breaker(self._failures, self._rest, changed)
        return breaker

    async def _call_repeatedly(self, send: Callable[[], Awaitable[T]], seconds: float) -> T:
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
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._slots.acquire()
        except TimeoutError:
            raise Unavailable(Reason.BUSY) from None
        try:
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
        except Exception as error:
            # Formatted here: a logger might add the variables and the error's text, and those may hold our credentials.
            lines = "".join(traceback.format_tb(error.__traceback__))
            log.error("adapter failed", provider=self.name, traceback=f"{lines}{type(error).__name__}")
            raise Unavailable(Reason.DEFECT) from None

    def _alarm(self, reason: Reason) -> None:
        if reason in ALARMING and reason not in self._alarmed:
            self._alarmed[reason] = True
            log.error("provider refuses us", provider=self.name, reason=reason.value, help=_HELP[reason])

    def _on_change(self, caller: Hashable, state: State) -> None:
        if state is State.PROBING:
            return
        if state is State.OPEN:
            event = "provider is not called for a while for an account"
            self._refused.add(caller)
        else:
            event = "provider answers an account again"
            self._refused.discard(caller)
        metrics.RESTING.labels(self.name).set(len(self._refused))
        if event not in self._told:
            self._told[event] = True
            log.warning(event, provider=self.name, account=str(caller), accounts=len(self._refused))


_HELP: Final = {
    Reason.CREDENTIALS: "the provider rejects our user and password: check them and the contract with it",
    Reason.CERTIFICATE: "a certificate is missing, wrong or expired: ours at the provider, or the provider's for TLS",
}
