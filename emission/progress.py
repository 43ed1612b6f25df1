"""The row of a document on its way, and what it becomes by a claim or an event. Pure: the time is an argument."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from emission import states
from emission.settings import Settings
from emission.states import Act, Due, Event, Step
from pac.emission import Accepted, Authorized, Blocked, Evidence, FiscalFault, Rejected, SendOutcome, Unknown
from rules.vocabulary import BlockedReason, Environment, FiscalStatus

VOIDED_ELSEWHERE: Final = "Anulada en el PAC"
VOID_UNCONFIRMED: Final = "El proveedor no confirmó la anulación, y el documento sigue autorizado."
VOID_NEVER_SENT: Final = "No se pudo pedir la anulación al proveedor. El documento sigue autorizado."
MOST_GENERAL_ERRORS: Final = 3  # after so many, the document is taken to be wrong

# An end, or a rest until somebody does something: what was wrong on the way is over.
_SETTLED: Final = frozenset(
    {
        FiscalStatus.AUTHORIZED,
        FiscalStatus.REJECTED,
        FiscalStatus.BLOCKED,
        FiscalStatus.VOIDED,
        FiscalStatus.WITHDRAWN,
    }
)


@dataclass(frozen=True, kw_only=True)
class Emission:
    """A row of ``emission``; db/schema/emission.sql says what its columns mean."""

    document_id: UUID
    status: FiscalStatus
    environment: Environment
    provider: str | None
    attempts: int
    due_at: datetime | None
    open_since: datetime
    failing_since: datetime | None
    payload: int
    sent_until: datetime | None
    not_found_at: datetime | None
    generic_errors: int
    cufe: str | None
    qr: str | None
    protocol: str | None
    authorized_at: datetime | None
    faults: tuple[FiscalFault, ...]
    blocked_reason: BlockedReason | None
    blocked_message: str | None
    void_reason: str | None
    void_asked_at: datetime | None
    void_refusal: str | None
    voided_at: datetime | None
    files_due_at: datetime | None

    def failing_for(self, now: datetime) -> float:
        return (now - self.failing_since).total_seconds() if self.failing_since else 0.0

    def settles_at(self, settings: Settings) -> datetime:
        """From when on a document that isn't found has not arrived; and after failures, may be sent again."""
        if self.sent_until is None:
            return self.open_since
        pause = settings.retries.pause(self.failing_for(self.sent_until), _without_variation)
        return self.sent_until + timedelta(seconds=max(settings.settle, pause))


def claim(row: Emission, provider: str | None, now: datetime, settings: Settings) -> tuple[Emission, Step]:
    """The row while a worker holds it. ``db.leases`` moves ``due_at`` and counts the attempt."""
    step = states.step(row.status, Event.CLAIM_UNPROVEN if _is_unproven(row) else Event.CLAIM)
    row = replace(row, status=step.status, provider=row.provider or provider)
    if step.effects.act is Act.SEND:
        until = now + timedelta(seconds=settings.lease)
        row = replace(row, sent_until=until, not_found_at=None)
    elif step.effects.act is Act.VOID:
        row = replace(row, void_asked_at=now, void_refusal=None)
    return row, step


def _is_unproven(row: Emission) -> bool:
    if row.status is FiscalStatus.VOIDING:
        return row.void_asked_at is not None
    return row.status is FiscalStatus.BLOCKED and row.sent_until is not None


def advance(
    row: Emission, event: Event, now: datetime, settings: Settings, outcome: SendOutcome | None = None, text: str = ""
) -> tuple[Emission, Step]:
    """The row after an event. ``outcome`` is how sending ended; ``text`` what is said about it, such as a reason."""
    step = states.step(row.status, event)
    after = replace(row, status=step.status, **_common(row, event, step, now))
    if outcome is not None:
        after = replace(after, **_after_sending(row, step, outcome, now))
    after = replace(after, **_PARTICULAR[event](row, now, text) if event in _PARTICULAR else {})
    if step.effects.reason or (step.status is FiscalStatus.BLOCKED and row.status is not FiscalStatus.BLOCKED):
        reason = step.effects.reason or (outcome.reason if isinstance(outcome, Blocked) else None)
        after = replace(after, blocked_reason=reason, blocked_message=text or _message(outcome))
        if event is Event.BLOCKED_FOR_NOW and reason is row.blocked_reason:  # still: each hour's try isn't told anew
            step = replace(step, effects=replace(step.effects, tells=None))
    if step.effects.proves_absence:
        after = replace(after, sent_until=None)
    if step.effects.fetches:
        after = replace(after, files_due_at=now)
    if step.effects.voids:
        after = replace(after, voided_at=now, void_reason=after.void_reason or VOIDED_ELSEWHERE)
    return replace(after, due_at=_due_at(after, step, now, settings)), step


def _common(row: Emission, event: Event, step: Step, now: datetime) -> dict[str, Any]:
    """What follows from the table alone."""
    if event in states.REQUESTS:
        cleared = dict.fromkeys(("failing_since", "not_found_at", "blocked_reason", "blocked_message"))
        return {**cleared, "generic_errors": 0, "open_since": now}
    if step.effects.due is Due.UNCHANGED:
        return {}
    if step.status in _SETTLED and step.effects.due in (Due.NEVER, Due.HOURLY):
        kept = {} if step.status is FiscalStatus.BLOCKED else dict.fromkeys(("blocked_reason", "blocked_message"))
        return {**kept, "failing_since": None, "not_found_at": None}
    if step.effects.due in (Due.SOON, Due.LATER, Due.HOURLY) and row.failing_since is None:
        return {"failing_since": now}
    return {}


def _after_sending(row: Emission, step: Step, outcome: SendOutcome, now: datetime) -> dict[str, Any]:
    # Where nothing of it has arrived, the caller puts back when the attempt before this one ended.
    changes: dict[str, Any] = {} if step.effects.forgets_send else {"sent_until": now}
    match outcome:
        case Authorized():
            changes |= {
                "cufe": outcome.cufe,
                "qr": outcome.qr,
                "protocol": outcome.protocol,
                "authorized_at": outcome.received_at or now,
                "faults": outcome.notices,
            }
        case Accepted():
            changes |= {"blocked_reason": None, "blocked_message": None}
        case Rejected():
            changes["faults"] = outcome.faults
        case Unknown(is_generic_error=True):
            # If it turns out that this is all that is ever answered, it is why the document is rejected.
            fault = FiscalFault(code=outcome.evidence.code or "", message=outcome.evidence.message or "")
            changes |= {"generic_errors": row.generic_errors + 1, "faults": (fault,)}
    return changes


def _message(outcome: SendOutcome | None) -> str | None:
    evidence: Evidence | None = outcome.evidence if outcome else None
    return evidence.message if evidence else None


def _correct(row: Emission, now: datetime, text: str) -> dict[str, Any]:
    """No provider has the document, so it goes to the account's present one."""
    return {"payload": row.payload + 1, "provider": None, "sent_until": None, "faults": (), "cufe": None}


def _retry(row: Emission, now: datetime, text: str) -> dict[str, Any]:
    """After a defect of ours, the document is written anew if it isn't found: the same bytes would fail again."""
    return {"payload": row.payload + 1} if row.blocked_reason is BlockedReason.TECHNICAL else {}


def _ask_void(row: Emission, now: datetime, text: str) -> dict[str, Any]:
    return {"void_reason": text, "void_asked_at": None, "void_refusal": None}


_PARTICULAR: Final[dict[Event, Callable[[Emission, datetime, str], dict[str, Any]]]] = {
    Event.CORRECT: _correct,
    Event.RENUMBER: _correct,
    Event.RETRY: _retry,
    Event.VOID: _ask_void,
    Event.VOID_UNTRIED: _ask_void,
    Event.NOT_FOUND: lambda row, now, text: {
        "not_found_at": row.not_found_at or now,
        **({"void_asked_at": None} if row.status is FiscalStatus.VOIDING else {}),
    },
    Event.NOT_FOUND_THOUGH_USED: lambda row, now, text: {"not_found_at": row.not_found_at or now},
    # Whoever's attempt it was, it has ended only now.
    Event.LATE_ANSWER: lambda row, now, text: _came_late(row, now),
    Event.LATE_AUTHORIZED: lambda row, now, text: _came_late(row, now),
    Event.VOID_REFUSED: lambda row, now, text: {"void_refusal": text},
    Event.FOUND: lambda row, now, text: {"void_asked_at": None},
    Event.FOUND_AFTER_REFUSAL: lambda row, now, text: _keep_authorized(row.void_refusal),
    Event.FOUND_TOO_LONG: lambda row, now, text: _keep_authorized(VOID_UNCONFIRMED),
    Event.VOID_NOT_SENT_TOO_LONG: lambda row, now, text: _keep_authorized(VOID_NEVER_SENT),
}


def _keep_authorized(refusal: str | None) -> dict[str, Any]:
    return {"void_reason": None, "void_asked_at": None, "void_refusal": refusal}


def _without_variation() -> float:
    return 1.0


def _came_late(row: Emission, now: datetime) -> dict[str, Any]:
    return {"sent_until": max(row.sent_until or now, now), "not_found_at": None}


def _due_at(row: Emission, step: Step, now: datetime, settings: Settings) -> datetime | None:
    match step.effects.due:
        case Due.NEVER:
            return None
        case Due.UNCHANGED:
            return row.due_at
        case Due.NOW:
            return now
        case Due.HOURLY:
            return now + timedelta(seconds=settings.hourly)
        case Due.LATER:
            return now + timedelta(seconds=settings.retries.pause(row.failing_for(now)))
        case Due.SOON:
            ended_for = (now - row.sent_until).total_seconds() if row.sent_until else 0.0
            due = now + timedelta(seconds=settings.retries.pause(ended_for))
            settles = row.settles_at(settings)
            return min(due, settles) if settles > now else due
