"""Merging customers while others invoice, change and merge them: no document is left with a merged customer."""

import asyncio
import random
from collections.abc import AsyncIterator

import asyncpg
import pytest
from tortoise.connection import get_connection

from db import models, tenant
from tests.builders import company, create_invoice, customer_id, faults, invoice, taxpayer
from tests.conftest import Answer, Api
from tests.merging import merged, merges, try_merge, try_undo
from tests.noting import credited, try_credit


@pytest.fixture
async def beside(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection past the service, for a transaction that stays open."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def strays(api: Api) -> int:
    """The documents of merged customers."""
    with tenant.acting_for(api.account_id):
        query = """SELECT count(*) FROM document d JOIN customer c ON c.account_id = $1 AND c.id = d.customer_id
            WHERE d.account_id = $1 AND c.merged_into IS NOT NULL"""
        _, rows = await get_connection("default").execute_query(query, [api.account_id])
    count: int = rows[0]["count"]
    return count


async def owner_of(api: Api, invoice_id: str) -> str:
    with tenant.acting_for(api.account_id):
        return str((await models.Document.get(id=invoice_id)).customer_id)


async def waits(task: asyncio.Task[Answer]) -> bool:
    done, _ = await asyncio.wait([task], timeout=0.3)
    return not done


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param({}, id="an issued invoice"),
        pytest.param({"input": invoice(issue=False)}, id="a draft"),
    ],
)
async def test_an_invoice_written_during_a_merge_is_the_survivors(
    api: Api, beside: asyncpg.Connection, arguments: dict[str, Answer]
) -> None:
    one, other = await customer_id(api, taxpayer(name="Una")), await customer_id(api, taxpayer(name="Otra"))
    async with beside.transaction():  # as the merge does, up to its commit
        await beside.execute("SELECT FROM customer WHERE id = $1 FOR UPDATE", other)
        await beside.execute("UPDATE customer SET status = 'MERGED', merged_into = $2 WHERE id = $1", other, one)
        task = asyncio.create_task(create_invoice(api, customerId=other, **arguments))
        assert await waits(task)
    payload = await task
    assert payload["userErrors"] == []
    assert (payload["invoice"]["number"] is None) == ("input" in arguments)
    assert await owner_of(api, payload["invoice"]["id"]) == one
    # Whoever reads the customer while the invoice waits for the merge issues it to the customer as it was.
    assert payload["invoice"]["customer"]["id"] == one


async def test_a_merge_waits_for_an_invoice_and_takes_it_along(api: Api, beside: asyncpg.Connection) -> None:
    one, other = await customer_id(api), await customer_id(api)
    bill = (await create_invoice(api, input=invoice(issue=False), customerId=one))["invoice"]["id"]
    async with beside.transaction():  # as an invoice that is being written for the other customer
        await beside.execute("UPDATE document SET customer_id = $2 WHERE id = $1", bill, other)
        task = asyncio.create_task(try_merge(api, other, into=one))
        assert await waits(task)
    assert (await task)["documentCount"] == 1
    assert await owner_of(api, bill) == one


async def test_a_note_waits_for_the_merge_of_its_customer(api: Api, beside: asyncpg.Connection) -> None:
    one, other = await customer_id(api), await customer_id(api)
    bill = (await create_invoice(api, customerId=other))["invoice"]["id"]
    async with beside.transaction():
        await beside.execute("UPDATE document SET customer_id = $2 WHERE id = $1", bill, one)
        task = asyncio.create_task(try_credit(api, bill))
        assert await waits(task)
    assert (await task)["userErrors"] == []
    assert await owner_of(api, (await task)["note"]["id"]) == one


async def test_a_note_and_a_merge_do_not_block_each_other(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    bills = [(await create_invoice(api, customerId=other))["invoice"]["id"] for _ in range(6)]
    payloads = await asyncio.gather(try_merge(api, other, into=one), *(credited(api, bill) for bill in bills))
    assert payloads[0]["userErrors"] == []
    assert await strays(api) == 0
    assert {await owner_of(api, note["id"]) for note in payloads[1:]} == {one}


async def test_two_merges_into_each_other_leave_one_customer(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    payloads = await asyncio.gather(try_merge(api, one, into=other), try_merge(api, other, into=one))
    refused = [payload for payload in payloads if payload["userErrors"]]
    assert [faults(payload) for payload in refused] == [{("from.0", "INVALID_VALUE")}]
    assert len(await merges(api)) == 1


async def test_one_of_two_that_undo_a_merge_at_once_does_it(api: Api) -> None:
    one, other = await customer_id(api), await customer_id(api)
    await merged(api, other, into=one)
    [merge] = await merges(api)
    payloads = await asyncio.gather(*(try_undo(api, merge["id"]) for _ in range(2)))
    assert sorted(map(len, (payload["userErrors"] for payload in payloads))) == [0, 1]


async def test_merges_changes_invoices_and_notes_at_once_lose_nothing(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=f"Cliente {n}")) for n in range(6)]
    rename = """mutation ($id: ID!, $name: String!) { updateCustomer(id: $id, input: {name: $name}) {
        userErrors { code } } }"""

    async def bill(n: int) -> None:
        await asyncio.sleep(random.random() / 4)
        payload = await create_invoice(api, invoice(issue=n % 3 > 0), customerId=random.choice(ids))
        assert payload["userErrors"] == []
        if n % 3 == 1:
            assert (await try_credit(api, payload["invoice"]["id"]))["userErrors"] == []

    async def change(n: int) -> None:
        await asyncio.sleep(random.random() / 4)
        await api.ask(rename, id=random.choice(ids), name=f"Nuevo {n}")

    async def merge(other: str, into: str) -> None:
        await asyncio.sleep(random.random() / 4)
        assert not faults(await try_merge(api, other, into=into)) - {("from.0", "INVALID_VALUE")}

    pairs = [(ids[n], ids[(n * 2 + 1) % 6]) for n in range(5)]
    await asyncio.gather(*map(bill, range(30)), *map(change, range(6)), *(merge(*pair) for pair in pairs))
    assert await strays(api) == 0
    with tenant.acting_for(api.account_id):
        assert await models.Document.filter(invoice_id__isnull=True).count() == 30
        left = await models.Customer.filter(status="ACTIVE").values_list("id", flat=True)
        merged_ones = await models.Customer.filter(status="MERGED")
        assert {row.merged_into_id for row in merged_ones} <= set(left)
        numbers = await models.Document.filter(type="INVOICE", number__isnull=False).values_list("number", flat=True)
    assert sorted(int(str(number)) for number in numbers) == list(range(1, 21))


async def test_a_customer_that_is_used_again_while_it_is_merged_is_the_survivor(api: Api) -> None:
    one, other = await customer_id(api, taxpayer(name="Una")), await customer_id(api, company())
    requests = [create_invoice(api, newCustomer=company(), onDuplicate="USE_EXISTING") for _ in range(8)]
    payloads = await asyncio.gather(*requests, try_merge(api, other, into=one))
    assert [payload["userErrors"] for payload in payloads] == [[]] * 9
    assert await strays(api) == 0
    with tenant.acting_for(api.account_id):
        [row] = await models.Customer.filter(status="ACTIVE")
    assert str(row.id) == one
