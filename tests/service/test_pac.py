"""``server.py pac``, and the key of credentials."""

import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import aiohttp
import pytest
from tortoise.context import TortoiseContext

from db import models, tenant
from pac.cipher import Cipher
from pac.providers import SOAP_PATH
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from service.secrets import KEY_FILE, pac_cipher
from service.settings import Settings
from tests.builders import company, create_invoice
from tests.conftest import Api
from tests.service.test_commands import Done, invoke, invoke_in_thread

KEY = Cipher.generate_key()
TOKENS = {"PAC_USER": "empresa-1234", "PAC_PASSWORD": "clave-secreta"}


async def new_account(where: dict[str, str]) -> str:
    made = await invoke_in_thread("accounts", "create", "--name", "Ejemplar, S.A.", **where)
    assert made.code == 0, made
    return made.out.strip()


async def test_a_provider_is_set_shown_and_listed_without_its_credentials(database_url: str) -> None:
    where = {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY}
    account = ("--account", await new_account(where))
    assert await invoke_in_thread("pac", "show", *account, **where) == Done(0, "no provider\n", "")
    nothing = await invoke_in_thread("pac", "test", *account, **where)
    assert (nothing.code, "pac set" in nothing.err) == (1, True)
    done = await invoke_in_thread("pac", "set", *account, "--provider", "hka-soap-demo", **where, **TOKENS)
    assert done == Done(0, "", "")
    shown = await invoke_in_thread("pac", "show", *account, **where)
    assert shown.out.startswith("hka-soap-demo     TEST ")
    listed = await invoke_in_thread("pac", "list", **where)
    assert f"{account[1]}  {shown.out.strip()}" in listed.out
    assert not any(secret in listed.out + shown.out for secret in TOKENS.values())
    other_key = {**where, "PAC_SECRETS_KEY": Cipher.generate_key()}
    lost = await invoke_in_thread("pac", "test", *account, **other_key)
    assert (lost.code, "PAC_SECRETS_KEY" in lost.err) == (1, True)


async def test_without_a_key_nothing_is_set(database_url: str) -> None:
    where = {"DATABASE_URL": database_url}
    account = ("--account", await new_account(where))
    done = await invoke_in_thread("pac", "set", *account, "--provider", "hka-soap", **where, **TOKENS)
    assert (done.code, done.err.startswith("Error: This server has no PAC_SECRETS_KEY")) == (1, True)
    wrong = await invoke_in_thread(
        "pac", "set", *account, "--provider", "hka-soap", **where, **TOKENS, PAC_SECRETS_KEY="x"
    )
    assert (wrong.code, "PAC_SECRETS_KEY" in wrong.err) == (1, True)


@pytest.mark.parametrize(("provider", "refusal"), [("sandbox", "100"), ("sandbox-rest", "401")])
async def test_the_provider_is_asked_for_the_folios_that_are_left(
    service: TortoiseContext, database_url: str, provider: str, refusal: str
) -> None:
    where = {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY}
    account = ("--account", await new_account(where))
    done = await invoke_in_thread("pac", "set", *account, "--provider", provider, **where, **TOKENS)
    assert done == Done(0, "", "")
    async with run_sandbox(Sandbox()) as address:
        reach = {**where, "SANDBOX_URL": address + SOAP_PATH, "SANDBOX_REST_URL": address}
        unknown = await invoke_in_thread("pac", "test", *account, **reach)
        assert unknown.code == 1
        [_, line] = unknown.out.splitlines()
        assert line.startswith(f"unexpected  credentials and folios       the credentials are refused: {refusal} ")
        assert "HTTP" not in line
        issuer = {
            "tokenEmpresa": TOKENS["PAC_USER"],
            "tokenPassword": TOKENS["PAC_PASSWORD"],
            "ruc": "999999101-2-2026",
            "dv": "81",
            "taxpayerType": "JURIDICAL",
            "folios": 500,
        }
        async with aiohttp.ClientSession() as client, client.post(f"{address}/sandbox/issuers", json=issuer) as answer:
            assert answer.status == 200
        known = await invoke_in_thread("pac", "test", *account, **reach)
        lacking = "ruc: To issue electronic invoices the account needs its RUC and DV. electronicInvoicing is off"
        assert known.out.startswith(f"lacking     data of the account          {lacking}")
        assert (known.code, "can't issue electronic invoices yet" in known.err) == (1, True)
        with tenant.acting_for(UUID(account[1])):
            row = {"ruc": issuer["ruc"], "dv": issuer["dv"], "electronic_invoicing": True}
            await models.Account.filter(id=UUID(account[1])).update(**row)
        known = await invoke_in_thread("pac", "test", *account, **reach)
    assert known.code == 0, known
    assert known.out.startswith("ok          data of the account")
    assert "Documents left: 500" in known.out
    assert not any(secret in str(known) + str(unknown) for secret in TOKENS.values())


def test_a_new_key_is_one() -> None:
    assert Cipher(invoke("pac", "key").out.strip())


# The key


def settings(monkeypatch: pytest.MonkeyPatch, **values: str) -> Settings:
    for name in ("DATABASE_URL", "PAC_SECRETS_KEY", "PAC_SECRETS_KEY_FILE", "ISTMO_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Settings()


def test_the_embedded_database_has_a_key_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    chosen = settings(monkeypatch, ISTMO_DATA_DIR=str(tmp_path / "data"))
    first, again = pac_cipher(chosen), pac_cipher(chosen)
    assert first is not None
    assert again is not None
    assert again.decrypt(first.encrypt({"user": "a"})) == {"user": "a"}
    assert stat.S_IMODE((tmp_path / "data" / KEY_FILE).stat().st_mode) == 0o600
    assert [file.name for file in (tmp_path / "data").iterdir()] == [KEY_FILE]


def test_a_file_may_have_the_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text(f"{KEY}\n")
    found = pac_cipher(settings(monkeypatch, PAC_SECRETS_KEY_FILE=str(file)))
    assert found is not None
    assert Cipher(KEY).decrypt(found.encrypt({"user": "a"})) == {"user": "a"}


def test_a_database_of_its_own_has_no_key_unless_one_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pac_cipher(settings(monkeypatch, DATABASE_URL="postgresql://127.0.0.1/x")) is None


async def test_what_stays_blocked_at_the_former_provider_is_listed(electronic: Api, database_url: str) -> None:
    where = {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY, **TOKENS}
    command = ("pac", "set", "--account", str(electronic.account_id), "--provider")
    assert (await invoke_in_thread(*command, "hka-soap-demo", **where)).code == 0
    made = await create_invoice(electronic, newCustomer=company())
    columns = {"status": "BLOCKED", "blocked_reason": "FOLIOS", "provider": "hka-soap-demo", "due_at": None}
    with tenant.acting_for(electronic.account_id):
        await models.Emission.filter(document_id=made["invoice"]["id"]).update(**columns, sent_until=datetime.now(UTC))
    refused = await invoke_in_thread(*command, "ebi-soap-demo", **where)
    assert (refused.code, "depend on hka-soap-demo: 1." in refused.err) == (1, True)
    done = await invoke_in_thread(*command, "ebi-soap-demo", "--leave-blocked", **where)
    number = made["invoice"]["number"]
    assert done == Done(0, f"0000-001-{number}  BLOCKED FOLIOS  stays at the former provider\n", "")
