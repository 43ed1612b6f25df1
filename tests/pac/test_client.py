"""How a provider is called: again where that may help, few at a time, and not while it is down."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest
from prometheus_client import REGISTRY
from structlog.testing import capture_logs

from pac.client import ProviderClient
from pac.failures import Reason, Unavailable


class Script:
    """A provider that goes through its outcomes and then answers "done"."""

    def __init__(self, *outcomes: object, seconds: float = 0.0) -> None:
        self.outcomes = list(outcomes)
        self.seconds = seconds
        self.calls = 0
        self.under_way = self.most_under_way = 0

    async def send(self) -> object:
        self.calls += 1
        self.under_way += 1
        self.most_under_way = max(self.under_way, self.most_under_way)
        try:
            await asyncio.sleep(self.seconds)
        finally:
            self.under_way -= 1
        outcome = self.outcomes.pop(0) if self.outcomes else "done"
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


class Found:
    pass


class NotFound:
    pass


class Client:
    """A client of the provider that the script plays."""

    def __init__(self, script: Script, name: str = "script", **settings: Any) -> None:
        usual = {"attempts": 3, "calls_under_way": 8, "failures": 5, "rest": 10.0}
        self.client = ProviderClient(name, **{**usual, **settings})
        self._script = script

    async def call(self, seconds: float = 5.0, caller: str = "account", subject: object = None) -> object:
        about = object() if subject is None else subject
        return await self.client.call(self._script.send, seconds, caller=caller, subject=about)

    async def fail(self, seconds: float = 5.0, caller: str = "account", subject: object = None) -> Reason:
        with pytest.raises(Unavailable) as caught:
            await self.call(seconds, caller, subject)
        return caught.value.reason

    def rests(self, caller: str = "account") -> bool:
        return self.client.rests(caller, object())


@pytest.mark.parametrize("trouble", [Reason.CONNECTION, Reason.OVERLOADED, Reason.FAILING, Reason.UPSTREAM])
async def test_a_transient_failure_is_tried_again(trouble: Reason) -> None:
    script = Script(Unavailable(trouble), Unavailable(trouble))
    assert await Client(script).call() == "done"
    assert script.calls == 3


@pytest.mark.parametrize("trouble", [Reason.CREDENTIALS, Reason.CERTIFICATE, Reason.GARBLED, Reason.TIMEOUT])
async def test_a_lasting_failure_is_not_tried_again(trouble: Reason) -> None:
    script = Script(Unavailable(trouble))
    assert await Client(script).fail() is trouble
    assert script.calls == 1


async def test_attempts_have_an_end() -> None:
    script = Script(*[Unavailable(Reason.FAILING)] * 9)
    assert await Client(script, attempts=2).fail() is Reason.FAILING
    assert script.calls == 2


async def test_attempts_are_apart_but_within_the_time() -> None:
    script = Script(*[Unavailable(Reason.FAILING)] * 9)
    start = time.monotonic()
    assert await Client(script, attempts=9, failures=99).fail(1.0) is Reason.FAILING
    assert time.monotonic() - start < 3.0
    assert 1 <= script.calls <= 6


async def test_a_provider_that_hangs_costs_no_more_than_the_time() -> None:
    start = time.monotonic()
    assert await Client(Script(seconds=60.0)).fail(0.1) is Reason.TIMEOUT
    assert time.monotonic() - start < 3.0


async def test_few_calls_are_under_way() -> None:
    script = Script(seconds=0.01)
    provider = Client(script, calls_under_way=3)
    await asyncio.gather(*[provider.call() for _ in range(12)])
    assert (script.calls, script.most_under_way) == (12, 3)


async def test_a_call_that_waits_too_long_for_a_slot_is_not_made() -> None:
    script = Script(seconds=0.2)
    provider = Client(script, calls_under_way=1)
    first = asyncio.create_task(provider.call())
    await asyncio.sleep(0)
    assert await provider.fail(0.05) is Reason.BUSY
    assert await first == "done"
    assert script.calls == 1


async def test_a_provider_that_is_down_is_not_asked() -> None:
    script = Script(*[Unavailable(Reason.CERTIFICATE)] * 9)
    provider = Client(script, failures=2)
    assert [await provider.fail() for _ in range(3)] == [Reason.CERTIFICATE, Reason.CERTIFICATE, Reason.RESTING]
    assert (script.calls, provider.rests()) == (2, True)


async def test_failures_of_one_caller_take_nothing_from_another() -> None:
    script = Script(*[Unavailable(Reason.CERTIFICATE)] * 3)
    provider = Client(script, failures=2)
    assert [await provider.fail(caller="one") for _ in range(3)][-1] is Reason.RESTING
    assert [provider.rests(caller) for caller in ("one", "two")] == [True, False]
    assert await provider.fail(caller="two") is Reason.CERTIFICATE
    assert await provider.call(caller="two") == "done"
    assert await provider.fail(caller="one") is Reason.RESTING


async def test_a_question_that_fails_rests_by_itself_and_its_attempts_count_once() -> None:
    script = Script(*[Unavailable(Reason.FAILING)] * 3)
    provider = Client(script, failures=2)
    assert await provider.fail(subject="odd") is Reason.FAILING
    assert script.calls == 3
    assert [await provider.fail(subject="odd") for _ in range(5)] == [Reason.RESTING] * 5
    assert await provider.call(subject="even") == "done"
    assert script.calls == 4


async def test_what_is_remembered_of_callers_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pac.client._MOST_CALLERS", 10)
    provider = Client(Script(*[Unavailable(Reason.CERTIFICATE)] * 30), failures=1)
    for number in range(30):
        await provider.fail(caller=str(number))
    assert len(provider.client._breakers) == 10
    assert not provider.rests("0")
    assert provider.rests("29")


async def test_after_its_rest_it_is_asked_again() -> None:
    script = Script(Unavailable(Reason.CERTIFICATE), "found")
    provider = Client(script, failures=1, rest=0.3)
    await provider.fail()
    assert provider.rests()
    await asyncio.sleep(0.35)
    assert await provider.call() == "found"
    assert not provider.rests()


async def test_a_short_retry_after_is_waited_for() -> None:
    script = Script(Unavailable(Reason.OVERLOADED, 0.1))
    start = time.monotonic()
    assert await Client(script).call() == "done"
    assert 0.1 <= time.monotonic() - start < 3.0


async def test_a_long_retry_after_is_not_waited_for_but_kept_to() -> None:
    script = Script(Unavailable(Reason.OVERLOADED, 60.0))
    provider = Client(script)
    start = time.monotonic()
    assert [await provider.fail() for _ in range(2)] == [Reason.OVERLOADED, Reason.RESTING]
    assert time.monotonic() - start < 3.0
    assert script.calls == 1


@pytest.mark.parametrize("trouble", [Reason.CREDENTIALS, Reason.CERTIFICATE])
async def test_the_operator_is_told_once_per_while(trouble: Reason) -> None:
    provider = Client(Script(*[Unavailable(trouble)] * 3))
    with capture_logs() as logs:
        for _ in range(3):
            await provider.fail()
    errors = [line for line in logs if line["log_level"] == "error"]
    assert [(line["event"], line["provider"], line["reason"]) for line in errors] == [
        ("provider refuses us", "script", trouble.value)
    ]


async def test_a_mistake_in_an_adapter_stays_there() -> None:
    """And its traceback is logged without variables and without its text, which may hold credentials."""
    with capture_logs() as logs:
        assert await Client(Script(KeyError("oops"))).fail() is Reason.DEFECT
    [line] = logs
    assert line["event"] == "adapter failed"
    assert line["traceback"].endswith("KeyError")
    assert "oops" not in str(line)
    assert "exc_info" not in line


async def test_a_cancelled_call_gives_its_place_back() -> None:
    provider = Client(Script(seconds=60.0), calls_under_way=1)
    for _ in range(2):
        call = asyncio.create_task(provider.call(60.0))
        await asyncio.sleep(0.01)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    assert not provider.rests()
    assert not provider.client._slots.locked()


@pytest.fixture
def counted() -> Callable[[str, str], float]:
    def value(name: str, outcome: str) -> float:
        return REGISTRY.get_sample_value("istmo_registry_calls_total", {"provider": name, "outcome": outcome}) or 0.0

    return value


async def test_calls_are_counted_and_timed(counted: Callable[[str, str], float]) -> None:
    name = "counted"
    provider = Client(
        Script(Found(), NotFound(), Unavailable(Reason.CERTIFICATE), Unavailable(Reason.TIMEOUT)), name, failures=1
    )
    await provider.call()
    await provider.call()
    for _ in range(2):
        await provider.fail()
    assert [counted(name, outcome) for outcome in ("Found", "NotFound", "CERTIFICATE")] == [1, 1, 1]
    assert REGISTRY.get_sample_value("istmo_registry_call_seconds_count", {"provider": name}) == 3
    resting = "istmo_registry_resting"
    assert REGISTRY.get_sample_value(resting, {"provider": name}) == 1
    await provider.fail(caller="another")
    assert REGISTRY.get_sample_value(resting, {"provider": name}) == 2
