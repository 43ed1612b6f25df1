"""An event exists if and only if its change is committed."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from db import models, tenant
from resolvers import customers, outbox
from rules.calendar import PANAMA
from rules.vocabulary import EventType
from tests.announcements.conftest import dispatched, do, events, types, until, void
from tests.builders import (
    company,
    create_customer,
    create_invoice,
    customer_id,
    fail_at_the_end,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import ON_ONE_NODE, Api

CHANGE = """
    mutation ($id: ID!, $input: CustomerPatch!) {
        updateCustomer(id: $id, input: $input) { customer { version } userErrors { code } }
    }
"""


# What is announced


async def test_each_change_of_a_customer_is_announced(api: Api) -> None:
    id = await customer_id(api, company())
    await api.ask(CHANGE, id=id, input={"phone": "6677-8899"})
    await do(api, "archiveCustomer", id)
    await do(api, "restoreCustomer", id)
    found = await events(api)
    assert [(event.type.dotted, event.data["version"], event.data["status"]) for event in found] == [
        ("customer.created", 1, "ACTIVE"),
        ("customer.updated", 2, "ACTIVE"),
        ("customer.archived", 3, "ARCHIVED"),
        ("customer.restored", 4, "ACTIVE"),
    ]
    assert {str(event.object_id) for event in found} == {id}
    assert found[0].data == {
        "id": id,
        "version": 1,
        "status": "ACTIVE",
        "name": "Hoteles Istmo, S.A.",
        "identification": "155596713-2-2015 DV 59",
        "verification": "UNVERIFIED",
    }


async def test_each_change_of_an_invoice_is_announced(api: Api) -> None:
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await api.ask(
        'mutation ($id: ID!) { updateInvoice(id: $id, input: {notes: "Gracias"}) { userErrors { code } } }', id=draft
    )
    await do(api, "issueInvoice", draft)
    await void(api, draft)
    other = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await do(api, "deleteDraft", other)
    found = (await events(api))[1:]
    assert [(event.type.dotted, event.data["status"], event.data["number"]) for event in found] == [
        ("invoice.created", "DRAFT", None),
        ("invoice.updated", "DRAFT", None),
        ("invoice.issued", "ISSUED", "0000000001"),
        ("invoice.voided", "VOID", "0000000001"),
        ("invoice.created", "DRAFT", None),
        ("invoice.deleted", "DRAFT", None),
    ]
    assert found[2].data == {
        "id": draft,
        "version": 3,
        "status": "ISSUED",
        "customerId": customer,
        "billingPoint": "001",
        "number": "0000000001",
        "issueDate": str(found[2].occurred_at.astimezone(PANAMA).date()),
        "currency": "PAB",
        "total": "10.70",
    }


async def test_an_invoice_that_is_issued_at_once_is_announced_as_issued_only(api: Api) -> None:
    await create_invoice(api, newCustomer=taxpayer())
    assert await types(api) == ["CUSTOMER_CREATED", "INVOICE_ISSUED"]


async def test_a_customer_that_is_completed_on_the_way_is_announced_as_updated(api: Api) -> None:
    await create_customer(api, company())
    await create_invoice(api, newCustomer=company(), onDuplicate="USE_EXISTING")
    await create_invoice(api, newCustomer=company(phone="6677-8899"), onDuplicate="UPDATE_EMPTY")
    await create_customer(api, company(mobile="6677-8898"), onDuplicate="UPDATE_EMPTY")
    assert await types(api) == [
        *("CUSTOMER_CREATED", "INVOICE_ISSUED", "CUSTOMER_UPDATED", "INVOICE_ISSUED", "CUSTOMER_UPDATED")
    ]


# What is not


async def test_what_changes_nothing_is_not_announced(api: Api) -> None:
    id = await customer_id(api, company())
    invoice_id = (await create_invoice(api, customerId=id))["invoice"]["id"]
    for _ in range(2):
        await void(api, invoice_id)
        await do(api, "archiveCustomer", id)
    before = await types(api)
    await api.ask(CHANGE, id=id, input={"name": "Hoteles Istmo, S.A."})
    await create_customer(api, company(), onDuplicate="USE_EXISTING", dryRun=True)
    assert await types(api) == before == ["CUSTOMER_CREATED", "INVOICE_ISSUED", "INVOICE_VOIDED", "CUSTOMER_ARCHIVED"]


async def test_a_dry_run_a_refusal_and_a_repeated_request_announce_nothing(api: Api) -> None:
    await create_invoice(api, newCustomer=company(), dryRun=True)
    await create_customer(api, taxpayer(), dryRun=True)
    await create_invoice(api, invoice(line(quantity="-1")), newCustomer=company())
    assert await types(api) == []
    for _ in range(3):
        await create_invoice(api, newCustomer=company(), idempotencyKey="once")
    assert await types(api) == ["CUSTOMER_CREATED", "INVOICE_ISSUED"]


async def test_a_change_that_is_rolled_back_leaves_no_event(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    id = await customer_id(api)
    fail_at_the_end(monkeypatch)
    with tenant.acting_for(api.account_id), pytest.raises(OperationalError, match="event_2: 1"):
        await customers.archive(id)
    assert await types(api) == ["CUSTOMER_CREATED"]


@ON_ONE_NODE
async def test_events_are_stored_by_the_statement_that_stores_what_they_announce(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        await create_invoice(api, newCustomer=company())
    [sent] = [record.getMessage() for record in caplog.records if "INSERT INTO event" in record.getMessage()]
    assert sent.count("INSERT INTO event") == 2
    assert "INSERT INTO document " in sent
    assert await types(api) == ["CUSTOMER_CREATED", "INVOICE_ISSUED"]


# The feed's order


async def write(api: Api, *wanted: EventType) -> None:
    customer = models.Customer(id=UUID(int=7), account_id=api.account_id, name="Ana", status="ACTIVE", search="")
    await outbox.announce(*[(type, customer) for type in wanted])


async def sequences(api: Api) -> list[int | None]:
    return [event.sequence for event in await events(api)]


async def test_events_are_numbered_without_gaps_in_each_account(
    api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    other = Api(await new_account())
    for _ in range(3):
        await customer_id(api)
        await customer_id(other)
    assert await sequences(api) == [None] * 3
    await dispatched()
    await customer_id(api)
    await dispatched()
    assert await sequences(api) == [1, 2, 3, 4]
    assert await sequences(other) == [1, 2, 3]


async def test_a_transaction_that_commits_late_comes_later_in_the_feed(api: Api) -> None:
    """Else a reader who had gone on would never see it."""
    written, quick = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        with tenant.acting_for(api.account_id):
            async with in_transaction():
                await write(api, EventType.CUSTOMER_CREATED)
                written.set()
                await quick.wait()

    task = asyncio.create_task(slow())
    await written.wait()
    await customer_id(api)
    await dispatched()
    quick.set()
    await task
    await dispatched()
    assert await sequences(api) == [2, 1]


async def test_a_reader_never_misses_an_event_while_writers_and_dispatchers_race(api: Api) -> None:
    seen: list[int] = []
    writing = True

    async def writer() -> None:
        for _ in range(15):
            with tenant.acting_for(api.account_id):
                async with in_transaction():
                    await write(api, EventType.CUSTOMER_UPDATED)
                    await asyncio.sleep(0.002)

    async def dispatcher() -> None:
        while writing:
            await outbox.dispatch_missed(3)
            await asyncio.sleep(0)

    async def committer() -> None:
        with tenant.acting_for(api.account_id):
            while writing:
                await outbox.dispatch_account()
                await asyncio.sleep(0)

    async def reader() -> None:
        with tenant.acting_for(api.account_id):
            while writing:
                rows = models.Event.filter(sequence__gt=seen[-1] if seen else 0).order_by("sequence").limit(4)
                seen.extend(await rows.values_list("sequence", flat=True))  # type: ignore[arg-type]
                await asyncio.sleep(0)

    others = [asyncio.create_task(work()) for work in (dispatcher, dispatcher, committer, committer, reader)]
    await asyncio.gather(*[writer() for _ in range(5)])
    await dispatched()
    await until(lambda: len(seen) == 75)
    writing = False
    await asyncio.gather(*others)
    assert seen == list(range(1, 76))


async def test_a_dispatcher_that_dies_half_way_leaves_everything_to_the_next(api: Api, database_url: str) -> None:
    await customer_id(api)
    connection = await asyncpg.connect(database_url)
    await connection.execute("SET ROLE istmo_app; BEGIN")
    assert await connection.fetchval("SELECT dispatch_events(100)") == 1
    assert await outbox.dispatch_missed(100) == 0  # one at a time
    connection.terminate()
    await until(lambda: outbox.dispatch_missed(100))
    assert await sequences(api) == [1]


# Reading the feed

FEED = """
    query ($after: String, $first: Int, $types: [EventType!]) {
        events(after: $after, first: $first, types: $types) {
            edges { node { id type sequence objectId data occurredAt } }
            pageInfo { endCursor hasNextPage }
        }
    }
"""


async def test_the_feed_is_read_page_by_page_and_goes_on_where_it_was_left(api: Api) -> None:
    for _ in range(5):
        await customer_id(api)
    await dispatched()
    cursor, found = None, []
    for _ in range(3):
        feed = (await api.ask(FEED, after=cursor, first=2))["events"]
        found += [edge["node"] for edge in feed["edges"]]
        cursor = feed["pageInfo"]["endCursor"]
    assert not feed["pageInfo"]["hasNextPage"]
    assert (await api.ask(FEED, after=cursor))["events"]["edges"] == []
    id = await customer_id(api)
    assert (await api.ask(FEED, after=cursor))["events"]["edges"] == []  # before it is dispatched
    await dispatched()
    [edge] = (await api.ask(FEED, after=cursor))["events"]["edges"]
    assert (edge["node"]["objectId"], edge["node"]["data"]["id"]) == (id, id)
    stored = await events(api)
    assert [node["id"] for node in [*found, edge["node"]]] == [str(event.id) for event in stored]
    assert [node["sequence"] for node in found] == [1, 2, 3, 4, 5]


async def test_the_feed_can_be_read_for_some_types(api: Api) -> None:
    await create_invoice(api, newCustomer=taxpayer())
    await dispatched()
    for wanted, found in [(["INVOICE_ISSUED"], [2]), (["CUSTOMER_CREATED", "INVOICE_ISSUED"], [1, 2]), ([], [])]:
        edges = (await api.ask(FEED, types=wanted))["events"]["edges"]
        assert [edge["node"]["sequence"] for edge in edges] == found


async def test_an_account_reads_its_own_feed_only(api: Api, electronic: Api) -> None:
    await customer_id(api)
    await dispatched()
    assert (await electronic.ask(FEED))["events"]["edges"] == []
