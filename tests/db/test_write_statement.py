"""The statement by which mutations write, on a PostgreSQL with policies and triggers."""

import asyncio
from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from tortoise.exceptions import IntegrityError
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import Sql, WriteStatement
from tests.builders import company, create_invoice, taxpayer
from tests.conftest import Api
from tests.db.conftest import tortoise
from tests.statements import Sent

POINT = {"id": UUID(int=1), "branch": "0000", "code": "002", "name": "Caja"}


async def names(api: Api) -> dict[str, str | None]:
    with tenant.acting_for(api.account_id):
        return {point.code: point.name for point in await models.BillingPoint.filter(account_id=api.account_id)}


async def run(api: Api, statement: WriteStatement) -> None:
    with tenant.acting_for(api.account_id):
        await statement.run()


def begin(api: Api) -> WriteStatement:
    with tenant.acting_for(api.account_id):
        return WriteStatement()


async def test_parts_run_in_the_order_in_which_they_were_added(api: Api) -> None:
    statement = begin(api)
    for n in range(20):
        statement.update("document", {"search": ""}, id=UUID(int=n))  # no such rows
        statement.delete("webhook", id=UUID(int=n))
        data = Sql(f"jsonb_build_object('n', {n})")
        statement.insert("event", {"id": uuid7(), "type": "WEBHOOK_TESTED", "object_id": UUID(int=n), "data": data})
    await run(api, statement)
    with tenant.acting_for(api.account_id):
        events = await models.Event.filter(account_id=api.account_id).order_by("position")
    assert [event.data["n"] for event in events] == list(range(20))


async def test_a_part_waits_for_all_rows_of_the_one_before(api: Api) -> None:
    """Two rows of the same code would violate its constraint if the deletion came later, or were done in part."""
    statement = begin(api)
    customer = models.Customer(
        **{"id": UUID(int=9), "account_id": api.account_id, "receiver_type": "FINAL_CONSUMER", "name": "Ana"},
        **{"name_key": "ana", "search": " ana"},
    )
    places: list[object] = list(range(1, 101))
    persons: dict[str, list[object]] = {
        "id": [uuid7() for _ in places],
        "position": places,
        "name": [f"Luis {n}" for n in places],
    }
    statement.insert_row(customer)
    statement.insert_rows(models.AssociatedPerson, {"customer_id": customer.id}, persons)
    await run(api, statement)
    again = begin(api)
    again.delete("associated_person", customer_id=customer.id)
    persons |= {"id": [uuid7() for _ in places], "name": [f"Eva {n}" for n in places]}
    again.insert_rows(models.AssociatedPerson, {"customer_id": customer.id}, persons)
    await run(api, again)
    with tenant.acting_for(api.account_id):
        stored = await models.AssociatedPerson.filter(account_id=api.account_id).order_by("position")
    assert [person.name for person in stored] == persons["name"]


async def test_what_fails_in_one_part_undoes_all(api: Api) -> None:
    statement = begin(api)
    statement.insert("billing_point", POINT)
    statement.update("billing_point", {"name": "Mostrador"}, code="001")
    statement.insert("billing_point", {**POINT, "id": UUID(int=2)})
    before = await names(api)
    with pytest.raises(IntegrityError, match="billing_point_code_unique"):
        await run(api, statement)
    assert await names(api) == before


async def test_rows_of_another_account_stay_as_they_are(api: Api, new_account: Callable[..., Awaitable[UUID]]) -> None:
    other = Api(await new_account())
    statement = begin(api)
    statement.update("billing_point", {"name": "Mostrador"}, code="001")
    statement.delete("webhook", secret="none")
    await run(api, statement)
    assert (await names(api))["001"] == "Mostrador"
    assert (await names(other))["001"] != "Mostrador"


async def test_a_statement_without_parts_is_not_sent(api: Api) -> None:
    await begin(api).run()


async def test_where_tables_are_distributed_the_parts_are_sent_one_by_one_in_a_transaction(
    electronic: Api, database_url: str
) -> None:
    sent = Sent()
    async with tortoise(database_url, distributed=True):
        with sent.recording():
            first = await create_invoice(electronic, newCustomer=company())
        id = first["invoice"]["customer"]["id"]
        others = await asyncio.gather(*[create_invoice(electronic, customerId=id) for _ in range(9)])
    numbers = [made["invoice"]["number"] for made in (first, *others)]
    assert sorted(numbers) == [f"{n:010}" for n in range(1, 11)]
    tables = [sql.split()[2] for sql in sent.senders if sql.startswith("INSERT INTO")]
    assert tables == ["customer", "event", "sequence", "document", "document_line", "emission", "event"]
    assert not [sql for sql in sent.senders if "WITH" in sql and "INSERT" in sql]
    with tenant.acting_for(electronic.account_id):
        emissions = await models.Emission.filter(account_id=electronic.account_id)
    assert [each.environment for each in emissions] == ["TEST"] * 10


async def test_what_fails_in_one_part_undoes_those_sent_before(api: Api, database_url: str) -> None:
    before = await names(api)
    async with tortoise(database_url, distributed=True):
        statement = begin(api)
        statement.update("billing_point", {"name": "Mostrador"}, code="001")
        statement.insert("billing_point", POINT)
        statement.insert("billing_point", {**POINT, "id": UUID(int=2)})
        with pytest.raises(IntegrityError, match="billing_point_code_unique"):
            await run(api, statement)
    assert await names(api) == before


async def test_invoices_at_once_behind_a_pooler_have_numbers_without_a_gap(
    api: Api, database_url: str, pgbouncer: Callable[[str], str]
) -> None:
    """Each statement is a transaction of its own there, to which account and actor are confined."""
    async with tortoise(pgbouncer(database_url), transaction_pooler=True):
        made = await asyncio.gather(*[create_invoice(api, newCustomer=taxpayer()) for _ in range(20)])
    assert sorted(each["invoice"]["number"] for each in made) == [f"{n:010}" for n in range(1, 21)]
