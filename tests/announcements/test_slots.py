"""Requests in progress are bounded in number, and no account takes the share of another."""

from collections import Counter
from contextlib import ExitStack
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from announcements.slots import Slots

A, B = uuid4(), uuid4()


def test_an_account_has_its_share_and_then_one_for_each_webhook() -> None:
    slots = Slots(100, 40)
    with ExitStack() as stack:
        taken = [stack.enter_context(slots.take(A, 16)).count for _ in range(5)]
        assert taken == [16, 16, 8, 1, 1]
        assert stack.enter_context(slots.take(B, 16)).count == 16
    with slots.take(A, 16) as again:
        assert again.count == 16


def test_when_all_are_taken_there_is_none() -> None:
    slots = Slots(20, 16)
    with slots.take(A, 16), slots.take(B, 16) as rest:
        assert rest.count == 4
        with slots.take(uuid4(), 16) as none:
            assert none.count == 0


def test_what_is_not_needed_is_given_back_at_once() -> None:
    slots = Slots(20, 16)
    with slots.take(A, 16) as taken:
        taken.keep(1)
        with slots.take(A, 16) as more:
            assert more.count == 15


def test_slots_are_given_back_after_a_failure() -> None:
    slots = Slots(5, 5)
    with pytest.raises(RuntimeError), slots.take(A, 5):
        raise RuntimeError
    with slots.take(A, 5) as taken:
        assert taken.count == 5


@given(st.lists(st.tuples(st.sampled_from([A, B, UUID(int=1)]), st.integers(0, 16), st.integers(0, 16)), max_size=60))
def test_there_are_never_more_than_the_most(wishes: list[tuple[UUID, int, int]]) -> None:
    slots = Slots(64, 24)
    held: Counter[UUID] = Counter()
    with ExitStack() as stack:
        for account, wanted, kept in wishes:
            taken = stack.enter_context(slots.take(account, wanted))
            taken.keep(min(kept, taken.count))
            held[account] += taken.count
            assert 0 <= taken.count <= wanted
        assert held.total() <= 64
