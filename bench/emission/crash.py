"""Kills and lost answers must neither lose nor repeat a fiscal document.

Clients create, issue and void invoices, and credit and debit them, over HTTP while, each round, the server, the worker,
the sandbox, PostgreSQL or several of them are killed with -9 and started again, and the sandbox fails in another way
every second. Then it is waited until nothing is open, and checked: each issued document is exactly one authorised
document at the sandbox, or none with a status that says so; no number is used twice; each authorised one was mailed, at
each attempt under the same Message-ID; and no invoice is credited above its total.

With ``--broken`` the worker takes an answer that was lost for a refusal, which the checks must find.
"""

import asyncio
import random
import shutil
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.emission.outcome import examine
from bench.emission.place import CREATE, LINES, Sandbox, Services, place
from bench.kills import PROGRAM, Told, keep, massacre, start_again
from bench.processes import Client, Lost, Victim, connected, must, until

CLIENTS = 5
PAUSE = 0.4  # seconds of a client between two changes, so that most documents are sent while things fail
POINTS = 3
LONGEST = 300.0  # seconds until nothing is open any more

# Times of seconds instead of minutes. The sandbox's slow answers are slower than a call may take, its late ones come
# before a document that isn't found counts as not arrived.
SETTINGS = {
    "EMISSION_TIMEOUT": "2",
    "EMISSION_LEASE": "6",
    "EMISSION_SETTLE": "6",
    "EMISSION_PAUSES": "0.3,1,2",
    "EMISSION_HOURLY": "5",
}
FAULTS: list[dict[str, Any]] = [
    {},
    {"drop_every": 3},
    {"lost": True},
    {"half": True},
    {"empty": True},
    {"no_cufe": True},
    {"wrong_cufe": True},
    {"slow": 3},
    {"not_arrived": True},
    {"dgi_down": True},
    {"dgi_late": 3},
    {"processing_error": True},
    {"http_500": True},
    {"http_502": True},
    {"no_folios": True},
    {"reject": "2152,1"},
    {"notice": "2509"},
    {"void_lost": True},
    {"void_late": 3},
    {"void_refused": True},
    {"pdf_late": 2},
]
BROKEN = """
from emission import events
from emission.states import Event
of_send = events.of_send
events.of_send = lambda *given: Event.REJECTED if of_send(*given) is Event.UNKNOWN else of_send(*given)
"""

# Why an invoice gets no note: it isn't authorised yet, is void or being voided, or is credited as a whole.
_NO_NOTE = ("EMISSION_PENDING", "NOT_ALLOWED", "CREDIT_EXCEEDED", "OUT_OF_RANGE")
_ISSUE = "mutation ($id: ID!) { issueInvoice(id: $id) { invoice { id } userErrors { code } } }"
_NOTE = """mutation ($input: {kind}Input!, $key: String) {{ create{kind}(input: $input, idempotencyKey: $key) {{
    {field} {{ id }} userErrors {{ path code message }} }} }}"""
_NOTES = {
    "createCreditNote": _NOTE.format(kind="CreditNote", field="creditNote"),
    "createDebitNote": _NOTE.format(kind="DebitNote", field="debitNote"),
}
_VOID_NOTE = """mutation ($id: ID!) { voidNote(id: $id, reason: "La nota no correspondía a la venta") {
    userErrors { code } } }"""
_VOID = """mutation ($id: ID!) { voidInvoice(id: $id, reason: "La venta no se hizo al final") {
    invoice { id } userErrors { code } } }"""


# Load


@dataclass
class Biller(Client):
    """Creates, issues and voids invoices, and remembers what was acknowledged."""

    chance: random.Random = field(default_factory=random.Random)
    keys: dict[str, str] = field(default_factory=dict)  # idempotency key to invoice
    drafts: list[str] = field(default_factory=list)
    issued: list[str] = field(default_factory=list)
    voided: list[str] = field(default_factory=list)  # invoices and notes
    noted: list[str] = field(default_factory=list)

    async def step(self) -> None:
        often = [self.create] * 3 + [self.note] * 3
        action = self.chance.choice([*often, self.draft, self.issue, self.void, self.void_note])
        await action()
        await asyncio.sleep(PAUSE)

    async def create(self, *, issue: bool = True) -> None:
        """Under an idempotency key, again until it is acknowledged."""
        key = uuid4().hex
        point = f"{self.chance.randint(1, POINTS):03d}"
        given = {"lines": LINES * self.chance.randint(1, 3), "issue": issue, "billingPoint": point}
        customer = {"receiverType": "FINAL_CONSUMER", "name": "Ana", "email": f"{key}@example.com"}
        while (data := await self.ask(CREATE, input=given, customer=customer, key=key)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        must(not data["createInvoice"]["userErrors"], f"refused: {data}")
        self.keys[key] = data["createInvoice"]["invoice"]["id"]
        (self.issued if issue else self.drafts).append(self.keys[key])

    async def draft(self) -> None:
        await self.create(issue=False)

    async def issue(self) -> None:
        if self.drafts:
            id = self.drafts.pop(0)
            is_done = await self.change("issueInvoice", _ISSUE, id)
            (self.issued if is_done else self.drafts).append(id)

    async def void(self) -> None:
        """Void an old invoice rather than a new one, which is likely to be on its way."""
        if len(self.issued) > 2 * CLIENTS:
            id = self.issued.pop(self.chance.randrange(len(self.issued) // 2))
            is_done = await self.change("voidInvoice", _VOID, id)
            (self.voided if is_done else self.issued).append(id)

    async def note(self) -> None:
        """Credit or debit a part of an invoice, or credit all that is left, under a key until it is acknowledged."""
        if len(self.issued) < CLIENTS:
            return
        # An old invoice rather than a new one, which is likely not to be authorised yet.
        invoice = self.chance.choice(self.issued[: len(self.issued) // 2])
        name = self.chance.choice(["createCreditNote", "createCreditNote", "createDebitNote"])
        given: dict[str, Any] = {"invoiceId": invoice, "reason": "Devolución de mercancía"}
        if name == "createDebitNote" or self.chance.random() < 0.7:
            given["lines"] = [{"position": 1, "quantity": "1"}]
        key = uuid4().hex
        while (data := await self.ask(_NOTES[name], input=given, key=key)) is None:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        for error in data[name]["userErrors"]:
            self.answers[f"{name}: {error['code']}"] += 1
            must(error["code"] in _NO_NOTE, f"refused: {data}")
        if not data[name]["userErrors"]:
            [note] = [value for value in data[name].values() if isinstance(value, dict)]
            self.noted.append(note["id"])

    async def void_note(self) -> None:
        if len(self.noted) > CLIENTS:
            id = self.noted.pop(self.chance.randrange(len(self.noted) // 2))
            is_done = await self.change("voidNote", _VOID_NOTE, id)
            (self.voided if is_done else self.noted).append(id)

    async def change(self, name: str, query: str, id: str) -> bool:
        """Whether it was acknowledged. Without an answer it may have been done, and may be asked for again."""
        data = await self.ask(query, id=id)
        if data is None:
            return False
        for error in data[name]["userErrors"]:
            self.answers[f"{name}: {error['code']}"] += 1
        return not data[name]["userErrors"]


async def keep_turning(sandbox: Sandbox, chance: random.Random, ended: asyncio.Event) -> None:
    """Let the sandbox fail in another way about every second, also after it was started again."""
    while not ended.is_set():
        await sandbox.turn(**chance.choice(FAULTS))
        await asyncio.sleep(chance.uniform(0.3, 1.5))


# The trial


async def run(rounds: int, seconds: float, seed: int, broken: bool) -> str:
    """Raises ``Lost``."""
    told = Told(chance=random.Random(seed))
    chance = random.Random(seed)
    program = ("-c", (BROKEN if broken else "") + PROGRAM)
    async with told.listening() as (_, smtp):
        mail: dict[str, Any] = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp), "SMTP_SECURITY": "none"}
        mail |= {"MAIL_FROM": "facturas@example.com"}
        async with place("crash", points=POINTS, program=program, **{**SETTINGS, **mail}) as there:
            await there.start(there.server, there.worker)
            client = Biller(there.session, f"{there.url}/graphql", there.accounts[0].key, chance=chance)
            begin = time.monotonic()
            ended = asyncio.Event()
            load = [asyncio.create_task(keep(client.step, ended)) for _ in range(CLIENTS)]
            load.append(asyncio.create_task(keep_turning(there.sandbox, chance, ended)))
            victims: list[Victim] = [there.worker, there.server, there.sandbox, there.postgres]
            kills = await massacre(victims, client, rounds, seconds, random.Random(seed))
            ended.set()
            await asyncio.gather(*load)
            stopped = time.monotonic()
            await there.sandbox.turn()
            there.admin = await connected(there.postgres.server.url)
            await wait_until_settled(there, victims)
            drained = time.monotonic() - stopped
            result = await examine(there, client, told)
            if result.faults:
                print(f"The logs are in {there.logs}")
            else:
                shutil.rmtree(there.logs)
    head = f"{rounds} rounds in {stopped - begin:.0f} s, drained {drained:.0f} s after the end"
    table = "\n".join([head, "", "| | |", "|---|---|", *result.rows(kills, client.answers)])
    if result.faults:
        raise Lost("\n".join([table, "", f"{len(result.faults)} faults:", *result.faults[:20]]))
    return table


async def wait_until_settled(there: Services, victims: list[Victim], longest: float = LONGEST) -> None:
    """Until nothing is open: no document on its way, no file lacking, no event or mail waiting."""

    async def is_settled() -> bool:
        await start_again(victims)
        return not await there.admin.fetchval(_OPEN)

    try:
        await until(is_settled, longest, pause=0.5)
    except TimeoutError:
        rows = await there.admin.fetch("SELECT status, count(*) FROM emission GROUP BY status")
        raise Lost(f"still open after {longest:.0f} s: {[tuple(row) for row in rows]}; logs {there.logs}") from None


_OPEN = """SELECT EXISTS (SELECT FROM emission WHERE due_at IS NOT NULL OR files_due_at IS NOT NULL)
    OR EXISTS (SELECT FROM event WHERE sequence IS NULL) OR EXISTS (SELECT FROM delivery WHERE status = 'PENDING')"""
