"""Reconciliation of an account with its provider: folios, licence, documents and numbers; by one worker at a time."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tortoise.connection import get_connection

from emission import reconciliation
from emission.alarms import AWAY, Alarms
from emission.folios import Base, Counts, choose_base, compare
from emission.settings import Settings
from emission.states import Event
from pac.emission import Evidence, Folios, NotSent, SendOutcome, Unavailable, Unknown
from rules.calendar import PANAMA, today
from rules.vocabulary import BlockedReason, FiscalStatus
from tests.builders import company, create_invoice
from tests.conftest import Api
from tests.emission.conftest import Bench

NO_ANSWER = Unavailable(evidence=Evidence(message="timeout"))
YEAR_2999 = "2999-01-01"
NIGHT = today() + timedelta(days=1)


def folios(used: int, total: int = 1000, until: str = YEAR_2999, cycle: str = "11") -> Folios:
    return Folios(available=total - used, used=used, total=total, licence_until=until, cycle=cycle)


@pytest.fixture
def bench(api: Api) -> Bench:
    bench = Bench(api)
    bench.provider.folios = folios(100)
    return bench


async def row(bench: Bench) -> Any:
    with bench.acting():
        sql = "SELECT * FROM emission_reconciliation WHERE account_id = $1"
        _, rows = await get_connection("default").execute_query(sql, [bench.api.account_id])
    return rows[0]


async def execute(bench: Bench, sql: str, *values: Any) -> None:
    with bench.acting():
        await get_connection("default").execute_query(sql, [bench.api.account_id, *values])


async def authorized(bench: Bench) -> UUID:
    id = await bench.queue()
    await bench.work_until(id, "AUTHORIZED")
    return id


async def settled(bench: Bench) -> UUID:
    """An authorised document that the provider shows by now."""
    id = await authorized(bench)
    bench.clock.go_on(minutes=10)
    return id


# Turns


async def test_an_account_is_asked_each_hour_and_the_night_is_once_a_day(bench: Bench) -> None:
    bench.clock.time = datetime.combine(NIGHT, time(22, 30), PANAMA)
    await settled(bench)
    assert await bench.reconcile()
    assert (bench.provider.counted, bench.provider.made("LOOK")) == (1, 1)
    assert not await bench.reconcile()
    for _ in range(3):
        bench.clock.go_on(hours=1, minutes=1)
        assert await bench.reconcile()
    assert (bench.provider.counted, bench.provider.made("LOOK")) == (4, 1)
    bench.clock.go_on(hours=1, minutes=1)  # past two in the morning
    assert await bench.reconcile()
    assert (bench.provider.counted, bench.provider.made("LOOK")) == (5, 2)
    assert (await row(bench))["nightly_at"] == datetime.combine(NIGHT + timedelta(days=2), time(2), PANAMA)


async def test_times_are_settings(bench: Bench) -> None:
    bench.settings = Settings(reconcile_every=60, reconcile_at=time(23, 15))
    bench.clock.time = datetime.combine(NIGHT, time(22, 30), PANAMA)
    await bench.reconcile()
    found = await row(bench)
    assert found["nightly_at"] == datetime.combine(NIGHT, time(23, 15), PANAMA)
    assert found["due_at"] == bench.clock.time + timedelta(seconds=60)


async def test_two_workers_dont_do_it_twice(bench: Bench) -> None:
    done = await asyncio.gather(*[bench.reconcile() for _ in range(5)])
    assert sorted(done) == [False, False, False, False, True]
    assert bench.provider.counted == 1


async def test_what_a_worker_finds_after_its_lease_changes_nothing(bench: Bench) -> None:
    async def answer_late(seconds: float) -> Folios:
        bench.clock.go_on(seconds=bench.settings.lease + 1)
        bench.provider.count_folios = usual  # type: ignore[method-assign]
        assert await bench.reconcile()
        return folios(999)

    usual = bench.provider.count_folios
    bench.provider.count_folios = answer_late  # type: ignore[method-assign]
    assert await bench.reconcile()
    assert (await row(bench))["folios_used"] == 100
    assert await bench.differences() == []


async def test_accounts_with_a_provider_are_due(electronic: Api, api: Api) -> None:
    bench = Bench(electronic)
    with bench.acting():
        found = await reconciliation.find_accounts(bench.clock.now())
        assert electronic.account_id in found
        assert api.account_id not in found
    bench.provider.folios = folios(1)
    await bench.reconcile()
    with bench.acting():
        assert electronic.account_id not in await reconciliation.find_accounts(bench.clock.now())


# The provider's answer


async def test_folios_and_licence_are_stored_as_the_provider_says(bench: Bench) -> None:
    bench.provider.folios = Folios(
        available=2**40, used=5, total=None, licence_until="el \0 martes", cycle="\0\ud800" * 99
    )
    await bench.reconcile()
    found = await row(bench)
    assert [found[f"folios_{name}"] for name in ("total", "used", "available")] == [None, 5, None]
    assert found["licence_until"] == "el  martes"
    assert found["folios_at"] == bench.clock.time
    assert await bench.differences() == []


async def test_a_provider_that_is_away_is_asked_again_soon_and_told_of_after_a_while(bench: Bench) -> None:
    bench.provider.folios = NO_ANSWER
    alarms, began = Alarms(bench.clock), bench.clock.time
    with capture_logs() as logs:
        await bench.reconcile(alarms)
        assert (await row(bench))["due_at"] - began < timedelta(seconds=10)
        for _ in range(30):
            bench.clock.time = (await row(bench))["due_at"]
            await bench.reconcile(alarms)
            if (bench.clock.time - began).total_seconds() < AWAY:
                assert [line for line in logs if line["log_level"] == "error"] == []
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert line["since"] == began.isoformat()
    found = await row(bench)
    assert found["failing_since"] == began
    assert found["due_at"] - bench.clock.time <= timedelta(hours=1)
    bench.provider.folios = folios(1)
    bench.clock.time = found["due_at"]
    await bench.reconcile(alarms)
    assert (await row(bench))["failing_since"] is None


@pytest.mark.parametrize(
    ("answer", "is_asked"),
    [
        (NotSent(evidence=Evidence(message="no route")), True),
        (Unknown(evidence=Evidence(message="HTTP 502")), True),
        (NotSent(evidence=Evidence(code="201")), False),
        (None, False),
    ],
)
async def test_a_document_without_an_answer_has_the_provider_asked_as_a_whole_at_once(
    bench: Bench, answer: SendOutcome | None, is_asked: bool
) -> None:
    await bench.reconcile()
    await bench.queue()
    bench.clock.go_on(minutes=5)
    bench.provider.folios = NO_ANSWER
    if answer is not None:
        bench.provider.sending.append(answer)
    await bench.work()
    assert await bench.reconcile() is is_asked
    assert (await row(bench))["failing_since"] == (bench.clock.time if is_asked else None)
    due_at = (await row(bench))["due_at"]
    bench.provider.sending.append(NotSent(evidence=Evidence(message="no route")))
    await bench.queue()
    await bench.work()
    if is_asked:  # where it is known, further documents change nothing
        assert (await row(bench))["due_at"] == due_at


async def test_a_turn_that_a_worker_has_is_left_to_it(bench: Bench) -> None:
    async def fail_meanwhile(seconds: float) -> Folios:
        bench.provider.sending.append(NotSent(evidence=Evidence(message="no route")))
        await bench.queue()
        await bench.work()
        assert not await bench.reconcile()
        return folios(7)

    bench.provider.count_folios = fail_meanwhile  # type: ignore[method-assign]
    assert await bench.reconcile()
    assert (await row(bench))["folios_used"] == 7


async def test_the_night_that_had_no_answer_is_done_when_there_is_one(bench: Bench) -> None:
    await settled(bench)
    bench.provider.folios = NO_ANSWER
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 0
    bench.provider.folios = folios(101)
    bench.clock.time = (await row(bench))["due_at"]
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 1


async def test_a_provider_that_refuses_us_isnt_away_and_an_operator_is_told_what_to_do(bench: Bench) -> None:
    bench.provider.folios = Unavailable(evidence=Evidence(code="100"), reason=BlockedReason.CREDENTIALS)
    with capture_logs() as logs:
        await bench.reconcile()
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert "set them anew" in line["help"]
    found = await row(bench)
    assert found["failing_since"] is None
    assert found["due_at"] == bench.clock.time + timedelta(hours=1)


async def test_a_look_that_says_nothing_keeps_no_other_document_from_being_looked_at(bench: Bench) -> None:
    for _ in range(3):
        await settled(bench)
    bench.provider.looking.append(Unavailable(evidence=Evidence(code="201")))
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 3
    assert (await row(bench))["nightly_at"] > bench.clock.time


async def test_a_sample_ends_when_the_provider_goes_away(bench: Bench) -> None:
    for _ in range(3):
        await settled(bench)
    bench.provider.looking.append(NO_ANSWER)
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 1
    bench.clock.time = (await row(bench))["due_at"]
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 4


async def test_a_sample_ends_when_another_worker_has_the_turn(bench: Bench) -> None:
    for _ in range(3):
        await settled(bench)
    usual = bench.provider.look

    async def look(key: Any, seconds: float) -> Any:
        bench.provider.look = usual  # type: ignore[method-assign]
        bench.clock.go_on(seconds=bench.settings.lease + 1)
        assert await bench.reconcile()
        return await usual(key, seconds)

    bench.provider.look = look  # type: ignore[method-assign]
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 4  # three of the other worker's, and one of this one's
    assert (await row(bench))["due_at"] == bench.clock.time + timedelta(hours=1)


async def test_a_long_sample_is_one_turn(bench: Bench) -> None:
    for _ in range(5):
        await settled(bench)
    usual = bench.provider.look

    async def look(key: Any, seconds: float) -> Any:
        bench.clock.go_on(seconds=bench.settings.lease - 1)
        assert not await bench.reconcile()
        return await usual(key, seconds)

    bench.provider.look = look  # type: ignore[method-assign]
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 5
    assert bench.provider.counted == 1


# Documents


async def test_a_document_that_was_voided_in_the_portal_becomes_void_with_an_event(bench: Bench) -> None:
    id, other = await settled(bench), await settled(bench)
    [key] = [key for _, key in bench.provider.calls if key.number == "0000000001"][:1]
    bench.provider.register_void(key)
    with capture_logs() as logs:
        await bench.reconcile()
    assert (await bench.status(id), await bench.status(other)) == ("VOIDED", "AUTHORIZED")
    document = await bench.document(id)
    assert (document.status.value, document.void_reason) == ("VOID", "Anulada en el PAC")
    assert await bench.told(id) == ["INVOICE_AUTHORIZED", "INVOICE_VOIDED"]
    assert bench.alarms == [(FiscalStatus.VOIDED, Event.FOUND_VOID)]
    assert [attempt.outcome for attempt in await bench.attempts(id) if attempt.kind == "LOOK"] == ["FOUND"]
    assert [attempt for attempt in await bench.attempts(other) if attempt.kind == "LOOK"] == []
    assert [line for line in logs if line["log_level"] == "error"] == []
    assert await bench.differences() == []


def _not_there(bench: Bench) -> None:
    bench.provider.documents.clear()


def _of_somebody_else(bench: Bench) -> None:
    for key, stored in bench.provider.documents.items():
        bench.provider.documents[key] = replace(stored, cufe="FE" + "9" * 64, is_voided=True)


@pytest.mark.parametrize(("change", "kind"), [(_not_there, "NOT_AT_PROVIDER"), (_of_somebody_else, "OTHER_DOCUMENT")])
async def test_a_document_that_isnt_there_is_a_difference_until_it_is(
    bench: Bench, change: Callable[[Bench], None], kind: str
) -> None:
    id = await settled(bench)
    await bench.fetch()
    kept = dict(bench.provider.documents)
    change(bench)
    alarms = Alarms(bench.clock)
    with capture_logs() as logs:
        await bench.reconcile(alarms)
        await bench.reconcile(alarms, at_once=True)
    [line] = [line for line in logs if line["log_level"] == "error"]
    assert (line["kind"], line["document"]) == (kind, str(id))
    assert await bench.differences() == [(kind, "0000-001-0000000001", 1)]
    assert await bench.status(id) == "AUTHORIZED"
    bench.provider.documents.update(kept)
    bench.provider.folios = folios(100)
    bench.clock.go_on(days=20)  # it is looked at whatever its age
    await bench.reconcile(alarms)
    assert await bench.differences() == []


async def test_a_difference_about_a_document_that_was_voided_is_over(bench: Bench) -> None:
    id = await settled(bench)
    _not_there(bench)
    await bench.reconcile()
    await execute(
        bench,
        """UPDATE emission SET status = 'VOIDED', void_reason = 'x', voided_at = now()
           WHERE account_id = $1 AND document_id = $2""",
        id,
    )
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []


async def test_only_a_sample_is_looked_at_and_nothing_that_is_new_or_old(bench: Bench) -> None:
    bench.settings = Settings(sample=2)
    for _ in range(3):
        await settled(bench)
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 2
    bench.clock.go_on(days=10)
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 2


async def test_a_document_that_was_authorised_a_moment_ago_isnt_looked_at(bench: Bench) -> None:
    await authorized(bench)
    await bench.reconcile()
    assert bench.provider.made("LOOK") == 0


async def test_a_void_that_is_asked_for_meanwhile_is_left_to_the_worker(bench: Bench) -> None:
    id = await settled(bench)
    [key] = bench.provider.documents
    bench.provider.register_void(key)
    usual = bench.provider.look

    async def look(key: Any, seconds: float) -> Any:
        sql = "UPDATE emission SET status = 'VOIDING', void_reason = 'x', due_at = now() WHERE account_id = $1"
        await execute(bench, sql)
        return await usual(key, seconds)

    bench.provider.look = look  # type: ignore[method-assign]
    await bench.reconcile()
    assert await bench.status(id) == "VOIDING"


async def test_missing_files_are_fetched(bench: Bench) -> None:
    id = await settled(bench)
    await bench.fetch()
    assert (await bench.row(id)).files_due_at is None
    await bench.reconcile()
    assert (await bench.row(id)).files_due_at is None
    other = await settled(bench)
    bench.provider.folios = folios(101)
    await execute(bench, "UPDATE emission SET files_due_at = NULL WHERE account_id = $1")
    await bench.reconcile(at_once=True)
    assert (await bench.row(other)).files_due_at == bench.clock.time
    assert (await bench.row(id)).files_due_at is None
    bench.clock.go_on(days=2)
    await bench.reconcile()
    assert await bench.differences() == [("FILES_MISSING", "fake", 1)]
    await bench.fetch()
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []


# Numbers


async def test_a_number_without_a_document_is_a_difference_of_its_sequence(bench: Bench) -> None:
    await settled(bench)
    await execute(bench, "UPDATE sequence SET last_number = last_number + 3 WHERE account_id = $1")
    await bench.reconcile()
    assert await bench.differences() == [("NUMBERS_MISSING", "0000-001", 3)]
    await execute(bench, "UPDATE sequence SET last_number = last_number - 3 WHERE account_id = $1")
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []


async def test_all_states_and_former_numbers_account_for_their_numbers(bench: Bench) -> None:
    await settled(bench)
    await bench.queue()
    await execute(bench, "UPDATE sequence SET last_number = last_number + 1 WHERE account_id = $1")
    sql = "UPDATE emission SET former_numbers = '{0000000003}' WHERE account_id = $1 AND status = 'QUEUED'"
    await execute(bench, sql)
    await bench.reconcile()
    assert await bench.differences() == []


async def test_an_electronic_document_that_emission_doesnt_know_is_missing(bench: Bench) -> None:
    await settled(bench)
    made = await create_invoice(bench.api, newCustomer=company())
    await bench.reconcile()
    assert await bench.differences() == []
    sql = """UPDATE document SET electronic = true, issuer_ruc = '8-1-1', issuer_dv = '11',
                 issuer_taxpayer_type = 'NATURAL', payment_forms = '[]' WHERE account_id = $1 AND id = $2"""
    await execute(bench, sql, UUID(made["invoice"]["id"]))
    await bench.reconcile(at_once=True)
    assert await bench.differences() == [("NUMBERS_MISSING", "0000-001", 1)]


async def test_a_document_that_is_almost_too_old_is_a_difference(bench: Bench) -> None:
    id = await bench.queue()
    bench.clock.go_on(days=26)
    await bench.reconcile()
    assert await bench.differences() == [("DEADLINE_NEAR", "0000-001-0000000001", 1)]
    await bench.work_until(id, "AUTHORIZED")
    bench.provider.folios = folios(101)
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []


async def test_one_difference_goes_while_another_stays_and_keeps_its_beginning(bench: Bench) -> None:
    await bench.queue()
    bench.clock.go_on(days=26)
    began = bench.clock.time
    numbers = "UPDATE sequence SET last_number = $2 WHERE account_id = $1"
    await execute(bench, numbers, 3)
    await bench.reconcile()
    assert await bench.differences() == [
        ("DEADLINE_NEAR", "0000-001-0000000001", 1),
        ("NUMBERS_MISSING", "0000-001", 2),
    ]
    await execute(bench, numbers, 5)
    await bench.reconcile(at_once=True)
    assert ("NUMBERS_MISSING", "0000-001", 4) in await bench.differences()
    await execute(bench, numbers, 1)
    bench.clock.go_on(hours=1)
    with capture_logs() as logs:
        await bench.reconcile(at_once=True)
    assert await bench.differences() == [("DEADLINE_NEAR", "0000-001-0000000001", 1)]
    assert [(line["kind"], line["subject"]) for line in logs if line["event"] == "a difference is gone"] == [
        ("NUMBERS_MISSING", "0000-001")
    ]
    with bench.acting():
        sql = "SELECT since FROM emission_difference WHERE account_id = $1"
        _, [stored] = await get_connection("default").execute_query(sql, [bench.api.account_id])
    assert stored["since"] == began


# Counts of folios


async def test_folios_that_somebody_else_uses_are_a_difference_until_it_is_accepted(bench: Bench) -> None:
    await authorized(bench)
    await bench.reconcile()
    await authorized(bench)
    bench.provider.folios = folios(101)
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []
    bench.provider.folios = folios(104)
    await bench.reconcile(at_once=True)
    assert await bench.differences() == [("FOLIOS_EXTRA", "fake", 3)]
    with bench.acting():
        await reconciliation.forget_base()
    await bench.reconcile(at_once=True)
    assert await bench.differences() == []


TODAY = date(2026, 11, 27)
BASE = Base(used=100, known=50, uncertain=0, cycle="pac 11")


def found(given: Folios, before: Counts, after: Counts | None = None, base: Base | None = BASE) -> list[Any]:
    listed = compare(base, "pac", given, before, after or before, TODAY)
    return [(each.kind.value, each.count) for each in listed]


@pytest.mark.parametrize(
    ("used", "before", "after", "expected"),
    [
        (110, Counts(60, 0), Counts(60, 0), []),
        (111, Counts(60, 0), Counts(60, 0), [("FOLIOS_EXTRA", 1)]),
        (111, Counts(60, 1), Counts(60, 1), []),  # one may have arrived
        (111, Counts(60, 0), Counts(61, 0), []),  # authorised while the provider was asked
        (109, Counts(60, 0), Counts(60, 0), [("FOLIOS_UNUSED", 1)]),
        (110, Counts(60, 0), Counts(61, 0), []),  # so, too
    ],
)
def test_counts_differ_only_where_nothing_under_way_explains_it(
    used: int, before: Counts, after: Counts, expected: list[Any]
) -> None:
    assert found(folios(used), before, after) == expected


def test_what_was_under_way_at_the_base_explains_fewer_folios() -> None:
    base = choose_base(None, "pac", folios(100), Counts(50, 2), Counts(51, 1))
    assert base == Base(100, 50, 3, "pac 11")
    assert found(folios(100), Counts(53, 0), base=base) == []
    assert found(folios(100), Counts(54, 0), base=base) == [("FOLIOS_UNUSED", 1)]


@pytest.mark.parametrize(
    ("provider", "given"), [("other", folios(110)), ("pac", folios(110, cycle="12")), ("pac", folios(99))]
)
def test_another_provider_or_cycle_begins_anew(provider: str, given: Folios) -> None:
    counts = Counts(60, 0)
    base = choose_base(BASE, provider, given, counts, counts)
    assert base is not BASE
    assert found(given, counts, base=base) == []
    assert choose_base(BASE, "pac", folios(110), counts, counts) is BASE


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (folios(900), []),
        (folios(901), [("FOLIOS_LOW", 99)]),
        (folios(1000), [("FOLIOS_LOW", 0)]),
        (folios(0, until="2026-12-28"), []),
        (folios(0, until="27/12/2026"), [("LICENCE_ENDS", 30)]),
        (folios(0, until="2026-11-01"), [("LICENCE_ENDS", 0)]),
        (folios(0, until="mañana"), []),
        (Folios(available=None, used=None, total=None, licence_until=None), []),
    ],
)
def test_what_runs_out_is_told_in_time(given: Folios, expected: list[Any]) -> None:
    assert found(given, Counts(0, 0), base=None) == expected
