"""Kills and lost answers must neither lose nor repeat a fiscal document.

Clients create, issue and void invoices over HTTP while, each round, the server, the worker, the sandbox, PostgreSQL or
several of them are killed with -9 and started again, and the sandbox fails in another way every second. Then it is
waited until nothing is open, and checked: each issued document is exactly one authorised document at the sandbox, or
none with a status that says so; no number is used twice; each authorised one was mailed, at each attempt under the same
Message-ID.

With ``--broken`` the worker takes an answer that was lost for a refusal, which the checks must find.
"""

import asyncio
import json
import random
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from bench.emission.place import CREATE, LINES, Account, Place, Sandbox, place
from bench.kills import PROGRAM, Told, keep, massacre
from bench.processes import Client, Lost, connected, must, until

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

_ISSUE = "mutation ($id: ID!) { issueInvoice(id: $id) { invoice { id } userErrors { code } } }"
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
    voided: list[str] = field(default_factory=list)

    async def step(self) -> None:
        action = self.chance.choice([self.create, self.create, self.create, self.draft, self.issue, self.void])
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
        mail = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(smtp), "SMTP_SECURITY": "none"}
        mail |= {"MAIL_FROM": "facturas@example.com"}
        async with place("crash", points=POINTS, program=program, **SETTINGS, **mail) as there:
            await there.start(there.server, there.worker)
            client = Biller(there.session, f"{there.url}/graphql", there.accounts[0].key, chance=chance)
            begin = time.monotonic()
            ended = asyncio.Event()
            load = [asyncio.create_task(keep(client.step, ended)) for _ in range(CLIENTS)]
            load.append(asyncio.create_task(keep_turning(there.sandbox, chance, ended)))
            victims = [there.worker, there.server, there.sandbox, there.postgres]
            kills = await massacre(victims, client, rounds, seconds, random.Random(seed))
            ended.set()
            await asyncio.gather(*load)
            stopped = time.monotonic()
            await there.sandbox.turn()
            there.admin = await connected(there.postgres.server.url)
            await wait_until_settled(there)
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


async def wait_until_settled(there: Place) -> None:
    """Until nothing is open: no document on its way, no file lacking, no event or mail waiting."""

    async def is_settled() -> bool:
        return not await there.admin.fetchval(_OPEN)

    try:
        await until(is_settled, LONGEST, pause=0.5)
    except TimeoutError:
        rows = await there.admin.fetch("SELECT status, count(*) FROM emission GROUP BY status")
        raise Lost(f"still open after {LONGEST:.0f} s: {[tuple(row) for row in rows]}; logs {there.logs}") from None


_OPEN = """SELECT EXISTS (SELECT FROM emission WHERE due_at IS NOT NULL OR files_due_at IS NOT NULL)
    OR EXISTS (SELECT FROM event WHERE sequence IS NULL) OR EXISTS (SELECT FROM delivery WHERE status = 'PENDING')"""


# What must hold


@dataclass
class Result:
    documents: list[dict[str, Any]]  # ours
    authorized: list[dict[str, Any]]  # the sandbox's
    attempts: Counter[str]
    errors: Counter[str]  # in the logs
    told: Told
    faults: list[str]

    def rows(self, kills: Counter[str], answers: Counter[str]) -> Iterator[str]:
        statuses = Counter(document["status"] for document in self.documents)
        repeated = sum(document["sends"] > 1 for document in self.authorized)
        mails = len(self.told.mails)
        yield f"| killed | {listed(kills)} |"
        yield f"| answers to clients other than data | {listed(answers)} |"
        yield f"| issued documents | {len(self.documents)}: {listed(statuses)} |"
        yield f"| documents at the sandbox | {len(self.authorized)}, of which {repeated} arrived more than once |"
        yield f"| attempts | {listed(self.attempts)} |"
        yield f"| errors in the logs | {listed(self.errors)} |"
        yield f"| mails | {mails}, of which {mails - len(set(self.told.mails))} repeated under the same Message-ID |"


def listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


async def examine(there: Place, client: Biller, told: Told) -> Result:
    account = there.accounts[0]
    documents = [dict(row) for row in await there.admin.fetch(_DOCUMENTS, account.id)]
    authorized = await there.sandbox.documents()
    attempts = await there.admin.fetch("SELECT kind || ' ' || coalesce(outcome, 'open') AS what FROM emission_attempt")
    counts = Counter(row["what"] for row in attempts)
    faults = [*compare(documents, authorized), *judge_mails(documents, told), *judge_answers(documents, client)]
    faults += [f"attempts never ended: {what}" for what in counts if what.endswith("open")]
    faults += await judge_numbers(there, account)
    return Result(documents, authorized, counts, logged_errors(there), told, faults)


def logged_errors(there: Place) -> Counter[str]:
    lines = [line for name in ("serve", "worker") for line in (there.logs / name).read_text().splitlines()]
    entries = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return Counter(entry["event"] for entry in entries if entry["level"] in ("error", "critical"))


_DOCUMENTS = """
    SELECT d.id::text, d.branch || '-' || d.billing_point || '-' || d.number AS number, d.status AS paper,
        d.receiver_email AS email, e.status, e.cufe, e.void_refusal, (
            SELECT count(*) FROM event v
            WHERE v.account_id = $1 AND v.object_id = d.id AND v.type = 'INVOICE_AUTHORIZED'
        ) AS told, (
            SELECT count(*) FROM fiscal_file f WHERE f.account_id = $1 AND f.document_id = d.id
        ) AS files
    FROM document d LEFT JOIN emission e ON e.account_id = $1 AND e.document_id = d.id
    WHERE d.account_id = $1 AND d.status <> 'DRAFT' ORDER BY d.id
"""

# What each status says of the sandbox's document.
_SAYS = {"AUTHORIZED": "AUTHORIZED", "VOIDED": "VOIDED", "REJECTED": None, "BLOCKED": None, "WITHDRAWN": None}


def compare(documents: list[dict[str, Any]], authorized: list[dict[str, Any]]) -> Iterator[str]:
    """Where ours and the sandbox's differ."""
    found = {document["key"].rsplit("-", 2)[0]: document for document in authorized}
    if len(found) < len(authorized):
        yield "the sandbox has two documents of one number"
    if strangers := found.keys() - {document["number"] for document in documents}:
        yield f"the sandbox has documents that nobody issued: {strangers}"
    if len({document["cufe"] for document in documents if document["cufe"]}) < sum(
        document["cufe"] is not None for document in documents
    ):
        yield "two documents have one CUFE"
    for document in documents:
        name, status, theirs = document["number"], document["status"], found.get(document["number"])
        if status not in _SAYS:
            yield f"{name} is {status}"
        elif (theirs and theirs["status"]) != _SAYS[status]:
            yield f"{name} is {status}, at the sandbox {theirs and theirs['status']}"
        elif theirs and (theirs["cufe"], 1, 2) != (document["cufe"], document["told"], document["files"]):
            yield f"{name} has {document}, at the sandbox {theirs}"
        if (document["paper"] == "VOID") != (status in ("VOIDED", "WITHDRAWN")):
            yield f"{name} is {document['paper']} and {status}"


def judge_mails(documents: list[dict[str, Any]], told: Told) -> Iterator[str]:
    wanted = {document["email"] for document in documents if document["status"] in ("AUTHORIZED", "VOIDED")}
    mailed = Counter(address for _, address in set(told.mails))
    if lacking := wanted - mailed.keys():
        yield f"{len(lacking)} authorised documents were not mailed"
    if others := mailed.keys() - wanted:
        yield f"{len(others)} documents were mailed without being authorised"
    if several := [address for address, count in mailed.items() if count > 1]:
        yield f"{len(several)} documents were mailed under several Message-IDs"


def judge_answers(documents: list[dict[str, Any]], client: Biller) -> Iterator[str]:
    """What was acknowledged must be there."""
    by_id = {document["id"]: document for document in documents}
    if lost := {*client.issued, *client.voided} - by_id.keys():
        yield f"{len(lost)} issued documents are gone"
    for id in client.voided:
        if id in by_id and by_id[id]["paper"] != "VOID" and not by_id[id]["void_refusal"]:
            yield f"{by_id[id]['number']} was to be voided, and is {by_id[id]['status']}"
    if client.answers["INTERNAL"]:
        yield f"the server was surprised {client.answers['INTERNAL']} times"


async def judge_numbers(there: Place, account: Account) -> list[str]:
    """Each key stands for one invoice, and numbers have no gaps."""
    sql = """SELECT s.billing_point, s.last_number, count(d.number) AS issued, count(DISTINCT d.number) AS numbers
        FROM sequence s LEFT JOIN document d ON d.account_id = s.account_id AND d.branch = s.branch
            AND d.billing_point = s.billing_point AND d.number IS NOT NULL
        WHERE s.account_id = $1 GROUP BY s.branch, s.billing_point, s.last_number"""
    rows = await there.admin.fetch(sql, account.id)
    return [f"numbers of {dict(row)}" for row in rows if not row["last_number"] == row["issued"] == row["numbers"]]
