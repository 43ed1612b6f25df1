"""Many callers at once: numbers without gaps, one customer per RUC, one invoice per idempotency key."""

import asyncio
import random
from typing import Any

import asyncpg
import pytest
from tortoise.connection import get_connection

from db import models, tenant
from resolvers.transactions import atomically
from tests.builders import (
    COMPANY,
    Input,
    company,
    create_customer,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    stored,
    taxpayer,
    try_invoice,
)
from tests.conftest import Answer, Api


def numbers(payloads: list[Answer]) -> list[int]:
    return sorted(int(payload["invoice"]["number"]) for payload in payloads)


async def test_fifty_invoices_at_once_get_the_numbers_1_to_50(api: Api) -> None:
    id = await customer_id(api)
    payloads = await asyncio.gather(*(create_invoice(api, customerId=id) for _ in range(50)))
    assert numbers(payloads) == list(range(1, 51))
    counts = await stored(api)
    assert (counts["Document"], counts["DocumentLine"], counts["last_number"]) == (50, 50, 50)


async def test_refused_invoices_leave_no_gap_among_the_others(api: Api) -> None:
    id = await customer_id(api)
    requests = [
        create_invoice(api, invoice(issueDate="2999-01-01" if n % 3 else None), customerId=id) for n in range(45)
    ]
    payloads = [payload for payload in await asyncio.gather(*requests) if not payload["userErrors"]]
    assert numbers(payloads) == list(range(1, 16))
    assert (await stored(api))["last_number"] == 15


@pytest.mark.parametrize(
    ("input", "path"),
    [pytest.param(company(), "input.ruc", id="a RUC"), pytest.param(foreigner(), "input.foreignId", id="a document")],
)
async def test_one_of_fifty_registrations_at_once_wins(api: Api, input: Input, path: str) -> None:
    payloads = await asyncio.gather(*(create_customer(api, input) for _ in range(50)))
    [winner] = [payload for payload in payloads if not payload["userErrors"]]
    losers = [payload for payload in payloads if payload["userErrors"]]
    assert len(losers) == 49
    assert all(faults(payload) == {(path, "DUPLICATE_CUSTOMER")} for payload in losers)
    assert {payload["userErrors"][0]["relatedId"] for payload in losers} == {winner["customer"]["id"]}
    assert (await stored(api))["Customer"] == 1


async def test_fifty_invoices_at_once_with_the_same_new_customer_share_it(api: Api) -> None:
    requests = [create_invoice(api, newCustomer=company(), onDuplicate="USE_EXISTING") for _ in range(50)]
    payloads = await asyncio.gather(*requests)
    assert numbers(payloads) == list(range(1, 51))
    assert [payload["customerCreated"] for payload in payloads].count(True) == 1
    assert len({payload["customer"]["id"] for payload in payloads}) == 1
    assert (await stored(api))["Customer"] == 1


async def test_one_of_many_invoices_with_the_same_new_customer_wins_where_duplicates_fail(api: Api) -> None:
    payloads = await asyncio.gather(*(create_invoice(api, newCustomer=company()) for _ in range(20)))
    [winner] = [payload for payload in payloads if not payload["userErrors"]]
    for payload in payloads:
        if payload is not winner:
            assert faults(payload) == {("newCustomer.ruc", "DUPLICATE_CUSTOMER")}
            assert payload["userErrors"][0]["relatedId"] == winner["customer"]["id"]
    counts = await stored(api)
    assert (counts["Customer"], counts["Document"], counts["last_number"]) == (1, 1, 1)


async def test_a_request_sent_twenty_times_at_once_with_its_key_is_done_once(api: Api) -> None:
    requests = [create_invoice(api, newCustomer=company(), idempotencyKey="k") for _ in range(20)]
    payloads = await asyncio.gather(*requests)
    assert payloads[0]["userErrors"] == []
    assert all(payload == payloads[0] for payload in payloads)
    counts = await stored(api)
    assert (counts["Customer"], counts["Document"], counts["last_number"], counts["IdempotencyKey"]) == (1, 1, 1, 1)


async def test_of_different_requests_at_once_with_one_key_one_is_done(api: Api) -> None:
    requests = [
        create_invoice(api, invoice(notes=f"{n}"), newCustomer=taxpayer(), idempotencyKey="k") for n in range(12)
    ]
    payloads = await asyncio.gather(*requests)
    assert [payload["invoice"] is None for payload in payloads].count(False) == 1
    refused = [payload for payload in payloads if payload["invoice"] is None]
    assert all(faults(payload) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")} for payload in refused)
    assert (await stored(api))["Customer"] == 1


async def test_a_key_whose_first_request_is_refused_serves_the_next_one_in_line(api: Api) -> None:
    wrong, right = taxpayer(name=""), taxpayer()
    requests = [create_customer(api, right if n % 2 else wrong, idempotencyKey="k") for n in range(12)]
    payloads = await asyncio.gather(*requests)
    made = {payload["customer"]["id"] for payload in payloads if payload["customer"]}
    assert len(made) == 1
    assert all(payload["customer"] for payload in payloads[1::2])
    # The wrong ones saw either nobody's key or the key of the right one.
    expected = [{("input.name", "REQUIRED")}, {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}]
    assert all(faults(payload) in expected for payload in payloads[::2])


async def test_two_at_once_that_fill_the_customer_in_lose_nothing(api: Api) -> None:
    for round, ruc in enumerate([COMPANY, "155596714-2-2015", "155596715-2-2015", "155596716-2-2015"]):
        await create_customer(api, taxpayer(ruc=ruc))
        await asyncio.gather(
            create_customer(
                api, taxpayer(ruc=ruc, email="a@example.com", phone="6677-8899"), onDuplicate="UPDATE_EMPTY"
            ),
            create_customer(
                api, taxpayer(ruc=ruc, address="Vía Brasil 7", phone="6677-8800"), onDuplicate="UPDATE_EMPTY"
            ),
        )
        after = (await create_customer(api, taxpayer(ruc=ruc), onDuplicate="USE_EXISTING"))["customer"]
        assert (after["email"], after["address"], after["version"]) == ("a@example.com", "Vía Brasil 7", 3)
        assert after["phone"] in ("+50766778899", "+50766778800")
        assert (await stored(api))["Customer"] == round + 1


async def test_many_at_once_that_fill_in_persons_leave_one_list(api: Api) -> None:
    await create_customer(api, company())
    lists = [[{"name": f"Ana {n}"}, {"name": f"Luis {n}"}] for n in range(10)]
    requests = [create_customer(api, company(associatedPersons=each), onDuplicate="UPDATE_EMPTY") for each in lists]
    payloads = await asyncio.gather(*requests)
    kept = {tuple(person["name"] for person in payload["customer"]["associatedPersons"]) for payload in payloads}
    assert len(kept) == 1
    assert (await stored(api))["AssociatedPerson"] == 2


async def test_filling_a_customer_in_and_invoicing_it_at_once_do_not_block_each_other(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=COMPANY))
    requests = []
    for n in range(30):
        requests.append(create_invoice(api, customerId=id))
        filled = taxpayer(ruc=COMPANY, address=f"Calle {n} Este")
        requests.append(create_invoice(api, newCustomer=filled, onDuplicate="UPDATE_EMPTY"))
    payloads = await asyncio.wait_for(asyncio.gather(*requests), timeout=9)
    assert numbers(payloads) == list(range(1, 61))


async def test_billing_points_count_side_by_side(api: Api) -> None:
    id = await customer_id(api)
    codes = ["001", "002", "003"]
    with tenant.acting_for(api.account_id):
        for code in codes[1:]:
            await models.BillingPoint.create(account_id=api.account_id, code=code)
    requests = [create_invoice(api, invoice(billingPoint=codes[n % 3]), customerId=id) for n in range(45)]
    payloads = await asyncio.gather(*requests)
    for code in codes:
        own = [payload for payload in payloads if payload["invoice"]["billingPoint"] == code]
        assert numbers(own) == list(range(1, 16))


async def test_an_invoice_that_waits_for_its_customer_does_not_hold_up_the_billing_point(
    api: Api, database_url: str
) -> None:
    id = await customer_id(api, taxpayer())
    other = await asyncpg.connect(database_url)
    try:
        async with other.transaction():
            # Somebody else is about to create the customer, and the second invoice waits for them.
            await other.execute(
                "INSERT INTO customer (id, account_id, receiver_type, taxpayer_type, ruc, dv, name, status,"
                " verification_status, name_key, search) VALUES (gen_random_uuid(), $1, 'TAXPAYER', 'JURIDICAL', $2,"
                " '59', 'Otra', 'ACTIVE', 'UNVERIFIED', 'otra', ' otra')",
                *(api.account_id, COMPANY),
            )
            waiting = asyncio.create_task(create_invoice(api, newCustomer=company()))
            here = "datname = current_database() AND wait_event_type = 'Lock'"
            for _ in range(500):
                if await other.fetchval(f"SELECT count(*) FROM pg_stat_activity WHERE {here}"):
                    break
                await asyncio.sleep(0.01)
            made = await asyncio.wait_for(create_invoice(api, customerId=id), 5)
        assert made["invoice"]["number"] == "0000000001"
        assert faults(await waiting) == {("newCustomer.ruc", "DUPLICATE_CUSTOMER")}
        assert (await stored(api))["last_number"] == 1
    finally:
        await other.close()


# Callers who leave


async def idle_pool() -> Any:
    """The pool of connections, once what cancelled callers left behind is given back."""
    pool: Any = get_connection("default")._pool
    for _ in range(500):
        if pool.get_idle_size() == pool.get_size():
            break
        await asyncio.sleep(0.01)
    assert pool.get_idle_size() == pool.get_size()
    return pool


# graphql-core starts the fields of an object side by side; a caller who leaves just then keeps some from starting.
unstarted = pytest.mark.filterwarnings("ignore:coroutine 'Executor._answer' was never awaited:RuntimeWarning")


@unstarted
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_callers_who_leave_take_nothing_with_them(api: Api, database_url: str, seed: int) -> None:
    chance = random.Random(seed)
    requests = [create_invoice(api, newCustomer=taxpayer(name=f"Cliente {n}")) for n in range(100)]
    tasks = [asyncio.create_task(request) for request in requests]
    leaving = set(chance.sample(tasks, 60))
    loop = asyncio.get_running_loop()
    for task in leaving:
        loop.call_later(chance.uniform(0, 0.5), task.cancel)
    results = await asyncio.gather(*tasks, return_exceptions=True)

    assert any(isinstance(result, asyncio.CancelledError) for result in results)
    assert not any(isinstance(result, Exception) for result in results)
    done = [result for result in results if isinstance(result, dict)]
    assert len(done) >= 40
    assert all(task in leaving or not task.cancelled() for task in tasks)

    pool = await idle_pool()
    with tenant.acting_for(api.account_id):
        given = sorted([int(each.number or 0) for each in await models.Document.all()])
        lonely = await models.Customer.filter(documents__id__isnull=True).count()
    counts = await stored(api)
    assert given == list(range(1, counts["last_number"] + 1))
    assert set(numbers(done)) <= set(given)
    assert counts["Customer"] == counts["Document"] == counts["DocumentLine"] == len(given)
    assert lonely == 0

    admin = await asyncpg.connect(database_url)
    try:
        hanging = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in%'"
        assert await admin.fetchval(hanging) == 0
    finally:
        await admin.close()
    again = await asyncio.gather(*(try_invoice(api, newCustomer=taxpayer()) for _ in range(pool.get_max_size() * 2)))
    assert numbers([response["data"]["createInvoice"] for response in again]) == list(
        range(len(given) + 1, len(given) + 1 + pool.get_max_size() * 2)
    )


@unstarted
async def test_callers_who_leave_do_not_spoil_a_key(api: Api) -> None:
    requests = [create_invoice(api, newCustomer=company(), idempotencyKey="k") for _ in range(30)]
    tasks = [asyncio.create_task(request) for request in requests]
    loop = asyncio.get_running_loop()
    for n, task in enumerate(tasks[:-1]):
        loop.call_later(0.005 * n, task.cancel)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    done = [result for result in results if isinstance(result, dict)]
    assert done
    assert all(result == done[0] for result in done)
    await idle_pool()
    counts = await stored(api)
    assert (counts["Customer"], counts["Document"], counts["last_number"], counts["IdempotencyKey"]) == (1, 1, 1, 1)


async def test_transactions_that_wait_for_each_other_both_end(api: Api) -> None:
    """PostgreSQL ends one of them, which is then done again."""
    one, two = [await customer_id(api, taxpayer(name=f"Cliente {n}")) for n in range(2)]
    both_hold_one = asyncio.Barrier(2)
    tries = 0

    async def rename(first: str, second: str) -> None:
        async def action() -> None:
            nonlocal tries
            tries += 1
            await models.Customer.filter(id=first).update(phone="+5076111222")
            if tries <= 2:
                await both_hold_one.wait()
            await models.Customer.filter(id=second).update(phone="+5076111333")

        with tenant.acting_for(api.account_id):
            await atomically(action)

    await asyncio.gather(rename(one, two), rename(two, one))
    assert tries == 3
