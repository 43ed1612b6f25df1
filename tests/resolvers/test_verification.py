"""Verification of customers in the background, across accounts, while others work."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from db import models, tenant
from pac.sandbox.faults import Fault, special_ruc
from resolvers import verification
from resolvers.verification import PAUSES, check_next
from tests.builders import change_customer, customer_id, foreigner, taxpayer
from tests.conftest import Answer, Api
from tests.resolvers.conftest import Registry

BANK, BANK_NAME = "280-134-61098", "BANCO GENERAL"
INSURER, INSURER_NAME = "2-221-78", "COMPAÑIA INTERNACIONAL DE SEGUROS"
NOBODY = "155596714-2-2015"


async def verified(api: Api, id: str) -> Answer:
    asked = "query ($id: ID!) { customer(id: $id) { version verification { status checkedAt registryName } } }"
    found: Answer = (await api.ask(asked, id=id))["customer"]
    return found


async def status(api: Api, id: str) -> str:
    found: str = (await verified(api, id))["verification"]["status"]
    return found


async def update(api: Api, id: str, **input: Any) -> None:
    mutation = (
        "mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) { userErrors { code } } }"
    )
    assert (await api.ask(mutation, id=id, input=input))["updateCustomer"]["userErrors"] == []


async def be_due(registry: Registry, id: str) -> None:
    """Let the pause before the customer's next try be over."""
    await registry.admin.execute("UPDATE customer SET verification_next_at = now() WHERE id = $1", UUID(id))


# Where it begins


async def test_a_customer_with_a_ruc_waits_for_its_check(client: Api) -> None:
    assert await status(client, await customer_id(client, taxpayer(ruc=BANK))) == "PENDING"
    assert await status(client, await customer_id(client, taxpayer())) == "UNVERIFIED"
    assert await status(client, await customer_id(client, foreigner())) == "UNVERIFIED"


async def test_without_a_registry_it_waits_for_nothing(api: Api, registry: Registry) -> None:
    assert await status(api, await customer_id(api, taxpayer(ruc=BANK))) == "UNVERIFIED"
    assert not await check_next(registry.consultar)


# What becomes of it


async def test_an_answer_of_the_registry_is_announced_once(client: Api, registry: Registry) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    while await status(client, id) == "PENDING":
        await check_next(registry.consultar)
    with tenant.acting_for(client.account_id):
        [event] = await models.Event.filter(type="CUSTOMER_VERIFIED")
    assert (str(event.object_id), event.data["verification"], event.data["version"]) == (id, "VERIFIED", 1)
    assert (await verified(client, id))["version"] == 1


@pytest.mark.parametrize(
    ("fields", "outcome", "name"),
    [
        ({"ruc": BANK, "name": "Banco General"}, "VERIFIED", BANK_NAME),
        ({"ruc": BANK, "name": "Banco Nacional"}, "MISMATCH", BANK_NAME),
        ({"ruc": INSURER, "dv": "56", "name": "Compañía Internacional de Seguros"}, "VERIFIED", INSURER_NAME),
        ({"ruc": INSURER, "taxpayerType": "NATURAL", "name": "Ana Ríos"}, "NOT_FOUND", None),
        ({"ruc": NOBODY}, "NOT_FOUND", None),
        ({"ruc": "8-30213562"}, "NOT_FOUND", None),
    ],
)
async def test_the_registry_s_word_is_noted(
    client: Api, registry: Registry, fields: Answer, outcome: str, name: str | None
) -> None:
    id = await customer_id(client, taxpayer(**fields))
    assert await check_next(registry.consultar)
    customer = await verified(client, id)
    assert customer["verification"]["status"] == outcome
    assert customer["verification"]["registryName"] == name
    assert customer["verification"]["checkedAt"] is not None
    assert customer["version"] == 1  # nobody's change is in conflict with it
    assert not await check_next(registry.consultar)


async def test_a_dv_that_is_not_the_registry_s_is_a_mismatch(client: Api, registry: Registry) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    await change_customer(client, id, dv="77")
    assert await check_next(registry.consultar)
    assert await status(client, id) == "MISMATCH"


async def test_without_an_answer_it_is_tried_again_with_growing_pauses_and_then_given_up(
    client: Api, registry: Registry
) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    await registry.go_down()
    row = "SELECT verification_tries, verification_next_at - now() FROM customer WHERE id = $1"
    for tries, pause in enumerate(PAUSES, 1):
        assert not await check_next(registry.consultar)
        assert not await check_next(registry.consultar)  # it isn't due
        done, left = await registry.admin.fetchrow(row, UUID(id))
        assert done == tries
        assert 0.9 * pause < left.total_seconds() <= pause
        assert await status(client, id) == "PENDING"
        await be_due(registry, id)
    await check_next(registry.consultar)
    assert await status(client, id) == "UNAVAILABLE"
    await be_due(registry, id)
    assert not await check_next(registry.consultar)


async def test_a_check_that_was_broken_off_is_made_later(client: Api, registry: Registry) -> None:
    id = await customer_id(client, taxpayer(ruc=special_ruc(Fault.HANGING)))
    check = asyncio.create_task(check_next(registry.consultar))
    for _ in range(500):
        if registry.asked():
            break
        await asyncio.sleep(0.01)
    check.cancel()
    await asyncio.gather(check, return_exceptions=True)
    assert await status(client, id) == "PENDING"
    assert not await check_next(registry.consultar)
    await update(client, id, ruc=BANK, name=BANK_NAME)
    assert await check_next(registry.consultar)
    assert await status(client, id) == "VERIFIED"


# While others work


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"ruc": NOBODY}, "PENDING"),
        ({"name": "Banco Nacional"}, "PENDING"),
        ({"ruc": None}, "UNVERIFIED"),
        ({"email": "ana@example.com"}, "VERIFIED"),
    ],
)
async def test_an_answer_about_what_was_changed_meanwhile_is_not_noted(
    client: Api, registry: Registry, monkeypatch: pytest.MonkeyPatch, change: Answer, left: str
) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    look_up = registry.consultar.look_up

    async def while_it_is_changed(*arguments: Any) -> Any:
        await update(client, id, **change)
        return await look_up(*arguments)

    monkeypatch.setattr(registry.consultar, "look_up", while_it_is_changed)
    assert await check_next(registry.consultar)
    assert await status(client, id) == left


async def test_a_customer_of_any_account_is_checked_by_one_process_at_a_time(
    client: Api, registry: Registry, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    other = Api(await new_account())
    other.context.consultar = registry.consultar
    registry.sandbox.latency = 0.1
    ids = [(api, await customer_id(api, taxpayer(ruc=ruc))) for api in (client, other) for ruc in (BANK, NOBODY)]
    assert sum(await asyncio.gather(*[check_next(registry.consultar) for _ in range(6)])) == 4
    assert sorted([await status(api, id) for api, id in ids]) == ["MISMATCH", "MISMATCH", "NOT_FOUND", "NOT_FOUND"]
    assert registry.asked() == 4  # each account for itself


async def test_archived_customers_wait_until_they_are_restored(client: Api, registry: Registry) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    await change_customer(client, id, status="ARCHIVED")
    assert not await check_next(registry.consultar)
    await change_customer(client, id, status="ACTIVE")
    assert await check_next(registry.consultar)


@pytest.mark.parametrize(
    ("change", "left"),
    [
        ({"ruc": NOBODY}, "PENDING"),
        ({"ruc": INSURER, "taxpayerType": "NATURAL"}, "PENDING"),
        ({"ruc": None}, "UNVERIFIED"),
        ({"name": "Banco Nacional"}, "VERIFIED"),
    ],
)
async def test_another_ruc_dv_or_type_begins_anew(client: Api, registry: Registry, change: Answer, left: str) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    await check_next(registry.consultar)
    await update(client, id, **change)
    assert await status(client, id) == left


async def test_a_mismatch_that_is_corrected_is_checked_again(client: Api, registry: Registry) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name="Banco Nacional"))
    await check_next(registry.consultar)
    assert await status(client, id) == "MISMATCH"
    await update(client, id, name="Banco General")
    await check_next(registry.consultar)
    assert await status(client, id) == "VERIFIED"


# The worker


async def test_it_goes_on_through_trouble_until_it_is_cancelled(
    client: Api, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await customer_id(client, taxpayer(ruc=BANK, name=BANK_NAME))
    troubles: list[Exception] = [TimeoutError("busy"), ValueError("surprise")]

    async def troubled(consultar: Any) -> bool:
        if troubles:
            raise troubles.pop(0)
        return await check_next(consultar)

    monkeypatch.setattr(verification, "check_next", troubled)
    monkeypatch.setattr(verification, "_POLL", 0.01)
    with capture_logs() as logs:
        working = asyncio.create_task(verification.keep_checking(registry.consultar))
        for _ in range(500):
            if await status(client, id) == "VERIFIED":
                break
            await asyncio.sleep(0.01)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
    assert await status(client, id) == "VERIFIED"
    assert [(log["log_level"], log["event"]) for log in logs] == [
        ("warning", "background work waits for the database"),
        ("error", "background work failed"),
    ]


async def test_an_account_that_may_ask_no_more_today_waits_for_tomorrow_and_keeps_nobody_else(
    client: Api, registry: Registry, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    registry.limit_to(1)
    first = await customer_id(client, taxpayer(ruc=BANK, name="Banco General"))
    assert await check_next(registry.consultar)
    second = await customer_id(client, taxpayer(ruc=NOBODY))
    other = Api(await new_account())
    other.context.consultar = registry.consultar
    third = await customer_id(other, taxpayer(ruc=NOBODY))
    while await check_next(registry.consultar):
        pass
    assert [await status(client, id) for id in (first, second)] == ["VERIFIED", "PENDING"]
    assert await status(other, third) == "NOT_FOUND"
    tries, waits = await registry.admin.fetchrow(
        "SELECT verification_tries, verification_next_at > now() FROM customer WHERE id = $1", UUID(second)
    )
    assert (tries, waits) == (0, True)
    registry.limit_to(0)
    await be_due(registry, second)
    assert await check_next(registry.consultar)
    assert await status(client, second) == "NOT_FOUND"
