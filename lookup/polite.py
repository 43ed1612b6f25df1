"""A provider asked with good manners: not too often, not too many at once, not while it is down.

What goes wrong is repeated where that may help, counted, and told to the operator where only they
can help.
"""

import asyncio
import time
import traceback
from collections.abc import Callable

import stamina
import structlog
from cachetools import TTLCache

from lookup import metrics
from lookup.breaker import Breaker, State
from lookup.registry import ALARMING, RETRIED, Answer, Question, Reason, Registry, Unavailable
from lookup.settings import Settings

ALARM_EVERY = 15 * 60.0  # seconds between two alarms for the same reason

# Between attempts, in seconds.
_SHORTEST_PAUSE, _LONGEST_PAUSE, _JITTER = 0.1, 0.5, 0.2

log = structlog.get_logger()


class Polite:
    def __init__(self, name: str, registry: Registry, settings: Settings) -> None:
        self.name = name
        self._registry = registry
        self._attempts = settings.attempts
        self._slots = asyncio.Semaphore(settings.calls_under_way)
        self._breaker = Breaker(settings.failures, settings.rest, self._on_change)
        self._alarmed: TTLCache[Reason, bool] = TTLCache(maxsize=len(Reason), ttl=ALARM_EVERY)
        metrics.BREAKER.labels(name).set(State.CLOSED)

    @property
    def rests(self) -> bool:
        return self._breaker.refuses

    async def ask(self, question: Question, seconds: float) -> Answer:
        """Ask, within this time, as often as makes sense; raises ``Unavailable``."""
        deadline = time.monotonic() + seconds
        attempts = stamina.retry_context(
            on=_worth_another(deadline),
            attempts=self._attempts,
            timeout=None,
            wait_initial=_SHORTEST_PAUSE,
            wait_max=_LONGEST_PAUSE,
            wait_jitter=_JITTER,
        )
        async for attempt in attempts:
            with attempt:
                return await self._ask_in_turn(question, deadline)
        raise AssertionError("unreachable")

    async def _ask_in_turn(self, question: Question, deadline: float) -> Answer:
        if self.rests:
            raise Unavailable(Reason.RESTING)
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await self._slots.acquire()
        except TimeoutError:
            raise Unavailable(Reason.BUSY) from None
        try:
            with self._breaker.call():
                return await self._ask_once(question, deadline)
        finally:
            self._slots.release()

    async def _ask_once(self, question: Question, deadline: float) -> Answer:
        outcome = "abandoned"
        start = time.monotonic()
        try:
            answer = await self._ask_registry(question, deadline)
            outcome = type(answer).__name__
            return answer
        except Unavailable as error:
            outcome = error.reason.value
            self._alarm(error.reason)
            raise
        finally:
            metrics.CALLS.labels(self.name, outcome).inc()
            metrics.SECONDS.labels(self.name).observe(time.monotonic() - start)

    async def _ask_registry(self, question: Question, deadline: float) -> Answer:
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                return await self._registry.ask(question)
        except TimeoutError:
            raise Unavailable(Reason.TIMEOUT) from None
        except Unavailable:
            raise
        except Exception:
            # Written out here, as a logger may add the variables, and those hold our credentials.
            log.error("adapter failed", provider=self.name, traceback=traceback.format_exc())
            raise Unavailable(Reason.DEFECT) from None

    def _alarm(self, reason: Reason) -> None:
        if reason in ALARMING and reason not in self._alarmed:
            self._alarmed[reason] = True
            log.error("registry refuses us", provider=self.name, reason=reason.value, help=_HELP[reason])

    def _on_change(self, state: State) -> None:
        metrics.BREAKER.labels(self.name).set(state)
        if state is not State.PROBING:
            log.warning("registry left alone" if state is State.OPEN else "registry answers", provider=self.name)


_HELP = {
    Reason.CREDENTIALS: "the provider doesn't take our user and password: check them and the contract with it",
    Reason.CERTIFICATE: "a certificate is missing, wrong or expired: ours at the provider, or the provider's for TLS",
}


def _worth_another(deadline: float) -> Callable[[Exception], bool | float]:
    def decide(error: Exception) -> bool | float:
        if not isinstance(error, Unavailable) or error.reason not in RETRIED:
            return False
        left = deadline - time.monotonic()
        if error.retry_after is not None:
            return error.retry_after if error.retry_after < left else False
        return left > _LONGEST_PAUSE

    return decide
