"""Answers of registries in PostgreSQL, each for the account that asked. All times are the database's.

Accounts don't share answers: by a cached one, or by how soon it comes, an account could see whom others deal with.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from tortoise.connection import get_connection

from db import tenant
from lookup.answers import Answer, Found, Invalid, NotFound, Question
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

_AT_ONCE: Final = 5000  # rows that are deleted, so that no transaction gets long
_STATUSES: Final = {Found: "FOUND", NotFound: "NOT_FOUND", Invalid: "INVALID"}


@dataclass(frozen=True)
class CachedAnswer:
    """An answer, when it was given, and how many seconds ago that was."""

    answer: Answer
    asked_at: datetime
    age: float = 0.0


async def read(ruc: Ruc, taxpayer_types: Iterable[TaxpayerType], *, sandbox: bool) -> dict[TaxpayerType, CachedAnswer]:
    """The account's last answer about the RUC, for each of the types about which there is one."""
    types = [each.value for each in taxpayer_types]
    rows = await _fetch(_READ, tenant.current_account(), ruc.canonical, types, sandbox)
    return {TaxpayerType(row["taxpayer_type"]): _cached_answer(row) for row in rows}


async def store(question: Question, answer: Answer, provider: str, *, sandbox: bool) -> CachedAnswer:
    """Store the answer in place of the one before."""
    taxpayer = answer if isinstance(answer, Found) else None
    [row] = await _fetch(
        _STORE,
        tenant.current_account(),
        question.ruc.canonical,
        question.taxpayer_type.value,
        sandbox,
        _STATUSES[type(answer)],
        taxpayer and taxpayer.dv,
        taxpayer and taxpayer.name,
        taxpayer and taxpayer.electronic_invoicing,
        taxpayer and taxpayer.receiver_type,
        provider,
    )
    return CachedAnswer(answer, row["asked_at"])


async def forget(seconds: float) -> bool:
    """Delete some answers of all accounts that are older than that; returns whether there are more."""
    [row] = await _fetch("SELECT forget_lookups($1, $2) AS forgotten", timedelta(seconds=seconds), _AT_ONCE)
    return bool(row["forgotten"] == _AT_ONCE)


def _cached_answer(row: dict[str, Any]) -> CachedAnswer:
    answer: Answer
    match row["status"]:
        case "FOUND":
            receiver_type = row["receiver_type"] and ReceiverType(row["receiver_type"])
            answer = Found(row["dv"], row["name"], row["electronic_invoicing"], receiver_type)
        case "NOT_FOUND":
            answer = NotFound()
        case _:
            answer = Invalid()
    return CachedAnswer(answer, row["asked_at"], row["age"])


async def _fetch(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows


_READ: Final = """
    SELECT taxpayer_type, status, dv, name, electronic_invoicing, receiver_type, asked_at,
           extract(epoch FROM now() - asked_at)::float8 AS age
    FROM registry_answer WHERE account_id = $1 AND ruc = $2 AND taxpayer_type = ANY ($3::text[]) AND sandbox = $4
"""

_STORE: Final = """
    INSERT INTO registry_answer (account_id, ruc, taxpayer_type, sandbox, status, dv, name, electronic_invoicing,
                                 receiver_type, provider, asked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, now())
    ON CONFLICT (account_id, ruc, taxpayer_type, sandbox) DO UPDATE SET
        status = excluded.status, dv = excluded.dv, name = excluded.name,
        electronic_invoicing = excluded.electronic_invoicing, receiver_type = excluded.receiver_type,
        provider = excluded.provider, asked_at = excluded.asked_at
    RETURNING asked_at
"""
