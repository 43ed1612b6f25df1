"""§4 and §4.1 of the contract, row by row, in a real PostgreSQL: what a worker does, and what a crash after each step
leaves.
"""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tortoise.exceptions import DBConnectionError
from tortoise.transactions import in_transaction

from db import models
from emission import acts, files, progress, requests, store
from emission.states import Event
from pac.emission import (
    Blocked,
    Evidence,
    FiscalFault,
    Found,
    NotSent,
    Rejected,
    Unavailable,
    Unknown,
    VoidRefusedOrUnknown,
)
from rules.faults import Code, Fault, Refusal
from rules.fiscal import cufe
from rules.vocabulary import BlockedReason, FiscalStatus
from tests.builders import line
from tests.emission.conftest import Bench, compose
from tests.emission.provider import SAID

NO_ANSWER = Unknown(evidence=Evidence())
FAULT = FiscalFault(code="2152", message="Mal", line=1)
REJECTED = Rejected(faults=(FAULT,), evidence=Evidence(code="203", message="2152-Item 1: Mal"))


class Killed(BaseException):
    """The worker dies here."""


async def dies(bench: Bench) -> None:
    with pytest.raises(Killed):
        await bench.work()


def kill(*_: Any, **__: Any) -> Any:
    raise Killed


async def requested(bench: Bench, request: Any, *arguments: Any) -> FiscalStatus:
    with bench.acting():
        async with in_transaction():
            status: FiscalStatus = await request(*arguments)
            return status


async def refused(bench: Bench, request: Any, *arguments: Any) -> str:
    return (await fault_of(bench, request, *arguments)).code.value


async def fault_of(bench: Bench, request: Any, *arguments: Any) -> Fault:
    with pytest.raises(Refusal) as refusal:
        await requested(bench, request, *arguments)
    [fault] = refusal.value.faults
    return fault


async def authorized(bench: Bench) -> UUID:
    id = await bench.queue()
    await bench.work()
    assert await bench.status(id) == "AUTHORIZED"
    return id


# Crashes on the way of a document


async def test_killed_after_queueing_the_worker_finds_it(bench: Bench) -> None:
    id = await bench.queue()
    assert await bench.status(id) == "QUEUED"
    await bench.work()
    assert await bench.status(id) == "AUTHORIZED"


async def test_killed_after_the_claim_the_document_is_looked_for_and_then_sent_once(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [kill]
    await dies(bench)
    assert await bench.status(id) == "SENDING"
    assert await bench.due() == []  # nobody else has it before the lease is over
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    kinds = [kind for kind, _ in bench.provider.calls]
    assert kinds[0] == "SEND"
    assert set(kinds[1:-1]) == {"LOOK"}
    assert kinds[-1] == "SEND"
    assert len(set(bench.provider.sent)) == 1


async def test_killed_after_it_arrived_the_look_finds_it_and_nothing_is_sent_again(bench: Bench) -> None:
    id = await bench.queue()

    def arrive_and_die(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(payload, prefix)
        raise Killed

    bench.provider.sending += [arrive_and_die]
    await dies(bench)
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert bench.provider.made("SEND") == 1
    row = await bench.row(id)
    assert (row.qr, row.protocol) == ("qr of the file", "protocol of the file")
    assert row.cufe == next(iter(bench.provider.documents.values())).cufe
    assert await bench.told(id) == ["INVOICE_AUTHORIZED"]
    with bench.acting():
        assert await files.read(id, files.FileKind.XML) is not None


async def test_killed_before_the_result_is_stored_the_look_finds_it(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await bench.queue()
    with monkeypatch.context() as patch:
        patch.setattr(store, "settle", kill)
        await dies(bench)
    assert await bench.told(id) == []
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert bench.provider.made("SEND") == 1


async def test_while_the_database_is_away_a_result_is_kept_until_it_is_back(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(acts, "_AGAIN_AFTER", 0.0)
    id = await bench.queue()
    real, failures = store.settle, [1, 2, 3]

    async def settle(*arguments: Any) -> bool:
        if failures:
            failures.pop()
            raise DBConnectionError
        return await real(*arguments)

    monkeypatch.setattr(store, "settle", settle)
    await bench.work()
    assert await bench.status(id) == "AUTHORIZED"


async def test_killed_while_files_are_fetched_they_are_fetched_later(bench: Bench, monkeypatch: Any) -> None:
    id = await authorized(bench)
    with monkeypatch.context() as patch:
        patch.setattr(bench.provider, "fetch_pdf", kill)
        with pytest.raises(Killed):
            await bench.fetch()
    await bench.fetch()
    assert bench.provider.made("PDF") == 0  # held by the one that died
    bench.clock.go_on(seconds=bench.settings.lease)
    await bench.fetch()
    assert (await bench.row(id)).files_due_at is None
    outcomes = [(attempt.kind, attempt.outcome) for attempt in await bench.attempts(id)]
    assert outcomes[1:] == [("XML", "LEASE_OVER"), ("PDF", "LEASE_OVER"), ("XML", "FILE"), ("PDF", "FILE")]


async def test_an_xml_is_compared_also_when_the_database_was_away_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await authorized(bench)
    key, ours = bench.provider.documents.popitem()
    bench.provider.documents[key] = replace(ours, total="1.00")
    real, failures = bench.compose, [DBConnectionError("away"), None]

    async def compose(account: UUID, document_id: UUID) -> Any:
        if failure := failures.pop(0):
            raise failure
        return await real(account, document_id)

    bench.compose = compose
    with pytest.raises(DBConnectionError):
        await bench.fetch()
    with bench.acting():
        assert await files.read(id, files.FileKind.XML) is None
    bench.clock.go_on(seconds=bench.settings.lease)
    with capture_logs() as logs:
        await bench.fetch()
    assert [line["event"] for line in logs] == ["the XML of an authorised document differs from it"]
    with bench.acting():
        assert await files.read(id, files.FileKind.XML) is not None


@pytest.mark.parametrize("arrives", [False, True])
async def test_killed_while_voiding_the_void_is_registered_once_and_confirmed(bench: Bench, arrives: bool) -> None:
    id = await authorized(bench)
    await requested(bench, requests.request_void, id, "La operación no se hizo")

    def maybe_void_and_die(key: Any) -> Any:
        if arrives:
            bench.provider.register_void(key)
        raise Killed

    bench.provider.voiding += [maybe_void_and_die]
    await dies(bench)
    assert await bench.status(id) == "VOIDING"
    assert (await bench.document(id)).status == "ISSUED"
    assert await bench.work_until(id, "VOIDED") == "VOIDED"
    assert bench.provider.voids == 1
    document = await bench.document(id)
    assert (document.status, document.void_reason) == ("VOID", "La operación no se hizo")
    assert (await bench.told(id))[-1] == "INVOICE_VOIDED"


# What the provider answers


async def test_a_rejected_document_is_corrected_under_its_number_with_new_bytes(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [REJECTED]
    await bench.work()
    row = await bench.row(id)
    assert (row.status, row.faults) == (
        "REJECTED",
        [{"code": "2152", "message": "Mal", "field": None, "path": None, "line": 1, "notice": False}],
    )
    assert await bench.work() == 0
    assert await requested(bench, requests.requeue_corrected, id) is FiscalStatus.QUEUED
    await bench.work_until(id, "AUTHORIZED")
    assert [attempt.payload for attempt in await bench.attempts(id)] == [1, 2]
    assert await bench.told(id) == ["INVOICE_REJECTED", "INVOICE_AUTHORIZED"]


async def test_another_systems_document_under_our_number_is_never_taken_for_ours(bench: Bench) -> None:
    id = await bench.queue()

    def somebody_else_was_first(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(payload, prefix)
        key, ours = bench.provider.documents.popitem()
        bench.provider.documents[key] = replace(ours, total="999.00")
        return Unknown(evidence=Evidence(code="102"))

    bench.provider.sending += [somebody_else_was_first]
    await bench.work()
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "BLOCKED"
    row = await bench.row(id)
    assert (row.blocked_reason, row.cufe, row.due_at) == ("NUMBER_TAKEN", None, None)
    assert bench.alarms == [(FiscalStatus.BLOCKED, Event.FOUND_OTHER)]
    assert await requested(bench, requests.retry, id) is FiscalStatus.CHECKING
    await bench.work_until(id, "BLOCKED")
    with bench.acting():
        await models.Document.filter(account_id=bench.api.account_id, id=id).update(number="0000000777")
    assert await requested(bench, requests.renumber, id) is FiscalStatus.QUEUED
    await bench.work_until(id, "AUTHORIZED")
    assert {key.number for key in bench.provider.documents} == {"0000000001", "0000000777"}


@pytest.mark.parametrize("is_voided", [False, True])
async def test_what_was_sent_before_a_correction_is_not_another_systems(bench: Bench, is_voided: bool) -> None:
    id = await bench.queue()
    first: list[Any] = []

    def fail(payload: bytes, prefix: str) -> Any:
        first[:] = [payload, prefix]
        return Unknown(evidence=Evidence(code="201", message="Error"), is_generic_error=True)

    bench.provider.sending += [fail] * 3
    assert await bench.work_until(id, "REJECTED", "AUTHORIZED") == "REJECTED"
    with bench.acting():
        await models.Document.filter(account_id=bench.api.account_id, id=id).update(
            subtotal="98.30", total="99.00", total_cents=9900
        )
    await requested(bench, requests.requeue_corrected, id)
    bench.provider.arrive(*first)  # very late
    if is_voided:
        bench.provider.register_void(next(iter(bench.provider.documents)))
    status = await bench.work_until(id, "BLOCKED", "AUTHORIZED", "VOIDED")
    row = await bench.row(id)
    if is_voided:
        assert (status, (await bench.document(id)).status) == ("VOIDED", "VOID")
        return
    assert (status, row.blocked_reason, row.cufe) == ("BLOCKED", "TECHNICAL", None)
    assert "antes de corregirlo" in (row.blocked_message or "")
    assert bench.alarms[-1] == (FiscalStatus.BLOCKED, Event.FOUND_EARLIER)
    assert await refused(bench, requests.renumber, id) == Code.NOT_ALLOWED
    bench.provider.register_void(next(iter(bench.provider.documents)))  # in the provider's portal
    await requested(bench, requests.retry, id)
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED", "VOIDED") == "VOIDED"
    assert len(bench.provider.documents) == 1


@pytest.mark.parametrize("spelled", [str, lambda text: f" {text.upper()}\n"])
@pytest.mark.parametrize("is_earlier", [True, False])
async def test_a_correction_of_descriptions_alone_is_told_from_what_was_sent_before(
    bench: Bench, is_earlier: bool, spelled: Any
) -> None:
    id = await bench.queue()
    bench.provider.sending += [REJECTED]
    await bench.work()
    first = bench.provider.sent[0]

    async def compose_corrected(account: UUID, document_id: UUID) -> Any:
        document = await compose(account, document_id)
        return replace(document, lines=(replace(document.lines[0], description="Consultoría corregida"),))

    bench.compose = compose_corrected
    await requested(bench, requests.requeue_corrected, id)

    def arrive(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(first if is_earlier else payload, prefix)
        key, stored = bench.provider.documents.popitem()
        texts = [[code, spelled(description)] for code, description in stored.texts]
        bench.provider.documents[key] = replace(stored, texts=texts)
        return NO_ANSWER

    bench.provider.sending += [arrive]
    status = await bench.work_until(id, "BLOCKED", "AUTHORIZED")
    reason = (await bench.row(id)).blocked_reason
    assert (status, reason) == (("BLOCKED", "TECHNICAL") if is_earlier else ("AUTHORIZED", None))


async def test_texts_that_the_provider_has_changed_make_nobody_elses_document_of_ours(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [REJECTED]
    await bench.work()
    await requested(bench, requests.requeue_corrected, id)
    bench.provider.sending += [arriving_unknown(bench)]
    await bench.work()
    key, ours = bench.provider.documents.popitem()
    bench.provider.documents[key] = replace(ours, texts=[[None, "Consulto"]])
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "AUTHORIZED"


async def test_another_systems_document_is_told_from_what_was_sent_before_a_correction(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [REJECTED]
    await bench.work()
    with bench.acting():
        await models.Document.filter(account_id=bench.api.account_id, id=id).update(
            subtotal="98.30", total="99.00", total_cents=9900
        )
    await requested(bench, requests.requeue_corrected, id)

    def somebody_else_was_first(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(payload, prefix)
        key, ours = bench.provider.documents.popitem()
        bench.provider.documents[key] = replace(ours, total="999.00")
        return Unknown(evidence=Evidence(code="102"))

    bench.provider.sending += [somebody_else_was_first]
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "BLOCKED"
    assert (await bench.row(id)).blocked_reason == "NUMBER_TAKEN"


@pytest.mark.parametrize("change", [{"lines": 7}, {"receiver": "8-1-1"}, {"total": "0.00"}])
async def test_a_document_that_differs_in_one_thing_is_not_ours(bench: Bench, change: dict[str, Any]) -> None:
    id = await bench.queue(line(), line())
    bench.provider.sending += [arriving_unknown(bench)]
    await bench.work()
    key, ours = bench.provider.documents.popitem()
    bench.provider.documents[key] = replace(ours, **change)
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "BLOCKED"
    assert (await bench.row(id)).blocked_reason == "NUMBER_TAKEN"


def arriving_unknown(bench: Bench) -> Any:
    def arrive(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(payload, prefix)
        return NO_ANSWER

    return arrive


@pytest.mark.parametrize("cufe", [None, "", "FE", "x" * 66])
async def test_a_document_whose_cufe_is_none_is_looked_at_until_that_is_clear(bench: Bench, cufe: str | None) -> None:
    id = await bench.queue()
    bench.provider.sending += [arriving_unknown(bench)]
    await bench.work()
    no_file = Unavailable(evidence=Evidence())
    bench.provider.looking += [Found(cufe=cufe, is_voided=False, evidence=SAID)]
    bench.provider.fetching += [no_file]
    await bench.wait(id)
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    bench.provider.looking += [Found(cufe=cufe, is_voided=False, evidence=SAID)]
    await bench.wait(id)
    await bench.work()  # the file says it
    row = await bench.row(id)
    assert (row.status, row.cufe) == ("AUTHORIZED", next(iter(bench.provider.documents.values())).cufe)
    assert bench.provider.made("SEND") == 1


async def test_a_document_that_was_voided_at_the_provider_becomes_void(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [arriving_unknown(bench)]
    await bench.work()
    key = next(iter(bench.provider.documents))
    bench.provider.register_void(key)
    await bench.work_until(id, "VOIDED")
    document = await bench.document(id)
    assert (document.status, document.void_reason) == ("VOID", "Anulada en el PAC")
    assert await bench.told(id) == ["INVOICE_VOIDED"]


@pytest.mark.parametrize("is_found", [False, True])
async def test_a_number_that_is_used_by_a_document_that_is_not_found_is_an_alarm(bench: Bench, is_found: bool) -> None:
    id = await bench.queue()
    if is_found:
        bench.provider.sending += [arriving_unknown(bench)]
        await bench.work()
        with bench.acting():
            await models.Emission.filter(document_id=id).update(status="QUEUED", due_at=bench.clock.now())
    bench.provider.sending += [Unknown(evidence=Evidence(code="102"), is_duplicate=True)]
    await bench.work()
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert {event for _, event in bench.alarms} == (set() if is_found else {Event.NOT_FOUND_THOUGH_USED})
    assert [attempt.outcome for attempt in await bench.attempts(id)].count("DUPLICATE") == 1


async def test_no_folios_blocks_and_is_tried_hourly_by_itself(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [Blocked(reason=BlockedReason.FOLIOS, evidence=Evidence(code="119"))]
    await bench.work()
    row, began = await bench.row(id), bench.clock.now()
    assert (row.status, row.blocked_reason) == ("BLOCKED", "FOLIOS")
    fault = await fault_of(bench, requests.request_void, id, "x")
    assert "no le quedan folios o venció su licencia" in fault.message.es  # the provider has one answer for both
    await bench.work_until(id, "AUTHORIZED")
    kinds = [kind for kind, _ in bench.provider.calls]
    assert (kinds[0], kinds[-1], kinds.count("SEND")) == ("SEND", "SEND", 2)
    assert 3600 < (bench.clock.now() - began).total_seconds() < 3600 + 400
    assert (await bench.row(id)).blocked_reason is None


MAY_PASS = [BlockedReason.FOLIOS, BlockedReason.CERTIFICATE]


async def stopped(bench: Bench, reason: BlockedReason) -> UUID:
    """A document that the provider has refused for what may pass, and of which it isn't known whether it has it."""
    id = await bench.queue()
    bench.provider.sending += [Blocked(reason=reason, evidence=Evidence(code="119"))] * 100
    await bench.work()
    assert (await bench.row(id)).sent_until is not None
    return id


async def looked_for(bench: Bench, id: UUID) -> None:
    """Let time pass until looks have shown that the provider hasn't got the document."""
    began = bench.clock.now()
    while (await bench.row(id)).sent_until is not None:
        assert await bench.status(id) == "BLOCKED"
        assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING
        await bench.wait(id)
        await bench.work()
    assert 300 <= (bench.clock.now() - began).total_seconds() < 400


@pytest.mark.parametrize("reason", MAY_PASS)
async def test_what_waits_for_folios_or_a_certificate_can_be_given_up_once_it_is_certain_not_to_be_there(
    bench: Bench, reason: BlockedReason
) -> None:
    id = await stopped(bench, reason)
    for _ in range(2):  # so, too, after it was tried again
        await looked_for(bench, id)
        row = await bench.row(id)
        assert (row.status, row.blocked_reason) == ("BLOCKED", reason)
        assert row.due_at is not None
        assert (row.due_at - bench.clock.now()).total_seconds() == 3600
        sends = bench.provider.made("SEND")
        while bench.provider.made("SEND") == sends:
            await bench.wait(id)
            await bench.work()
        assert await bench.status(id) == "BLOCKED"
    await looked_for(bench, id)
    assert await requested(bench, requests.request_void, id, "La operación no se hizo") is FiscalStatus.WITHDRAWN
    assert bench.provider.documents == {}
    assert await bench.told(id) == ["EMISSION_BLOCKED", "INVOICE_VOIDED"]


@pytest.mark.parametrize("reason", MAY_PASS)
async def test_a_document_that_was_registered_though_it_was_refused_is_found_within_minutes(
    bench: Bench, reason: BlockedReason
) -> None:
    id = await bench.queue()

    def register(payload: bytes, prefix: str) -> Blocked:
        bench.provider.arrive(payload, prefix)
        return Blocked(reason=reason, evidence=Evidence(code="119"))

    bench.provider.sending.append(register)
    await bench.work()
    assert await bench.work_until(id, "AUTHORIZED", most=3) == "AUTHORIZED"
    assert bench.provider.made("SEND") == 1


async def test_a_document_that_waits_for_folios_stays_blocked_while_nobody_says_where_it_is(bench: Bench) -> None:
    id = await stopped(bench, BlockedReason.FOLIOS)
    began = bench.clock.now()
    bench.provider.looking += [Unavailable(evidence=Evidence(code="119"))] * 100
    while (bench.clock.now() - began).total_seconds() < 26 * 3600:
        await bench.wait(id)
        await bench.work()
    row = await bench.row(id)
    assert (row.status, row.blocked_reason, row.due_at is None) == ("BLOCKED", "FOLIOS", False)
    assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING
    assert (FiscalStatus.BLOCKED, Event.UNAVAILABLE_TOO_LONG) in bench.alarms


async def test_another_systems_document_under_the_number_of_one_that_waits_for_folios_is_told(bench: Bench) -> None:
    id = await bench.queue()

    def register_other(payload: bytes, prefix: str) -> Blocked:
        bench.provider.arrive(payload, prefix)
        key, stored = bench.provider.documents.popitem()
        bench.provider.documents[key] = replace(stored, total="999.00")
        return Blocked(reason=BlockedReason.FOLIOS, evidence=Evidence(code="119"))

    bench.provider.sending.append(register_other)
    await bench.work()
    for _ in range(2):
        await bench.wait(id)
        await bench.work()
    assert (await bench.row(id)).blocked_reason == "NUMBER_TAKEN"
    assert await bench.told(id) == ["EMISSION_BLOCKED", "EMISSION_BLOCKED"]


async def test_new_credentials_let_all_go_on_that_were_blocked_by_them(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(2)]
    bench.is_connected = False
    await bench.work()
    assert [await bench.status(id) for id in ids] == ["BLOCKED", "BLOCKED"]
    assert bench.provider.calls == []
    bench.is_connected = True
    with bench.acting():
        async with in_transaction():
            assert await requests.retry_refused() == 2
    for id in ids:
        assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert bench.provider.made("SEND") == 2


REFUSED = Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100", message="token"))


async def tried_at_a_wrong_provider(bench: Bench) -> UUID:
    """A document that a provider has refused for the account's credentials."""
    id = await bench.queue()
    await bench.set_provider("wrong")
    bench.provider.sending += [REFUSED]
    wrong = replace(bench.connection, name="wrong", version=1)
    with bench.acting():
        [waiting] = await store.find_due(bench.clock.now(), 10)
        await bench.acts.handle(waiting, wrong)
    assert ((await bench.row(id)).provider, await bench.status(id)) == ("wrong", "BLOCKED")
    await bench.set_provider("fake")
    bench.version = 2
    return id


@pytest.mark.parametrize("by_itself", [False, True])
async def test_what_a_wrong_provider_has_refused_goes_to_the_right_one_in_its_words(
    bench: Bench, by_itself: bool
) -> None:
    id = await tried_at_a_wrong_provider(bench)
    if by_itself:
        await requested(bench, requests.retry, id)
    else:
        with bench.acting():
            async with in_transaction():
                assert await requests.retry_refused() == 1
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert (await bench.row(id)).provider == "fake"
    assert [(attempt.provider, attempt.payload) for attempt in await bench.attempts(id)] == [
        ("wrong", 1),
        *[("fake", 2)] * 3,
    ]
    assert bench.alarms == [(FiscalStatus.BLOCKED, Event.CREDENTIALS_REFUSED)]


async def test_what_is_looked_for_again_at_a_wrong_provider_goes_on_at_the_right_one(bench: Bench) -> None:
    """New credentials were tried at the wrong provider before the provider was put right."""
    id = await tried_at_a_wrong_provider(bench)
    with bench.acting():
        await models.PacSetting.filter(account_id=bench.api.account_id).update(provider="wrong")
    await requested(bench, requests.retry, id)
    [waiting] = await bench.due()
    late = await bench.claim(replace(waiting, is_written=True))
    assert late is not None
    await bench.set_provider("fake")
    bench.version = 3
    with bench.acting():
        async with in_transaction():
            await requests.retry_refused()
        after, step = progress.advance(late.row, Event.UNAVAILABLE, bench.clock.now(), bench.settings)
        assert not await store.settle(late.row, after, step, store.Settled())
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert (await bench.row(id)).provider == "fake"


async def test_a_document_that_another_provider_may_have_stays_there(bench: Bench) -> None:
    id = await tried_at_a_wrong_provider(bench)
    with bench.acting():
        await models.Emission.filter(document_id=id).update(sent_until=bench.clock.now())
        async with in_transaction():
            assert await requests.retry_refused() == 0
    row = await bench.row(id)
    assert (row.status, row.provider, row.payload) == ("BLOCKED", "wrong", 1)


async def test_a_corrected_document_goes_to_the_accounts_present_provider(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [REJECTED]
    await bench.work()
    with bench.acting():
        await models.Emission.filter(document_id=id).update(provider="left")
    await requested(bench, requests.requeue_corrected, id)
    assert await bench.work_until(id, "AUTHORIZED", "BLOCKED") == "AUTHORIZED"


async def test_a_defect_in_writing_a_document_blocks_it_alone(bench: Bench, monkeypatch: Any) -> None:
    broken, fine = await bench.queue(), await bench.queue()
    real = bench.compose

    async def compose(account: UUID, id: UUID) -> Any:
        if id == broken:
            raise ValueError
        return await real(account, id)

    bench.compose = compose
    await bench.work()
    assert [await bench.status(broken), await bench.status(fine)] == ["BLOCKED", "AUTHORIZED"]
    assert (await bench.row(broken)).blocked_reason == "TECHNICAL"
    assert bench.alarms == [(FiscalStatus.BLOCKED, Event.UNWRITABLE)]


async def test_an_adapter_that_fails_leaves_everything_unknown(bench: Bench) -> None:
    id = await bench.queue()

    def fail(payload: bytes, prefix: str) -> Any:
        raise RuntimeError

    bench.provider.sending += [fail]
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    await bench.work_until(id, "AUTHORIZED")


@pytest.mark.parametrize("arrived", [False, True])
async def test_after_a_defect_of_ours_a_retry_writes_the_document_anew_if_it_is_not_found(
    bench: Bench, arrived: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = await bench.queue()
    bench.provider.sending += [Blocked(reason=BlockedReason.TECHNICAL, evidence=Evidence(message="formato"))]
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "BLOCKED"
    real = bench.provider.write
    monkeypatch.setattr(bench.provider, "write", lambda document: real(document).replace(b"{", b"{ "))  # mended
    if arrived:
        with bench.acting():
            document = await compose(bench.api.account_id, id)
        bench.provider.arrive(bench.provider.sent[0], cufe.expected_prefix(document))
    await requested(bench, requests.retry, id)
    assert await bench.work_until(id, "BLOCKED", "AUTHORIZED") == "AUTHORIZED"
    assert len(set(bench.provider.sent)) == len(bench.provider.sent) == (1 if arrived else 2)
    assert [kind for kind, _ in bench.provider.calls if kind != "XML"][-1] == ("LOOK" if arrived else "SEND")


async def test_other_blocks_leave_the_bytes_as_they_are(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [Blocked(reason=BlockedReason.ISSUER, evidence=Evidence(code="203"))]
    assert await bench.work_until(id, "BLOCKED") == "BLOCKED"
    await requested(bench, requests.retry, id)
    await bench.work_until(id, "AUTHORIZED")
    assert {attempt.payload for attempt in await bench.attempts(id)} == {1}


# Requests of people


async def test_an_untried_document_is_withdrawn_without_the_provider(bench: Bench) -> None:
    id = await bench.queue()
    assert await requested(bench, requests.request_void, id, "Precio equivocado en todo") is FiscalStatus.WITHDRAWN
    assert (await bench.document(id)).status == "VOID"
    assert await bench.told(id) == ["INVOICE_VOIDED"]
    assert await bench.work() == 0
    assert bench.provider.calls == []


async def test_what_was_never_sent_counts_as_untried(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [NotSent(evidence=Evidence(message="refused"))]
    await bench.work()
    assert await bench.status(id) == "QUEUED"
    assert await requested(bench, requests.request_void, id, "Precio equivocado en todo") is FiscalStatus.WITHDRAWN


async def test_a_tried_document_can_not_be_given_up_while_it_is_uncertain(bench: Bench) -> None:
    id = await bench.queue()
    bench.provider.sending += [NO_ANSWER, NotSent(evidence=Evidence())]
    [waiting] = await bench.due()
    await bench.claim(waiting)
    assert await bench.status(id) == "SENDING"
    assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING
    bench.clock.go_on(seconds=bench.settings.lease)
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    for request in (requests.retry, requests.requeue_corrected):
        assert await refused(bench, request, id) == Code.EMISSION_PENDING
    assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING
    await bench.work_until(id, "QUEUED")
    assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING  # tried
    await bench.work()
    assert await refused(bench, requests.request_void, id, "x") == Code.EMISSION_PENDING


async def test_requests_that_no_wait_will_grant_are_not_allowed(bench: Bench) -> None:
    id = await authorized(bench)
    for request in (requests.retry, requests.requeue_corrected, requests.renumber):
        assert await refused(bench, request, id) == Code.NOT_ALLOWED
    await requested(bench, requests.request_void, id, "La operación no se hizo")
    for asked in ((requests.request_void, id, "x"), (requests.retry, id), (requests.requeue_corrected, id)):
        fault = await fault_of(bench, *asked)
        assert (fault.code, fault.message.es.split(",")[0]) == (
            Code.EMISSION_PENDING,
            "La DGI tiene el documento y su anulación ya se pidió",
        )
    await bench.work()
    assert await refused(bench, requests.request_void, id, "x") == Code.NOT_ALLOWED


async def test_a_refused_void_leaves_the_document_authorised_with_what_was_said(bench: Bench) -> None:
    id = await authorized(bench)
    await requested(bench, requests.request_void, id, "La operación no se hizo")
    said = Evidence(code="112", message="Plazo vencido")
    bench.provider.voiding += [VoidRefusedOrUnknown(evidence=said, is_refusal=True)]
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert (await bench.row(id)).void_refusal == "Plazo vencido"
    assert (await bench.document(id)).status == "ISSUED"
    assert await bench.told(id) == ["INVOICE_AUTHORIZED", "INVOICE_UPDATED"]
    assert bench.alarms == [(FiscalStatus.AUTHORIZED, Event.FOUND_AFTER_REFUSAL)]


async def test_without_a_provider_a_void_waits_with_an_alarm_and_ends_as_never_asked(bench: Bench) -> None:
    id = await authorized(bench)
    await requested(bench, requests.request_void, id, "La operación no se hizo")
    bench.is_connected = False
    await bench.work()
    assert bench.alarms == [(FiscalStatus.VOIDING, Event.NO_PROVIDER)]
    assert (await bench.row(id)).void_asked_at is None
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert (await bench.row(id)).void_refusal == progress.VOID_NEVER_SENT
    assert await bench.told(id) == ["INVOICE_AUTHORIZED", "INVOICE_UPDATED"]
    assert bench.provider.made("VOID") == 0


async def test_a_void_whose_provider_went_away_is_confirmed_when_it_is_back(bench: Bench) -> None:
    id = await authorized(bench)
    await requested(bench, requests.request_void, id, "La operación no se hizo")

    def lost(key: Any) -> Any:
        bench.provider.register_void(key)
        return VoidRefusedOrUnknown(evidence=Evidence())

    bench.provider.voiding += [lost]
    await bench.work()
    bench.is_connected = False
    for _ in range(100):
        await bench.wait(id)
        await bench.work()
    assert await bench.status(id) == "VOIDING"  # it may be void
    assert bench.alarms[-1] == (FiscalStatus.VOIDING, Event.UNAVAILABLE_TOO_LONG)
    bench.is_connected = True
    assert await bench.work_until(id, "VOIDED") == "VOIDED"
    assert bench.provider.made("VOID") == 1


async def test_a_void_that_says_it_exists_or_that_nobody_answered_ends_void(bench: Bench) -> None:
    id = await authorized(bench)
    await requested(bench, requests.request_void, id, "La operación no se hizo")

    def lost(key: Any) -> Any:
        bench.provider.register_void(key)
        return VoidRefusedOrUnknown(evidence=Evidence())

    bench.provider.voiding += [lost]
    assert await bench.work_until(id, "VOIDED") == "VOIDED"
    assert bench.provider.voids == 1


# Two workers, late answers


async def test_two_workers_never_send_one_document_at_once(bench: Bench) -> None:
    ids = [await bench.queue() for _ in range(5)]
    for _ in range(3):
        bench.provider.sending += [NO_ANSWER]
    for _ in range(30):
        await asyncio.gather(bench.work(), bench.work(), bench.work())
        dues = [(await bench.row(id)).due_at for id in ids]
        later = [due for due in dues if due is not None]
        bench.clock.time = max(bench.clock.time, *later) if later else bench.clock.time
    assert [await bench.status(id) for id in ids] == ["AUTHORIZED"] * 5
    assert bench.provider.most_at_once == 1
    assert bench.provider.made("SEND") == 8


async def test_a_send_that_arrives_after_its_lease_is_found_by_a_look(bench: Bench) -> None:
    id = await bench.queue()
    begun, released = asyncio.Event(), asyncio.Event()

    async def held(payload: bytes, prefix: str) -> Any:
        begun.set()
        await released.wait()
        return bench.provider.arrive(payload, prefix)

    bench.provider.sending += [held]
    first = asyncio.create_task(bench.work())
    await begun.wait()
    bench.clock.go_on(seconds=bench.settings.lease)
    await bench.work()
    assert await bench.status(id) == "CHECKING"
    released.set()
    await first
    assert await bench.status(id) == "CHECKING"
    assert (await bench.attempts(id))[0].outcome == "AUTHORIZED"
    assert await bench.work_until(id, "AUTHORIZED") == "AUTHORIZED"
    assert bench.provider.made("SEND") == 1
    assert len(bench.provider.documents) == 1
