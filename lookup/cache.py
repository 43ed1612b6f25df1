"""Answers of registries in PostgreSQL, for all accounts and processes. All times are the database's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from tortoise.connection import get_connection

from lookup.answers import Answer, Found, Invalid, NotFound, Question
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

_STATUSES: Final = {Found: "FOUND", NotFound: "NOT_FOUND", Invalid: "INVALID"}


@dataclass(frozen=True)
class CachedAnswer:
    """An answer, when it was given, and how many seconds ago that was."""

    answer: Answer
    asked_at: datetime
    age: float = 0.0


async def read(ruc: Ruc, taxpayer_types: Iterable[TaxpayerType], *, sandbox: bool) -> dict[TaxpayerType, CachedAnswer]:
    """The last answer about the RUC, for each of the types about which there is one."""
    rows = await _fetch(_READ, ruc.canonical, [each.value for each in taxpayer_types], sandbox)
    return {TaxpayerType(row["taxpayer_type"]): _cached_answer(row) for row in rows}


async def store(question: Question, answer: Answer, provider: str, *, sandbox: bool) -> CachedAnswer:
    """Store the answer in place of the one before."""
    taxpayer = answer if isinstance(answer, Found) else None
    [row] = await _fetch(
        _STORE,
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
    FROM registry_answer WHERE ruc = $1 AND taxpayer_type = ANY ($2::text[]) AND sandbox = $3 AND status IS NOT NULL
"""

_STORE: Final = """
    INSERT INTO registry_answer (ruc, taxpayer_type, sandbox, status, dv, name, electronic_invoicing, receiver_type,
                                 provider, asked_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now())
    ON CONFLICT (ruc, taxpayer_type, sandbox) DO UPDATE SET
        status = excluded.status, dv = excluded.dv, name = excluded.name,
        electronic_invoicing = excluded.electronic_invoicing, receiver_type = excluded.receiver_type,
        provider = excluded.provider, asked_at = excluded.asked_at
    RETURNING asked_at
"""
