"""Checking stored customers with the registry: new ones in the background, all of them when somebody wants it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q

from db import models, tenant
from db.background import run_forever
from lookup.service import Consultar, Lookup, Source, Status
from resolvers import customers, registry
from resolvers.scope import mine
from rules.retry import Backoff
from rules.vocabulary import CustomerStatus, VerificationStatus

# Pauses after checks without an answer: of 1, 7, 49 and 343 minutes. The check after the last one is the last.
PAUSES: Final = Backoff(first=60.0, longest=6 * 3600.0, factor=7.0).pauses(4)

_POLL: Final = 5.0  # seconds between two looks for customers that are due

# In the background


async def keep_checking(consultar: Consultar) -> None:
    """Check customers as they become due, one after another, until cancelled. Any number of processes may do this."""

    async def work() -> float:
        return 0.0 if await check_next(consultar) else _POLL

    await run_forever("verification", work, pause=_POLL)


async def check_next(consultar: Consultar) -> bool:
    """Check a customer that is due, of any account; False if there is none, or no answer."""
    pauses = [timedelta(seconds=pause) for pause in PAUSES]
    _, rows = await get_connection("default").execute_query("SELECT * FROM claim_pending_customer($1)", [pauses])
    for row in rows:
        with tenant.acting_for(row["account_id"]):
            return await _check(consultar, row["id"], is_last=row["tries"] > len(PAUSES))
    return False


async def _check(consultar: Consultar, id: UUID, *, is_last: bool) -> bool:
    pending = {"verification_status": VerificationStatus.PENDING}
    customer = await mine(models.Customer).get_or_none(id=id, **pending)
    if customer is None:
        return True
    data = customers.data_of(customer)
    word = await registry.asked(consultar, data)
    if word and word.status is not Status.UNAVAILABLE:
        await _note(customer, registry.verification(data, word, asks=True), **pending)
        return True
    if is_last:
        await _note(customer, {"verification_status": VerificationStatus.UNAVAILABLE}, **pending)
    return False


async def _note(customer: models.Customer, verification: dict[str, Any], **conditions: Any) -> None:
    """Write the outcome down, unless somebody changed meanwhile what was asked about."""
    asked_about = {name: getattr(customer, name) for name in ("ruc", "dv", "taxpayer_type", "name")}
    await mine(models.Customer, id=customer.id, **asked_about, **conditions).update(**verification)


# When somebody wants it


class NoAnswer(Exception):
    """The registry stopped answering."""


@dataclass(frozen=True)
class Change:
    """Something about a customer that is not what it was when the registry was asked before."""

    customer_id: UUID
    ruc: str
    name: str
    what: str
    before: str
    now: str


_PACE: Final = 0.5  # seconds between two questions to the registry
_MOST_SILENCE: Final = 5  # questions in a row without an answer


async def unchecked(since: datetime) -> list[UUID]:
    """The account's active customers with a RUC that weren't checked since then."""
    long_ago = Q(verification_checked_at__isnull=True) | Q(verification_checked_at__lt=since)
    rows = mine(models.Customer, long_ago, status=CustomerStatus.ACTIVE, ruc__isnull=False)
    return [id async for (id,) in rows.order_by("id").values_list("id")]


async def check_again(consultar: Consultar, ids: Sequence[UUID]) -> AsyncIterator[list[Change]]:
    """Check the customers at a pace that bothers nobody, and yield for each what has changed.

    One without an answer is left as it is. Raises ``NoAnswer`` when there are too many in a row.
    """
    silence = 0
    for id in ids:
        customer = await mine(models.Customer).get(id=id)
        data = customers.data_of(customer)
        word = await registry.asked(consultar, data)
        if word is None:
            yield []
            continue
        if word.status is Status.UNAVAILABLE:
            silence += 1
            if silence == _MOST_SILENCE:
                raise NoAnswer
            yield []
            await asyncio.sleep(_PACE * 4**silence)
            continue
        silence = 0
        verification = registry.verification(data, word, asks=True)
        await _note(customer, verification)
        yield list(_changes(customer, word, verification["verification_status"]))
        if word.source is Source.REGISTRY:
            await asyncio.sleep(_PACE)


def _changes(customer: models.Customer, word: Lookup, status: VerificationStatus) -> list[Change]:
    known = customer.verification_registry_name or customer.name
    pairs = {
        "status": (customer.verification_status, status),
        "name": (known, known if word.name is None or registry.same_name(known, word.name) else word.name),
        "dv": (customer.dv, word.dv or customer.dv),
    }
    return [
        Change(customer.id, customer.ruc or "", customer.name, what, before or "", now or "")
        for what, (before, now) in pairs.items()
        if before != now
    ]
