"""Each state with each event: the next state, or a refusal. The table is written here a second time, by state."""

from typing import Final

import pytest

from emission.states import REQUESTS, TABLE, Act, Due, Event, Impossible, NotNow, step
from rules.vocabulary import BlockedReason, EventType, FiscalStatus

EXPECTED: Final = {
    "NONE": "",
    "QUEUED": """
        CLAIM SENDING, UNWRITABLE BLOCKED, ACCOUNT_BLOCKED BLOCKED, VOID_UNTRIED WITHDRAWN,
        LATE_ANSWER CHECKING, LATE_AUTHORIZED CHECKING
    """,
    "SENDING": """
        AUTHORIZED AUTHORIZED, ACCEPTED ACCEPTED, REJECTED REJECTED, BLOCKED BLOCKED, BLOCKED_FOR_NOW BLOCKED,
        CREDENTIALS_REFUSED BLOCKED, FORM_REFUSED CHECKING, UNKNOWN CHECKING, NOT_SENT QUEUED,
        NOT_SENT_TOO_LONG BLOCKED, CREDENTIALS_CHANGED QUEUED, NO_PROVIDER BLOCKED, CLAIM CHECKING,
        LATE_ANSWER CHECKING, LATE_AUTHORIZED CHECKING
    """,
    "CHECKING": """
        CLAIM CHECKING, FOUND AUTHORIZED, FOUND_VOID VOIDED, FOUND_OTHER BLOCKED, FOUND_EARLIER BLOCKED,
        FOUND_UNSURE CHECKING,
        FOUND_UNSURE_TOO_LONG BLOCKED, NOT_FOUND CHECKING, NOT_FOUND_THOUGH_USED CHECKING,
        NOT_FOUND_TWICE QUEUED, NOT_FOUND_AFTER_ERRORS REJECTED,
        NOT_FOUND_AFTER_FORM BLOCKED, NOT_FOUND_TOO_LONG BLOCKED, UNAVAILABLE CHECKING, UNAVAILABLE_TOO_LONG BLOCKED,
        NO_PROVIDER CHECKING, LATE_ANSWER CHECKING, LATE_AUTHORIZED CHECKING
    """,
    "ACCEPTED": """
        CLAIM ACCEPTED, REJECTED REJECTED,
        FOUND AUTHORIZED, FOUND_VOID VOIDED, FOUND_OTHER BLOCKED, FOUND_EARLIER BLOCKED,
        FOUND_UNSURE ACCEPTED,
        FOUND_UNSURE_TOO_LONG ACCEPTED, NOT_FOUND ACCEPTED, NOT_FOUND_THOUGH_USED ACCEPTED,
        NOT_FOUND_TWICE ACCEPTED, NOT_FOUND_AFTER_ERRORS ACCEPTED,
        NOT_FOUND_TOO_LONG ACCEPTED, UNAVAILABLE ACCEPTED, UNAVAILABLE_TOO_LONG ACCEPTED, NO_PROVIDER ACCEPTED,
        LATE_ANSWER ACCEPTED, LATE_AUTHORIZED ACCEPTED
    """,
    "AUTHORIZED": "VOID VOIDING, FOUND_VOID VOIDED, LATE_ANSWER AUTHORIZED, LATE_AUTHORIZED AUTHORIZED",
    "REJECTED": """
        CORRECT QUEUED, VOID WITHDRAWN, VOID_UNTRIED WITHDRAWN, LATE_ANSWER REJECTED, LATE_AUTHORIZED CHECKING
    """,
    "BLOCKED": """
        RETRY CHECKING, RENUMBER QUEUED, VOID_UNTRIED WITHDRAWN, CLAIM CHECKING, CLAIM_UNPROVEN BLOCKED,
        FOUND AUTHORIZED, FOUND_VOID VOIDED, FOUND_OTHER CHECKING, FOUND_EARLIER CHECKING, FOUND_UNSURE CHECKING,
        FOUND_UNSURE_TOO_LONG CHECKING, NOT_FOUND BLOCKED, NOT_FOUND_THOUGH_USED BLOCKED, NOT_FOUND_TWICE BLOCKED,
        UNAVAILABLE BLOCKED, UNAVAILABLE_TOO_LONG BLOCKED, NO_PROVIDER BLOCKED,
        LATE_ANSWER CHECKING, LATE_AUTHORIZED CHECKING
    """,
    "VOIDING": """
        CLAIM VOIDING, CLAIM_UNPROVEN VOIDING, VOID_CONFIRMED VOIDED, VOID_REFUSED VOIDING, VOID_UNKNOWN VOIDING,
        VOID_NOT_SENT VOIDING, VOID_NOT_SENT_TOO_LONG AUTHORIZED, NO_PROVIDER VOIDING,
        FOUND VOIDING, FOUND_TOO_LONG AUTHORIZED, FOUND_VOID VOIDED, FOUND_AFTER_REFUSAL AUTHORIZED,
        NOT_FOUND VOIDING, NOT_FOUND_TOO_LONG VOIDING, UNAVAILABLE VOIDING, UNAVAILABLE_TOO_LONG VOIDING,
        LATE_ANSWER VOIDING, LATE_AUTHORIZED VOIDING
    """,
    "VOIDED": "LATE_ANSWER VOIDED, LATE_AUTHORIZED VOIDED",
    "WITHDRAWN": "LATE_ANSWER WITHDRAWN, LATE_AUTHORIZED WITHDRAWN",
}

PENDING: Final = {"QUEUED", "SENDING", "CHECKING", "ACCEPTED", "VOIDING"}

PAIRS: Final = [(status, event) for status in FiscalStatus for event in Event]


def expected(status: FiscalStatus) -> dict[str, str]:
    words = EXPECTED[status.value].replace(",", " ").split()
    return dict(zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(("status", "event"), PAIRS, ids=lambda value: value.name)
def test_each_state_with_each_event_is_as_written_or_refused(status: FiscalStatus, event: Event) -> None:
    after = expected(status).get(event.name)
    if after is not None:
        assert step(status, event).status.value == after
    elif event in REQUESTS:
        with pytest.raises(NotNow) as refused:
            step(status, event)
        assert refused.value.is_pending == (status.value in PENDING)
    else:
        with pytest.raises(Impossible):
            step(status, event)


def test_the_table_has_every_state_and_every_event_stands_somewhere() -> None:
    assert set(TABLE) == set(FiscalStatus)
    assert {event for row in TABLE.values() for event in row} == set(Event)


def test_a_document_is_sent_only_when_it_is_queued() -> None:
    sends = [(status, event) for status, row in TABLE.items() for event, s in row.items() if s.effects.act is Act.SEND]
    assert sends == [(FiscalStatus.QUEUED, Event.CLAIM)]


def test_a_document_that_may_have_arrived_is_queued_only_after_two_looks() -> None:
    ways = {
        (status.value, event.name)
        for status, row in TABLE.items()
        for event, s in row.items()
        if s.status is FiscalStatus.QUEUED
    }
    assert ways == {
        ("SENDING", "NOT_SENT"),
        ("SENDING", "CREDENTIALS_CHANGED"),  # they were refused, so that nothing was registered
        ("CHECKING", "NOT_FOUND_TWICE"),
        ("REJECTED", "CORRECT"),
        ("BLOCKED", "RENUMBER"),
    }


def test_a_blocked_document_may_be_given_up_only_where_it_is_certain_that_the_provider_has_it_not() -> None:
    absent = {
        (status.value, event.name)
        for status, row in TABLE.items()
        for event, s in row.items()
        if s.status is FiscalStatus.BLOCKED and s.effects.proves_absence
    }
    blocked = {(st.value, e.name) for st, row in TABLE.items() for e, s in row.items() if s.status.value == "BLOCKED"}
    assert blocked - absent == {
        ("SENDING", "BLOCKED_FOR_NOW"),
        ("CHECKING", "FOUND_EARLIER"),
        ("CHECKING", "FOUND_UNSURE_TOO_LONG"),
        ("CHECKING", "UNAVAILABLE_TOO_LONG"),
        ("ACCEPTED", "FOUND_EARLIER"),
        *[("BLOCKED", event) for event in ("CLAIM_UNPROVEN", "NOT_FOUND", "NOT_FOUND_THOUGH_USED")],
        *[("BLOCKED", event) for event in ("UNAVAILABLE", "UNAVAILABLE_TOO_LONG", "NO_PROVIDER")],
    }
    assert not any(s.effects.proves_absence for r in TABLE.values() for s in r.values() if s.status.value != "BLOCKED")


def test_claims_alone_act_and_only_requests_and_answers_tell() -> None:
    for row in TABLE.values():
        for event, s in row.items():
            assert (s.effects.act is not None) == (event in (Event.CLAIM, Event.CLAIM_UNPROVEN))
            assert not (s.effects.act and s.effects.tells)


def test_each_end_tells_its_event_and_only_where_the_status_changes() -> None:
    told = {
        FiscalStatus.AUTHORIZED: EventType.INVOICE_AUTHORIZED,
        FiscalStatus.REJECTED: EventType.INVOICE_REJECTED,
        FiscalStatus.BLOCKED: EventType.EMISSION_BLOCKED,
        FiscalStatus.VOIDED: EventType.INVOICE_VOIDED,
        FiscalStatus.WITHDRAWN: EventType.INVOICE_VOIDED,
    }
    for status, row in TABLE.items():
        for event, s in row.items():
            expected = told.get(s.status) if s.status is not status else None
            if status is FiscalStatus.VOIDING and s.status is FiscalStatus.AUTHORIZED:  # the void came to nothing
                expected = EventType.INVOICE_UPDATED
                assert s.effects.alarm
            assert s.effects.tells == expected, (status, event)
            assert s.effects.voids == (s.effects.tells is EventType.INVOICE_VOIDED)
            assert s.effects.alarm or s.effects.tells is not EventType.EMISSION_BLOCKED


def test_what_waits_for_somebody_is_never_due_and_what_is_open_always_is() -> None:
    waits = {FiscalStatus.AUTHORIZED, FiscalStatus.REJECTED, FiscalStatus.VOIDED, FiscalStatus.WITHDRAWN}
    for status, row in TABLE.items():
        for event, s in row.items():
            if s.effects.act or s.effects.due is Due.UNCHANGED:
                continue
            if s.status in waits:
                assert s.effects.due is Due.NEVER
            elif s.status is FiscalStatus.BLOCKED:
                may_pass = event is Event.BLOCKED_FOR_NOW or status is FiscalStatus.BLOCKED
                assert (s.effects.due is not Due.NEVER) == may_pass
            else:
                assert s.effects.due is not Due.NEVER


def test_reasons_of_blocking_are_of_the_table_or_of_the_answer() -> None:
    blocked = {event: s.effects.reason for row in TABLE.values() for event, s in row.items() if s.effects.reason}
    assert set(blocked.values()) == {
        BlockedReason.TECHNICAL,
        BlockedReason.NUMBER_TAKEN,
        BlockedReason.CREDENTIALS,
    }
    assert blocked[Event.FOUND_OTHER] is BlockedReason.NUMBER_TAKEN
