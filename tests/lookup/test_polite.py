"""How a provider is asked: again where that may help, few at a time, and not while it is down."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
import stamina
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from lookup.polite import Polite
from lookup.registry import Answer, Found, NotFound, Question, Reason, Unavailable
from lookup.settings import Settings
from tests.lookup.conftest import question

ANYONE = question("155596713-2-2015")


class Script:
    """A registry that goes through its answers and then finds nobody."""

    def __init__(self, *outcomes: Answer | Exception, seconds: float = 0.0) -> None:
        self.outcomes = list(outcomes)
        self.seconds = seconds
        self.asked = 0
        self.under_way = self.most_under_way = 0

    async def ask(self, question: Question) -> Answer:
        self.asked += 1
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.under_way -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else NotFound()
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def polite(script: Script, name: str = "script", **settings: Any) -> Polite:
    return Polite(name, script, Settings(**settings))


async def reason(provider: Polite, seconds: float = 5.0) -> Reason:
    with pytest.raises(Unavailable) as caught:
        await provider.ask(ANYONE, seconds)
    return caught.value.reason


@pytest.mark.parametrize("trouble", [Reason.CONNECTION, Reason.OVERLOADED, Reason.FAILING, Reason.UPSTREAM])
async def test_what_may_pass_is_tried_again(trouble: Reason) -> None:
    script = Script(Unavailable(trouble), Unavailable(trouble))
    assert await polite(script).ask(ANYONE, 5.0) == NotFound()
    assert script.asked == 3


@pytest.mark.parametrize("trouble", [Reason.CREDENTIALS, Reason.CERTIFICATE, Reason.GARBLED, Reason.TIMEOUT])
async def test_what_will_not_pass_is_not_tried_again(trouble: Reason) -> None:
    script = Script(Unavailable(trouble))
    assert await reason(polite(script)) is trouble
    assert script.asked == 1


async def test_attempts_have_an_end() -> None:
    script = Script(*[Unavailable(Reason.FAILING)] * 9)
    assert await reason(polite(script, attempts=2)) is Reason.FAILING
    assert script.asked == 2


async def test_attempts_are_apart_but_within_the_time() -> None:
    stamina.set_testing(False)
    script = Script(*[Unavailable(Reason.FAILING)] * 9)
    start = time.monotonic()
    assert await reason(polite(script, attempts=9, failures=99), 1.0) is Reason.FAILING
    assert time.monotonic() - start < 3.0
    assert 1 <= script.asked <= 6


async def test_a_provider_that_hangs_costs_no_more_than_the_time() -> None:
    start = time.monotonic()
    assert await reason(polite(Script(seconds=60.0)), 0.1) is Reason.TIMEOUT
    assert time.monotonic() - start < 3.0


async def test_few_calls_are_under_way() -> None:
    script = Script(seconds=0.01)
    provider = polite(script, calls_under_way=3)
    await asyncio.gather(*[provider.ask(ANYONE, 5.0) for _ in range(12)])
    assert (script.asked, script.most_under_way) == (12, 3)


async def test_who_waits_in_line_too_long_is_not_served() -> None:
    script = Script(seconds=0.2)
    provider = polite(script, calls_under_way=1)
    first = asyncio.create_task(provider.ask(ANYONE, 5.0))
    await asyncio.sleep(0)
    assert await reason(provider, 0.05) is Reason.BUSY
    assert await first == NotFound()
    assert script.asked == 1


async def test_a_provider_that_is_down_is_not_asked() -> None:
    script = Script(*[Unavailable(Reason.CERTIFICATE)] * 9)
    provider = polite(script, failures=2)
    assert [await reason(provider) for _ in range(3)] == [Reason.CERTIFICATE, Reason.CERTIFICATE, Reason.RESTING]
    assert (script.asked, provider.rests) == (2, True)


async def test_after_its_rest_it_is_asked_again() -> None:
    script = Script(Unavailable(Reason.CERTIFICATE), Found("59", "EMPRESA"))
    provider = polite(script, failures=1, rest=0.3)
    await reason(provider)
    assert provider.rests
    await asyncio.sleep(0.35)
    assert await provider.ask(ANYONE, 5.0) == Found("59", "EMPRESA")
    assert not provider.rests


async def test_a_short_retry_after_is_waited_for() -> None:
    stamina.set_testing(False)
    script = Script(Unavailable(Reason.OVERLOADED, 0.1))
    start = time.monotonic()
    assert await polite(script).ask(ANYONE, 5.0) == NotFound()
    assert 0.1 <= time.monotonic() - start < 3.0


async def test_a_long_retry_after_is_not_waited_for_but_kept_to() -> None:
    stamina.set_testing(False)
    script = Script(Unavailable(Reason.OVERLOADED, 60.0))
    provider = polite(script)
    start = time.monotonic()
    assert [await reason(provider) for _ in range(2)] == [Reason.OVERLOADED, Reason.RESTING]
    assert time.monotonic() - start < 3.0
    assert script.asked == 1


@pytest.mark.parametrize("trouble", [Reason.CREDENTIALS, Reason.CERTIFICATE])
async def test_the_operator_is_told_once_per_while(trouble: Reason) -> None:
    provider = polite(Script(*[Unavailable(trouble)] * 3))
    with capture_logs() as logs:
        for _ in range(3):
            await reason(provider)
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["provider"], line["reason"]) for line in errors] == [
        ("registry refuses us", "script", trouble.value)
    ]


async def test_a_mistake_in_an_adapter_stays_there() -> None:
    """And its traceback is logged without variables."""
    with capture_logs() as logs:
        assert await reason(polite(Script(KeyError("oops")))) is Reason.DEFECT
    [line] = logs
    assert line["event"] == "adapter failed"
    assert "KeyError: 'oops'" in line["traceback"]
    assert "exc_info" not in line


async def test_a_cancelled_call_gives_its_place_back() -> None:
    provider = polite(Script(seconds=60.0), calls_under_way=1)
    for _ in range(2):
        call = asyncio.create_task(provider.ask(ANYONE, 60.0))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert not provider.rests
    assert not provider._slots.locked()


@pytest.fixture
def counted() -> Callable[[str, str], float]:
    def value(name: str, outcome: str) -> float:
        return REGISTRY.get_sample_value("istmo_registry_calls_total", {"provider": name, "outcome": outcome}) or 0.0

    return value


async def test_calls_are_counted_and_timed(counted: Callable[[str, str], float]) -> None:
    name = "counted"
    provider = polite(Script(Found("59", "EMPRESA"), NotFound(), Unavailable(Reason.CERTIFICATE)), name, failures=1)
    await provider.ask(ANYONE, 5.0)
    await provider.ask(ANYONE, 5.0)
    for _ in range(2):
        await reason(provider)
    assert [counted(name, outcome) for outcome in ("Found", "NotFound", "CERTIFICATE")] == [1, 1, 1]
    assert REGISTRY.get_sample_value("istmo_registry_call_seconds_count", {"provider": name}) == 3
    assert REGISTRY.get_sample_value("istmo_registry_breaker", {"provider": name}) == 2
