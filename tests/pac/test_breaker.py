"""A provider whose calls fail again and again gets none for a while."""

from collections.abc import Hashable
from itertools import count

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


ANOTHER = count()  # a subject that was never asked about


def fail(
    breaker: Breaker,
    reason: Reason = Reason.FAILING,
    retry_after: float | None = None,
    subject: Hashable | None = None,
) -> Reason:
    """What a call ends with that would fail."""
    with pytest.raises(Unavailable) as caught, breaker.call(next(ANOTHER) if subject is None else subject):
        raise Unavailable(reason, retry_after)
    return caught.value.reason


def test_failures_in_a_row_open_it(breaker: Breaker, changes: list[State]) -> None:
    assert [fail(breaker) for _ in range(4)] == [Reason.FAILING] * 3 + [Reason.RESTING]
    assert breaker.refuses(next(ANOTHER))
    assert changes == [State.OPEN]


def test_a_success_between_starts_the_count_anew(breaker: Breaker) -> None:
    for _ in range(5):
        fail(breaker)
        fail(breaker)
        with breaker.call(next(ANOTHER)):
            pass
    assert breaker.state is State.CLOSED


def test_one_subject_that_fails_opens_nothing_and_rests_by_itself(breaker: Breaker, clock: Clock) -> None:
    for _ in range(5):
        assert fail(breaker, subject="odd") is Reason.FAILING
        assert fail(breaker, subject="odd") is Reason.RESTING
        assert breaker.refuses("odd")
        assert not breaker.refuses("other")
        clock.now += 10.0
    assert breaker.state is State.CLOSED
    assert not breaker.refuses("odd")
    with breaker.call("odd"):
        pass


def test_subjects_that_rest_are_forgotten_with_time(breaker: Breaker, clock: Clock) -> None:
    for _ in range(100):
        fail(breaker)
        with breaker.call("good"):
            pass
        clock.now += 1.0
    assert len(breaker._resting) <= 10


@pytest.mark.parametrize("reason", [Reason.GARBLED, Reason.DEFECT, Reason.BUSY])
def test_a_failure_that_is_not_the_providers_does_not_count(breaker: Breaker, reason: Reason) -> None:
    for _ in range(5):
        assert fail(breaker, reason) is reason
    assert breaker.state is State.CLOSED


def test_one_call_probes_after_the_rest(breaker: Breaker, clock: Clock, changes: list[State]) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 9.9
    assert breaker.refuses(next(ANOTHER))
    clock.now = 10.0
    assert not breaker.refuses(next(ANOTHER))
    with breaker.call(next(ANOTHER)):
        assert breaker.refuses(next(ANOTHER))
        assert fail(breaker) is Reason.RESTING
    assert changes == [State.OPEN, State.PROBING, State.CLOSED]


def test_a_failed_probe_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 10.0
    assert fail(breaker) is Reason.FAILING
    assert breaker.refuses(next(ANOTHER))
    clock.now = 20.0
    assert not breaker.refuses(next(ANOTHER))


def test_a_probe_that_is_given_up_leaves_it_to_the_next(breaker: Breaker, clock: Clock) -> None:
    for _ in range(3):
        fail(breaker)
    clock.now = 10.0
    with pytest.raises(KeyboardInterrupt), breaker.call(next(ANOTHER)):
        raise KeyboardInterrupt
    assert breaker.state is State.OPEN
    assert not breaker.refuses(next(ANOTHER))


def test_retry_after_opens_it_at_once_and_for_that_long(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, Reason.OVERLOADED, 60.0)
    clock.now = 59.9
    assert breaker.refuses(next(ANOTHER))
    clock.now = 60.0
    assert not breaker.refuses(next(ANOTHER))


def test_retry_after_has_a_bound(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, Reason.OVERLOADED, 1e9)
    clock.now = LONGEST_REST
    assert not breaker.refuses(next(ANOTHER))


def test_a_late_success_closes_it(breaker: Breaker) -> None:
    with breaker.call(next(ANOTHER)):
        for _ in range(3):
            fail(breaker)
        assert breaker.refuses(next(ANOTHER))
    assert breaker.state is State.CLOSED
