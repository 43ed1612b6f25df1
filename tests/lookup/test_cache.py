"""Answers in PostgreSQL."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import OperationalError

from db import tenant
from lookup import cache
from lookup.answers import Answer, Found, Invalid, NotFound
from lookup.cache import CachedAnswer
from rules.vocabulary import ReceiverType, TaxpayerType
from tests.lookup.conftest import question

JURIDICAL, NATURAL = TaxpayerType.JURIDICAL, TaxpayerType.NATURAL
COMPANY = question("2-221-78")
PERSON = question("2-221-78", NATURAL)

TODAY = "(now() AT TIME ZONE 'America/Panama')::date"

Cache = Callable[..., Awaitable[Any]]

pytestmark = pytest.mark.usefixtures("admin")


@pytest.fixture
def store(account: UUID) -> Cache:
    async def work(*arguments: Any, **options: Any) -> CachedAnswer:
        with tenant.acting_for(account):
            return await cache.store(*arguments, **options)

    return work


@pytest.fixture
def read_company(account: UUID) -> Cache:
    async def work(*, sandbox: bool = False, by: UUID = account) -> dict[TaxpayerType, CachedAnswer]:
        with tenant.acting_for(by):
            return await cache.read(COMPANY.ruc, TaxpayerType, sandbox=sandbox)

    return work


@pytest.mark.parametrize(
    "answer",
    [
        Found("56", "COMPAÑIA INTERNACIONAL DE SEGUROS"),
        Found("56", "COMPAÑIA", True, ReceiverType.TAXPAYER),
        Found("56", "COMPAÑIA", False, ReceiverType.GOVERNMENT),
        NotFound(),
        Invalid(),
    ],
)
async def test_an_answer_is_kept_as_it_was(answer: Answer, store: Cache, read_company: Cache) -> None:
    stored = await store(COMPANY, answer, "hka-soap", sandbox=False)
    row = (await read_company())[JURIDICAL]
    assert row.answer == stored.answer == answer
    assert row.asked_at == stored.asked_at
    assert 0 <= row.age < 10


async def test_the_last_answer_stands(store: Cache, read_company: Cache) -> None:
    await store(COMPANY, Found("56", "COMPAÑIA", True), "hka-soap", sandbox=False)
    await store(COMPANY, NotFound(), "hka-soap", sandbox=False)
    assert (await read_company())[JURIDICAL].answer == NotFound()


async def test_types_and_sandboxes_are_apart(store: Cache, read_company: Cache) -> None:
    await store(COMPANY, Found("56", "COMPAÑIA"), "hka-soap", sandbox=False)
    await store(PERSON, NotFound(), "hka-soap", sandbox=False)
    await store(COMPANY, Found("56", "DE JUGUETE"), "sandbox", sandbox=True)
    assert {each: row.answer for each, row in (await read_company()).items()} == {
        JURIDICAL: Found("56", "COMPAÑIA"),
        NATURAL: NotFound(),
    }
    assert (await read_company(sandbox=True))[JURIDICAL].answer == Found("56", "DE JUGUETE")


async def test_an_account_has_its_own_answers_only(
    store: Cache, read_company: Cache, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    await store(COMPANY, NotFound(), "hka-soap", sandbox=False)
    assert await read_company(by=await new_account()) == {}
    assert (await read_company())[JURIDICAL].answer == NotFound()


async def test_old_answers_and_counts_are_forgotten(
    admin: Any, account: UUID, store: Cache, read_company: Cache
) -> None:
    await store(COMPANY, NotFound(), "hka-soap", sandbox=False)
    await store(PERSON, NotFound(), "hka-soap", sandbox=False)
    await admin.execute(
        "UPDATE registry_answer SET asked_at = now() - interval '31 days' WHERE taxpayer_type = 'NATURAL'"
    )
    for days in (0, 1):
        await admin.execute(
            f"INSERT INTO lookup_count SELECT $1, {TODAY} - $2::integer, 1",
            account,
            days,
        )
    assert await cache.forget(30 * 24 * 3600.0) is False
    assert set(await read_company()) == {JURIDICAL}
    assert await admin.fetchval("SELECT count(*) FROM lookup_count WHERE account_id = $1", account) == 1


async def test_the_service_can_delete_nothing() -> None:
    with pytest.raises(OperationalError, match="permission denied"):
        await get_connection("default").execute_query("DELETE FROM registry_answer")


@pytest.mark.parametrize(
    ("columns", "values", "constraint"),
    [
        ("status, asked_at", "'FOUND', now()", "found"),
        ("status, asked_at, name, dv", "'FOUND', now(), 'COMPAÑIA', '5'", "dv"),
        ("status, asked_at, name, dv", "'NOT_FOUND', now(), 'COMPAÑIA', '56'", "found"),
        ("status, asked_at, name, dv", "'FOUND', now(), 'C', '56'", "name"),
        ("status, asked_at", "'?', now()", "status"),
    ],
)
async def test_the_database_takes_whole_answers_only(
    admin: Any, account: UUID, columns: str, values: str, constraint: str
) -> None:
    columns = f"account_id, ruc, taxpayer_type, sandbox, {columns}"
    values = f"'{account}', '1-2-3', 'NATURAL', false, {values}"
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await admin.execute(f"INSERT INTO registry_answer ({columns}) VALUES ({values})")
    assert caught.value.constraint_name == f"registry_answer_{constraint}_check"
