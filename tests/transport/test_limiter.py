"""How much of what an account asks for is worked on at once."""

import asyncio
from uuid import UUID, uuid4

import pytest

from transport.errors import TooMany
from transport.limiter import PERMITS, SHARED_PERMITS, AccountLimiter

PATIENCE = 5.0
LIMITER = AccountLimiter(PATIENCE)
IMPATIENT = AccountLimiter(0.05)


class Crowd:
    """Requests that stay until they are let go."""

    def __init__(self) -> None:
        self.inside = 0
        self.go = asyncio.Event()

    async def request(self, account: UUID, limiter: AccountLimiter = LIMITER) -> None:
        async with limiter.admit(account):
            self.inside += 1
            try:
                await self.go.wait()
            finally:
                self.inside -= 1

    def arrives(self, account: UUID, many: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.request(account)) for _ in range(many)]


async def a_moment() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_an_account_has_so_many_permits_and_the_rest_waits_in_line() -> None:
    crowd = Crowd()
    requests = crowd.arrives(uuid4(), PERMITS + 7)
    await a_moment()
    assert crowd.inside == PERMITS
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_permits_are_given_in_the_order_of_arrival() -> None:
    account, begun = uuid4(), list[int]()

    async def request(number: int) -> None:
        async with LIMITER.admit(account):
            begun.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*[request(number) for number in range(30)])
    assert begun == list(range(30))


async def test_another_account_does_not_wait() -> None:
    crowd = Crowd()
    requests = crowd.arrives(uuid4(), 3 * PERMITS) + crowd.arrives(uuid4(), 1)
    await a_moment()
    assert crowd.inside == PERMITS + 1
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_an_account_has_fewer_permits_while_others_are_served() -> None:
    busy, other, limiter = Crowd(), Crowd(), AccountLimiter(PATIENCE)
    account = uuid4()
    tasks = [asyncio.create_task(other.request(uuid4(), limiter))]
    await a_moment()
    tasks += [asyncio.create_task(busy.request(account, limiter)) for _ in range(PERMITS + 3)]
    await a_moment()
    assert busy.inside == SHARED_PERMITS
    other.go.set()
    await a_moment()
    assert busy.inside == PERMITS
    busy.go.set()
    await asyncio.gather(*tasks)


async def test_permits_above_the_share_are_not_given_again_once_another_account_is_served() -> None:
    limiter, account, inside = AccountLimiter(PATIENCE), uuid4(), list[asyncio.Event]()

    async def request() -> None:
        async with limiter.admit(account):
            inside.append(asyncio.Event())
            await inside[-1].wait()

    tasks = [asyncio.create_task(request()) for _ in range(2 * PERMITS)]
    await a_moment()
    assert len(inside) == PERMITS
    async with limiter.admit(uuid4()):
        for number in range(PERMITS):
            inside[number].set()
            await a_moment()
        assert len(inside) == PERMITS + SHARED_PERMITS
    await a_moment()
    assert len(inside) == 2 * PERMITS
    for event in inside:
        event.set()
    await asyncio.gather(*tasks)


async def test_a_request_that_waits_too_long_is_refused() -> None:
    crowd, account = Crowd(), uuid4()
    requests = [asyncio.create_task(crowd.request(account, IMPATIENT)) for _ in range(PERMITS)]
    await a_moment()
    with pytest.raises(TooMany) as caught:
        await crowd.request(account, IMPATIENT)
    assert (caught.value.status_code, caught.value.headers) == (429, {"Retry-After": "1"})
    crowd.go.set()
    await asyncio.gather(*requests)
    await crowd.request(account, IMPATIENT)  # nothing is left of the one that gave up


async def test_a_time_out_of_the_request_itself_is_not_taken_for_a_refusal() -> None:
    with pytest.raises(TimeoutError):
        async with LIMITER.admit(uuid4()):
            raise TimeoutError


async def test_a_request_that_waits_for_another_service_gives_its_permit_back() -> None:
    crowd, account = Crowd(), uuid4()
    answered = asyncio.Event()
    steps = list[str]()

    async def consults() -> None:
        async with LIMITER.admit(account):
            async with LIMITER.while_waiting():
                await answered.wait()
            steps.append("again inside")
            await asyncio.sleep(0)

    consulting = [asyncio.create_task(consults()) for _ in range(PERMITS)]
    await a_moment()
    requests = crowd.arrives(account, PERMITS)
    await a_moment()
    assert crowd.inside == PERMITS
    answered.set()
    await a_moment()
    assert steps == []  # until there are permits
    crowd.go.set()
    await asyncio.gather(*requests, *consulting)
    assert steps == ["again inside"] * PERMITS


async def test_parts_of_a_request_may_wait_for_other_services_in_any_order() -> None:
    account = uuid4()
    answers = [asyncio.Event() for _ in range(3)]

    async def part(number: int) -> None:
        async with LIMITER.while_waiting():
            await answers[number].wait()

    async def request(order: list[int]) -> None:
        async with LIMITER.admit(account):
            parts = [asyncio.create_task(part(number)) for number in range(3)]
            await a_moment()
            for number in order:
                answers[number].set()
                await a_moment()
            await asyncio.gather(*parts)

    await request([2, 0, 1])
    crowd = Crowd()
    requests = crowd.arrives(account, PERMITS + 1)
    await a_moment()
    assert crowd.inside == PERMITS  # neither more permits than before nor fewer
    crowd.go.set()
    await asyncio.gather(*requests)


@pytest.mark.parametrize("within", ["line", "request", "other service", "line again"])
async def test_a_cancelled_request_leaves_no_permit_taken(within: str) -> None:
    crowd, account = Crowd(), uuid4()
    answered = asyncio.Event()

    async def request() -> None:
        async with LIMITER.admit(account):
            if within != "request":
                async with LIMITER.while_waiting():
                    await answered.wait()
            await asyncio.sleep(60)

    others = crowd.arrives(account, PERMITS) if within == "line" else []
    await a_moment()
    leaving = asyncio.create_task(request())
    await a_moment()
    if within == "line again":
        others = crowd.arrives(account, PERMITS)
        await a_moment()
        answered.set()
        await a_moment()
    leaving.cancel()
    await asyncio.gather(leaving, return_exceptions=True)
    crowd.go.set()
    await asyncio.gather(*others)

    crowd = Crowd()
    requests = crowd.arrives(account, PERMITS + 1)
    await a_moment()
    assert crowd.inside == PERMITS
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_a_costly_request_may_wait_for_another_service_while_all_others_wait_for_it() -> None:
    account, answered = uuid4(), asyncio.Event()

    async def costly(consults: bool) -> None:
        async with LIMITER.admit(account), LIMITER.admit_costly():
            if consults:
                async with LIMITER.while_waiting():
                    await answered.wait()

    requests = [asyncio.create_task(costly(number == 0)) for number in range(3 * PERMITS)]
    await a_moment()
    cheap = asyncio.create_task(Crowd().request(account))
    await a_moment()
    cheap.cancel()
    answered.set()
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*requests)


async def test_waiting_costly_requests_keep_no_cheap_request_waiting() -> None:
    crowd, account = Crowd(), uuid4()

    async def costly() -> None:
        async with LIMITER.admit(account), LIMITER.admit_costly():
            pass

    async with LIMITER.admit(account), LIMITER.admit_costly():
        waiting = [asyncio.create_task(costly()) for _ in range(3 * PERMITS)]
        await a_moment()
        requests = crowd.arrives(account, PERMITS - 1)
        await a_moment()
        assert crowd.inside == PERMITS - 1
        waiting[0].cancel()
    crowd.go.set()
    await asyncio.gather(*requests)
    async with asyncio.timeout(PATIENCE):
        await asyncio.gather(*waiting, return_exceptions=True)
        async with LIMITER.admit(account), LIMITER.admit_costly():  # nobody holds it
            pass


async def test_a_cancelled_request_does_not_wait_for_a_permit_to_end() -> None:
    crowd, account = Crowd(), uuid4()

    async def consults() -> None:
        async with LIMITER.admit(account), LIMITER.while_waiting():
            await asyncio.sleep(60)

    leaving = asyncio.create_task(consults())
    await a_moment()
    requests = crowd.arrives(account, PERMITS)
    await a_moment()
    leaving.cancel()
    async with asyncio.timeout(PATIENCE / 2):
        await asyncio.gather(leaving, return_exceptions=True)
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_a_part_that_outlives_its_request_takes_no_permit() -> None:
    crowd, account, answered = Crowd(), uuid4(), asyncio.Event()

    async def part() -> None:
        async with LIMITER.while_waiting():
            await answered.wait()

    async with LIMITER.admit(account):
        left = asyncio.create_task(part())
        await a_moment()
    answered.set()
    await left
    requests = crowd.arrives(account, PERMITS)
    await a_moment()
    assert crowd.inside == PERMITS
    crowd.go.set()
    await asyncio.gather(*requests)


async def test_work_outside_of_requests_waits_for_no_permit() -> None:
    async with LIMITER.while_waiting():
        pass
