"""Demonstration data."""

import asyncio

import pytest
from click.testing import CliRunner

from db import models, tenant
from service import demo
from service.commands.demo import seed_demo
from tests.builders import stored
from tests.conftest import Api


async def test_seeding_twice_makes_nothing_twice_and_nobody_is_told(
    api: Api, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "CUSTOMERS", 10)
    monkeypatch.setattr(demo, "INVOICES", 40)
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
