"""An account's credentials at its provider are in what is sent to it, encrypted in one column, and nowhere else.

The whole service runs; its sandbox fails in several ways, and another provider quotes the credentials in its answers.
"""

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import aiohttp
import asyncpg
import pytest

from db import embedded
from pac.cipher import Cipher
from pac.sandbox.knobs import special_receiver
from service.secrets import KEY_FILE
from tests.conftest import Answer
from tests.db.test_embedded import new_folder
from tests.pac.hka.fake import Fake, run_fake, says, with_body
from tests.service.test_commands import ask, istmo, secret_in, started
from tests.service.test_emission import QUICK
from tests.service.test_supervisor import House

_SET = """
    mutation ($provider: String!, $credentials: PacCredentialsInput) {
        setPacCredentials(provider: $provider, credentials: $credentials, idempotencyKey: "once per provider") {
            pacSetting { provider version } userErrors { path code message expected }
        }
    }
"""
_CREATE = """
    mutation ($customer: CustomerInput!) {
        createInvoice(
            input: {lines: [{description: "Café", quantity: "1", unitPrice: "2", itbmsRate: EXEMPT}]}
            newCustomer: $customer, onDuplicate: USE_EXISTING, waitMs: 700
        ) { invoice { id } userErrors { path code message } warnings { message } }
    }
"""
_ALL = """
    {
        viewer { account { id } } pacSetting { provider environment }
        invoices(first: 50) { edges { node { id number status
            fiscal { status cufe protocol qr consultationUrl provider faults { code field path message } blockedReason
                blockedMessage voidRefusal }
            history { kind source message }
        } } }
        auditEvents(first: 100) { edges { node { action objectType changes { field before after } } } }
        events(first: 100) { edges { node { type } } }
    }
"""
_FAULTS: tuple[dict[str, Any], ...] = (
    {},
    {"lost": True},
    {"half": True},
    {"reject": "2152,1"},
)


def customer(ruc: str) -> dict[str, str]:
    of_taxpayer = {"receiverType": "TAXPAYER", "taxpayerType": "JURIDICAL", "locationCode": "8-8-7"}
    return {**of_taxpayer, "ruc": ruc, "name": "Cliente, S.A.", "address": "Calle 50"}


@dataclass
class Marked:
    """Credentials that nothing else can look like, in spite of letters that are written differently in places."""

    marks: tuple[str, str] = field(default_factory=lambda: (secrets.token_hex(12), secrets.token_hex(12)))

    @property
    def credentials(self) -> dict[str, str]:
        return {"user": f"Ñu<{self.marks[0]}>", "password": f"Cl&ve'{self.marks[1]}\"é"}

    def are_in(self, told: str | bytes) -> bool:
        text = told.decode("latin-1") if isinstance(told, bytes) else told
        return any(mark in text.lower() for mark in self.marks)


def quotations(credentials: dict[str, str]) -> list[Any]:
    """Answers that quote the credentials in the ways in which a server might."""
    user, password = credentials.values()
    text = f"Los tokens {user} / {password.upper()} no son válidos"
    fields = {"mensaje": text, "resultado": text, "qr": f"https://example.com/{user}", "nroProtocoloAutorizacion": user}
    page = f"<html>{user} {escape(password)} {quote(user)} {quote(password, safe='')}".encode()
    answers = [with_body(page, status) for status in (200, 401, 500)]
    for code in ("203", "109", "101", "777"):
        answers.append(says("Enviar", **{**fields, "codigo": code}))
    answers.append(says("Enviar", **{**fields, "codigo": "203", "mensaje": f"2152-Item 1: {text}"}))
    answers.append(says("EstadoDocumento", **{**fields, "codigo": "102"}))
    answers.append(says("Enviar", **{**fields, "codigo": "100"}))  # which blocks all others
    return answers


@pytest.fixture
async def fake() -> AsyncIterator[Fake]:
    async with run_fake() as fake:
        yield fake


@pytest.fixture
def house(fake: Fake) -> Iterator[House]:
    settings = {"HKA_SOAP_DEMO_URL": fake.url, "LOG_LEVEL": "debug", **QUICK}
    with new_folder() as folder, started(ISTMO_DATA_DIR=str(folder), **settings) as server:
        yield House(folder, server, secret_in(folder, "first-key").strip())


class Story:
    """All that the service has told."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.told: list[str] = []

    async def ask(self, query: str, **variables: Any) -> Answer:
        status, answer = await ask(self.house.server, self.house.key, query, **variables)
        self.told.append(json.dumps([status, answer], ensure_ascii=False))
        return answer

    async def get(self, path: str) -> None:
        headers = {"Authorization": f"Bearer {self.house.key}"}
        url = self.house.server.url + path
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
            assert response.status in (200, 404), path
            self.told.append(str(response.headers) + (await response.read()).decode("latin-1"))

    async def set(self, provider: str, marked: Marked) -> None:
        credentials = marked.credentials
        for malformed in ({"user": credentials["user"]}, {**credentials, "clave": "x"}, credentials["user"]):
            assert "errors" in await self.ask(_SET, provider=provider, credentials=malformed)
        wrong = {"user": [credentials["user"]], "password": {"x": credentials["password"]}}
        assert "errors" in await self.ask(_SET, provider=provider, credentials=wrong)
        inline = f"{{user: {json.dumps(credentials['user'])}}}"
        literal = f'mutation {{ setPacCredentials(provider: "x", credentials: {inline}) {{ userErrors {{ code }} }} }}'
        assert "errors" in await self.ask(literal)
        refused = await self.ask(_SET, provider="nadie", credentials=credentials)
        assert refused["data"]["setPacCredentials"]["userErrors"]
        once = _SET.replace("once per", f"{provider}, once per")
        async with asyncio.timeout(60):  # until no document needs the provider before, by its files for instance
            while True:
                done = await self.ask(once, provider=provider, credentials=credentials)
                if not (errors := done["data"]["setPacCredentials"]["userErrors"]):
                    return
                assert [error["code"] for error in errors] == ["NOT_ALLOWED"]
                await asyncio.sleep(0.5)

    async def create(self, ruc: str = "155704849-2-2021") -> None:
        made = await self.ask(_CREATE, customer=customer(ruc))
        assert made["data"]["createInvoice"]["userErrors"] == []

    async def statuses(self) -> list[str]:
        edges = (await self.ask(_ALL))["data"]["invoices"]["edges"]
        return [edge["node"]["fiscal"]["status"] for edge in edges]


async def test_credentials_are_told_to_nobody_but_the_provider(house: House, fake: Fake) -> None:
    story, at_sandbox, at_other = Story(house), Marked(), Marked()
    await story.set("sandbox", at_sandbox)
    for effect in _FAULTS:
        await story.create(special_receiver(**effect) if effect else "155704849-2-2021")
    await until_authorised(story, 3)

    await story.set("hka-soap-demo", at_other)
    answers = quotations(at_other.credentials)
    for answer in answers:
        fake.answers = [answer]
        await story.create()
    assert at_other.are_in("".join(body for _, body in fake.asked)), "nothing was sent"
    assert "BLOCKED" in await story.statuses()

    everything = (await story.ask(_ALL))["data"]
    for edge in everything["invoices"]["edges"]:
        for name in (".pdf", ".xml", ".pdf?source=pac"):
            await story.get(f"/documents/{edge['node']['id']}{name}")
    for path in ("/metrics", "/readyz", "/healthz"):
        await story.get(path)
    account = everything["viewer"]["account"]["id"]
    where = {"ISTMO_DATA_DIR": str(house.folder), "HKA_SOAP_DEMO_URL": fake.url}
    for command in (("list",), ("show", "--account", account), ("test", "--account", account)):
        done = await istmo("pac", *command, **where)
        story.told.append(done.out + done.err)
    story.told += [house.server.log.read_text(), house.server.output.read_text()]

    for marked in (at_sandbox, at_other):
        assert [told for told in story.told if marked.are_in(told)] == []
        assert [name for name, content in files(house.folder) if marked.are_in(content)] == []
    stored = await dump(house.folder)
    for marked in (at_sandbox, at_other):
        assert [where for where, value in stored if marked.are_in(value)] == []
    hidden = [value for where, value in stored if where == "emission_attempt.answer" and "[…]" in value.decode()]
    assert len(hidden) > len(answers) / 2, "no answer that quotes the credentials was kept"
    [encrypted] = [value for where, value in stored if where == "pac_setting.secrets"]
    [key] = house.folder.rglob(KEY_FILE)
    assert Cipher(key.read_text()).decrypt(encrypted) == at_other.credentials


async def until_authorised(story: Story, count: int, seconds: float = 60) -> None:
    begin = time.monotonic()
    while (found := await story.statuses()).count("AUTHORIZED") < count:
        assert time.monotonic() - begin < seconds, found
        await asyncio.sleep(0.5)


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """What stands in the data folder, apart from PostgreSQL's own files and what the sandbox knows, as a provider."""
    for path in folder.rglob("*"):
        if path.is_file() and "postgres" not in path.parts and not path.name.startswith("sandbox.sqlite3"):
            yield path.name, path.read_bytes()


async def dump(folder: Path) -> list[tuple[str, bytes]]:
    """Each value of each table, as it is stored, with the names of table and column."""
    found: list[tuple[str, bytes]] = []
    with embedded.running(folder) as database:
        admin = await asyncpg.connect(database.url)
        columns = await admin.fetch(
            """
            SELECT c.table_schema, c.table_name, c.column_name, c.data_type FROM information_schema.columns c
            JOIN information_schema.tables t USING (table_schema, table_name)
            WHERE t.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')
            """
        )
        for schema, table, column, type_ in columns:
            value = f'"{column}"' if type_ == "bytea" else f"convert_to(\"{column}\"::text, 'UTF8')"
            rows = await admin.fetch(f'SELECT {value} FROM "{schema}"."{table}" WHERE "{column}" IS NOT NULL')
            found += [(f"{table}.{column}", content) for (content,) in rows]
        await admin.close()
    names = {name for name, _ in found}
    assert {"emission_payload.content", "fiscal_file.content", "idempotency_key.request_hash"} <= names
    return found
