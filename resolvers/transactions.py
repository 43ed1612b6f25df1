"""Transactions: all or nothing, once or never."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, TypeVar
from uuid import UUID

import orjson
from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import fault_of
from resolvers.errors import BadUserInput
from rules import text
from rules.faults import Code, Fault, Refusal, Text

T = TypeVar("T")

_ATTEMPTS = 5
_LONGEST_KEY = 255


async def atomically(action: Callable[[], Awaitable[T]]) -> T:
    """Run ``action`` in a transaction, or in a savepoint of the one that is open.

    A violated constraint that stands for a client's fault becomes a ``Refusal``; only the race for
    a customer is begun again, since the second time ``action`` finds the customer that won.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with in_transaction():
                return await action()
        except IntegrityError as error:
            fault = fault_of(error)
            if fault is None:
                raise
            if fault.code is not Code.DUPLICATE_CUSTOMER or attempt == _ATTEMPTS:
                raise Refusal(fault) from error
    raise AssertionError("unreachable")


class _Undo(Exception):
    pass


@asynccontextmanager
async def undone() -> AsyncIterator[None]:
    """A transaction that is rolled back at its end, for dry runs."""
    try:
        async with in_transaction():
            yield
            raise _Undo
    except _Undo:
        pass


@dataclass(frozen=True)
class Outcome:
    """What a create mutation made or found: the object's id, and whether a customer was made."""

    id: UUID
    created: bool


@dataclass(frozen=True)
class Request:
    """A create request that its caller may repeat under ``key`` without doing it twice.

    ``arguments`` are all the mutation's arguments, as values that compare: the same key with other
    ones is refused.
    """

    key: str
    arguments: Any

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= _LONGEST_KEY or "\0" in self.key:
            raise BadUserInput(f"idempotencyKey must have 1 to {_LONGEST_KEY} characters.")

    def hash(self) -> bytes:
        return sha256(orjson.dumps(_plain(self.arguments))).digest()


async def once(
    request: Request | None, action: Callable[[], Awaitable[Outcome]], kind: type[models.Customer | models.Document]
) -> Outcome:
    """``atomically``, and at most once for a request's key; ``kind`` is what the action makes.

    The key is taken first: a second caller waits here for the first one's transaction, and then
    is given its outcome. A refusal rolls the key back with everything else.
    """
    if request is None:
        return await atomically(action)

    async def claimed() -> Outcome:
        owner = tenant.current_account()
        row = models.IdempotencyKey(id=uuid7(), account_id=owner, key=request.key, request_hash=request.hash())
        await models.IdempotencyKey.bulk_create([row], ignore_conflicts=True)
        stored = await models.IdempotencyKey.get(account_id=owner, key=request.key)
        if stored.id != row.id:
            if stored.request_hash != row.request_hash:
                raise Refusal(replace(_MISMATCH, related_id=stored.object_id))
            assert stored.object_id is not None
            if not await kind.exists(account_id=owner, id=stored.object_id):
                raise Refusal(_GONE)
            return Outcome(stored.object_id, bool(stored.created))
        outcome = await action()
        await models.IdempotencyKey.filter(account_id=owner, id=row.id).update(
            object_id=outcome.id, created=outcome.created
        )
        return outcome

    return await atomically(claimed)


_MISMATCH = Fault(
    ("idempotencyKey",),
    Code.IDEMPOTENCY_MISMATCH,
    Text(
        "Esta clave ya se usó con otros datos. Usa una clave nueva.",
        "This key was used with other arguments. Use a new key.",
    ),
)

_GONE = Fault(
    ("idempotencyKey",),
    Code.NOT_FOUND,
    Text("Lo que se creó con esta clave ya se borró.", "What was made with this key has been deleted since."),
)


def _plain(value: Any) -> Any:
    """The value as JSON in which equal values are written alike, "1.0" as "1" and " Ana" as "Ana"."""
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, Decimal):
        # 1e-999999 would be written in a million characters.
        return format(value.normalize(), "f") if abs(value.adjusted()) < 40 else str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return text.clean(value)
    return value if value is None or isinstance(value, bool | int) else str(value)
