"""How an account's electronic invoices are doing as a whole, as the API shows it."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from tortoise.connection import get_connection

from emission.compose import read_document
from emission.differences import describe
from pac.emission import Accepted, Evidence, NotSent, Unavailable, Unknown
from rules.calendar import today
from rules.vocabulary import BlockedReason, DifferenceKind
from tests.builders import company, create_invoice
from tests.conftest import Answer, Api
from tests.emission.conftest import Bench
from tests.resolvers.test_fiscal import blocked, issued, rejected

_STATUS = """{ emissionStatus {
    provider environment sandbox away awaySince open oldestOpenSince rejected blocked { reason count }
    folios { total used available licenceUntil checkedAt }
    differences { kind subject documentId message since count }
} }"""


@pytest.fixture
async def bench(electronic: Api) -> Bench:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


async def status(api: Api) -> Answer:
    found: Answer = (await api.ask(_STATUS))["emissionStatus"]
    return found


def written(at: datetime | None) -> str:
    assert at is not None
    return f"{at:%Y-%m-%dT%H:%M:%S.%f}Z"


async def execute(bench: Bench, sql: str, *values: Any) -> None:
    with bench.acting():
        await get_connection("default").execute_query(sql, [bench.api.account_id, *values])


async def test_an_account_without_a_provider_has_nothing_to_show(api: Api) -> None:
    assert await status(api) == {
        **{"provider": None, "environment": "TEST", "sandbox": False, "away": False, "awaySince": None},
        **{"open": 0, "oldestOpenSince": None, "rejected": 0, "blocked": [], "folios": None, "differences": []},
    }


async def test_what_is_open_rejected_and_blocked_is_counted(bench: Bench) -> None:
    await rejected(bench)
    for reason in (BlockedReason.ISSUER, BlockedReason.FOLIOS, BlockedReason.ISSUER):
        await blocked(bench, reason)
    first = await issued(bench)
    await issued(bench)
    since = (await bench.row(UUID(first))).open_since
    found = await status(bench.api)
    assert (found["provider"], found["sandbox"], found["environment"]) == ("fake", False, "TEST")
    assert (found["open"], found["rejected"]) == (2, 1)
    assert found["oldestOpenSince"] == written(since)
    assert found["blocked"] == [{"reason": "FOLIOS", "count": 1}, {"reason": "ISSUER", "count": 2}]
    assert found["away"] is False
    await bench.set_provider("sandbox")
    there = await status(bench.api)
    assert (there["provider"], there["sandbox"]) == ("sandbox", True)


@pytest.mark.parametrize("outcome", [NotSent(evidence=Evidence()), Unknown(evidence=Evidence(message="timeout"))])
async def test_a_provider_that_doesnt_answer_is_away_until_it_does(bench: Bench, outcome: Any) -> None:
    id = UUID(await issued(bench))
    bench.provider.sending.append(outcome)
    await bench.work()
    found = await status(bench.api)
    assert found["away"] is True
    assert found["awaySince"] is not None
    if isinstance(outcome, Unknown):
        bench.provider.looking.append(Unavailable(evidence=Evidence()))
        await bench.wait(id)
        await bench.work()
        first = (await bench.attempts(id))[0]
        assert (await status(bench.api))["awaySince"] == written(first.started_at)
    await bench.work_until(id, "AUTHORIZED")
    found = await status(bench.api)
    assert (found["away"], found["awaySince"]) == (False, None)


async def test_a_provider_that_answers_with_an_error_isnt_away(bench: Bench) -> None:
    await issued(bench)
    bench.provider.sending.append(Unknown(evidence=Evidence(code="201"), is_generic_error=True))
    await bench.work()
    assert (await status(bench.api))["away"] is False


async def test_a_provider_is_away_since_its_last_answer_however_long_a_document_has_been_failing(
    bench: Bench,
) -> None:
    id = UUID(await issued(bench))
    bench.provider.sending.append(Accepted(evidence=Evidence(code="ACEPTADO")))
    bench.provider.looking += [Unavailable(evidence=Evidence(code="200"))] * 3
    bench.provider.looking += [Unavailable(evidence=Evidence(message="502"))] * 2
    await bench.work()
    for _ in range(3):
        await bench.wait(id)
        await bench.work()
    assert (await status(bench.api))["away"] is False
    for _ in range(2):
        await bench.wait(id)
        await bench.work()
    *_, last_answered, first_unanswered, _ = await bench.attempts(id)
    assert last_answered.code == "200"
    assert first_unanswered.code is None
    assert (await status(bench.api))["awaySince"] == written(first_unanswered.started_at)
    # The reconciliation, too, had an answer meanwhile, then none.
    asked = first_unanswered.ended_at
    sql = "INSERT INTO emission_reconciliation (account_id, due_at, nightly_at, asked_at) VALUES ($1, $2, $2, $2)"
    await execute(bench, sql, asked)
    last = (await bench.attempts(id))[-1]
    assert (await status(bench.api))["awaySince"] == written(last.started_at)
    sql = "UPDATE emission_reconciliation SET asked_at = $2, failing_since = $3 WHERE account_id = $1"
    await execute(bench, sql, last.ended_at, last_answered.started_at)
    assert (await status(bench.api))["awaySince"] == written(last_answered.ended_at)


@pytest.mark.parametrize(("days", "words"), [(-1, ("venció", "ended")), (0, ("vence", "ends")), (5, ("vence", "ends"))])
def test_a_licence_that_is_over_has_ended(days: int, words: tuple[str, str]) -> None:
    day = (today() + timedelta(days=days)).isoformat()
    message = describe(DifferenceKind.LICENCE_ENDS, "fake", 0, day)
    assert f"{words[0]} el {day}" in message.es
    assert f"{words[1]} on {day}" in message.en


async def test_calls_of_a_provider_that_the_account_left_say_nothing(bench: Bench) -> None:
    await issued(bench)
    bench.provider.sending.append(NotSent(evidence=Evidence()))
    await bench.work()
    assert (await status(bench.api))["away"] is True
    await bench.set_provider("sandbox")
    assert (await status(bench.api))["away"] is False


async def test_the_last_word_of_the_reconciliation_counts(bench: Bench) -> None:
    at = datetime(2999, 1, 1, tzinfo=UTC)
    sql = """INSERT INTO emission_reconciliation (account_id, due_at, nightly_at, asked_at, failing_since)
             VALUES ($1, $2, $2, $2, $2)"""
    await execute(bench, sql, at)
    assert (await status(bench.api))["awaySince"] == written(at)
    await execute(bench, "UPDATE emission_reconciliation SET failing_since = NULL WHERE account_id = $1")
    assert (await status(bench.api))["away"] is False


async def test_folios_are_shown_as_the_provider_says(bench: Bench) -> None:
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    sql = """INSERT INTO emission_reconciliation (account_id, due_at, nightly_at, folios_total, folios_used,
                 folios_available, licence_until, folios_at) VALUES ($1, $2, $2, 100, 97, 3, 'mañana', $2)"""
    await execute(bench, sql, at)
    assert (await status(bench.api))["folios"] == {
        **{"total": 100, "used": 97, "available": 3, "licenceUntil": "mañana"},
        "checkedAt": written(at),
    }


@pytest.mark.parametrize("kind", DifferenceKind)
async def test_a_difference_says_what_to_do_in_both_languages(bench: Bench, kind: DifferenceKind) -> None:
    made = await create_invoice(bench.api, newCustomer=company())
    id = made["invoice"]["id"]
    at = datetime(2026, 11, 27, 12, tzinfo=UTC)
    sql = """INSERT INTO emission_difference (account_id, kind, subject, document_id, count, detail, since)
             VALUES ($1, $2, '0000-001-0000000001', $3, 12345, 'detalle', $4)"""
    await execute(bench, sql, kind, id, at)
    [shown] = (await status(bench.api))["differences"]
    assert {name: shown[name] for name in ("kind", "subject", "documentId", "since", "count")} == {
        **{"kind": kind.value, "subject": "0000-001-0000000001", "documentId": id},
        **{"since": written(at), "count": 12345},
    }
    [english] = (await status(Api(bench.api.account_id, language="en")))["differences"]
    assert shown["message"] != english["message"]
    for message in (shown["message"], english["message"]):
        assert "{" not in message
        assert "12345" in message or "0000000001" in message or "detalle" in message
