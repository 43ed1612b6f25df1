"""Demonstration data."""

import asyncio

import pytest
from click.testing import CliRunner

from db import models, tenant
from resolvers import outbox
from rules.calendar import today
from service import demo
from service.commands.demo import seed_demo
from tests.builders import stored
from tests.conftest import FONTS, Api
from tests.emitting import join_sandbox, sending


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demo, "CUSTOMERS", 10)
    monkeypatch.setattr(demo, "INVOICES", 40)
    monkeypatch.setattr(demo, "TODAYS", 8)


async def test_seeding_twice_makes_nothing_twice_and_nobody_is_told(api: Api, database_url: str) -> None:
    for _ in range(2):
        arguments = ["--account", str(api.account_id)]
        where = {"DATABASE_URL": database_url}
        seeded = await asyncio.to_thread(CliRunner().invoke, seed_demo, arguments, env=where)
        assert seeded.exit_code == 0, seeded.output
        counts = await stored(api)
        assert (counts["Customer"], counts["Document"]) == (10, 40)
    with tenant.acting_for(api.account_id):
        assert {row.status for row in await models.Document.all()} == {"DRAFT", "ISSUED", "VOID"}
        assert await models.Event.all().count() == 0
        assert not await models.Document.filter(electronic=True).exists()


async def test_with_the_sandbox_todays_invoices_go_through_it_and_nobody_gets_a_mail(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "CUSTOMERS", 40)  # some have no address
    await join_sandbox(api)
    async with sending(database_url):
        with tenant.acting_for(api.account_id), outbox.without_announcing():
            async for _ in demo.seed(507, FONTS.printable):
                pass
            rows = await models.Document.filter(account_id=api.account_id)
            assert {row.electronic for row in rows if row.issue_date < today()} == {False}
            todays = [row for row in rows if row.electronic]
            assert [(row.status, row.issue_date) for row in todays] == [("ISSUED", today())] * 8
            await _until_authorised(api, 8)
            await outbox.dispatch_account()
            assert not await models.Delivery.filter(account_id=api.account_id).exists()


async def _until_authorised(api: Api, count: int) -> None:
    async with asyncio.timeout(20):
        while await models.Emission.filter(account_id=api.account_id, status="AUTHORIZED").count() < count:
            assert not await models.Emission.filter(account_id=api.account_id, status__in=["REJECTED", "BLOCKED"])
            await asyncio.sleep(0.05)
