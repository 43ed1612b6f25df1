"""The states of a document on its way to the DGI: a table of what each event makes of each of them.

It is pure: no clock, no database. ``emission.events`` finds out which event an answer is, ``emission.progress`` applies
the step to a row. A pair that isn't in the table is refused, never passed over.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from rules.vocabulary import BlockedReason, EventType, FiscalStatus


class Event(Enum):
    # What people ask for. A document is tried from when its bytes may have left, until it is known that they didn't
    # arrive and it was corrected.
    VOID = auto()
    VOID_UNTRIED = auto()
    CORRECT = auto()
    RETRY = auto()
    RENUMBER = auto()

    # What the worker does.
    CLAIM = auto()  # what is due, or whose lease is over
    CLAIM_UNPROVEN = auto()  # what was asked for is perhaps registered: a void, or a document that is blocked for now
    UNWRITABLE = auto()  # a defect of ours: the document can't be written in the provider's words
    ACCOUNT_BLOCKED = auto()  # the provider refused the credentials with another document

    # How sending ended.
    AUTHORIZED = auto()
    ACCEPTED = auto()
    REJECTED = auto()
    BLOCKED = auto()
    BLOCKED_FOR_NOW = auto()  # by what may pass without us: folios, certificate
    CREDENTIALS_REFUSED = auto()  # nothing was registered
    CREDENTIALS_CHANGED = auto()  # so, too, but the account has other ones by now, or another provider
    NO_PROVIDER = auto()  # the account has none, or another than the document's; no call was made, of any kind
    FORM_REFUSED = auto()  # the provider doesn't understand our request, a defect of ours
    UNKNOWN = auto()
    NOT_SENT = auto()
    NOT_SENT_TOO_LONG = auto()

    # What a look showed.
    FOUND = auto()
    FOUND_TOO_LONG = auto()  # not void, after a day of asking for that
    FOUND_VOID = auto()
    FOUND_OTHER = auto()  # another system's document has our key
    FOUND_EARLIER = auto()  # what was sent before the document was corrected is authorised
    FOUND_UNSURE = auto()  # whose it is can't be told yet
    FOUND_UNSURE_TOO_LONG = auto()
    FOUND_AFTER_REFUSAL = auto()  # not void, and the provider refused to void it
    NOT_FOUND = auto()
    NOT_FOUND_THOUGH_USED = auto()  # the provider said that the document's number is used
    NOT_FOUND_TWICE = auto()  # the second time long enough after the last attempt; or again, with none since
    NOT_FOUND_AFTER_ERRORS = auto()  # so, too, after three general errors
    NOT_FOUND_AFTER_FORM = auto()  # so, too, after FORM_REFUSED
    NOT_FOUND_TOO_LONG = auto()  # so, too, after a day of failures
    UNAVAILABLE = auto()
    UNAVAILABLE_TOO_LONG = auto()

    # How voiding ended.
    VOID_CONFIRMED = auto()
    VOID_REFUSED = auto()
    VOID_UNKNOWN = auto()
    VOID_NOT_SENT = auto()
    VOID_NOT_SENT_TOO_LONG = auto()

    # An answer to a send whose lease is over.
    LATE_ANSWER = auto()
    LATE_AUTHORIZED = auto()


class Act(Enum):
    """A call of the provider that a claim makes. Each has a row of evidence."""

    SEND = "SEND"
    LOOK = "LOOK"
    VOID = "VOID"


class Due(Enum):
    """When the worker turns to the document again."""

    NEVER = auto()
    NOW = auto()
    SOON = auto()  # after a pause that grows with the time since the attempt ended
    LATER = auto()  # after a pause that grows with the time for which it has been failing
    HOURLY = auto()
    UNCHANGED = auto()


@dataclass(frozen=True, kw_only=True)
class Effects:
    """What happens beside the change of status.

    ``act`` is what a claim does, ``tells`` the event to announce. ``alarm`` is for an operator. ``fetches`` begins
    fetching the XML and the PDF, ``voids`` makes the document itself void. ``forgets_send``: nothing of the attempt has
    reached the provider. ``proves_absence``: the provider hasn't the document, so that it may be given up.
    ``blocks_account``: no other document of the account would fare better at this provider.
    """

    act: Act | None = None
    due: Due = Due.NEVER
    reason: BlockedReason | None = None
    tells: EventType | None = None
    alarm: bool = False
    fetches: bool = False
    voids: bool = False
    forgets_send: bool = False
    proves_absence: bool = False
    blocks_account: bool = False


@dataclass(frozen=True)
class Step:
    status: FiscalStatus
    effects: Effects


class Impossible(Exception):
    """A defect: this can't happen to a document in this state."""


class NotNow(Exception):
    """A request of people that the state refuses; ``is_pending`` if it may be granted once an answer has come."""

    def __init__(self, status: FiscalStatus, event: Event) -> None:
        super().__init__(f"{event.name} of a document that is {status.value}")
        self.is_pending = status in _PENDING


def step(status: FiscalStatus, event: Event) -> Step:
    """What the event makes of the state; raises ``NotNow`` for a request of people, else ``Impossible``."""
    found = TABLE[status].get(event)
    if found is not None:
        return found
    if event in REQUESTS:
        raise NotNow(status, event)
    raise Impossible(f"{event.name} of a document that is {status.value}")


def _to(status: FiscalStatus, due: Due = Due.NEVER, **effects: bool | Act | BlockedReason | EventType) -> Step:
    return Step(status, Effects(due=due, **effects))  # type: ignore[arg-type]


def _block(reason: BlockedReason | None, due: Due = Due.NEVER, **effects: bool) -> Step:
    """Without a reason, it is the answer's."""
    blocked: dict[str, bool | EventType] = {"tells": EventType.EMISSION_BLOCKED, "alarm": True, **effects}
    if reason is None:
        return _to(FiscalStatus.BLOCKED, due, **blocked)
    return _to(FiscalStatus.BLOCKED, due, reason=reason, **blocked)


_AUTHORIZE: Final = _to(FiscalStatus.AUTHORIZED, tells=EventType.INVOICE_AUTHORIZED, fetches=True)
_REJECT: Final = _to(FiscalStatus.REJECTED, tells=EventType.INVOICE_REJECTED)
_VOID: Final = _to(FiscalStatus.VOIDED, tells=EventType.INVOICE_VOIDED, voids=True)
_VOIDED_ELSEWHERE: Final = _to(FiscalStatus.VOIDED, tells=EventType.INVOICE_VOIDED, voids=True, alarm=True)
_FOUND_VOID: Final = _to(FiscalStatus.VOIDED, tells=EventType.INVOICE_VOIDED, voids=True, fetches=True)
_WITHDRAW: Final = _to(FiscalStatus.WITHDRAWN, tells=EventType.INVOICE_VOIDED, voids=True)
_KEEP_AUTHORIZED: Final = _to(FiscalStatus.AUTHORIZED, tells=EventType.INVOICE_UPDATED, alarm=True)
_CHECK_NOW: Final = _to(FiscalStatus.CHECKING, Due.NOW)
_TECHNICAL: Final = _block(BlockedReason.TECHNICAL)
_TECHNICAL_ABSENT: Final = _block(BlockedReason.TECHNICAL, proves_absence=True)
_TAKEN: Final = _block(BlockedReason.NUMBER_TAKEN, proves_absence=True)


def _stay(status: FiscalStatus, due: Due = Due.UNCHANGED, *, alarm: bool = False) -> Step:
    return _to(status, due, alarm=alarm)


def _kept(status: FiscalStatus) -> dict[Event, Step]:
    """Late answers that are evidence and no more."""
    return {Event.LATE_ANSWER: _stay(status), Event.LATE_AUTHORIZED: _stay(status)}


_LATE: Final = {Event.LATE_ANSWER: _CHECK_NOW, Event.LATE_AUTHORIZED: _CHECK_NOW}

TABLE: Final[Mapping[FiscalStatus, Mapping[Event, Step]]] = {
    FiscalStatus.NONE: {},
    FiscalStatus.QUEUED: {
        # A queued document was never tried, or two looks have shown that it isn't there.
        Event.CLAIM: _to(FiscalStatus.SENDING, act=Act.SEND),
        Event.UNWRITABLE: _TECHNICAL_ABSENT,
        Event.ACCOUNT_BLOCKED: _block(BlockedReason.CREDENTIALS, proves_absence=True),
        Event.VOID_UNTRIED: _WITHDRAW,
        **_LATE,
    },
    FiscalStatus.SENDING: {
        Event.AUTHORIZED: _AUTHORIZE,
        Event.ACCEPTED: _to(FiscalStatus.ACCEPTED, Due.LATER),
        Event.REJECTED: _REJECT,
        Event.BLOCKED: _block(None, proves_absence=True),
        Event.BLOCKED_FOR_NOW: _block(None, Due.SOON),
        Event.CREDENTIALS_REFUSED: _block(BlockedReason.CREDENTIALS, proves_absence=True, blocks_account=True),
        Event.CREDENTIALS_CHANGED: _to(FiscalStatus.QUEUED, Due.NOW, forgets_send=True),
        Event.NO_PROVIDER: _block(BlockedReason.CREDENTIALS, proves_absence=True),
        Event.FORM_REFUSED: _to(FiscalStatus.CHECKING, Due.SOON, reason=BlockedReason.TECHNICAL, alarm=True),
        Event.UNKNOWN: _to(FiscalStatus.CHECKING, Due.SOON),
        Event.NOT_SENT: _to(FiscalStatus.QUEUED, Due.LATER, forgets_send=True),
        Event.NOT_SENT_TOO_LONG: _TECHNICAL_ABSENT,
        Event.CLAIM: _to(FiscalStatus.CHECKING, act=Act.LOOK),  # the lease is over
        **_LATE,
    },
    FiscalStatus.CHECKING: {
        Event.CLAIM: _to(FiscalStatus.CHECKING, act=Act.LOOK),
        Event.FOUND: _AUTHORIZE,
        Event.FOUND_VOID: _FOUND_VOID,
        Event.FOUND_OTHER: _TAKEN,
        Event.FOUND_EARLIER: _TECHNICAL,
        Event.FOUND_UNSURE: _stay(FiscalStatus.CHECKING, Due.LATER),
        Event.FOUND_UNSURE_TOO_LONG: _TECHNICAL,
        Event.NOT_FOUND: _stay(FiscalStatus.CHECKING, Due.SOON),
        Event.NOT_FOUND_THOUGH_USED: _stay(FiscalStatus.CHECKING, Due.SOON, alarm=True),
        Event.NOT_FOUND_TWICE: _to(FiscalStatus.QUEUED, Due.NOW),
        Event.NOT_FOUND_AFTER_ERRORS: _REJECT,
        Event.NOT_FOUND_AFTER_FORM: _TECHNICAL_ABSENT,
        Event.NOT_FOUND_TOO_LONG: _TECHNICAL_ABSENT,
        Event.UNAVAILABLE: _stay(FiscalStatus.CHECKING, Due.LATER),
        Event.NO_PROVIDER: _stay(FiscalStatus.CHECKING, Due.LATER, alarm=True),
        Event.UNAVAILABLE_TOO_LONG: _TECHNICAL,
        **_LATE,
    },
    FiscalStatus.ACCEPTED: {
        Event.CLAIM: _to(FiscalStatus.ACCEPTED, act=Act.LOOK),
        Event.REJECTED: _REJECT,
        Event.FOUND: _AUTHORIZE,
        Event.FOUND_VOID: _FOUND_VOID,
        Event.FOUND_OTHER: _TAKEN,
        Event.FOUND_EARLIER: _TECHNICAL,
        # The provider said that it has it, so it is waited for, and never sent again.
        Event.FOUND_UNSURE: _stay(FiscalStatus.ACCEPTED, Due.LATER),
        Event.FOUND_UNSURE_TOO_LONG: _stay(FiscalStatus.ACCEPTED, Due.HOURLY, alarm=True),
        Event.NOT_FOUND: _stay(FiscalStatus.ACCEPTED, Due.LATER),
        Event.NOT_FOUND_THOUGH_USED: _stay(FiscalStatus.ACCEPTED, Due.LATER, alarm=True),
        Event.NOT_FOUND_TWICE: _stay(FiscalStatus.ACCEPTED, Due.LATER),
        Event.NOT_FOUND_AFTER_ERRORS: _stay(FiscalStatus.ACCEPTED, Due.LATER),
        Event.NOT_FOUND_TOO_LONG: _stay(FiscalStatus.ACCEPTED, Due.HOURLY, alarm=True),
        Event.UNAVAILABLE: _stay(FiscalStatus.ACCEPTED, Due.LATER),
        Event.NO_PROVIDER: _stay(FiscalStatus.ACCEPTED, Due.LATER, alarm=True),
        Event.UNAVAILABLE_TOO_LONG: _stay(FiscalStatus.ACCEPTED, Due.HOURLY, alarm=True),
        **_kept(FiscalStatus.ACCEPTED),
    },
    FiscalStatus.AUTHORIZED: {
        Event.VOID: _to(FiscalStatus.VOIDING, Due.NOW),
        Event.FOUND_VOID: _VOIDED_ELSEWHERE,  # by the reconciliation
        **_kept(FiscalStatus.AUTHORIZED),
    },
    FiscalStatus.REJECTED: {
        Event.CORRECT: _to(FiscalStatus.QUEUED, Due.NOW),
        Event.VOID: _WITHDRAW,
        Event.VOID_UNTRIED: _WITHDRAW,
        Event.LATE_ANSWER: _stay(FiscalStatus.REJECTED),
        Event.LATE_AUTHORIZED: _CHECK_NOW,
    },
    FiscalStatus.BLOCKED: {
        Event.RETRY: _CHECK_NOW,
        Event.RENUMBER: _to(FiscalStatus.QUEUED, Due.NOW),
        Event.VOID_UNTRIED: _WITHDRAW,
        # What may pass without us is tried hourly. Before, looks show whether the provider has the document all the
        # same: until then it can neither be given up nor go to another provider.
        Event.CLAIM: _to(FiscalStatus.CHECKING, act=Act.LOOK),
        Event.CLAIM_UNPROVEN: _to(FiscalStatus.BLOCKED, act=Act.LOOK),
        Event.FOUND: _AUTHORIZE,
        Event.FOUND_VOID: _FOUND_VOID,
        Event.FOUND_OTHER: _CHECK_NOW,
        Event.FOUND_EARLIER: _CHECK_NOW,
        Event.FOUND_UNSURE: _CHECK_NOW,
        Event.FOUND_UNSURE_TOO_LONG: _CHECK_NOW,
        Event.NOT_FOUND: _stay(FiscalStatus.BLOCKED, Due.SOON),
        Event.NOT_FOUND_THOUGH_USED: _stay(FiscalStatus.BLOCKED, Due.SOON, alarm=True),
        Event.NOT_FOUND_TWICE: _to(FiscalStatus.BLOCKED, Due.HOURLY, proves_absence=True),
        Event.UNAVAILABLE: _stay(FiscalStatus.BLOCKED, Due.LATER),
        Event.NO_PROVIDER: _stay(FiscalStatus.BLOCKED, Due.LATER, alarm=True),
        Event.UNAVAILABLE_TOO_LONG: _stay(FiscalStatus.BLOCKED, Due.HOURLY, alarm=True),
        **_LATE,
    },
    FiscalStatus.VOIDING: {
        Event.CLAIM: _to(FiscalStatus.VOIDING, act=Act.VOID),
        Event.CLAIM_UNPROVEN: _to(FiscalStatus.VOIDING, act=Act.LOOK),
        Event.VOID_CONFIRMED: _VOID,
        Event.VOID_REFUSED: _stay(FiscalStatus.VOIDING, Due.NOW),
        Event.VOID_UNKNOWN: _stay(FiscalStatus.VOIDING, Due.LATER),
        Event.VOID_NOT_SENT: _stay(FiscalStatus.VOIDING, Due.LATER),
        Event.VOID_NOT_SENT_TOO_LONG: _KEEP_AUTHORIZED,
        Event.NO_PROVIDER: _stay(FiscalStatus.VOIDING, Due.LATER, alarm=True),
        Event.FOUND: _stay(FiscalStatus.VOIDING, Due.NOW),  # the look is fresh: the void is asked for again
        Event.FOUND_TOO_LONG: _KEEP_AUTHORIZED,
        Event.FOUND_VOID: _VOID,
        Event.FOUND_AFTER_REFUSAL: _KEEP_AUTHORIZED,
        Event.NOT_FOUND: _stay(FiscalStatus.VOIDING, Due.LATER, alarm=True),
        Event.NOT_FOUND_TOO_LONG: _stay(FiscalStatus.VOIDING, Due.HOURLY, alarm=True),
        Event.UNAVAILABLE: _stay(FiscalStatus.VOIDING, Due.LATER),
        # It may be void, and nobody can say it, so it can be neither authorised nor void here.
        Event.UNAVAILABLE_TOO_LONG: _stay(FiscalStatus.VOIDING, Due.HOURLY, alarm=True),
        **_kept(FiscalStatus.VOIDING),
    },
    FiscalStatus.VOIDED: _kept(FiscalStatus.VOIDED),
    FiscalStatus.WITHDRAWN: {
        Event.LATE_ANSWER: _stay(FiscalStatus.WITHDRAWN),
        Event.LATE_AUTHORIZED: _stay(FiscalStatus.WITHDRAWN, alarm=True),
    },
}

REQUESTS: Final = frozenset({Event.VOID, Event.VOID_UNTRIED, Event.CORRECT, Event.RETRY, Event.RENUMBER})

# What is asked for may be granted when the answer that is waited for has come.
_PENDING: Final = frozenset(
    {
        FiscalStatus.QUEUED,
        FiscalStatus.SENDING,
        FiscalStatus.CHECKING,
        FiscalStatus.ACCEPTED,
        FiscalStatus.VOIDING,
    }
)
