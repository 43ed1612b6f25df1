"""How the account's electronic invoices are doing as a whole, in one statement."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import tenant
from rules.vocabulary import BlockedReason, DifferenceKind, Environment


@dataclass(frozen=True)
class Folios:
    """As the provider says."""

    total: int | None
    used: int | None
    available: int | None
    licence_until: str | None
    checked_at: datetime


@dataclass(frozen=True)
class Difference:
    kind: DifferenceKind
    subject: str
    document_id: UUID | None
    count: int
    detail: str | None
    since: datetime


@dataclass(frozen=True)
class EmissionStatus:
    """``away_since`` is when the provider began not to answer, after its last answer; None while it does."""

    provider: str | None
    environment: Environment
    away_since: datetime | None
    open: int
    oldest_open_since: datetime | None
    rejected: int
    blocked: tuple[tuple[BlockedReason, int], ...]
    folios: Folios | None
    differences: tuple[Difference, ...]


async def read_status() -> EmissionStatus:
    """That of the current account."""
    rows = await get_connection("default").execute_query_dict(_STATUS, [tenant.current_account()])
    row = rows[0]
    return EmissionStatus(
        provider=row["provider"],
        environment=Environment(row["environment"]),
        away_since=row["away_since"],
        open=row["open"],
        oldest_open_since=row["oldest_open_since"],
        rejected=row["rejected"],
        blocked=tuple([(BlockedReason(reason), count) for reason, count in orjson.loads(row["blocked"])]),
        folios=_folios(row),
        differences=tuple([_difference(each) for each in orjson.loads(row["differences"])]),
    )


def _folios(row: dict[str, Any]) -> Folios | None:
    if row["folios_at"] is None:
        return None
    return Folios(
        total=row["folios_total"],
        used=row["folios_used"],
        available=row["folios_available"],
        licence_until=row["licence_until"],
        checked_at=row["folios_at"],
    )


def _difference(row: dict[str, Any]) -> Difference:
    id = row["document_id"]
    since = datetime.fromisoformat(row["since"])
    return Difference(DifferenceKind(row["kind"]), row["subject"], id and UUID(id), row["count"], row["detail"], since)


# A call without an answer has no code. The provider is away since the first such call after its last answer, be it
# about a document or the reconciliation's; how long a document has been failing for says nothing about that.
_UNANSWERED: Final = "(a.code IS NULL AND a.outcome IN ('NOT_SENT', 'UNKNOWN', 'UNAVAILABLE', 'VOID_NOT_CONFIRMED'))"

_STATUS: Final = f"""
    WITH waiting AS (
        SELECT status, blocked_reason, open_since FROM emission
        WHERE account_id = $1
            AND status IN ('QUEUED', 'SENDING', 'CHECKING', 'ACCEPTED', 'VOIDING', 'REJECTED', 'BLOCKED')
    ), counts AS (
        SELECT count(*) FILTER (WHERE status NOT IN ('REJECTED', 'BLOCKED')) AS open,
            min(open_since) FILTER (WHERE status NOT IN ('REJECTED', 'BLOCKED')) AS oldest_open_since,
            count(*) FILTER (WHERE status = 'REJECTED') AS rejected
        FROM waiting
    ), last_answer AS (
        SELECT a.id, a.ended_at FROM emission_attempt a
        WHERE a.account_id = $1 AND a.outcome <> 'LEASE_OVER' AND NOT {_UNANSWERED}
        ORDER BY a.id DESC LIMIT 1
    ), answered AS (
        SELECT greatest(
            (SELECT ended_at FROM last_answer),
            (SELECT asked_at FROM emission_reconciliation WHERE account_id = $1 AND failing_since IS NULL)
        ) AS at
    ), silence AS (
        SELECT min(greatest(a.started_at, answered.at)) AS since
        FROM answered, emission_attempt a JOIN pac_setting s ON s.account_id = $1 AND s.provider = a.provider
        WHERE a.account_id = $1 AND {_UNANSWERED} AND (answered.at IS NULL OR a.ended_at > answered.at)
            AND a.id > coalesce((SELECT id FROM last_answer), '00000000-0000-0000-0000-000000000000')
    )
    SELECT s.provider,
        coalesce(s.environment, (
            SELECT e.environment FROM emission e WHERE e.account_id = $1 ORDER BY e.document_id DESC LIMIT 1
        ), 'TEST') AS environment,
        CASE WHEN s.provider IS NOT NULL THEN least(silence.since, CASE
            WHEN r.failing_since IS NOT NULL AND (answered.at IS NULL OR r.asked_at > answered.at)
                THEN greatest(r.failing_since, answered.at)
        END) END AS away_since,
        c.open, c.oldest_open_since, c.rejected,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(b.blocked_reason, b.count) ORDER BY b.blocked_reason), '[]')
         FROM (SELECT blocked_reason, count(*) FROM waiting WHERE status = 'BLOCKED' GROUP BY 1) b) AS blocked,
        r.folios_total, r.folios_used, r.folios_available, r.licence_until, r.folios_at,
        (SELECT coalesce(jsonb_agg(to_jsonb(d) ORDER BY d.since, d.kind, d.subject), '[]')
         FROM (SELECT kind, subject, document_id, count, detail, since FROM emission_difference
               WHERE account_id = $1 ORDER BY since, kind, subject LIMIT 100) d) AS differences
    FROM counts c CROSS JOIN answered CROSS JOIN silence LEFT JOIN pac_setting s ON s.account_id = $1
        LEFT JOIN emission_reconciliation r ON r.account_id = $1
"""
