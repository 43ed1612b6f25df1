"""What must hold after the crash run: our documents, the sandbox's, what clients were told, and what was mailed."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from bench.emission.place import Account, Place, Services
from bench.kills import Told
from rules.vocabulary import CODES, DocumentType


class Acknowledged(Protocol):
    """What clients were told."""

    issued: list[str]
    voided: list[str]
    noted: list[str]
    answers: Counter[str]


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
        types = Counter(document["type"] for document in self.documents)
        repeated = sum(document["sends"] > 1 for document in self.authorized)
        mails = len(self.told.mails)
        yield f"| killed | {listed(kills)} |"
        yield f"| answers to clients other than data | {listed(answers)} |"
        yield f"| issued documents | {len(self.documents)}: {listed(types)}; {listed(statuses)} |"
        yield f"| documents at the sandbox | {len(self.authorized)}, of which {repeated} arrived more than once |"
        yield f"| attempts | {listed(self.attempts)} |"
        yield f"| errors in the logs | {listed(self.errors)} |"
        yield f"| mails | {mails}, of which {mails - len(set(self.told.mails))} repeated under the same Message-ID |"


def listed(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"


async def examine(there: Place, client: Acknowledged, told: Told) -> Result:
    account = there.accounts[0]
    documents = await read_documents(there, account)
    authorized = await there.sandbox.documents()
    attempts = await there.admin.fetch("SELECT kind || ' ' || coalesce(outcome, 'open') AS what FROM emission_attempt")
    counts = Counter(row["what"] for row in attempts)
    faults = [*compare(documents, authorized), *judge_mails(documents, told), *judge_answers(documents, client)]
    faults += [*judge_credits(documents, authorized), *judge_rejections(documents)]
    faults += [f"attempts never ended: {what}" for what in counts if what.endswith("open")]
    faults += await judge_numbers(there, account)
    return Result(documents, authorized, counts, logged_errors(there), told, faults)


async def read_documents(there: Services, account: Account) -> list[dict[str, Any]]:
    return [dict(row) for row in await there.admin.fetch(_DOCUMENTS, account.id)]


def logged_errors(there: Services) -> Counter[str]:
    lines = [line for name in ("serve", "worker") for line in (there.logs / name).read_text().splitlines()]
    entries = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
    return Counter(entry["event"] for entry in entries if entry["level"] in ("error", "critical"))


_DOCUMENTS = r"""
    SELECT d.id::text, d.branch || '-' || d.billing_point || '-' || d.number AS number, d.type, d.invoice_id::text,
        d.total, d.status AS paper, d.receiver_email AS email, e.status, e.cufe, e.faults, e.void_refusal, (
            SELECT count(*) FROM event v
            WHERE v.account_id = $1 AND v.object_id = d.id AND v.type LIKE '%\_AUTHORIZED'
        ) AS told, (
            SELECT count(*) FROM fiscal_file f WHERE f.account_id = $1 AND f.document_id = d.id
        ) AS files
    FROM document d LEFT JOIN emission e ON e.account_id = $1 AND e.document_id = d.id
    WHERE d.account_id = $1 AND d.status <> 'DRAFT' ORDER BY d.id
"""

# What each status says of the sandbox's document.
_SAYS = {"AUTHORIZED": "AUTHORIZED", "VOIDED": "VOIDED", "REJECTED": None, "BLOCKED": None, "WITHDRAWN": None}


def name_of(document: dict[str, Any]) -> str:
    """Its number and the DGI's code of its type: each type has the same numbers."""
    return f"{document['number']}-{CODES[DocumentType(document['type'])]}"


def key_of(key: str) -> str:
    """The same of a document of the sandbox, whose key ends with its type of emission."""
    return key.rpartition("-")[0]


def compare(documents: list[dict[str, Any]], authorized: list[dict[str, Any]]) -> Iterator[str]:
    """Where ours and the sandbox's differ."""
    found = {key_of(document["key"]): document for document in authorized}
    if len(found) < len(authorized):
        yield "the sandbox has two documents of one number"
    if strangers := found.keys() - {name_of(document) for document in documents}:
        yield f"the sandbox has documents that nobody issued: {strangers}"
    if len({document["cufe"] for document in documents if document["cufe"]}) < sum(
        document["cufe"] is not None for document in documents
    ):
        yield "two documents have one CUFE"
    for document in documents:
        name, status = name_of(document), document["status"]
        theirs = found.get(name)
        if status not in _SAYS:
            yield f"{name} is {status}"
        elif (theirs and theirs["status"]) != _SAYS[status]:
            yield f"{name} is {status}, at the sandbox {theirs and theirs['status']}"
        elif theirs and (theirs["cufe"], 1, 2) != (document["cufe"], document["told"], document["files"]):
            yield f"{name} has {document}, at the sandbox {theirs}"
        if (document["paper"] == "VOID") != (status in ("VOIDED", "WITHDRAWN")):
            yield f"{name} is {document['paper']} and {status}"


def judge_mails(documents: list[dict[str, Any]], told: Told) -> Iterator[str]:
    """Each authorised document is one message to its invoice's address, which is no other's; its void may be one."""
    void = Counter(document["email"] for document in documents if document["status"] == "VOIDED")
    wanted = void + Counter(document["email"] for document in documents if document["status"] == "AUTHORIZED")
    mailed = Counter(address for _, address in set(told.mails))
    if lacking := wanted - mailed:
        yield f"{lacking.total()} authorised documents were not mailed"
    if others := mailed - wanted - void:
        yield f"{others.total()} mails about documents that weren't authorised, or under a second Message-ID"


def judge_credits(documents: list[dict[str, Any]], authorized: list[dict[str, Any]]) -> Iterator[str]:
    """The credit notes of an invoice that stand never exceed it, neither ours nor those that the sandbox has."""
    by_id = {document["id"]: document for document in documents}
    valid = {key_of(document["key"]) for document in authorized if document["status"] == "AUTHORIZED"}
    ours, theirs = Counter[str](), Counter[str]()
    for note in documents:
        if note["type"] == "CREDIT_NOTE":
            ours[note["invoice_id"]] += note["total"] if note["paper"] == "ISSUED" else 0
            theirs[note["invoice_id"]] += note["total"] if name_of(note) in valid else 0
    for sums in (ours, theirs):
        for id, total in sums.items():
            if total > by_id[id]["total"]:
                yield f"{total} were credited of {by_id[id]}"
            if total and by_id[id]["paper"] != "ISSUED":
                yield f"{total} were credited of {by_id[id]}, which is void"


def judge_rejections(documents: list[dict[str, Any]]) -> Iterator[str]:
    """Only the rule that the sandbox was told to name rejects."""
    for document in documents:
        codes = {fault["code"] for fault in json.loads(document["faults"] or "[]") if not fault["notice"]}
        if document["status"] == "REJECTED" and codes - {"2152", "201"}:
            yield f"{name_of(document)} is rejected by {codes}"


def judge_answers(documents: list[dict[str, Any]], client: Acknowledged) -> Iterator[str]:
    """What was acknowledged must be there."""
    by_id = {document["id"]: document for document in documents}
    if lost := {*client.issued, *client.voided, *client.noted} - by_id.keys():
        yield f"{len(lost)} issued documents are gone"
    for id in client.voided:
        if id in by_id and by_id[id]["paper"] != "VOID" and not by_id[id]["void_refusal"]:
            yield f"{by_id[id]['number']} was to be voided, and is {by_id[id]['status']}"
    if client.answers["INTERNAL"]:
        yield f"the server was surprised {client.answers['INTERNAL']} times"


async def judge_numbers(there: Services, account: Account) -> list[str]:
    """Each key stands for one invoice, and numbers have no gaps."""
    sql = """SELECT s.billing_point, s.type, s.last_number,
            count(d.number) AS issued, count(DISTINCT d.number) AS numbers
        FROM sequence s LEFT JOIN document d ON d.account_id = s.account_id AND d.branch = s.branch
            AND d.billing_point = s.billing_point AND d.type = s.type AND d.number IS NOT NULL
        WHERE s.account_id = $1 GROUP BY s.branch, s.billing_point, s.type, s.last_number"""
    rows = await there.admin.fetch(sql, account.id)
    return [f"numbers of {dict(row)}" for row in rows if not row["last_number"] == row["issued"] == row["numbers"]]
