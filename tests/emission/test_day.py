"""A day of operation with the sandbox, by an injected clock: what goes wrong ends well, with one alarm and a next step.

================================  ==================  =============================================  ===================
what happens                      the invoice is      the alarm's next step                          afterwards
================================  ==================  =============================================  ===================
the licence runs out              BLOCKED, FOLIOS     buy folios; the difference says: renew it      sent by itself
the folios end                    BLOCKED, FOLIOS     buy folios                                     sent by itself
the folios are nearly over        AUTHORIZED          a warning: buy more before they run out        no difference
the certificate expires           BLOCKED,            renew it                                       sent by itself
                                  CERTIFICATE
the PAC is away for an hour       waits               none: nothing is lost                          sent by itself
a void in the portal              VOIDED, and VOID    issue another, if need be                      nothing is open
somebody else uses the point      BLOCKED,            a point of its own for Istmo; renumber         sent by its new
                                  NUMBER_TAKEN                                                       number
somebody else uses the account    AUTHORIZED          see who sends; accept the count                no difference
================================  ==================  =============================================  ===================
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs
from tortoise.connection import get_connection

from db import models
from emission import reconciliation, requests
from emission.acts import Acts
from emission.alarms import Alarms
from emission.reconciling import Reconciling
from rules.fiscal import cufe
from rules.fiscal.document import DocumentKey
from rules.vocabulary import DocumentType
from tests.emission.test_acts import requested
from tests.emission.test_sandbox import SENT, Served
from tests.emission.test_sandbox import served as served

STEP = 5.0  # minutes between two turns of the worker


class Day:
    """A worker with the sandbox, of which each turn does all that is due at its moment."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.alarms = Alarms(served.clock)

    async def turn(self) -> None:
        served = self.served
        acts = Acts(served.settings, served.compose, served.clock, self.alarms.tell)
        with served.acting():
            for each in await served.due():
                await acts.handle(each, served.connection)
        await served.fetch()
        with served.acting():
            await Reconciling(served.settings, served.clock, self.alarms, self.alarms.tell).handle(served.connection)

    async def go_on(self, hours: float) -> None:
        clock = self.served.clock
        until = clock.time + timedelta(hours=hours)
        while clock.time < until:
            await self.turn()
            clock.go_on(minutes=STEP)
        await self.turn()


Act = Callable[[Day, UUID, UUID], Awaitable[Any]]


def turned(**knobs: Any) -> Act:
    async def act(day: Day, earlier: UUID, id: UUID) -> None:
        await day.served.pac.turn(**knobs)

    return act


async def void_in_the_portal(day: Day, earlier: UUID, id: UUID) -> None:
    assert (await day.served.pac.void(numeroDocumentoFiscal="0000000001"))["codigo"] == "200"


async def send_from_elsewhere(day: Day, earlier: UUID, id: UUID) -> None:
    """Another program with our credentials sends from another point."""
    key = DocumentKey(branch="0000", billing_point="002", number="0000000007", type=DocumentType.INVOICE)
    document = replace(SENT, key=key)
    adapter = day.served.adapter
    outcome = await adapter.send(adapter.write(document), cufe.expected_prefix(document), 5.0)
    assert type(outcome).__name__ == "Authorized"


async def renumber(day: Day, earlier: UUID, id: UUID) -> None:
    await day.served.pac.turn()
    with day.served.acting():
        await requested(day.served, requests.renumber, id)
        await models.Document.filter(id=id).update(number="0000000003")
        sql = "UPDATE sequence SET last_number = 3 WHERE account_id = $1"
        await get_connection("default").execute_query(sql, [day.served.api.account_id])


async def accept_folios(day: Day, earlier: UUID, id: UUID) -> None:
    with day.served.acting():
        await reconciliation.forget_base()


@dataclass(frozen=True)
class Case:
    """``happens`` goes on for so many ``hours``; then the invoices are ``meanwhile``. ``mend`` is the next step."""

    happens: Act
    hours: float
    meanwhile: tuple[str, str]
    alarm: str
    differences: tuple[str, ...]
    mend: Act
    end: tuple[str, str] = ("AUTHORIZED", "AUTHORIZED")


DAY = {
    "the licence runs out": Case(
        turned(licence_over=True),
        *(2, ("AUTHORIZED", "BLOCKED FOLIOS"), "no folios left at its provider", ("LICENCE_ENDS",), turned()),
    ),
    "the folios end": Case(
        turned(no_folios=True),
        *(2, ("AUTHORIZED", "BLOCKED FOLIOS"), "no folios left at its provider", ("FOLIOS_LOW",), turned()),
    ),
    "the certificate expires": Case(
        turned(certificate_expired=True),
        *(2, ("AUTHORIZED", "BLOCKED CERTIFICATE"), "the certificate with which the provider signs", (), turned()),
    ),
    "the PAC is away for an hour": Case(
        turned(http_502=True), *(1, ("AUTHORIZED", "CHECKING"), "nothing is lost", (), turned())
    ),
    "a void in the portal": Case(
        void_in_the_portal,
        *(24, ("VOIDED", "AUTHORIZED"), "issue another if need be", (), turned()),
        end=("VOIDED", "AUTHORIZED"),
    ),
    "somebody else uses the point": Case(
        turned(duplicate="102"),
        *(3, ("AUTHORIZED", "BLOCKED NUMBER_TAKEN"), "give Istmo one of its own, then renumber", (), renumber),
    ),
    "somebody else uses the account": Case(
        send_from_elsewhere,
        *(3, ("AUTHORIZED", "AUTHORIZED"), "whether another system uses these credentials", ("FOLIOS_EXTRA",)),
        accept_folios,
    ),
}


@pytest.fixture
def day(served: Served) -> Day:
    return Day(served)


@pytest.mark.parametrize("case", DAY.values(), ids=list(DAY))
async def test_what_goes_wrong_in_a_day_ends_well(day: Day, case: Case) -> None:
    served = day.served
    earlier = await served.queue()
    with capture_logs() as before:
        await day.go_on(1)
    assert alarms(before) == []
    id = await served.queue()
    with capture_logs() as meanwhile:
        await case.happens(day, earlier, id)
        await day.go_on(case.hours)
    assert (await state(served, earlier), await state(served, id)) == case.meanwhile
    [line] = alarms(meanwhile)
    assert case.alarm in line["help"]
    assert line["account"] == str(served.api.account_id)
    assert tuple([kind for kind, *_ in await served.differences()]) == case.differences
    with capture_logs() as afterwards:
        await case.mend(day, earlier, id)
        await day.go_on(3)
    assert (await state(served, earlier), await state(served, id)) == case.end
    assert alarms(afterwards) == []
    assert await served.differences() == []
    keys = [document["key"] for document in await served.documents()]
    assert len(keys) == len(set(keys))
    assert (await served.row(earlier)).files_due_at is None


def alarms(logs: list[Any]) -> list[Any]:
    return [line for line in logs if line["log_level"] == "error"]


async def test_folios_that_are_nearly_over_are_a_warning_before_anything_stops(day: Day) -> None:
    served = day.served
    with capture_logs() as logs:
        await served.pac.turn(few_folios=True)
        id = await served.queue()
        await day.go_on(2)
    assert await state(served, id) == "AUTHORIZED"
    assert alarms(logs) == []
    [line] = [line for line in logs if line["log_level"] == "warning"]
    assert line["kind"] == "FOLIOS_LOW"
    [(kind, _, left)] = await served.differences()
    assert kind == "FOLIOS_LOW"
    assert left > 0
    await served.pac.turn()
    await day.go_on(2)
    assert await served.differences() == []


async def state(served: Served, id: UUID) -> str:
    row = await served.row(id)
    reason = f" {row.blocked_reason.value}" if row.status == "BLOCKED" and row.blocked_reason else ""
    return f"{row.status.value}{reason}"
