"""Whatever the provider, the network, the workers and people do: an issued document ends as exactly one at the
provider, or as none with a status that says so.

The provider breaks one promise only: it may answer, or not, and it may take up to five minutes until it shows what
arrived.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st
from tortoise.transactions import in_transaction

from db import models
from emission import requests
from pac.emission import (
    Blocked,
    Evidence,
    NotSent,
    Rejected,
    SendOutcome,
    Unavailable,
    Unknown,
    VoidRefusedOrUnknown,
)
from rules.faults import Refusal
from rules.vocabulary import BlockedReason, FiscalStatus
from tests.conftest import Api
from tests.emission.conftest import Bench
from tests.emission.provider import DUPLICATE, SAID, key_of
from tests.emission.test_acts import Killed

REASON: Final = "La operación no se hizo"
SHOWS_WITHIN: Final = 299  # seconds

SENDS: Final = (
    *("arrives", "arrives without an answer", "arrives and the worker dies", "arrives late", "is lost", "is not sent"),
    *("worker dies", "rejected", "general error", "no folios", "unknown code", "bad token", "form refused", "foreign"),
    "arrives without folios",
)
LOOKS: Final = ("no answer", "worker dies")
VOIDS: Final = ("lost after", "lost before", "shown late", "refused", "worker dies")
REQUESTS: Final = ("void", "retry", "correct", "renumber")
TIMES: Final = (1, 10, 130, 400, 4000, 100_000)

STEPS: Final = st.one_of(
    st.tuples(st.just("send"), st.sampled_from(SENDS)),
    st.tuples(st.just("look"), st.sampled_from(LOOKS)),
    st.tuples(st.just("void"), st.sampled_from(VOIDS)),
    st.tuples(st.just("request"), st.sampled_from(REQUESTS)),
    st.tuples(st.just("time"), st.sampled_from(TIMES)),
    st.tuples(st.just("work"), st.just(1)),
)


@dataclass
class World:
    """A document, its worker, its provider, and people."""

    bench: Bench
    id: UUID
    arriving: list[tuple[datetime, bytes, str]] = field(default_factory=list)
    voiding: list[tuple[datetime, Any]] = field(default_factory=list)
    renumbered: int = 0

    @property
    def ours(self) -> list[Any]:
        return [stored for stored in self.bench.provider.documents.values() if stored.total != "999.00"]

    def script_send(self, what: str) -> None:
        self.bench.provider.sending.append(lambda payload, prefix: self._send(what, payload, prefix))

    def _send(self, what: str, payload: bytes, prefix: str) -> SendOutcome:
        provider = self.bench.provider
        if self._is_taken(payload) and what not in (
            "worker dies",
            "is not sent",
            "is lost",
            "arrives and the worker dies",
        ):
            return Unknown(evidence=DUPLICATE)
        match what:
            case "arrives without an answer" | "arrives without folios":
                provider.arrive(payload, prefix)
            case "arrives and the worker dies":
                provider.arrive(payload, prefix)
                raise Killed
            case "arrives late":
                due = self.bench.clock.now() + timedelta(seconds=SHOWS_WITHIN)
                self.arriving.append((due, payload, prefix))
            case "worker dies":
                raise Killed
            case "foreign":
                provider.arrive(payload, prefix)
                key, stored = provider.documents.popitem()
                provider.documents[key] = replace(stored, total="999.00")
                return Unknown(evidence=DUPLICATE)
            case "arrives":
                return provider.arrive(payload, prefix)
        return _ANSWERS.get(what, Unknown(evidence=Evidence()))

    def _is_taken(self, payload: bytes) -> bool:
        return key_of(payload) in self.bench.provider.documents

    def script_look(self, what: str) -> None:
        def die() -> Any:
            raise Killed

        self.bench.provider.looking.append(die if what == "worker dies" else Unavailable(evidence=Evidence()))

    def script_void(self, what: str) -> None:
        def void(key: Any) -> Any:
            if what == "lost after":
                self.bench.provider.register_void(key)
            if what == "shown late":
                self.voiding.append((self.bench.clock.now() + timedelta(seconds=SHOWS_WITHIN), key))
            if what == "worker dies":
                raise Killed
            if what == "refused" and (self.voiding or self.bench.provider.documents[key].is_voided):
                return self.bench.provider.register_void(key)  # there is one already
            code = {"refused": "112", "shown late": "202"}.get(what)
            return VoidRefusedOrUnknown(evidence=Evidence(code=code, message="no"), is_refusal=what == "refused")

        self.bench.provider.voiding.append(void)

    async def request(self, what: str) -> None:
        with suppress(Refusal), self.bench.acting():
            async with in_transaction():
                match what:
                    case "void":
                        await requests.request_void(self.id, REASON)
                    case "retry":
                        await requests.retry(self.id)
                    case "correct":
                        await requests.requeue_corrected(self.id)
                    case "renumber":
                        await requests.renumber(self.id)
                        self.renumbered += 1
                        rows = models.Document.filter(account_id=self.bench.api.account_id, id=self.id)
                        await rows.update(number=f"{1000 + self.renumbered:010}")

    async def pass_time(self, seconds: int) -> None:
        self.bench.clock.go_on(seconds=seconds)
        self.show()

    def show(self) -> None:
        now = self.bench.clock.now()
        for due, payload, prefix in [each for each in self.arriving if each[0] <= now]:
            self.bench.provider.arrive(payload, prefix)
            self.arriving.remove((due, payload, prefix))
        for each in [each for each in self.voiding if each[0] <= now]:
            self.bench.provider.register_void(each[1])
            self.voiding.remove(each)

    async def work(self, _: Any = None) -> None:
        with suppress(Killed):
            await self.bench.work()
        await self.check()

    async def check(self) -> None:
        """What holds at every moment."""
        assert len(self.ours) <= 1
        assert self.bench.provider.most_at_once <= 1
        assert len(set(self.bench.provider.sent)) <= 1 + self.renumbered + await self.corrections()
        status = await self.bench.status(self.id)
        if status in ("AUTHORIZED", "VOIDING"):
            assert len(self.ours) == 1
        if status in ("REJECTED", "WITHDRAWN"):
            assert self.ours == []
        if status == "VOIDED":
            assert [stored.is_voided for stored in self.ours] == [True]

    async def corrections(self) -> int:
        return (await self.bench.row(self.id)).payload - 1

    async def finish(self) -> None:
        """From now on all goes well, and people put right what they are asked to."""
        provider = self.bench.provider
        for script in (provider.sending, provider.looking, provider.voiding):
            script.clear()
        for _ in range(60):
            row = await self.bench.row(self.id)
            if row.status is FiscalStatus.BLOCKED and row.due_at is None:
                taken = row.blocked_reason is BlockedReason.NUMBER_TAKEN
                await self.request("renumber" if taken else "retry")
            elif row.due_at is None:
                return
            await self.bench.wait(self.id)
            self.show()
            await self.work()
        raise AssertionError(f"never ends: {(await self.bench.row(self.id)).status}")


# What the provider doesn't see, or nobody hears.
_BLIND: Final = ("worker dies", "is not sent", "is lost", "arrives and the worker dies")

_ANSWERS: Final[dict[str, SendOutcome]] = {
    "is not sent": NotSent(evidence=Evidence(message="refused")),
    "rejected": Rejected(faults=(), evidence=Evidence(code="203")),
    "general error": Unknown(evidence=Evidence(code="201", message="error"), is_generic_error=True),
    "no folios": Blocked(reason=BlockedReason.FOLIOS, evidence=Evidence(code="119")),
    "arrives without folios": Blocked(reason=BlockedReason.FOLIOS, evidence=Evidence(code="119")),
    "unknown code": Unknown(evidence=Evidence(code="9999")),
    "bad token": Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100")),
    "form refused": Blocked(reason=BlockedReason.TECHNICAL, evidence=SAID),
}


@settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], deadline=None
)
@given(st.lists(STEPS, max_size=25))
@example([("send", "arrives late"), ("work", 1), ("time", 10), ("work", 1), ("time", 130), ("work", 1)])
@example([("send", "general error")] * 3)
@example([("send", "foreign"), ("work", 1), ("time", 10), ("work", 1)])
@example([("send", "arrives without folios"), ("work", 1), ("request", "void"), ("time", 400), ("request", "void")])
@example([("send", "no folios"), *[("work", 1), ("time", 10)] * 2, ("time", 400), ("work", 1), ("request", "void")])
@example([("work", 1), ("request", "void"), ("void", "shown late"), ("work", 1), ("time", 10), ("work", 1)])
@example([("work", 1), ("request", "void"), ("void", "shown late"), ("work", 1), ("time", 100_000), ("work", 1)])
@example([("work", 1), ("request", "void"), ("void", "lost after"), ("work", 1), ("look", "worker dies")])
async def test_each_document_ends_as_exactly_one_at_the_provider_or_none_with_a_status_that_says_so(
    new_account: Callable[[], Awaitable[UUID]], steps: list[tuple[str, Any]]
) -> None:
    bench = Bench(Api(await new_account()))
    world = World(bench, await bench.queue())
    for what, how in steps:
        match what:
            case "send":
                world.script_send(how)
            case "look":
                world.script_look(how)
            case "void":
                world.script_void(how)
            case "request":
                await world.request(how)
            case "time":
                await world.pass_time(how)
            case "work":
                await world.work()
    await world.finish()
    status = await bench.status(world.id)
    event(status)
    await world.check()
    if status == "AUTHORIZED":  # a void that was asked for isn't lost
        await world.pass_time(SHOWS_WITHIN)
        assert [stored.is_voided for stored in world.ours] == [False]
    document = await bench.document(world.id)
    assert (document.status == "VOID") == (status in ("VOIDED", "WITHDRAWN"))
    assert status in ("AUTHORIZED", "REJECTED", "VOIDED", "WITHDRAWN")
    ends = {"INVOICE_VOIDED": status in ("VOIDED", "WITHDRAWN"), "INVOICE_AUTHORIZED": status == "AUTHORIZED"}
    told = await bench.told(world.id)
    assert told.count("INVOICE_VOIDED") == ends["INVOICE_VOIDED"]
    assert told.count("INVOICE_AUTHORIZED") <= 1
    assert "INVOICE_AUTHORIZED" in told or not ends["INVOICE_AUTHORIZED"]
