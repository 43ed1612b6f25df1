"""Checking stored customers with the registry: new ones in the background, all of them by command."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.expressions import Q

from db import models, tenant
from db.background import run_forever
from lookup.daily_limit import DailyLimitReached
from lookup.service import Consultar, Lookup, Source, Status
from resolvers import registry
from resolvers.customer_rows import draft_of
from resolvers.outbox import announce
from resolvers.scope import mine
from resolvers.transactions import atomically
from rules.customer_check import clean_customer
from rules.retry import Backoff
from rules.vocabulary import CustomerStatus, EventType, VerificationStatus

# Pauses after checks without an answer: 1, 7, 49 and 343 minutes. After the last pause there is one more check.
PAUSES: Final = Backoff(first=60.0, longest=6 * 3600.0, factor=7.0).pauses(4)

_POLL: Final = 5.0  # seconds between two queries for customers that are due

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
    clean = clean_customer(draft_of(customer))
    try:
        lookup = await registry.look_up_customer(consultar, clean)
    except DailyLimitReached as error:
        # The account's other customers wait, too. This was no attempt.
        tries = max(0, customer.verification_tries - 1)
        waiting = mine(models.Customer, id=id, **pending)
        await waiting.update(verification_next_at=error.until, verification_tries=tries)
        return True
    if lookup and lookup.status is not Status.UNAVAILABLE:
        await _save(customer, registry.verification_columns(clean, lookup, asks=True), **pending)
        return True
    if is_last:
        await _save(customer, {"verification_status": VerificationStatus.UNAVAILABLE}, **pending)
    return False


async def _save(customer: models.Customer, verification: Mapping[str, Any], **conditions: Any) -> None:
    """Store the outcome and announce a new one, unless the fields that were asked about have changed meanwhile."""
    asked_about = {name: getattr(customer, name) for name in ("ruc", "dv", "taxpayer_type", "name")}

    async def action() -> None:
        # The lock keeps the event in the order of the customer's changes.
        rows = mine(models.Customer, id=customer.id, **asked_about, **conditions).select_for_update(no_key=True)
        current = await rows.get_or_none()
        if current is None:
            return
        is_new = verification.get("verification_status", current.verification_status) != current.verification_status
        await current.update_from_dict(dict(verification)).save(update_fields=list(verification))
        if is_new:
            await announce((EventType.CUSTOMER_VERIFIED, current))

    await atomically(action)


# By command


class NoAnswer(Exception):
    """The registry stopped answering."""


@dataclass(frozen=True)
class Change:
    """A difference between the registry's answer and what was known of a customer before."""

    customer_id: UUID
    ruc: str
    name: str
    what: str
    before: str
    now: str


_PACE: Final = 0.5  # seconds between two requests to the registry
_MOST_SILENCE: Final = 5  # requests in a row without an answer


async def find_unchecked(since: datetime) -> list[UUID]:
    """The account's active customers with a RUC whose last check was before that time."""
    long_ago = Q(verification_checked_at__isnull=True) | Q(verification_checked_at__lt=since)
    rows = mine(models.Customer, long_ago, status=CustomerStatus.ACTIVE, ruc__isnull=False)
    return [id async for (id,) in rows.order_by("id").values_list("id")]


async def check_again(consultar: Consultar, ids: Sequence[UUID]) -> AsyncIterator[list[Change]]:
    """Check the customers, with pauses that spare the registry, and yield for each what has changed.

    A customer without an answer stays as it is. Raises ``NoAnswer`` after too many of them in a row.
    """
    silence = 0
    for id in ids:
        customer = await mine(models.Customer).get(id=id)
        clean = clean_customer(draft_of(customer))
        lookup = await registry.look_up_customer(consultar, clean)
        if lookup is None:
            yield []
            continue
        if lookup.status is Status.UNAVAILABLE:
            silence += 1
            if silence == _MOST_SILENCE:
                raise NoAnswer
            yield []
            await asyncio.sleep(_PACE * 4**silence)
            continue
        silence = 0
        verification = registry.verification_columns(clean, lookup, asks=True)
        await _save(customer, verification)
        yield list(_changes(customer, lookup, verification["verification_status"]))
        if lookup.source is Source.REGISTRY:
            await asyncio.sleep(_PACE)


def _changes(customer: models.Customer, lookup: Lookup, status: VerificationStatus) -> list[Change]:
    known = customer.verification_registry_name or customer.name
    is_same_name = lookup.name is None or registry.same_name(known, lookup.name)
    pairs = {
        "status": (customer.verification_status, status),
        "name": (known, known if is_same_name else lookup.name),
        "dv": (customer.dv, lookup.dv or customer.dv),
    }
    return [
        Change(customer.id, customer.ruc or "", customer.name, what, before or "", now or "")
        for what, (before, now) in pairs.items()
        if before != now
    ]
