"""Documents that are queued, a clock that is set, and a worker's acts with a provider that is made up."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from emission import files, progress, store
from emission.acts import Acts
from emission.alarms import Alarms
from emission.fetching import Fetching
from emission.ports import Provider
from emission.reconciling import Reconciling, Turned
from emission.settings import Settings
from emission.states import Event, Step
from pac.emission import Evidence
from rules.fiscal.document import DocumentKey, FiscalDocument, FiscalLine, Issuer, Receiver
from rules.vocabulary import Environment, FiscalStatus, TaxpayerType
from tests.builders import create_invoice, invoice, line, taxpayer
from tests.conftest import Api
from tests.emission.provider import FakeProvider
from tests.emission.queueing import queue


async def compose(account_id: UUID, document_id: UUID) -> FiscalDocument:
    """The document as it is sent, of an account whose RUC is made up."""
    row = await models.Document.get(account_id=account_id, id=document_id)
    lines = await models.DocumentLine.filter(account_id=account_id, document_id=document_id).order_by("position")
    assert row.number is not None
    assert row.issued_at is not None
    return FiscalDocument(
        key=DocumentKey(branch=row.branch, billing_point=row.billing_point, number=row.number, type=row.type),
        environment=Environment.TEST,
        emitted_at=row.issued_at,
        issuer=Issuer(ruc="999999101-2-2026", dv="81", taxpayer_type=TaxpayerType.JURIDICAL),
        receiver=Receiver(type=row.receiver_type, name=row.receiver_name or "", ruc=row.receiver_ruc),
        lines=tuple([_line(each) for each in lines]),
        subtotal=row.subtotal,
        itbms_total=row.itbms_total,
        total=row.total,
        payment_forms=(),
    )


def _line(row: models.DocumentLine) -> FiscalLine:
    return FiscalLine(
        description=row.description,
        quantity=row.quantity,
        unit="und",
        unit_price=row.unit_price,
        discount=Decimal(0),
        itbms_rate=row.itbms_rate,
        net=row.net,
        itbms=row.itbms,
        total=row.total,
    )


class _NeverRests:
    def rests(self, caller: object, subject: object) -> bool:
        return False

    def probes(self, caller: object) -> bool:
        return False


NEVER_RESTS = _NeverRests()


class SetClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.time = datetime.now(UTC) + timedelta(seconds=5)

    def now(self) -> datetime:
        return self.time

    def go_on(self, **time: float) -> None:
        self.time += timedelta(**time)


@dataclass
class Bench:
    """An account with documents on their way, a worker and a provider."""

    api: Api
    provider: FakeProvider = field(default_factory=FakeProvider)
    clock: SetClock = field(default_factory=SetClock)
    settings: Settings = field(default_factory=Settings)
    alarms: list[tuple[FiscalStatus, Event]] = field(default_factory=list)
    is_connected: bool = True
    version: int = 0  # of the account's setting; 0 if it has none
    compose: Callable[[UUID, UUID], Awaitable[FiscalDocument]] = compose

    @property
    def acts(self) -> Acts:
        def tell(row: progress.Emission, event: Event, step: Step, evidence: Evidence | None) -> None:
            if step.effects.alarm:
                self.alarms.append((row.status, event))

        return Acts(self.settings, lambda account, id: self.compose(account, id), self.clock, tell)

    @property
    def connection(self) -> Provider:
        return Provider("fake", Environment.TEST, self.provider, NEVER_RESTS, self.version)

    def acting(self) -> Any:
        return tenant.acting_for(self.api.account_id, tenant.SYSTEM)

    async def queue(self, *lines: Any) -> UUID:
        """An issued document that is queued."""
        made = await create_invoice(self.api, invoice(*(lines or (line(),))), newCustomer=taxpayer())
        assert made["userErrors"] == []
        id = UUID(made["invoice"]["id"])
        with self.acting():
            await queue(id, Environment.TEST)
        return id

    async def set_provider(self, name: str = "fake") -> None:
        """Set the account's provider, as ``setPacCredentials`` does."""
        account_id = self.api.account_id
        with self.acting():
            row = await models.PacSetting.get_or_none(account_id=account_id)
            if row is None:
                row = models.PacSetting(
                    id=uuid7(), account_id=account_id, provider=name, environment=Environment.TEST, secrets=b"x"
                )
                await row.save(force_create=True)
            else:
                changes = {"provider": name, "version": row.version + 1}
                await models.PacSetting.filter(account_id=account_id).update(**changes)

    async def use_provider(self, name: str = "fake") -> None:
        """Have the account set the provider that documents are sent to here."""
        await self.set_provider(name)
        with self.acting():
            self.version = (await models.PacSetting.get(account_id=self.api.account_id)).version

    async def due(self, limit: int = 10) -> list[store.Waiting]:
        with self.acting():
            return await store.find_due(self.clock.now(), limit)

    async def claim(self, waiting: store.Waiting) -> store.Claim | None:
        with self.acting():
            written = None if waiting.is_written else self.provider.write(await compose_of(self, waiting))
            return await store.claim(waiting, "fake", self.version, written, self.clock.now(), self.settings)

    async def work(self) -> int:
        """Make an attempt at each document that is due; returns how many they were."""
        waiting = await self.due()
        provider = self.connection if self.is_connected else None
        with self.acting():
            for each in waiting:
                await self.acts.handle(each, provider)
        return len(waiting)

    async def reconcile(self, alarms: Alarms | None = None, *, at_once: bool = False) -> bool:
        """Take the account's turn, if it is due; False if it isn't."""
        provider = self.connection if self.is_connected else None

        def tell(row: progress.Emission, event: Event, step: Step, evidence: Evidence | None) -> None:
            self.alarms.append((row.status, event))

        reconciling = Reconciling(self.settings, self.clock, alarms or Alarms(self.clock), tell)
        with self.acting():
            return await reconciling.handle(provider, at_once=at_once) is not Turned.NOT_DUE

    async def differences(self) -> list[tuple[str, str, int]]:
        with self.acting():
            sql = "SELECT kind, subject, count FROM emission_difference WHERE account_id = $1 ORDER BY 1, 2"
            _, rows = await get_connection("default").execute_query(sql, [self.api.account_id])
        return [(row["kind"], row["subject"], row["count"]) for row in rows]

    async def fetch(self) -> None:
        provider = self.connection if self.is_connected else None
        with self.acting():
            for missing in await files.find_missing(self.clock.now(), 10):
                await Fetching(self.settings, self.compose, self.clock).handle(missing, provider)

    async def row(self, id: UUID) -> models.Emission:
        with self.acting():
            return await models.Emission.get(account_id=self.api.account_id, document_id=id)

    async def document(self, id: UUID) -> models.Document:
        with self.acting():
            return await models.Document.get(account_id=self.api.account_id, id=id)

    async def status(self, id: UUID) -> str:
        return (await self.row(id)).status.value

    async def wait(self, id: UUID) -> None:
        """Let the time come at which the document is due."""
        due = (await self.row(id)).due_at
        assert due is not None
        self.clock.time = max(self.clock.time, due)

    async def work_until(self, id: UUID, *statuses: str, most: int = 200) -> str:
        """Work, and let time pass, until the document has one of these states."""
        for _ in range(most):
            if (status := await self.status(id)) in statuses:
                return status
            await self.wait(id)
            await self.work()
        raise AssertionError(f"still {await self.status(id)}")

    async def attempts(self, id: UUID) -> list[models.EmissionAttempt]:
        with self.acting():
            return await models.EmissionAttempt.filter(account_id=self.api.account_id, document_id=id)

    async def told(self, id: UUID) -> list[str]:
        """The events about the document that emission announces."""
        with self.acting():
            found = await models.Event.filter(account_id=self.api.account_id, object_id=id).order_by("position")
        types = [event.type.value for event in found]
        return [type for type in types if type not in ("INVOICE_CREATED", "INVOICE_ISSUED")]


async def compose_of(bench: Bench, waiting: store.Waiting) -> FiscalDocument:
    return await compose(bench.api.account_id, waiting.row.document_id)


@pytest.fixture
def bench(api: Api) -> Bench:
    return Bench(api)


@pytest.fixture
async def admin(database_url: str) -> Any:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()
