"""Events are numbered by the process that committed them, right after its answer; the worker finds what was missed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest

from announcements.dispatcher import Dispatcher
from announcements.settings import Settings
from announcements.worker import Worker
from db import models, tenant
from documents.render import Renderer
from resolvers import outbox, webhooks
from rules.vocabulary import EventType
from tests.announcements.conftest import Receiver, dispatched, events, until
from tests.builders import create_invoice, customer_id, foreigner, invoice, line
from tests.conftest import FONTS, Api
from transport.execution import OperationRunner


@pytest.fixture
async def dispatcher(api: Api) -> AsyncIterator[Dispatcher]:
    """That of the process in which the client's requests are executed."""
    runner = api.runner
    async with Dispatcher() as dispatcher:
        api.runner = OperationRunner(
            runner.limiter, runner.thread, runner.limits, operations=runner.operations, dispatcher=dispatcher
        )
        yield dispatcher


async def numbers(api: Api) -> list[int | None]:
    return [event.sequence for event in await events(api)]


async def test_the_events_of_a_mutation_are_numbered_without_a_worker(api: Api, dispatcher: Dispatcher) -> None:
    await customer_id(api, foreigner())
    await until(lambda: is_numbered(api, 1), 2)
    await create_invoice(api, invoice(line(), issue=True), customerId=await customer_id(api))
    await until(lambda: is_numbered(api, 3), 2)
    assert await numbers(api) == [1, 2, 3]


async def is_numbered(api: Api, count: int) -> bool:
    found = await numbers(api)
    return len(found) == count and None not in found


async def test_reading_wakes_nobody(api: Api, dispatcher: Dispatcher) -> None:
    await api.ask("{ customers { totalCount } }")
    assert dispatcher._tasks == {}


async def test_many_events_are_dispatched_by_few_statements(
    api: Api, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = 0
    dispatch_account = outbox.dispatch_account

    async def counted() -> int:
        nonlocal statements
        statements += 1
        return await dispatch_account()

    monkeypatch.setattr(outbox, "dispatch_account", counted)
    for _ in range(50):
        await announce(api)
        dispatcher.wake(api.account_id)
    await until(lambda: is_numbered(api, 50))
    assert statements < 25
    assert await numbers(api) == list(range(1, 51))


async def announce(api: Api) -> None:
    customer = models.Customer(
        id=api.account_id, version=1, status="ACTIVE", name="Ana", verification_status="UNVERIFIED"
    )
    with tenant.acting_for(api.account_id):
        await outbox.announce((EventType.CUSTOMER_UPDATED, customer))


async def test_a_failure_leaves_the_events_to_the_worker(
    api: Api, dispatcher: Dispatcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails() -> int:
        raise asyncpg.CannotConnectNowError("starting up")

    with monkeypatch.context() as patched:
        patched.setattr(outbox, "dispatch_account", fails)
        await customer_id(api, foreigner())
        await until(lambda: dispatcher._tasks == {}, 2)
    assert await numbers(api) == [None]
    await dispatched()
    assert await numbers(api) == [1]
    await customer_id(api, foreigner(number="AB123"))  # and the next one is dispatched here again
    await until(lambda: is_numbered(api, 2), 2)


async def test_a_dispatcher_waits_for_another_one_and_takes_what_that_has_not_seen(
    api: Api, dispatcher: Dispatcher, database_url: str
) -> None:
    first = await asyncpg.connect(database_url)
    with tenant.acting_for(api.account_id):
        await announce(api)
        await first.execute("SET ROLE istmo_app; BEGIN")
        assert await first.fetchval("SELECT dispatch_events(500, $1)", api.account_id) == 1
        await announce(api)
        second = asyncio.create_task(outbox.dispatch_account())
        await asyncio.sleep(0.2)
        assert not second.done()
        assert await outbox.dispatch_missed(500) == 0  # the look at all accounts passes this one over
        await first.execute("COMMIT")
        assert await second == 1
    await first.close()
    assert await numbers(api) == [1, 2]


async def test_an_account_does_not_wait_for_the_dispatcher_of_another(
    api: Api, new_account: Callable[[], Awaitable[UUID]], database_url: str
) -> None:
    other = Api(await new_account())
    first = await asyncpg.connect(database_url)
    await first.execute("SET ROLE istmo_app; BEGIN")
    await first.fetchval("SELECT dispatch_events(500, $1)", api.account_id)
    await customer_id(other, foreigner())
    await dispatched()
    assert await numbers(other) == [1]
    await first.close()


async def test_a_worker_that_listens_delivers_long_before_it_would_have_looked(
    api: Api, dispatcher: Dispatcher, receiver: Receiver, settings: Settings, database_url: str
) -> None:
    with tenant.acting_for(api.account_id):
        await webhooks.create(f"{receiver.url}/hook", None, local=True)
    slow = Settings(mail_folder=settings.mail_folder, local_webhooks=True, poll=60.0)
    with Renderer(FONTS) as renderer:
        task = asyncio.create_task(Worker(slow, renderer).run(database_url))
        try:
            await asyncio.sleep(0.5)
            await customer_id(api, foreigner())
            await until(lambda: len(receiver.calls) == 1, 5)
        finally:
            task.cancel()
            await asyncio.wait([task])
