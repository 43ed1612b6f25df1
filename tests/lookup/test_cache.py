"""Answers in PostgreSQL."""

from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import OperationalError

from lookup import cache
from lookup.answers import Answer, Found, Invalid, NotFound
from lookup.cache import CachedAnswer
from rules.vocabulary import ReceiverType, TaxpayerType
from tests.lookup.conftest import question

JURIDICAL, NATURAL = TaxpayerType.JURIDICAL, TaxpayerType.NATURAL
COMPANY = question("2-221-78")
PERSON = question("2-221-78", NATURAL)

pytestmark = pytest.mark.usefixtures("admin")


async def read_company(*, sandbox: bool = False) -> dict[TaxpayerType, CachedAnswer]:
    return await cache.read(COMPANY.ruc, TaxpayerType, sandbox=sandbox)


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
async def test_an_answer_is_kept_as_it_was(answer: Answer) -> None:
    stored = await cache.store(COMPANY, answer, "hka-soap", sandbox=False)
    row = (await read_company())[JURIDICAL]
    assert row.answer == stored.answer == answer
    assert row.asked_at == stored.asked_at
    assert 0 <= row.age < 10


async def test_the_last_answer_stands() -> None:
    await cache.store(COMPANY, Found("56", "COMPAÑIA", True), "hka-soap", sandbox=False)
    await cache.store(COMPANY, NotFound(), "hka-soap", sandbox=False)
    assert (await read_company())[JURIDICAL].answer == NotFound()


async def test_types_and_sandboxes_are_apart() -> None:
    await cache.store(COMPANY, Found("56", "COMPAÑIA"), "hka-soap", sandbox=False)
    await cache.store(PERSON, NotFound(), "hka-soap", sandbox=False)
    await cache.store(COMPANY, Found("56", "DE JUGUETE"), "sandbox", sandbox=True)
    assert {each: row.answer for each, row in (await read_company()).items()} == {
        JURIDICAL: Found("56", "COMPAÑIA"),
        NATURAL: NotFound(),
    }
    assert (await read_company(sandbox=True))[JURIDICAL].answer == Found("56", "DE JUGUETE")


async def test_a_row_without_an_answer_counts_as_none(admin: Any) -> None:
    """An earlier version left such rows while it was asking."""
    await admin.execute(
        "INSERT INTO registry_answer (ruc, taxpayer_type, sandbox) VALUES ($1, 'JURIDICAL', false)", "2-221-78"
    )
    assert await read_company() == {}
    await cache.store(COMPANY, NotFound(), "hka-soap", sandbox=False)
    assert (await read_company())[JURIDICAL].answer == NotFound()


async def test_the_service_can_delete_nothing() -> None:
    with pytest.raises(OperationalError, match="permission denied"):
        await cache._fetch("DELETE FROM registry_answer")


@pytest.mark.parametrize(
    ("columns", "values", "constraint"),
    [
        ("status", "'FOUND'", "asked"),
        ("status, asked_at", "'FOUND', now()", "found"),
        ("status, asked_at, name, dv", "'FOUND', now(), 'COMPAÑIA', '5'", "dv"),
        ("status, asked_at, name, dv", "'NOT_FOUND', now(), 'COMPAÑIA', '56'", "found"),
        ("status, asked_at, name, dv", "'FOUND', now(), 'C', '56'", "name"),
        ("name, dv", "'COMPAÑIA', '56'", "found"),
        ("status, asked_at", "'?', now()", "status"),
    ],
)
async def test_the_database_takes_whole_answers_only(admin: Any, columns: str, values: str, constraint: str) -> None:
    columns, values = f"ruc, taxpayer_type, sandbox, {columns}", f"'1-2-3', 'NATURAL', false, {values}"
    with pytest.raises(asyncpg.CheckViolationError) as caught:
        await admin.execute(f"INSERT INTO registry_answer ({columns}) VALUES ({values})")
    assert caught.value.constraint_name == f"registry_answer_{constraint}_check"
