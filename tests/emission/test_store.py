"""The rows in a real PostgreSQL: each step is stored with its evidence, event and files, or not at all."""

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from db import models
from emission import files, progress, requests, store
from emission.files import FileKind
from emission.states import Event
from emission.store import Settled
from pac.emission import Authorized, Blocked, Evidence, Rejected, Unavailable, Unknown
from rules.vocabulary import BlockedReason
from tests.builders import line
from tests.emission.conftest import Bench
from tests.emission.provider import SAID


async def test_a_queued_document_is_sent_authorised_announced_and_its_files_are_kept(bench: Bench) -> None:
    id = await bench.queue()
    assert await store.find_accounts(bench.clock.now()) != []
    assert await bench.work() == 1
    row = await bench.row(id)
    assert (row.status, row.provider, row.attempts, row.due_at) == ("AUTHORIZED", "fake", 1, None)
    [stored] = bench.provider.documents.values()
    assert (row.cufe, row.qr, row.protocol) == (stored.cufe, "qr", "2026")
    assert await bench.told(id) == ["INVOICE_AUTHORIZED"]
    [attempt] = await bench.attempts(id)
    assert (attempt.kind, attempt.outcome, attempt.code, attempt.answer) == ("SEND", "AUTHORIZED", "200", "<ok/>")
    await bench.fetch()
    assert (await bench.row(id)).files_due_at is None
    with bench.acting():
        assert await bench_file(id, FileKind.PDF) == b"%PDF"
        assert (await bench_file(id, FileKind.XML) or b"").startswith(b'{"cufe":"FE01')
    assert await bench.work() == 0


async def bench_file(id: UUID, kind: FileKind) -> bytes | None:
    return await files.read(id, kind)


async def test_the_bytes_are_written_with_the_first_claim_and_are_the_same_each_time(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [Unknown(evidence=Evidence())]
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    await bench.work_until(id, "AUTHORIZED")
    assert bench.provider.made("SEND") == 2
    assert len(set(bench.provider.sent)) == 1
    _, [payload] = await fetch_rows(bench, "SELECT number, content FROM emission_payload WHERE document_id = $1", id)
    assert bytes(payload["content"]) == bench.provider.sent[0]


async def fetch_rows(bench: Bench, sql: str, *arguments: object) -> tuple[int, list[dict[str, Any]]]:
    with bench.acting():
        return await get_connection("default").execute_query(sql, list(arguments))  # type: ignore[return-value]


async def test_a_claim_is_held_by_one_and_a_second_finds_nothing(bench: Bench) -> None:
    await bench.queue()
    [first], [second] = await bench.due(), await bench.due()
    assert await bench.claim(first) is not None
    assert await bench.claim(second) is None
    assert await bench.due() == []


async def test_when_the_lease_is_over_the_attempt_is_closed_and_the_document_looked_for(bench: Bench) -> None:
    id = await bench.queue()
    [waiting] = await bench.due()
    await bench.claim(waiting)
    assert await bench.status(id) == "SENDING"
    bench.clock.go_on(seconds=bench.settings.lease)
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    assert [(attempt.kind, attempt.outcome) for attempt in await bench.attempts(id)] == [
        ("SEND", "LEASE_OVER"),
        ("LOOK", "NOT_FOUND"),
    ]


async def test_a_late_answer_is_kept_and_makes_whoever_holds_the_document_late_too(bench: Bench) -> None:
    id = await bench.queue()
    [waiting] = await bench.due()
    first = await bench.claim(waiting)
    bench.clock.go_on(seconds=bench.settings.lease)
    [waiting] = await bench.due()
    second = await bench.claim(waiting)
    assert first is not None
    assert second is not None
    answered = Authorized(cufe="FE", evidence=SAID)
    now = bench.clock.now()
    after, step = progress.advance(first.row, Event.AUTHORIZED, now, bench.settings, answered)
    settled = Settled(attempt_id=first.attempt_id, outcome="AUTHORIZED", evidence=SAID)
    with bench.acting():
        assert not await store.settle(first.row, after, step, settled)
        await store.settle_late(first, Event.LATE_AUTHORIZED, settled, now, bench.settings)
        after, step = progress.advance(second.row, Event.NOT_FOUND, now, bench.settings)
        assert not await store.settle(second.row, after, step, replace(settled, attempt_id=second.attempt_id))
    assert await bench.status(id) == "CHECKING"
    assert await bench.told(id) == []
    [attempt, _] = await bench.attempts(id)
    assert (attempt.outcome, attempt.code) == ("AUTHORIZED", "200")
    row = await bench.row(id)
    assert (row.not_found_at, row.due_at) == (None, now)


async def test_refused_credentials_block_all_that_the_account_has_queued(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(3)]
    refused = Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100", message="token"))
    bench.provider.sending += [refused]
    await bench.work()
    assert [await bench.status(id) for id in ids] == ["BLOCKED"] * 3
    assert bench.provider.made("SEND") == 1
    assert [await bench.told(id) for id in ids] == [["EMISSION_BLOCKED"]] * 3
    assert {(await bench.row(id)).sent_until for id in ids} == {None}  # nothing was registered


async def test_refused_credentials_block_nothing_that_is_queued_for_another_provider(bench: Bench) -> None:
    first, same, elsewhere = [await bench.queue() for _ in range(3)]
    with bench.acting():
        await models.Emission.filter(document_id=same).update(provider="fake")
        await models.Emission.filter(document_id=elsewhere).update(provider="another")
    bench.provider.sending += [Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100"))]
    [waiting, *_] = await bench.due()
    with bench.acting():
        await bench.acts.handle(waiting, bench.connection)
    assert [await bench.status(id) for id in (first, same, elsewhere)] == ["BLOCKED", "BLOCKED", "QUEUED"]


async def test_a_document_begun_at_a_provider_that_the_account_left_blocks_no_other(bench: Bench) -> None:
    left, new = [await bench.queue() for _ in range(2)]
    with bench.acting():
        await models.Emission.filter(document_id=left).update(provider="another")
    [waiting, _] = await bench.due()
    with bench.acting():
        await bench.acts.handle(waiting, bench.connection)
    assert [await bench.status(id) for id in (left, new)] == ["BLOCKED", "QUEUED"]
    assert (await bench.row(left)).blocked_reason == "CREDENTIALS"
    await bench.work()
    assert await bench.status(new) == "AUTHORIZED"


@pytest.mark.parametrize("had_one", [False, True])
async def test_a_refusal_of_old_credentials_blocks_nothing_once_there_are_new_ones(bench: Bench, had_one: bool) -> None:
    ids = [await bench.queue() for _ in range(2)]
    if had_one:
        await bench.set_provider()
        bench.version = 1

    async def refuse_slowly(payload: bytes, prefix: str) -> Blocked:
        await bench.set_provider()
        return Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100", message="token"))

    bench.provider.sending += [refuse_slowly]
    [waiting, _] = await bench.due()
    with bench.acting():
        await bench.acts.handle(waiting, bench.connection)
    assert [await bench.status(id) for id in ids] == ["QUEUED", "QUEUED"]
    row = await bench.row(ids[0])
    assert row.sent_until is None  # nothing was registered
    assert row.blocked_reason is None
    assert (await bench.attempts(ids[0]))[0].code == "100"
    assert await bench.told(ids[0]) == []
    assert await bench.work() == 2
    assert bench.provider.made("SEND") == 1  # no claim is made by the old ones
    bench.version += 1
    await bench.work()
    assert [await bench.status(id) for id in ids] == ["AUTHORIZED", "AUTHORIZED"]
    assert len(bench.provider.documents) == 2


async def test_a_document_of_an_account_that_got_a_provider_meanwhile_goes_on(bench: Bench) -> None:
    id = await bench.queue()
    [waiting] = await bench.due()
    claim = await bench.claim(waiting)
    assert claim is not None
    await bench.set_provider()
    after, step = progress.advance(claim.row, Event.NO_PROVIDER, bench.clock.now(), bench.settings)
    with bench.acting(), pytest.raises(store.SettingChanged):
        await store.settle(claim.row, after, step, Settled(), claim.version)
    assert await bench.status(id) == "SENDING"


async def test_the_events_have_the_data_of_the_documents_other_events(bench: Bench) -> None:
    id = await bench.queue()
    await bench.work()
    with bench.acting():
        issued, authorized = await models.Event.filter(
            account_id=bench.api.account_id, object_id=id, type__in=["INVOICE_ISSUED", "INVOICE_AUTHORIZED"]
        ).order_by("position")
    assert issued.data.items() <= authorized.data.items()
    assert {name: authorized.data[name] for name in authorized.data.keys() - issued.data.keys()} == {
        "fiscalStatus": "AUTHORIZED",
        "cufe": next(iter(bench.provider.documents.values())).cufe,
        "blockedReason": None,
    }


async def test_answers_that_can_not_be_stored_are_stored_as_far_as_they_can(bench: Bench) -> None:
    id = await bench.queue()
    said = Evidence(code="\0", message="\ud800" + "x" * 20000, answer="ñ" * 20000)
    bench.provider.sending += [Rejected(faults=(), evidence=said)]
    await bench.work()
    assert await bench.status(id) == "REJECTED"
    [attempt] = await bench.attempts(id)
    assert (attempt.code, len(attempt.answer or "")) == ("", 16384)


async def test_the_trail_has_each_step_that_people_ask_about(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [Unknown(evidence=Evidence())]
    await bench.work()
    await bench.work_until(id, "AUTHORIZED")
    with bench.acting():
        trail = await models.AuditEvent.filter(account_id=bench.api.account_id, object_id=id).order_by("occurred_at")
    steps = [event.changes["fiscal_status"] for event in trail if "fiscal_status" in event.changes]
    assert steps == [["SENDING", "AUTHORIZED"]]


async def test_files_that_lag_behind_are_fetched_later_each_by_itself(bench: Bench) -> None:
    id = await bench.queue(line(), line())
    await bench.work()
    late = Unavailable(evidence=Evidence(code="404"))
    bench.provider.fetching += [late, late]
    await bench.fetch()
    row = await bench.row(id)
    assert row.files_due_at is not None
    assert row.files_due_at > bench.clock.now()
    bench.clock.time = row.files_due_at
    xml = await bench.provider.fetch_xml(next(iter(bench.provider.documents)), None, 1)
    bench.provider.fetching += [xml, late]
    await bench.fetch()
    with bench.acting():
        kept = await bench_file(id, FileKind.XML)
    assert kept is not None
    row = await bench.row(id)
    assert row.files_due_at is not None
    bench.clock.time = row.files_due_at
    await bench.fetch()
    assert (await bench.row(id)).files_due_at is None
    kinds = [attempt.kind for attempt in await bench.attempts(id)]
    assert kinds == ["SEND", "XML", "PDF", "XML", "PDF", "PDF"]
    with bench.acting():
        assert await bench_file(id, FileKind.XML) == kept


@pytest.mark.parametrize("event", [Event.VOID_CONFIRMED, Event.VOID_UNKNOWN, Event.FOUND_AFTER_REFUSAL])
async def test_what_came_of_fetching_files_during_a_call_stays_when_its_result_is_stored(
    bench: Bench, event: Event
) -> None:
    id = await bench.queue()

    def arrive(payload: bytes, prefix: str) -> Authorized:
        answered = bench.provider.arrive(payload, prefix)
        assert isinstance(answered, Authorized)
        return replace(answered, qr=None, protocol=None)

    bench.provider.sending += [arrive]
    await bench.work()
    with bench.acting():
        async with in_transaction():
            await requests.request_void(id, "La operación no se hizo")
    [waiting] = await bench.due()
    claim = await bench.claim(waiting)
    assert claim is not None
    await bench.fetch()
    after, step = progress.advance(claim.row, event, bench.clock.now(), bench.settings)
    with bench.acting():
        assert await store.settle(claim.row, after, step, Settled())
    row = await bench.row(id)
    assert (row.qr, row.protocol, row.files_due_at) == ("qr of the file", "protocol of the file", None)


@pytest.mark.parametrize("table", ["fiscal_file", "emission_payload"])
async def test_files_and_payloads_can_not_be_changed(bench: Bench, table: str) -> None:
    await bench.queue()
    await bench.work()
    await bench.fetch()
    for change in (f"UPDATE {table} SET content = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(Exception, match="permission denied"):
            await fetch_rows(bench, f"{change} WHERE account_id = $1", bench.api.account_id)
