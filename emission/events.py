"""Which event an answer is, by what is known of the document. Pure: the time is an argument."""

from datetime import datetime
from enum import Enum, auto
from typing import Final

from emission.progress import MOST_GENERAL_ERRORS, Emission
from emission.settings import Settings
from emission.states import Event
from pac.emission import (
    Accepted,
    Authorized,
    Blocked,
    NotSent,
    Rejected,
    SendOutcome,
    Unknown,
    Voided,
    VoidOutcome,
    VoidRefusedOrUnknown,
)
from rules.vocabulary import BlockedReason, FiscalStatus


class Sight(Enum):
    """What a look showed, once it is clear whose document was found."""

    OURS = auto()
    OURS_VOID = auto()
    OTHERS = auto()
    EARLIER = auto()  # ours, as it was before it was corrected
    UNSURE = auto()
    NOTHING = auto()
    REJECTED = auto()
    NO_ANSWER = auto()
    NO_PROVIDER = auto()


def of_send(outcome: SendOutcome, row: Emission, now: datetime, settings: Settings) -> Event:
    match outcome:
        case Authorized():
            return Event.AUTHORIZED
        case Accepted():
            return Event.ACCEPTED
        case Rejected():
            return Event.REJECTED
        case Blocked():
            return _BLOCKED.get(outcome.reason, Event.BLOCKED)
        case Unknown():
            return Event.UNKNOWN
        case NotSent():
            return Event.NOT_SENT_TOO_LONG if _is_too_long(row, now, settings) else Event.NOT_SENT


_BLOCKED: Final[dict[BlockedReason | None, Event]] = {
    BlockedReason.CREDENTIALS: Event.CREDENTIALS_REFUSED,
    BlockedReason.CERTIFICATE: Event.BLOCKED_FOR_NOW,
    BlockedReason.FOLIOS: Event.BLOCKED_FOR_NOW,
    BlockedReason.TECHNICAL: Event.FORM_REFUSED,
}


def of_look(sight: Sight, row: Emission, now: datetime, settings: Settings, *, is_used: bool = False) -> Event:
    """``is_used``: the provider has answered a send that the document's number is used."""
    is_too_long = _is_too_long(row, now, settings)
    if row.status is FiscalStatus.VOIDING:
        asked_for = (now - row.void_asked_at).total_seconds() if row.void_asked_at else 0.0
        return _of_look_while_voiding(sight, row, is_too_long, is_settled=asked_for >= settings.settle)
    match sight:
        case Sight.OURS:
            return Event.FOUND
        case Sight.OURS_VOID:
            return Event.FOUND_VOID
        case Sight.REJECTED:
            return Event.REJECTED
        case Sight.OTHERS:
            return Event.FOUND_OTHER
        case Sight.EARLIER:
            return Event.FOUND_EARLIER
        case Sight.UNSURE:
            return Event.FOUND_UNSURE_TOO_LONG if is_too_long else Event.FOUND_UNSURE
        case Sight.NO_ANSWER:
            return Event.UNAVAILABLE_TOO_LONG if is_too_long else Event.UNAVAILABLE
        case Sight.NO_PROVIDER:
            return Event.UNAVAILABLE_TOO_LONG if is_too_long else Event.NO_PROVIDER
        case Sight.NOTHING if _was_absent(row):
            return Event.NOT_FOUND_TWICE
        case Sight.NOTHING:
            if row.not_found_at is None or now < row.settles_at(settings):
                return Event.NOT_FOUND_THOUGH_USED if is_used else Event.NOT_FOUND
            if row.status is FiscalStatus.BLOCKED:
                return Event.NOT_FOUND_TWICE
            if row.blocked_reason is BlockedReason.TECHNICAL:
                return Event.NOT_FOUND_AFTER_FORM
            if row.generic_errors >= MOST_GENERAL_ERRORS:
                return Event.NOT_FOUND_AFTER_ERRORS
            return Event.NOT_FOUND_TOO_LONG if is_too_long else Event.NOT_FOUND_TWICE


def _was_absent(row: Emission) -> bool:
    """Whether looks have shown that the document wasn't there, and nothing was sent since: what blocks it may pass."""
    return row.sent_until is None and _BLOCKED.get(row.blocked_reason) is Event.BLOCKED_FOR_NOW


def _of_look_while_voiding(sight: Sight, row: Emission, is_too_long: bool, is_settled: bool) -> Event:
    """``is_settled``: the last void would show by now."""
    match sight:
        case Sight.OURS_VOID:
            return Event.FOUND_VOID
        case Sight.OURS if row.void_refusal is not None:
            return Event.FOUND_AFTER_REFUSAL
        case Sight.OURS:
            return Event.FOUND_TOO_LONG if is_too_long and is_settled else Event.FOUND
        case Sight.NOTHING | Sight.REJECTED | Sight.OTHERS | Sight.EARLIER:
            return Event.NOT_FOUND_TOO_LONG if is_too_long else Event.NOT_FOUND
        case Sight.UNSURE | Sight.NO_ANSWER:
            return Event.UNAVAILABLE_TOO_LONG if is_too_long else Event.UNAVAILABLE
        case Sight.NO_PROVIDER:
            return Event.UNAVAILABLE_TOO_LONG if is_too_long else Event.NO_PROVIDER


def of_void(outcome: VoidOutcome, row: Emission, now: datetime, settings: Settings) -> Event:
    match outcome:
        case Voided():
            return Event.VOID_CONFIRMED
        case NotSent():
            return Event.VOID_NOT_SENT_TOO_LONG if _is_too_long(row, now, settings) else Event.VOID_NOT_SENT
        case VoidRefusedOrUnknown():
            return Event.VOID_REFUSED if outcome.is_refusal else Event.VOID_UNKNOWN


def of_late(outcome: SendOutcome) -> Event | None:
    """None if nothing of the late attempt has reached the provider."""
    if isinstance(outcome, Authorized | Accepted):
        return Event.LATE_AUTHORIZED
    if isinstance(outcome, NotSent) or (isinstance(outcome, Blocked) and outcome.reason is BlockedReason.CREDENTIALS):
        return None
    return Event.LATE_ANSWER


def _is_too_long(row: Emission, now: datetime, settings: Settings) -> bool:
    return settings.retries.is_over(row.failing_for(now))
