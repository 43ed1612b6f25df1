"""An operation that takes too long is cancelled, and so are its statements in PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext
from tortoise.expressions import RawSQL

from db import models
from projection import Many
from resolvers import locations
from tests.builders import COMPANY, company, create_customer, create_invoice, customer_id, invoice, try_invoice
from tests.conftest import Answer, Api
from transport.limits import Limits

SHORT = Limits(seconds=1)
LOCATIONS = "LOCK TABLE location IN ACCESS EXCLUSIVE MODE"
NUMBERS = "SELECT FROM billing_point WHERE account_id = $1 FOR UPDATE"
Blocked = Callable[..., AbstractAsyncContextManager[None]]
AT_WORK = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'active' AND query LIKE '%' || $1 || '%'
"""


@pytest.fixture
async def admin(database_url: str, service: TortoiseContext) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def blocked(database_url: str) -> Blocked:
    """Holds the locks of a statement for a while."""

    @asynccontextmanager
    async def locks(statement: str, *values: Any) -> AsyncIterator[None]:
        connection = await asyncpg.connect(database_url)
        try:
            async with connection.transaction():
                await connection.execute(statement, *values)
                yield
        finally:
            await connection.close()

    return locks


async def at_work(admin: asyncpg.Connection, on: str, number: int) -> bool:
    """Whether so many of the service's connections soon are busy with such statements."""
    for _ in range(200):
        if await admin.fetchval(AT_WORK, on) == number:
            return True
        await asyncio.sleep(0.01)
    return False


def assert_out_of_time(response: Answer, of: str) -> None:
    (error,) = response["errors"]
    assert error["extensions"] == {"code": "TIMEOUT"}
    assert error["message"].startswith("This took longer than 1 s and was stopped.")
    assert ("check before you repeat" in error["message"]) == (of == "mutation")
    assert response["data"] is None
    assert response["extensions"]["cost"]["requested"] > 0


async def test_a_query_is_stopped_in_postgresql_too(
    api: Api, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Many(models.Province.annotate(slept=RawSQL("pg_sleep(60)")))
    monkeypatch.setattr(locations, "provinces", lambda: slow)
    asking = asyncio.create_task(
        Api(api.account_id, limits=SHORT).execute("{ a: provinces { code } b: provinces { code } }")
    )
    assert await at_work(admin, "pg_sleep", 2)
    assert_out_of_time(await asking, "query")
    assert await at_work(admin, "pg_sleep", 0)


async def test_a_projected_query_that_waits_is_stopped_too(
    api: Api, admin: asyncpg.Connection, blocked: Blocked
) -> None:
    async with blocked(LOCATIONS):
        asking = asyncio.create_task(Api(api.account_id, limits=SHORT).execute("{ provinces { code } }"))
        assert await at_work(admin, "province", 1)
        assert_out_of_time(await asking, "query")
        assert await at_work(admin, "province", 0)


async def test_time_for_one_operation_is_none_of_anothers(api: Api, blocked: Blocked) -> None:
    short = Api(api.account_id, limits=SHORT)
    async with blocked(LOCATIONS):
        slow, quick = await asyncio.gather(
            short.execute("{ provinces { code } }"), short.execute("{ viewer { account { name } } }")
        )
    assert_out_of_time(slow, "query")
    assert "errors" not in quick
    assert len((await short.ask("{ provinces { code } }"))["provinces"]) == 13


async def test_of_a_mutation_that_is_stopped_nothing_is_stored(
    api: Api, admin: asyncpg.Connection, blocked: Blocked
) -> None:
    short = Api(api.account_id, limits=SHORT)
    asked: dict[str, Any] = {"newCustomer": company(), "idempotencyKey": "once"}
    async with blocked(NUMBERS, api.account_id):
        asking = asyncio.create_task(try_invoice(short, **asked))
        assert await at_work(admin, "INSERT INTO sequence", 1)
        assert_out_of_time(await asking, "mutation")
        assert await at_work(admin, "INSERT INTO sequence", 0)
    for table in ("customer", "document", "event", "idempotency_key"):
        assert await admin.fetchval(f"SELECT count(*) FROM {table} WHERE account_id = $1", api.account_id) == 0
    made = await create_invoice(short, **asked)
    assert made["invoice"]["number"] == "0000000001"


async def test_a_mutation_that_is_stopped_after_another_leaves_that_one_done(api: Api, blocked: Blocked) -> None:
    id = await customer_id(api)
    query = """
        mutation ($id: ID!, $input: InvoiceInput!) {
            archiveCustomer(id: $id) { userErrors { code } }
            createInvoice(input: $input, newCustomer: {receiverType: FINAL_CONSUMER, name: "Ana"}) { customerCreated }
        }
    """
    async with blocked(NUMBERS, api.account_id):
        assert_out_of_time(await Api(api.account_id, limits=SHORT).execute(query, id=id, input=invoice()), "mutation")
    data = await api.ask(
        "query ($id: ID!) { customer(id: $id) { status } invoices { totalCount } customers { totalCount } }", id=id
    )
    assert data == {"customer": {"status": "ARCHIVED"}, "invoices": {"totalCount": 0}, "customers": {"totalCount": 0}}


async def test_stopped_at_any_moment_a_mutation_is_done_or_not_and_repeating_it_settles_that(
    api: Api, admin: asyncpg.Connection
) -> None:
    outcomes = set()
    for moment in range(30):
        short = Api(api.account_id, limits=Limits(seconds=0.0005 * moment))
        asked: dict[str, Any] = {"newCustomer": company(), "idempotencyKey": f"{moment}", "onDuplicate": "USE_EXISTING"}
        response = await try_invoice(short, **asked)
        before = await models_count(admin, api)
        again = await create_invoice(api, **asked)
        after = await models_count(admin, api)
        outcomes.add(("errors" in response, after - before))
        assert after == moment + 1
        assert again["invoice"]["number"] == f"{moment + 1:010}"
    assert (True, 1) in outcomes  # stopped, and nothing was stored
    assert (await create_customer(api, company(), onDuplicate="USE_EXISTING"))["created"] is False
    assert (
        await admin.fetchval(
            "SELECT count(*) FROM customer WHERE ruc = $1 AND account_id = $2", COMPANY, api.account_id
        )
        == 1
    )


async def models_count(admin: asyncpg.Connection, api: Api) -> int:
    count: int = await admin.fetchval("SELECT count(*) FROM document WHERE account_id = $1", api.account_id)
    lines: int = await admin.fetchval("SELECT count(*) FROM document_line WHERE account_id = $1", api.account_id)
    assert lines == count
    return count


async def test_the_service_goes_on_with_all_its_connections(api: Api, blocked: Blocked) -> None:
    short = Api(api.account_id, limits=SHORT)
    async with blocked(LOCATIONS):
        responses = await asyncio.gather(*[short.execute("{ provinces { code } }") for _ in range(30)])
    for response in responses:
        assert_out_of_time(response, "query")
    answers = await asyncio.gather(*[api.ask("{ provinces { code } }") for _ in range(30)])
    assert all(len(answer["provinces"]) == 13 for answer in answers)
    assert await models.Location.all().count() == 651
