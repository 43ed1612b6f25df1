"""Alarms that a provider is away: only while it doesn't answer, not while documents wait though it does."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from emission.acts import Acts
from emission.alarms import AWAY, Alarms
from pac.emission import Accepted, Evidence, Folios, Unavailable
from tests.emission.conftest import Bench

SILENCE = Unavailable(evidence=Evidence(message="timeout"))
PENDING = Unavailable(evidence=Evidence(code="200", message="pendiente"))
NO_WORD = "the provider gives no usable answer, so electronic documents wait"


@pytest.fixture
def alarms(bench: Bench) -> Alarms:
    return Alarms(bench.clock)


async def look_for(bench: Bench, alarms: Alarms, id: UUID, seconds: float) -> list[Any]:
    """Make the attempts of so many seconds; returns the error lines that an operator got of a silent provider."""
    acts = Acts(bench.settings, bench.compose, bench.clock, alarms.tell)
    until = bench.clock.time + timedelta(seconds=seconds)
    with capture_logs() as logs:
        while bench.clock.time < until:
            await bench.wait(id)
            for waiting in await bench.due():
                with bench.acting():
                    await acts.handle(waiting, bench.connection)
    return [line for line in logs if line["event"] == NO_WORD]


async def accepted(bench: Bench) -> UUID:
    id = await bench.queue()
    bench.provider.sending.append(Accepted(evidence=Evidence(code="ACEPTADO")))
    await bench.work()
    return id


async def test_a_document_that_waits_though_the_provider_answers_is_no_alarm(bench: Bench, alarms: Alarms) -> None:
    id = await accepted(bench)
    bench.provider.looking += [PENDING] * 100
    assert await look_for(bench, alarms, id, 4 * AWAY) == []


async def test_silence_counts_from_the_last_answer_on(bench: Bench, alarms: Alarms) -> None:
    id = await accepted(bench)
    bench.provider.looking += [PENDING] * 5 + [SILENCE] * 100
    assert await look_for(bench, alarms, id, 3600) == []
    began = bench.clock.time
    [line] = await look_for(bench, alarms, id, 4 * AWAY)
    assert line["since"] == began.isoformat()
    failing_since = (await bench.row(id)).failing_since
    assert failing_since is not None
    assert failing_since < began


async def test_an_answer_to_the_reconciliation_is_one(bench: Bench, alarms: Alarms) -> None:
    bench.provider.folios = Folios(available=9, used=1, total=10, licence_until=None)
    id = await accepted(bench)
    bench.provider.looking += [SILENCE] * 100
    for _ in range(6):
        assert await look_for(bench, alarms, id, 600) == []
        await bench.reconcile(alarms, at_once=True)
