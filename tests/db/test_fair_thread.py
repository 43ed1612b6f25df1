"""A thread that accounts share."""

import asyncio
import threading
import time
from collections.abc import Iterator
from uuid import UUID, uuid4

import pytest

from db import tenant
from db.fair_thread import FairThread


@pytest.fixture
def thread() -> Iterator[FairThread]:
    with FairThread("test") as thread:
        yield thread


async def run_all(thread: FairThread, *account_ids: UUID) -> list[UUID]:
    """One piece of work for each id, brought at once in this order; the ids in the order in which it was done."""
    done: list[UUID] = []

    async def work(id: UUID) -> None:
        with tenant.acting_for(id):
            await thread.run(done.append, id)

    await asyncio.gather(*[work(id) for id in account_ids])
    return done


async def test_work_is_done_in_one_other_thread(thread: FairThread) -> None:
    with tenant.acting_for(uuid4()):
        threads = set(await asyncio.gather(*[thread.run(threading.get_ident) for _ in range(5)]))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


async def test_accounts_are_served_in_rotation(thread: FairThread) -> None:
    a, b, c = uuid4(), uuid4(), uuid4()
    done = await run_all(thread, a, a, a, a, b, b, c)
    assert done == [a, a, b, c, a, b, a]  # the first one began before the others came


async def test_an_account_that_brings_much_delays_another_one_by_one_piece(thread: FairThread) -> None:
    busy, other = uuid4(), uuid4()
    assert (await run_all(thread, *[busy] * 100, other)).index(other) <= 2


async def test_a_failure_is_raised_where_the_work_was_brought_and_the_next_goes_on(thread: FairThread) -> None:
    def fail() -> None:
        raise ValueError("no")

    with tenant.acting_for(uuid4()):
        failing, other = thread.run(fail), thread.run(threading.get_ident)
        results = await asyncio.gather(failing, other, return_exceptions=True)
    assert isinstance(results[0], ValueError)
    assert isinstance(results[1], int)


async def test_work_of_a_cancelled_request_is_left_out(thread: FairThread) -> None:
    done: list[int] = []
    with tenant.acting_for(uuid4()):
        running = asyncio.create_task(thread.run(time.sleep, 0.1))
        waiting = [asyncio.create_task(thread.run(done.append, number)) for number in range(3)]
        await asyncio.sleep(0.01)
        running.cancel()
        waiting[1].cancel()
        await asyncio.gather(running, *waiting, return_exceptions=True)
    assert done == [0, 2]


async def test_what_waits_when_the_thread_is_closed_is_cancelled() -> None:
    with tenant.acting_for(uuid4()):
        with FairThread("test") as thread:
            running = asyncio.create_task(thread.run(time.sleep, 0.1))
            waiting = asyncio.create_task(thread.run(time.sleep, 0.1))
            await asyncio.sleep(0.01)
        results = await asyncio.gather(running, waiting, return_exceptions=True)
    assert results[0] is None
    assert isinstance(results[1], asyncio.CancelledError)


async def test_the_result_of_one_piece_of_work_is_known_before_the_next_begins(thread: FairThread) -> None:
    """So that several requests for the same can do it once."""
    known: list[int] = []

    async def work() -> int:
        count = await thread.run(lambda: len(known))
        known.append(1)
        return count

    with tenant.acting_for(uuid4()):
        assert await asyncio.gather(*[work() for _ in range(5)]) == [0, 1, 2, 3, 4]


async def test_an_account_rests_after_its_work_and_the_others_do_not_wait_for_it() -> None:
    a, b = uuid4(), uuid4()
    spans: dict[UUID, list[tuple[float, float]]] = {a: [], b: []}

    def work(id: UUID) -> None:
        began = time.monotonic()
        time.sleep(0.05)
        spans[id].append((began, time.monotonic()))

    async def bring(thread: FairThread, id: UUID) -> None:
        with tenant.acting_for(id):
            await thread.run(work, id)

    with FairThread("test", rest=3.0) as thread:
        await asyncio.gather(bring(thread, a), bring(thread, a), bring(thread, b))
    [(_, first_end), (second_begin, _)] = spans[a]
    assert second_begin - first_end >= 0.15
    assert spans[b][0][0] < second_begin


async def test_the_result_does_not_wait_for_the_rest() -> None:
    with FairThread("test", rest=10.0) as thread, tenant.acting_for(uuid4()):
        async with asyncio.timeout(2):
            await thread.run(time.sleep, 0.3)
