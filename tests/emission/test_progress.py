"""What answers are to the table, and what a row becomes: times, reasons and counts."""

from dataclasses import replace
from datetime import datetime
from typing import Any, Final

import pytest

from emission import events, progress
from emission.events import Sight
from emission.progress import Emission
from emission.settings import Settings
from emission.states import Act, Event
from pac.emission import (
    Accepted,
    Authorized,
    Blocked,
    Evidence,
    FiscalFault,
    NotSent,
    Rejected,
    SendOutcome,
    Unknown,
    Voided,
    VoidRefusedOrUnknown,
)
from rules.vocabulary import BlockedReason, EventType, FiscalStatus
from tests.emission.rows import NOON, after, row

SETTINGS: Final = Settings()
SAID: Final = Evidence(code="999", message="¿?", answer="<a/>")
FAULT: Final = FiscalFault(code="2152", message="Mal", line=3)

AUTHORIZED: Final = Authorized(cufe="FE01", qr="q", evidence=SAID)
GENERAL: Final = Unknown(evidence=Evidence(code="201", message="Error al procesar"), is_generic_error=True)


def held(status: FiscalStatus = FiscalStatus.QUEUED, moment: datetime = NOON, **columns: Any) -> Emission:
    claimed, _ = progress.claim(row(status, **columns), "sandbox", moment, SETTINGS)
    return claimed


def sent(outcome: SendOutcome, before: Emission | None = None, moment: datetime = NOON) -> tuple[Emission, Any]:
    before = before or held()
    event = events.of_send(outcome, before, moment, SETTINGS)
    return progress.advance(before, event, moment, SETTINGS, outcome)


def looked(sight: Sight, before: Emission, moment: datetime) -> tuple[Emission, Any]:
    before, step = progress.claim(before, None, moment, SETTINGS)
    assert step.effects.act is Act.LOOK
    return progress.advance(before, events.of_look(sight, before, moment, SETTINGS), moment, SETTINGS)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (AUTHORIZED, Event.AUTHORIZED),
        (Accepted(evidence=SAID), Event.ACCEPTED),
        (Rejected(faults=(FAULT,), evidence=SAID), Event.REJECTED),
        (Blocked(reason=BlockedReason.CREDENTIALS, evidence=SAID), Event.CREDENTIALS_REFUSED),
        (Blocked(reason=BlockedReason.CERTIFICATE, evidence=SAID), Event.BLOCKED_FOR_NOW),
        (Blocked(reason=BlockedReason.FOLIOS, evidence=SAID), Event.BLOCKED_FOR_NOW),
        (Blocked(reason=BlockedReason.ISSUER, evidence=SAID), Event.BLOCKED),
        (Blocked(reason=BlockedReason.TECHNICAL, evidence=SAID), Event.FORM_REFUSED),
        (Unknown(evidence=SAID), Event.UNKNOWN),  # a code that nobody knows
        (Unknown(evidence=Evidence()), Event.UNKNOWN),
        (GENERAL, Event.UNKNOWN),
        (NotSent(evidence=SAID), Event.NOT_SENT),
    ],
)
def test_each_answer_to_a_send_is_an_event_that_the_table_knows(outcome: SendOutcome, event: Event) -> None:
    assert events.of_send(outcome, held(), NOON, SETTINGS) is event
    sent(outcome)


def test_the_first_claim_freezes_the_provider_and_later_ones_leave_it() -> None:
    assert held().provider == "sandbox"
    assert held(provider="hka-soap").provider == "hka-soap"
    assert held().sent_until == after(seconds=SETTINGS.lease)


def test_an_authorised_document_has_what_was_answered_and_its_files_are_fetched() -> None:
    now, step = sent(replace(AUTHORIZED, notices=(FAULT,), received_at=after(seconds=-3), protocol="2026"))
    assert (now.status, now.cufe, now.qr, now.protocol) == (FiscalStatus.AUTHORIZED, "FE01", "q", "2026")
    assert (now.authorized_at, now.faults, now.files_due_at, now.due_at) == (after(seconds=-3), (FAULT,), NOON, None)
    assert step.effects.tells is EventType.INVOICE_AUTHORIZED


def test_what_may_have_arrived_is_looked_for_until_two_looks_found_nothing_the_last_after_five_minutes() -> None:
    now, _ = sent(Unknown(evidence=SAID))
    looks = []
    moment = NOON
    while now.status is FiscalStatus.CHECKING:
        assert now.due_at is not None
        assert now.due_at > moment
        moment = now.due_at
        looks.append((moment - NOON).total_seconds())
        now, _ = looked(Sight.NOTHING, now, moment)
    assert (now.status, now.due_at) == (FiscalStatus.QUEUED, moment)  # the look is fresh
    assert len(looks) >= 3
    assert looks[0] <= 5
    assert looks[-1] == 300
    assert now.payload == 1


def test_one_look_long_after_the_attempt_is_not_enough() -> None:
    now, _ = sent(Unknown(evidence=SAID))
    now, _ = looked(Sight.NOTHING, now, after(hours=1))
    assert now.status is FiscalStatus.CHECKING
    now, _ = looked(Sight.NOTHING, now, after(hours=1, seconds=5))
    assert now.status is FiscalStatus.QUEUED


def test_after_a_lease_five_minutes_count_from_its_end() -> None:
    now = replace(held(), due_at=after(seconds=120))
    now, _ = looked(Sight.NOTHING, now, after(seconds=121))
    now, _ = looked(Sight.NOTHING, now, after(seconds=400))
    assert now.status is FiscalStatus.CHECKING
    now, _ = looked(Sight.NOTHING, now, after(seconds=420))
    assert now.status is FiscalStatus.QUEUED


def test_a_document_fails_ever_less_often_and_after_a_day_it_is_blocked() -> None:
    now, moment, sends = row(), NOON, []
    while now.status in (FiscalStatus.QUEUED, FiscalStatus.CHECKING):
        now, step = progress.claim(now, "sandbox", moment, SETTINGS)
        if step.effects.act is Act.SEND:
            sends.append(moment)
            now, step = sent(Unknown(evidence=Evidence()), now, moment)
        else:
            event = events.of_look(Sight.NOTHING, now, moment, SETTINGS)
            now, step = progress.advance(now, event, moment, SETTINGS)
        moment = now.due_at or moment
    assert (now.status, now.blocked_reason) == (FiscalStatus.BLOCKED, BlockedReason.TECHNICAL)
    assert step.effects.alarm
    assert after(hours=24) <= moment < after(hours=25)
    gaps = [(b - a).total_seconds() for a, b in zip(sends, sends[1:], strict=False)]
    assert gaps[0] == 300
    assert gaps[-1] == 1800
    assert gaps == sorted(gaps)


def test_nothing_sent_is_sent_again_with_growing_pauses_and_blocked_after_a_day() -> None:
    now, moment, pauses = row(), NOON, []
    while now.status is FiscalStatus.QUEUED:
        now, step = progress.claim(now, "sandbox", moment, SETTINGS)
        now, step = sent(NotSent(evidence=Evidence()), now, moment)
        if now.due_at:
            pauses.append((now.due_at - moment).total_seconds())
            moment = now.due_at
    assert [round(pause / most, 1) for pause, most in zip(pauses, (5, 30, 120, 600, 1800), strict=False)] == [
        pytest.approx(0.95, abs=0.06)
    ] * 5
    assert max(pauses) <= 1800
    assert (now.status, now.blocked_reason) == (FiscalStatus.BLOCKED, BlockedReason.TECHNICAL)
    assert step.effects.tells is EventType.EMISSION_BLOCKED


def test_the_third_general_error_rejects_but_only_after_two_looks() -> None:
    now, moment = row(), NOON
    for count in (1, 2, 3):
        now, _ = progress.claim(now, "sandbox", moment, SETTINGS)
        now, _ = sent(GENERAL, now, moment)
        assert (now.status, now.generic_errors) == (FiscalStatus.CHECKING, count)
        while now.status is FiscalStatus.CHECKING:
            moment = now.due_at or moment
            now, step = looked(Sight.NOTHING, now, moment)
    assert now.status is FiscalStatus.REJECTED
    assert now.faults == (FiscalFault(code="201", message="Error al procesar"),)
    assert step.effects.tells is EventType.INVOICE_REJECTED


def test_a_request_that_the_provider_does_not_understand_is_looked_for_and_then_blocked() -> None:
    now, step = sent(Blocked(reason=BlockedReason.TECHNICAL, evidence=SAID))
    assert (now.status, step.effects.alarm) == (FiscalStatus.CHECKING, True)
    now, _ = looked(Sight.NOTHING, now, after(minutes=1))
    now, step = looked(Sight.NOTHING, now, after(minutes=6))
    assert (now.status, now.blocked_reason) == (FiscalStatus.BLOCKED, BlockedReason.TECHNICAL)
    assert step.effects.tells is EventType.EMISSION_BLOCKED
    assert now.due_at is None


def test_without_folios_it_is_tried_hourly_with_a_look_first_and_told_once() -> None:
    none_left = Blocked(reason=BlockedReason.FOLIOS, evidence=SAID)
    now, step = sent(none_left)
    assert now.blocked_message == "¿?"
    assert step.effects.tells is EventType.EMISSION_BLOCKED
    for seconds in (5, 35, 300):  # whether it is there all the same
        now, step = progress.claim(now, None, after(seconds=seconds), SETTINGS)
        assert step.effects.act is Act.LOOK
        now, step = looked(Sight.NOTHING, now, after(seconds=seconds))
        assert (now.status, now.blocked_reason, now.blocked_message) == (
            *(FiscalStatus.BLOCKED, BlockedReason.FOLIOS),
            "¿?",
        )
        assert step.effects.tells is None
    assert (now.sent_until, now.due_at) == (None, after(seconds=3900))
    now, _ = progress.claim(now, None, after(seconds=3900), SETTINGS)
    now, _ = looked(Sight.NOTHING, now, after(seconds=3900))
    assert now.status is FiscalStatus.QUEUED  # one look is enough, since nothing was sent
    now, _ = progress.claim(now, None, after(hours=1, seconds=6), SETTINGS)
    now, step = sent(none_left, now, after(hours=1, seconds=7))
    assert (now.status, step.effects.tells) == (FiscalStatus.BLOCKED, None)
    assert step.effects.alarm
    expired = Blocked(reason=BlockedReason.CERTIFICATE, evidence=SAID)
    now, step = sent(expired, replace(now, status=FiscalStatus.SENDING))
    assert step.effects.tells is EventType.EMISSION_BLOCKED


@pytest.mark.parametrize(
    ("sight", "status", "reason"),
    [
        (Sight.OURS, FiscalStatus.AUTHORIZED, None),
        (Sight.OURS_VOID, FiscalStatus.VOIDED, None),
        (Sight.OTHERS, FiscalStatus.BLOCKED, BlockedReason.NUMBER_TAKEN),
        (Sight.UNSURE, FiscalStatus.CHECKING, None),
        (Sight.NO_ANSWER, FiscalStatus.CHECKING, None),
    ],
)
def test_what_a_look_shows_decides(sight: Sight, status: FiscalStatus, reason: BlockedReason | None) -> None:
    before, _ = sent(Unknown(evidence=SAID))
    now, _ = looked(sight, before, after(seconds=5))
    assert (now.status, now.blocked_reason) == (status, reason)
    assert (now.void_reason is not None) == (status is FiscalStatus.VOIDED)


@pytest.mark.parametrize("sight", [Sight.UNSURE, Sight.NO_ANSWER])
def test_a_look_that_tells_nothing_for_a_day_blocks(sight: Sight) -> None:
    before, _ = sent(Unknown(evidence=SAID))
    now, step = looked(sight, before, after(hours=24))
    assert (now.status, now.blocked_reason) == (FiscalStatus.BLOCKED, BlockedReason.TECHNICAL)


def test_a_void_is_asked_for_again_until_there_is_proof() -> None:
    asked, step = progress.claim(row(FiscalStatus.VOIDING, void_reason="x"), None, NOON, SETTINGS)
    assert step.effects.act is Act.VOID
    unknown = VoidRefusedOrUnknown(evidence=Evidence())
    now, _ = progress.advance(asked, events.of_void(unknown, asked, NOON, SETTINGS), NOON, SETTINGS)
    now, _ = looked(Sight.OURS, now, after(seconds=5))
    assert (now.status, now.due_at) == (FiscalStatus.VOIDING, after(seconds=5))  # the look is fresh
    again, step = progress.claim(now, None, after(seconds=5), SETTINGS)
    assert step.effects.act is Act.VOID
    done = events.of_void(Voided(evidence=SAID), again, after(seconds=6), SETTINGS)
    now, step = progress.advance(again, done, after(seconds=6), SETTINGS)
    assert (now.status, now.voided_at, step.effects.voids) == (FiscalStatus.VOIDED, after(seconds=6), True)


@pytest.mark.parametrize(
    ("outcome", "event"),
    [
        (Voided(evidence=SAID), Event.VOID_CONFIRMED),
        (VoidRefusedOrUnknown(evidence=SAID, is_refusal=True), Event.VOID_REFUSED),
        (VoidRefusedOrUnknown(evidence=SAID), Event.VOID_UNKNOWN),  # a code alone is no refusal
        (VoidRefusedOrUnknown(evidence=Evidence()), Event.VOID_UNKNOWN),
        (NotSent(evidence=SAID), Event.VOID_NOT_SENT),
    ],
)
def test_each_answer_to_a_void_is_an_event_that_the_table_knows(outcome: Any, event: Event) -> None:
    asked, _ = progress.claim(row(FiscalStatus.VOIDING, void_reason="x"), None, NOON, SETTINGS)
    assert events.of_void(outcome, asked, NOON, SETTINGS) is event
    progress.advance(asked, event, NOON, SETTINGS)


def test_an_unconfirmed_void_is_asked_for_ever_less_often_and_after_a_day_given_up() -> None:
    now, moment, asked = row(FiscalStatus.VOIDING, void_reason="x", due_at=NOON), NOON, []
    while now.status is FiscalStatus.VOIDING:
        moment = max(moment, now.due_at or moment)
        now, step = progress.claim(now, None, moment, SETTINGS)
        if step.effects.act is Act.VOID:
            asked.append(moment)
            event = events.of_void(VoidRefusedOrUnknown(evidence=SAID), now, moment, SETTINGS)
        else:
            event = events.of_look(Sight.OURS, now, moment, SETTINGS)
        now, step = progress.advance(now, event, moment, SETTINGS)
    assert (now.status, now.void_refusal) == (FiscalStatus.AUTHORIZED, progress.VOID_UNCONFIRMED)
    assert (now.void_reason, now.void_asked_at, now.due_at) == (None, None, None)
    assert (step.effects.tells, step.effects.alarm) == (EventType.INVOICE_UPDATED, True)
    assert after(hours=24) <= moment < after(hours=25)
    gaps = [(b - a).total_seconds() for a, b in zip(asked, asked[1:], strict=False)]
    assert gaps[0] <= 5
    assert 1620 <= gaps[-1] <= 1800


def test_a_void_is_not_given_up_while_the_last_one_may_still_show() -> None:
    before = row(FiscalStatus.VOIDING, void_reason="x", failing_since=NOON, void_asked_at=after(hours=24))
    for seconds, status in ((299, FiscalStatus.VOIDING), (300, FiscalStatus.AUTHORIZED)):
        now, _ = looked(Sight.OURS, before, after(hours=24, seconds=seconds))
        assert now.status is status


def test_a_void_that_never_reached_the_provider_is_given_up_after_a_day() -> None:
    now = row(FiscalStatus.VOIDING, void_reason="x", failing_since=NOON)
    event = events.of_void(NotSent(evidence=SAID), now, after(hours=24), SETTINGS)
    now, step = progress.advance(now, event, after(hours=24), SETTINGS)
    assert (now.status, now.void_refusal) == (FiscalStatus.AUTHORIZED, progress.VOID_NEVER_SENT)
    assert step.effects.tells is EventType.INVOICE_UPDATED


@pytest.mark.parametrize("sight", [Sight.NO_ANSWER, Sight.UNSURE, Sight.NOTHING, Sight.OTHERS, Sight.NO_PROVIDER])
def test_a_void_that_may_have_arrived_is_looked_for_hourly_with_an_alarm_while_nobody_can_say_it(sight: Sight) -> None:
    asked = row(FiscalStatus.VOIDING, void_reason="x", void_asked_at=NOON, failing_since=NOON)
    now, step = looked(sight, asked, after(hours=24))
    assert (now.status, now.due_at) == (FiscalStatus.VOIDING, after(hours=25))
    assert step.effects.alarm


@pytest.mark.parametrize("status", [FiscalStatus.CHECKING, FiscalStatus.ACCEPTED, FiscalStatus.VOIDING])
def test_without_a_provider_there_is_an_alarm_at_once(status: FiscalStatus) -> None:
    _, step = looked(Sight.NO_PROVIDER, row(status, sent_until=NOON, void_asked_at=NOON), after(minutes=1))
    assert step.effects.alarm


def test_a_void_that_is_refused_leaves_the_document_authorised_with_the_refusal() -> None:
    asked, _ = progress.claim(row(FiscalStatus.VOIDING, void_reason="x"), None, NOON, SETTINGS)
    now, _ = progress.advance(asked, Event.VOID_REFUSED, NOON, SETTINGS, text="112: Plazo vencido")
    now, step = looked(Sight.OURS, now, after(seconds=1))
    assert (now.status, now.void_refusal, now.void_reason) == (FiscalStatus.AUTHORIZED, "112: Plazo vencido", None)
    assert (step.effects.tells, step.effects.alarm) == (EventType.INVOICE_UPDATED, True)


def test_a_void_that_was_lost_is_found_by_the_look() -> None:
    asked, _ = progress.claim(row(FiscalStatus.VOIDING, void_reason="x"), None, NOON, SETTINGS)
    now, step = looked(Sight.OURS_VOID, asked, after(seconds=121))  # the lease was over
    assert (now.status, now.void_reason) == (FiscalStatus.VOIDED, "x")


def test_a_late_answer_begins_the_five_minutes_anew() -> None:
    now, _ = sent(Unknown(evidence=SAID))
    now, _ = looked(Sight.NOTHING, now, after(seconds=5))
    late = events.of_late(AUTHORIZED)
    assert late is Event.LATE_AUTHORIZED
    now, _ = progress.advance(now, late, after(seconds=200), SETTINGS)
    assert (now.status, now.sent_until, now.not_found_at) == (FiscalStatus.CHECKING, after(seconds=200), None)
    assert events.of_late(NotSent(evidence=SAID)) is None


@pytest.mark.parametrize("event", [Event.CORRECT, Event.RENUMBER])
def test_a_corrected_document_gets_new_bytes_and_counts_as_untried(event: Event) -> None:
    status = FiscalStatus.REJECTED if event is Event.CORRECT else FiscalStatus.BLOCKED
    before = row(status, sent_until=NOON, generic_errors=3, faults=(FAULT,), blocked_reason=BlockedReason.NUMBER_TAKEN)
    now, _ = progress.advance(before, event, after(days=1), SETTINGS)
    assert (now.status, now.payload, now.sent_until, now.generic_errors, now.faults) == (
        *(FiscalStatus.QUEUED, 2, None, 0),
        (),
    )
    assert (now.blocked_reason, now.due_at) == (None, after(days=1))
