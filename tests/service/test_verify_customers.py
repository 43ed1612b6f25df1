"""verify-customers: asking the registry again about all customers of an account."""

import asyncio
import csv
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from pac.providers import SOAP_PATH
from pac.sandbox.faults import Fault
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from resolvers import verification
from tests.builders import change_customer, customer_id, taxpayer
from tests.conftest import Api
from tests.service.test_commands import NOBODY, Done, invoke

BANK, BANK_NAME = "280-134-61098", "BANCO GENERAL"
HEADER = ["customer_id", "ruc", "name", "what", "before", "now"]


class Office:
    """Somebody with an account, who may run the command."""

    def __init__(self, api: Api, sandbox: Sandbox, settings: dict[str, str], admin: Any) -> None:
        self.api, self.sandbox, self.settings, self.admin = api, sandbox, settings, admin

    async def verify(self, *options: str, **settings: str) -> Done:
        arguments = ("verify-customers", "--account", str(self.api.account_id), *options)
        # In a thread: the sandbox is served by this one.
        return await asyncio.to_thread(invoke, *arguments, **self.settings | settings)

    async def customer(self, **fields: Any) -> str:
        return await customer_id(self.api, taxpayer(**fields))

    async def statuses(self) -> dict[str, str]:
        rows = await self.admin.fetch(
            "SELECT name, verification_status FROM customer WHERE account_id = $1", self.api.account_id
        )
        return dict(rows)

    async def let_pass(self, days: float) -> None:
        """Let checks and kept answers grow old."""
        for table, column in (("customer", "verification_checked_at"), ("registry_answer", "asked_at")):
            await self.admin.execute(f"UPDATE {table} SET {column} = {column} - $1 * interval '1 day'", days)

    def asked(self) -> int:
        return sum(self.sandbox.calls.values())


@pytest.fixture
async def office(
    api: Api, database_url: str, service: TortoiseContext, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    monkeypatch.setattr(verification, "_PACE", 0.0)
    monkeypatch.setattr(
        "service.commands.verify.start_logging", lambda settings: None
    )  # it would last beyond the command
    admin = await asyncpg.connect(database_url)
    await admin.execute("TRUNCATE registry_answer")
    sandbox = Sandbox()
    async with run_sandbox(sandbox) as url:
        where = {"DATABASE_URL": database_url, "REGISTRY_PROVIDERS": "sandbox", "SANDBOX_URL": url + SOAP_PATH}
        yield Office(api, sandbox, where, admin)
    await admin.close()


def table(done: Done) -> list[list[str]]:
    """The cells below the header, which are at least two blanks apart."""
    assert done.code == 0, done.err
    header, *rows = done.out.splitlines()
    assert header.split() == ["RUC", "CUSTOMER", "WHAT", "BEFORE", "NOW"]
    return [[cell.strip() for cell in row.split("  ") if cell.strip()] for row in rows]


def written(file: Path) -> list[list[str]]:
    with file.open(newline="") as lines:
        return list(csv.reader(lines))


async def test_what_has_changed_is_told_in_a_table_and_a_file(office: Office, tmp_path: Path) -> None:
    bank = await office.customer(ruc=BANK, name="Banco General")
    renamed = await office.customer(ruc="633197-1-456744", name="Banistmo")
    gone = await office.customer(ruc="155596714-2-2015", name="Nadie, S.A.")
    odd = await office.customer(ruc="40979-25-281810", name="Global Bank")
    for id, name in ((bank, BANK_NAME), (renamed, "BANCO DEL ISTMO"), (gone, "NADIE"), (odd, "GLOBAL BANK")):
        await change_customer(office.api, id, verification_status="VERIFIED", verification_registry_name=name)
    await change_customer(office.api, odd, dv="99")

    file = tmp_path / "changes.csv"
    done = await office.verify("--csv", str(file))
    rows = [
        ["633197-1-456744", "Banistmo", "name", "BANCO DEL ISTMO", "BANISTMO"],
        ["155596714-2-2015", "Nadie, S.A.", "status", "VERIFIED", "NOT_FOUND"],
        ["40979-25-281810", "Global Bank", "status", "VERIFIED", "MISMATCH"],
        ["40979-25-281810", "Global Bank", "dv", "99", "34"],
    ]
    assert table(done) == rows
    assert written(file) == [HEADER, *([id, *row] for id, row in zip((renamed, gone, odd, odd), rows, strict=True))]
    assert await office.statuses() == {
        "Banco General": "VERIFIED", "Banistmo": "VERIFIED", "Nadie, S.A.": "NOT_FOUND", "Global Bank": "MISMATCH",
    }  # fmt: skip
    assert "Checking" in done.err


async def test_those_checked_within_the_time_are_left_out(office: Office) -> None:
    await office.customer(ruc=BANK, name="Banco General")
    await office.customer(name="Sin RUC")
    archived = await office.customer(ruc="155596714-2-2015", name="Nadie, S.A.")
    await change_customer(office.api, archived, status="ARCHIVED")
    assert table(await office.verify()) == [[BANK, "Banco General", "status", "UNVERIFIED", "VERIFIED"]]
    assert table(await office.verify()) == []
    assert office.asked() == 1
    await office.let_pass(days=60)
    assert table(await office.verify("--older-than", "90d")) == []
    assert office.asked() == 1
    assert table(await office.verify("--older-than", "30d")) == []
    assert office.asked() == 2


async def test_stopped_it_tells_what_it_found_and_goes_on_where_it_was(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"Empresa {number}" for number in range(6)]
    for number, name in enumerate(names):
        await office.customer(ruc=f"{155700000 + number}-2-2016", name=name)
    check_again = verification.check_again

    async def interrupted(*arguments: Any) -> Any:
        done = 0
        async for changes in check_again(*arguments):
            yield changes
            done += 1
            if done == 2:
                raise KeyboardInterrupt

    file = tmp_path / "changes.csv"
    monkeypatch.setattr(verification, "check_again", interrupted)
    first = await office.verify("--csv", str(file))
    assert first.code == 1
    assert [line.split("  ")[1] for line in first.out.splitlines()[1:]] == names[:2]
    monkeypatch.setattr(verification, "check_again", check_again)
    assert [row[1] for row in table(await office.verify("--csv", str(file)))] == names[2:]
    assert [row[2] for row in written(file)] == ["name", *names]
    assert office.asked() == 6


async def test_one_without_an_answer_is_left_as_it_is_and_too_many_stop_it(office: Office) -> None:
    for number in range(7):
        await office.customer(ruc=f"{155700000 + number}-2-2016", name=f"Empresa {number}")
    office.sandbox.fault = Fault.MALFORMED
    done = await office.verify()
    assert (done.code, done.out.splitlines()) == (1, ["RUC  CUSTOMER  WHAT  BEFORE  NOW"])
    assert done.err.splitlines()[-1] == (
        "Error: The registry has stopped answering. Run this again later: it continues where it stopped."
    )
    assert set((await office.statuses()).values()) == {"UNVERIFIED"}
    assert office.asked() == 5


@pytest.mark.parametrize(
    ("options", "settings", "words"),
    [
        (("--account", NOBODY), {}, f"There is no account {NOBODY}."),
        (("--older-than", "long"), {}, "not a span such as 90d or 12h: 'long'"),
        (("--older-than", "9999999999d"), {}, "that is too long ago"),
        (("--csv", "/no/such/folder/changes.csv"), {}, "'/no/such/folder/changes.csv': No such file or directory"),
        ((), {"REGISTRY_PROVIDERS": ""}, "There is no registry to ask: set REGISTRY_PROVIDERS."),
        ((), {"REGISTRY_PROVIDERS": "none"}, "There is no registry to ask: set REGISTRY_PROVIDERS."),
        ((), {"REGISTRY_PROVIDERS": "dgi"}, "REGISTRY_PROVIDERS: no provider is called 'dgi'; there are hka-soap, "),
        ((), {"REGISTRY_PROVIDERS": "hka-soap"}, "REGISTRY_PROVIDERS: HKA_SOAP_USER or HKA_SOAP_USER_FILE must be set"),
    ],
)
async def test_what_is_wrong_is_told_in_a_sentence(
    office: Office, options: tuple[str, ...], settings: dict[str, str], words: str
) -> None:
    done = await office.verify(*options, **settings)
    assert done.code > 0
    assert words in done.err.splitlines()[-1]
