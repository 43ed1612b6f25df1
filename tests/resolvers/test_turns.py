"""Turns: how much of what a key asks for is worked on at once."""

import asyncio
import threading
import time
from uuid import UUID, uuid4

import pytest

from resolvers.turns import AT_ONCE, NoTurn, alone, aside, hard_work, turn

PATIENCE = 5.0


class Crowd:
    """Requests that stay until they are let go."""

    def __init__(self) -> None:
        self.inside = 0
        self.go = asyncio.Event()

    async def request(self, key: UUID, patience: float = PATIENCE) -> None:
        async with turn(key, patience):
            self.inside += 1
            try:
                await self.go.wait()
            finally:
                self.inside -= 1

    def arrives(self, key: UUID, many: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.request(key)) for _ in range(many)]


async def a_moment() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_a_key_has_so_many_turns_and_the_rest_waits_in_line() -> None:
    crowd = Crowd()
    requests = crowd.arrives(uuid4(), AT_ONCE + 7)
    await a_moment()
    assert crowd.inside == AT_ONCE
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_turns_come_in_the_order_of_arrival() -> None:
    key, begun = uuid4(), list[int]()

    async def request(number: int) -> None:
        async with turn(key, PATIENCE):
            begun.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*[request(number) for number in range(30)])
    assert begun == list(range(30))


async def test_another_key_does_not_wait() -> None:
    crowd = Crowd()
    requests = crowd.arrives(uuid4(), 3 * AT_ONCE) + crowd.arrives(uuid4(), 1)
    await a_moment()
    assert crowd.inside == AT_ONCE + 1
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_who_is_not_let_in_for_too_long_is_told() -> None:
    crowd, key = Crowd(), uuid4()
    requests = crowd.arrives(key, AT_ONCE)
    await a_moment()
    with pytest.raises(NoTurn):
        await crowd.request(key, patience=0.05)
    crowd.go.set()
    await asyncio.gather(*requests)
    await crowd.request(key, patience=0.05)  # nothing is left of the one that gave up


async def test_a_time_out_within_a_turn_is_no_want_of_one() -> None:
    with pytest.raises(TimeoutError):
        async with turn(uuid4(), PATIENCE):
            raise TimeoutError


async def test_who_waits_for_somebody_else_gives_way() -> None:
    crowd, key = Crowd(), uuid4()
    answered = asyncio.Event()
    steps = list[str]()

    async def consults() -> None:
        async with turn(key, PATIENCE):
            async with aside():
                await answered.wait()
            steps.append("again inside")
            await asyncio.sleep(0)

    consulting = [asyncio.create_task(consults()) for _ in range(AT_ONCE)]
    await a_moment()
    requests = crowd.arrives(key, AT_ONCE)
    await a_moment()
    assert crowd.inside == AT_ONCE
    answered.set()
    await a_moment()
    assert steps == []  # until it is their turn again
    crowd.go.set()
    await asyncio.gather(*requests, *consulting)
    assert steps == ["again inside"] * AT_ONCE


async def test_parts_of_a_request_may_step_aside_and_back_in_any_order() -> None:
    key = uuid4()
    answers = [asyncio.Event() for _ in range(3)]

    async def part(number: int) -> None:
        async with aside():
            await answers[number].wait()

    async def request(order: list[int]) -> None:
        async with turn(key, PATIENCE):
            parts = [asyncio.create_task(part(number)) for number in range(3)]
            await a_moment()
            for number in order:
                answers[number].set()
                await a_moment()
            await asyncio.gather(*parts)

    await request([2, 0, 1])
    crowd = Crowd()
    requests = crowd.arrives(key, AT_ONCE + 1)
    await a_moment()
    assert crowd.inside == AT_ONCE  # no more turns than before, and no fewer
    crowd.go.set()
    await asyncio.gather(*requests)


@pytest.mark.parametrize("within", ["line", "turn", "aside", "line again"])
async def test_whoever_goes_away_leaves_no_turn_taken(within: str) -> None:
    crowd, key = Crowd(), uuid4()
    answered = asyncio.Event()

    async def request() -> None:
        async with turn(key, PATIENCE):
            if within != "turn":
                async with aside():
                    await answered.wait()
            await asyncio.sleep(60)

    others = crowd.arrives(key, AT_ONCE) if within == "line" else []
    await a_moment()
    leaving = asyncio.create_task(request())
    await a_moment()
    if within == "line again":
        others = crowd.arrives(key, AT_ONCE)
        await a_moment()
        answered.set()
        await a_moment()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    crowd.go.set()
    await asyncio.gather(*others)

    crowd = Crowd()
    requests = crowd.arrives(key, AT_ONCE + 1)
    await a_moment()
    assert crowd.inside == AT_ONCE
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_who_is_alone_may_step_aside_while_all_others_wait_to_be() -> None:
    key, answered = uuid4(), asyncio.Event()

    async def costly(consults: bool) -> None:
        async with turn(key, PATIENCE), alone(key):
            if consults:
                async with aside():
                    await answered.wait()

    requests = [asyncio.create_task(costly(number == 0)) for number in range(3 * AT_ONCE)]
    await a_moment()
    cheap = asyncio.create_task(Crowd().request(key))
    await a_moment()
    cheap.cancel()
    answered.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*requests)


async def test_who_waits_to_be_alone_keeps_no_cheap_request_waiting() -> None:
    crowd, key = Crowd(), uuid4()

    async def costly() -> None:
        async with turn(key, PATIENCE), alone(key):
            pass

    async with alone(key):
        waiting = [asyncio.create_task(costly()) for _ in range(3 * AT_ONCE)]
        await a_moment()
        requests = crowd.arrives(key, AT_ONCE)
        await a_moment()
        assert crowd.inside == AT_ONCE
        waiting[0].cancel()
    crowd.go.set()
    await asyncio.gather(*requests)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*waiting, return_exceptions=True)
        async with alone(key):  # which nobody keeps
            pass


async def test_a_cancelled_request_does_not_wait_for_its_turn_to_end() -> None:
    crowd, key = Crowd(), uuid4()

    async def consults() -> None:
        async with turn(key, PATIENCE), aside():
            await asyncio.sleep(60)

    leaving = asyncio.create_task(consults())
    await a_moment()
    requests = crowd.arrives(key, AT_ONCE)
    await a_moment()
    leaving.cancel()
    async with asyncio.timeout(PATIENCE / 2):
        await asyncio.gather(leaving, return_exceptions=True)
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_a_part_that_outlives_its_request_takes_no_turn() -> None:
    crowd, key, answered = Crowd(), uuid4(), asyncio.Event()

    async def part() -> None:
        async with aside():
            await answered.wait()

    async with turn(key, PATIENCE):
        left = asyncio.create_task(part())
        await a_moment()
    answered.set()
    await left
    requests = crowd.arrives(key, AT_ONCE)
    await a_moment()
    assert crowd.inside == AT_ONCE
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_outside_of_requests_nobody_waits_for_a_turn() -> None:
    async with aside():
        pass


async def test_hard_work_is_done_in_a_thread_one_thing_after_another_with_rests() -> None:
    key = uuid4()
    spans = list[tuple[float, float]]()

    def work(seconds: float) -> int:
        began = time.monotonic()
        time.sleep(seconds)
        spans.append((began, time.monotonic()))
        return threading.get_ident()

    async def request() -> None:
        async with hard_work(key) as do:
            assert await do(work, 0.05) != threading.get_ident()

    await asyncio.gather(*[request() for _ in range(3)])
    rests = [begin - end for (_, end), (begin, _) in zip(spans, spans[1:], strict=False)]
    assert len(rests) == 2
    assert min(rests) > 0.1


async def test_hard_work_that_fails_says_so_and_leaves_the_next_its_time() -> None:
    key = uuid4()

    def fail() -> None:
        raise ValueError("no")

    for _ in range(2):
        with pytest.raises(ValueError, match="no"):
            async with hard_work(key) as do:
                await do(fail)


async def test_the_answer_to_hard_work_does_not_wait_for_the_rest() -> None:
    began = time.monotonic()
    async with hard_work(uuid4()) as do:
        await do(time.sleep, 0.2)
    assert time.monotonic() - began < 0.5
