"""A provider that fails again and again is not called for a while."""

import pytest

from pac.breaker import LONGEST_REST, Breaker, State
from pac.failures import Reason, Unavailable


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def changes() -> list[State]:
    return []


@pytest.fixture
def breaker(clock: Clock, changes: list[State]) -> Breaker:
    return Breaker(3, 10.0, changes.append, clock)


def fail(breaker: Breaker, reason: Reason = Reason.FAILING, retry_after: float | None = None) -> Reason:
    """What a call ends with that would fail."""
    with pytest.raises(Unavailable) as caught, breaker.call():
        raise Unavailable(reason, retry_after)
    return caught.value.reason


def test_failures_in_a_row_open_it(breaker: Breaker, changes: list[State]) -> None:
    assert [fail(breaker) for _ in range(4)] == [Reason.FAILING] * 3 + [Reason.RESTING]
    assert breaker.refuses
    assert changes == [State.OPEN]


def test_a_success_between_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        with breaker.call():
            pass
    assert breaker.state is State.CLOSED


@pytest.mark.parametrize("reason", [Reason.GARBLED, Reason.DEFECT, Reason.BUSY])
def test_a_failure_that_is_not_the_providers_does_not_count(breaker: Breaker, reason: Reason) -> None:
    for _ in range(5):
        assert fail(breaker, reason) is reason
    assert breaker.state is State.CLOSED


def test_one_call_probes_after_the_rest(breaker: Breaker, clock: Clock, changes: list[State]) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 9.9
    assert breaker.refuses
    clock.now = 10.0
    assert not breaker.refuses
    with breaker.call():
        assert breaker.refuses
        assert fail(breaker) is Reason.RESTING
    assert changes == [State.OPEN, State.PROBING, State.CLOSED]


def test_a_failed_probe_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 10.0
    assert fail(breaker) is Reason.FAILING
    assert breaker.refuses
    clock.now = 20.0
    assert not breaker.refuses


def test_a_probe_that_is_given_up_leaves_it_to_the_next(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 10.0
    with pytest.raises(KeyboardInterrupt), breaker.call():
        raise KeyboardInterrupt
    assert breaker.state is State.OPEN
    assert not breaker.refuses


def test_retry_after_opens_it_at_once_and_for_that_long(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, Reason.OVERLOADED, 60.0)
    clock.now = 59.9
    assert breaker.refuses
    clock.now = 60.0
    assert not breaker.refuses


def test_retry_after_has_a_bound(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, Reason.OVERLOADED, 1e9)
    clock.now = LONGEST_REST
    assert not breaker.refuses


def test_a_late_success_closes_it(breaker: Breaker) -> None:
    with breaker.call():
        for _ in range(3):
            fail(breaker)
        assert breaker.refuses
    assert breaker.state is State.CLOSED
