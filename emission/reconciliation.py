"""The rows of reconciliation: what is due, what the provider said, what differs. All of it is about one account."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import tenant
from db.leases import STAYS
from emission.differences import Difference, Place
from emission.folios import Base, Counts
from emission.progress import Emission
from emission.rows import KEY, NAME, READ, evidence_columns, key_of, name_of, row_of
from emission.settings import Settings
from pac.emission import Evidence, Folios
from rules.fiscal.document import DocumentKey
from rules.vocabulary import DifferenceKind, Environment

DAYS: Final = 8  # for which a document may be voided at the provider, rounded up
_LATE_FILES: Final = timedelta(days=1)
_KEPT_BY_PROVIDERS: Final = timedelta(days=60)
_OLD: Final = timedelta(days=25)  # of the 30 in which a document may be sent


@dataclass(frozen=True)
class Turn:
    """The account's turn, which this worker holds until another attempt is counted."""

    attempts: int
    nightly_at: datetime
    failing_since: datetime | None
    base: Base | None


@dataclass(frozen=True)
class Sampled:
    """A document to be looked at."""

    row: Emission
    key: DocumentKey

    @property
    def subject(self) -> str:
        return name_of(self.key)


async def find_accounts(now: datetime) -> list[UUID]:
    """The accounts whose turn it is."""
    _, rows = await get_connection("default").execute_query("SELECT account_id FROM due_reconciliations($1)", [now])
    return [row["account_id"] for row in rows]


async def claim(now: datetime, settings: Settings, *, at_once: bool = False) -> Turn | None:
    """Hold the account's turn for the length of the lease; None if it isn't due, or another worker has it.

    ``at_once`` takes a turn that isn't due. One that is under way then ends without a result.
    """
    arguments = [tenant.current_account(), now, settings.lease, at_once]
    _, rows = await get_connection("default").execute_query(_CLAIM, arguments)
    if not rows:
        return None
    row = rows[0]
    base = None
    if row["base_used"] is not None:
        base = Base(row["base_used"], row["base_authorized"], row["base_uncertain"], row["base_cycle"])
    return Turn(row["attempts"], row["nightly_at"], row["failing_since"], base)


# The first turn is a night's.
_CLAIM: Final = f"""
    WITH claimed AS (
        INSERT INTO emission_reconciliation AS r (account_id, attempts, due_at, nightly_at)
        SELECT $1, 1, $2::timestamptz + make_interval(secs => $3), $2 WHERE {STAYS}
        ON CONFLICT (account_id) DO UPDATE SET attempts = r.attempts + 1, due_at = excluded.due_at
        WHERE r.due_at <= $2 OR $4::boolean
        RETURNING attempts, nightly_at, failing_since, base_used, base_authorized, base_uncertain, base_cycle
    )
    SELECT * FROM claimed
"""


async def prolong(turn: Turn, now: datetime, settings: Settings) -> bool:
    """Hold the turn for another lease from now on; False if it is another worker's by now."""
    arguments = [tenant.current_account(), turn.attempts, now + timedelta(seconds=settings.lease)]
    sql = "UPDATE emission_reconciliation SET due_at = $3 WHERE account_id = $1 AND attempts = $2"
    done, _ = await get_connection("default").execute_query(sql, arguments)
    return bool(done)


async def finish(turn: Turn, due_at: datetime, nightly_at: datetime) -> None:
    arguments = [tenant.current_account(), turn.attempts, due_at, nightly_at]
    sql = """
        UPDATE emission_reconciliation SET due_at = $3, nightly_at = $4 WHERE account_id = $1 AND attempts = $2
    """
    await get_connection("default").execute_query(sql, arguments)


async def ask_soon(now: datetime, settings: Settings) -> None:
    """Ask the provider as a whole, too, after a document had no answer: it may be away, which operators are shown.

    Not where that is known, or a worker has the turn: it ends within the lease.
    """
    arguments = [tenant.current_account(), now, now + timedelta(seconds=settings.lease)]
    await get_connection("default").execute_query(_ASK_SOON, arguments)


_ASK_SOON: Final = """
    UPDATE emission_reconciliation SET due_at = $2
    WHERE account_id = $1 AND due_at > $3 AND failing_since IS NULL
"""


async def store_answer(
    turn: Turn, asked_at: datetime, failing_since: datetime | None, folios: Folios | None, base: Base | None
) -> bool:
    """What the provider answered, or that it didn't; False if the turn is another worker's by now."""
    arguments = [tenant.current_account(), turn.attempts, asked_at, failing_since]
    sql = "UPDATE emission_reconciliation SET asked_at = $3, failing_since = $4"
    if folios is not None:
        sql += """, folios_total = $5, folios_used = $6, folios_available = $7, licence_until = $8, folios_at = $3,
            base_used = $9, base_authorized = $10, base_uncertain = $11, base_cycle = $12"""
        arguments += [folios.total, folios.used, folios.available, folios.licence_until]
        arguments += [base.used, base.known, base.uncertain, base.cycle] if base else [None] * 4
    sql += " WHERE account_id = $1 AND attempts = $2"
    done, _ = await get_connection("default").execute_query(sql, arguments)
    return bool(done)


async def forget_base() -> None:
    """Compare folios from the next answer on: what differs now is known and accepted."""
    sql = "UPDATE emission_reconciliation SET base_used = NULL WHERE account_id = $1"
    await get_connection("default").execute_query(sql, [tenant.current_account()])


async def count_documents(provider: str, environment: Environment) -> Counts:
    arguments = [tenant.current_account(), provider, environment]
    _, [row] = await get_connection("default").execute_query(_COUNT, arguments)
    return Counts(row["known"], row["uncertain"])


# Under a number that another system had used, the provider has that one's document.
_COUNT: Final = """
    SELECT (count(*) FILTER (WHERE status IN ('AUTHORIZED', 'VOIDING', 'VOIDED') OR blocked_reason = 'NUMBER_TAKEN')
            + coalesce(sum(cardinality(former_numbers)), 0))::bigint AS known,
        count(*) FILTER (WHERE status NOT IN ('AUTHORIZED', 'VOIDING', 'VOIDED') AND sent_until IS NOT NULL)
            AS uncertain
    FROM emission WHERE account_id = $1 AND provider = $2 AND environment = $3
"""


# Differences


async def store_differences(
    places: Collection[Place], found: Sequence[Difference], now: datetime
) -> tuple[list[Difference], list[Place]]:
    """Store what was found where it was looked for, and delete what is there no more: the new ones, and those gone."""
    rows = [(each.kind, each.subject, each.document_id, each.count, each.detail) for each in found]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[]] * 5
    arguments = [
        *(tenant.current_account(), now, [place.kind for place in places], [place.subject for place in places]),
        *columns,
    ]
    _, changed = await get_connection("default").execute_query(_STORE, arguments)
    new = {(row["kind"], row["subject"]) for row in changed if row["is_new"]}
    gone = [Place(DifferenceKind(row["kind"]), row["subject"]) for row in changed if not row["is_new"]]
    return [each for each in found if (each.kind, each.subject) in new], gone


_STORE: Final = """
    WITH place AS (
        SELECT * FROM unnest($3::text[], $4::text[]) AS p (kind, subject)
    ), found AS (
        SELECT * FROM unnest($5::text[], $6::text[], $7::uuid[], $8::bigint[], $9::text[])
            AS f (kind, subject, document_id, count, detail)
    ), gone AS (
        DELETE FROM emission_difference d USING place p
        WHERE d.account_id = $1 AND d.kind = p.kind AND d.subject = coalesce(p.subject, d.subject)
            AND NOT EXISTS (SELECT FROM found f WHERE f.kind = d.kind AND f.subject = d.subject)
        RETURNING d.kind, d.subject
    ), stored AS (
        INSERT INTO emission_difference AS d (account_id, kind, subject, document_id, count, detail, since)
        SELECT $1, f.kind, f.subject, f.document_id, f.count, f.detail, $2 FROM found f
        ON CONFLICT (account_id, kind, subject) DO UPDATE SET count = excluded.count, detail = excluded.detail
        RETURNING d.kind, d.subject, d.since = $2 AS is_new
    )
    SELECT kind, subject, true AS is_new FROM stored WHERE is_new
    UNION ALL SELECT DISTINCT kind, subject, false FROM gone
"""


async def find_incomplete(now: datetime) -> list[Difference]:
    """Sequences with numbers that no document has, missing files, and documents whose time is almost over."""
    arguments = [tenant.current_account(), now - _LATE_FILES, now - _OLD]
    _, rows = await get_connection("default").execute_query(_INCOMPLETE, arguments)
    return [
        Difference(DifferenceKind(row["kind"]), row["subject"], row["count"], row["detail"], row["document_id"])
        for row in rows
    ]


INCOMPLETE: Final = (
    Place(DifferenceKind.NUMBERS_MISSING, None),
    Place(DifferenceKind.FILES_MISSING, None),
    Place(DifferenceKind.DEADLINE_NEAR, None),
)

# An electronic document is in one of the states of emission, so it is authorised, void, withdrawn or open.
_INCOMPLETE: Final = f"""
    SELECT 'NUMBERS_MISSING' AS kind,
        concat(nullif(q.type, 'INVOICE') || ' ', q.branch, '-', q.billing_point) AS subject, q.missing AS count,
        NULL AS detail, NULL::uuid AS document_id
    FROM (
        SELECT s.branch, s.billing_point, s.type, s.last_number - s.first_number + 1 - (
            SELECT count(*) + coalesce(sum(cardinality(e.former_numbers)), 0)
            FROM document d LEFT JOIN emission e ON e.account_id = $1 AND e.document_id = d.id
            WHERE d.account_id = $1 AND d.branch = s.branch AND d.billing_point = s.billing_point AND d.type = s.type
                AND d.number IS NOT NULL AND (NOT d.electronic OR e.document_id IS NOT NULL)
        )::bigint AS missing
        FROM sequence s WHERE s.account_id = $1
    ) q WHERE q.missing > 0
    UNION ALL
    SELECT 'FILES_MISSING', coalesce(min(e.provider), ''), count(*), NULL, NULL
    FROM emission e WHERE e.account_id = $1 AND e.files_due_at IS NOT NULL AND e.authorized_at < $2
    HAVING count(*) > 0
    UNION ALL
    (SELECT 'DEADLINE_NEAR', {NAME}, 1,
        ((d.issued_at AT TIME ZONE 'America/Panama')::date + 30)::text, d.id
    FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.status IN ('QUEUED', 'SENDING', 'CHECKING', 'ACCEPTED', 'REJECTED', 'BLOCKED')
        AND d.issued_at < $3
    ORDER BY d.issued_at LIMIT 100)
"""


async def forget_settled() -> None:
    """Delete differences about documents that aren't authorised any more, which nobody looks at again."""
    sql = """
        DELETE FROM emission_difference d USING emission e
        WHERE d.account_id = $1 AND d.kind IN ('NOT_AT_PROVIDER', 'OTHER_DOCUMENT')
            AND e.account_id = $1 AND e.document_id = d.document_id AND e.status <> 'AUTHORIZED'
    """
    await get_connection("default").execute_query(sql, [tenant.current_account()])


async def fetch_missing_files(now: datetime, provider: str) -> None:
    """Have the files fetched of this provider's documents that lack some, as after a restored backup."""
    arguments = [tenant.current_account(), now, (now - _KEPT_BY_PROVIDERS).date(), provider]
    await get_connection("default").execute_query(_FETCH, arguments)


_FETCH: Final = """
    UPDATE emission e SET files_due_at = $2 FROM document d
    WHERE d.account_id = $1 AND d.issue_date >= $3 AND e.account_id = $1 AND e.document_id = d.id
        AND e.provider = $4 AND e.files_due_at IS NULL
        AND e.cufe IS NOT NULL AND e.status IN ('AUTHORIZED', 'VOIDING', 'VOIDED')
        AND (SELECT count(*) FROM fiscal_file f WHERE f.account_id = $1 AND f.document_id = e.document_id) < 2
"""


# The sample


async def choose_sample(now: datetime, settings: Settings) -> list[Sampled]:
    """Authorised documents of the last days that can be seen by now, and all about which there is a difference."""
    settled = now - timedelta(seconds=settings.settle)
    arguments = [tenant.current_account(), (now - timedelta(days=DAYS)).date(), settings.sample, settled]
    _, rows = await get_connection("default").execute_query(_SAMPLE, arguments)
    return [Sampled(row_of(row), key_of(row)) for row in rows]


_SAMPLE: Final = f"""
    SELECT {READ}, {KEY} FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
    WHERE e.account_id = $1 AND e.status = 'AUTHORIZED' AND e.document_id IN (
        SELECT document_id FROM emission_difference
        WHERE account_id = $1 AND kind IN ('NOT_AT_PROVIDER', 'OTHER_DOCUMENT')
        UNION
        (SELECT r.document_id FROM emission r JOIN document i ON i.account_id = $1 AND i.id = r.document_id
         WHERE r.account_id = $1 AND r.status = 'AUTHORIZED' AND i.issue_date >= $2 AND r.authorized_at <= $4
         ORDER BY random() LIMIT $3))
    ORDER BY e.document_id
"""


async def keep_evidence(sampled: Sampled, outcome: str, evidence: Evidence, begun: datetime, ended: datetime) -> None:
    """A look that showed something unexpected is kept like an attempt; the many that don't are not."""
    row = sampled.row
    arguments: list[Any] = [
        *(uuid7(), tenant.current_account(), row.document_id, row.payload, row.provider, begun, ended, outcome),
        *evidence_columns(evidence),
    ]
    await get_connection("default").execute_query(_KEEP, arguments)


_KEEP: Final = """
    INSERT INTO emission_attempt
        (id, account_id, document_id, kind, payload, provider, started_at, ended_at, outcome, code, message, answer)
    VALUES ($1, $2, $3, 'LOOK', $4, $5, $6, $7, $8, $9, $10, $11)
"""
