"""Answers of registries, kept in PostgreSQL for all accounts and processes.

The row of a question also holds a lease: who takes it asks the registry, and others look at the row
until the answer is there or the lease is gone. So none holds a connection while it waits, and the
lease of a process that died runs out by itself. All times are the database's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from lookup.registry import Answer, Found, Invalid, NotFound, Question
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

_STATUSES = {Found: "FOUND", NotFound: "NOT_FOUND", Invalid: "INVALID"}


@dataclass(frozen=True)
class Kept:
    """The row of a question; ``answer`` and ``asked_at`` are None while there never was an answer.

    ``age`` is in seconds; ``leased`` says that somebody is asking.
    """

    answer: Answer | None = None
    asked_at: datetime | None = None
    age: float = 0.0
    leased: bool = False


async def read(ruc: Ruc, taxpayer_types: Iterable[TaxpayerType], *, sandbox: bool) -> dict[TaxpayerType, Kept]:
    rows = await _fetch(_READ, ruc.canonical, [each.value for each in taxpayer_types], sandbox)
    return {TaxpayerType(row["taxpayer_type"]): _kept(row) for row in rows}


async def claim(question: Question, seen: datetime | None, seconds: float, *, sandbox: bool) -> bool:
    """Take the lease for this long, unless somebody has it or has answered since the time ``seen``."""
    return bool(await _fetch(_CLAIM, *_key(question, sandbox), seen, seconds))


async def release(question: Question, *, sandbox: bool) -> None:
    """Give the lease back without an answer."""
    await _fetch(_RELEASE, *_key(question, sandbox))


async def store(question: Question, answer: Answer, provider: str, *, sandbox: bool) -> Kept:
    """Keep the answer, which ends the lease."""
    taxpayer = answer if isinstance(answer, Found) else None
    [row] = await _fetch(
        _STORE,
        *_key(question, sandbox),
        _STATUSES[type(answer)],
        taxpayer and taxpayer.dv,
        taxpayer and taxpayer.name,
        taxpayer and taxpayer.electronic_invoicing,
        taxpayer and taxpayer.receiver_type,
        provider,
    )
    return Kept(answer, row["asked_at"])


def _key(question: Question, sandbox: bool) -> tuple[str, str, bool]:
    return question.ruc.canonical, question.taxpayer_type.value, sandbox


def _kept(row: dict[str, Any]) -> Kept:
    answer: Answer | None = None
    match row["status"]:
        case "FOUND":
            receiver_type = row["receiver_type"] and ReceiverType(row["receiver_type"])
            answer = Found(row["dv"], row["name"], row["electronic_invoicing"], receiver_type)
        case "NOT_FOUND":
            answer = NotFound()
        case "INVALID":
            answer = Invalid()
    return Kept(answer, row["asked_at"], row["age"], row["leased"])


async def _fetch(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows


_READ = """
    SELECT taxpayer_type, status, dv, name, electronic_invoicing, receiver_type, asked_at,
           coalesce(extract(epoch FROM now() - asked_at), 0)::float8 AS age,
           coalesce(lease_until > now(), false) AS leased
    FROM registry_answer WHERE ruc = $1 AND taxpayer_type = ANY ($2::text[]) AND sandbox = $3
"""

_CLAIM = """
    INSERT INTO registry_answer AS kept (ruc, taxpayer_type, sandbox, lease_until)
    VALUES ($1, $2, $3, now() + $5 * interval '1 second')
    ON CONFLICT (ruc, taxpayer_type, sandbox) DO UPDATE SET lease_until = excluded.lease_until
    WHERE coalesce(kept.lease_until <= now(), true) AND kept.asked_at IS NOT DISTINCT FROM $4::timestamptz
    RETURNING ruc
"""

_RELEASE = """
    UPDATE registry_answer SET lease_until = NULL WHERE ruc = $1 AND taxpayer_type = $2 AND sandbox = $3
"""

_STORE = """
    INSERT INTO registry_answer (ruc, taxpayer_type, sandbox, status, dv, name, electronic_invoicing, receiver_type,
                                 provider, asked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
    ON CONFLICT (ruc, taxpayer_type, sandbox) DO UPDATE SET
        status = excluded.status, dv = excluded.dv, name = excluded.name,
        electronic_invoicing = excluded.electronic_invoicing, receiver_type = excluded.receiver_type,
        provider = excluded.provider, asked_at = excluded.asked_at, lease_until = NULL
    RETURNING asked_at
"""
