"""Transactions: all or nothing, and at most once for a request with an idempotency key."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, fields, is_dataclass, replace
from decimal import Decimal
from enum import Enum
from hashlib import sha256
from typing import Any, Final, TypeVar
from uuid import UUID

import orjson
from asyncpg import DeadlockDetectedError
from tortoise.backends.base.client import TransactionalDBClient
from tortoise.connection import get_connection
from tortoise.exceptions import IntegrityError
from tortoise.models import Model
from tortoise.transactions import in_transaction
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import fault_of
from db.write_statement import WriteStatement
from resolvers.errors import BadUserInput
from resolvers.scope import mine, uuid_of
from rules import text
from rules.faults import Code, Fault, InputWarning, Refusal, Text

T = TypeVar("T")

_ATTEMPTS: Final = 5
_FOUND_AGAIN: Final = (Code.DUPLICATE_CUSTOMER, Code.DUPLICATE_EXTERNAL_ID)
_LONGEST_KEY: Final = 255


# Whether the open transaction was begun by `atomically`, which then answers for its errors.
_is_atomic: ContextVar[bool] = ContextVar("within atomically", default=False)


async def atomically(action: Callable[[], Awaitable[T]], *, locks: bool = True) -> T:
    """Run ``action`` in a transaction: the one of an outer call of this function if there is one, or else a new one.

    A violated constraint that stands for a client's fault becomes a ``Refusal``. Only two requests
    that create the same customer at once, or take the same external id, try again: the second time ``action`` finds
    what the other one made. So does one that PostgreSQL has ended since it and another one waited for each other.

    An action that ``locks`` nothing while it reads, and then writes by one statement, needs no transaction. Without
    one it takes two round trips less, and holds its locks for a single one.
    """
    if _is_atomic.get():
        return await action()
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            async with _transaction() if locks or _is_in_transaction() else nullcontext():
                return await action()
        except IntegrityError as error:
            fault = fault_of(error)
            if fault is None:
                raise
            if fault.code not in _FOUND_AGAIN or attempt == _ATTEMPTS:
                raise Refusal(fault) from error
        except DeadlockDetectedError:
            if attempt == _ATTEMPTS:
                raise
    raise AssertionError("unreachable")


@asynccontextmanager
async def _transaction() -> AsyncIterator[None]:
    token = _is_atomic.set(True)
    try:
        async with in_transaction():
            yield
    finally:
        _is_atomic.reset(token)


def _is_in_transaction() -> bool:
    """Whether a transaction is open, which a failing statement would break if there were no savepoint."""
    return isinstance(get_connection("default"), TransactionalDBClient)


class _RollBack(Exception):
    pass


@asynccontextmanager
async def rolled_back() -> AsyncIterator[None]:
    """A transaction that is rolled back at its end, for dry runs."""
    try:
        async with in_transaction():
            yield
            raise _RollBack
    except _RollBack:
        pass


@dataclass(frozen=True)
class Result:
    """The object that a request made, found, changed or deleted, and what is worth a word about it.

    ``customer_created`` says whether a customer was created along the way, ``changed`` whether an object that was found
    is another one now. ``secret`` is stored nowhere, so that a repeated request answers without it; nor are
    ``warnings``.
    """

    id: UUID
    customer_created: bool = False
    changed: bool = True
    secret: str | None = None
    warnings: tuple[InputWarning, ...] = ()


@dataclass(frozen=True)
class IdempotentRequest:
    """A request that its caller may repeat under ``key`` without doing it twice; ``BadUserInput`` for a bad key.

    ``arguments`` are those that decide what it does: the same key with different ones is refused.
    """

    key: str
    arguments: Any

    def __post_init__(self) -> None:
        if not 1 <= len(self.key) <= _LONGEST_KEY:
            raise BadUserInput(f"idempotencyKey must have 1 to {_LONGEST_KEY} characters.")
        for character in self.key:
            if character == "\0" or "\ud800" <= character <= "\udfff":
                raise BadUserInput(f"idempotencyKey can't contain the character U+{ord(character):04X}.")

    def for_row(self, index: int) -> "IdempotentRequest":
        """The request that one of this one's ``inputs`` is, with the arguments that all of them have."""
        shared = self.arguments["arguments"]
        arguments = {**self.arguments, "arguments": {**shared, "inputs": shared["inputs"][index]}}
        return IdempotentRequest(f"{sha256(self.key.encode()).hexdigest()}:{index}", arguments)

    def hash(self) -> bytes:
        """The same 32 bytes for arguments that mean the same, however their numbers and texts are written."""
        return sha256(orjson.dumps(_plain(self.arguments), option=orjson.OPT_SORT_KEYS)).digest()


async def run_once(
    request: IdempotentRequest, action: Callable[[], Awaitable[Result]], kind: type[Model] | None
) -> Result:
    """Run ``action`` in a transaction, and at most once for the key of the request.

    ``kind`` is the table of its result; None if that may be gone when the request is repeated. The key is inserted
    first: a second caller waits here for the first one's transaction and then gets its result. A refusal rolls the
    key back with everything else.
    """

    async def claim_and_run() -> Result:
        owner, claim, request_hash = tenant.current_account(), uuid7(), request.hash()
        claimed = await get_connection("default").execute_insert(_CLAIM, [claim, owner, request.key, request_hash])
        if claimed is None:
            # The lock is written to the log. So where a standby must have what is acknowledged, this waits for it, too:
            # of a first request whose wait was cut short PostgreSQL shows the result, although no other server has it.
            stored = await models.IdempotencyKey.select_for_update(no_key=True).get(account_id=owner, key=request.key)
            return await _earlier_result(stored, request_hash, kind)
        token = _claimed.set(claim)
        try:
            result = await action()
            if _claimed.get() is not None:
                await store(WriteStatement(), result)
        finally:
            _claimed.reset(token)
        return result

    return await atomically(claim_and_run)


_CLAIM: Final = """
    INSERT INTO idempotency_key (id, account_id, key, request_hash) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id, key) DO NOTHING RETURNING id
"""


# The row of the request's idempotency key, until the result is stored there.
_claimed: ContextVar[UUID | None] = ContextVar("claimed idempotency key", default=None)


async def store(statement: WriteStatement, result: Result) -> Result:
    """Run the statement that stores what a request makes; it stores the result under the request's key, too."""
    claim = _claimed.get()
    if claim is not None:
        done = {"object_id": result.id, "created": result.customer_created, "changed": result.changed}
        statement.update("idempotency_key", done, id=claim)
        _claimed.set(None)
    await statement.run()
    return result


async def _earlier_result(stored: models.IdempotencyKey, request_hash: bytes, kind: type[Model] | None) -> Result:
    if stored.request_hash != request_hash:
        raise Refusal(replace(_MISMATCH, related_id=stored.object_id))
    assert stored.object_id is not None
    if kind is not None and not await mine(kind, id=stored.object_id).exists():
        raise Refusal(_DELETED)
    return Result(stored.object_id, bool(stored.created), stored.changed is not False)


_MISMATCH: Final = Fault(
    ("idempotencyKey",),
    Code.IDEMPOTENCY_MISMATCH,
    Text(
        "Esta clave ya se usó con otros datos. Usa una clave nueva.",
        "This key was used with other arguments. Use a new key.",
    ),
)

_DELETED: Final = Fault(
    ("idempotencyKey",),
    Code.NOT_FOUND,
    Text("Lo que se hizo con esta clave ya se borró.", "What was made with this key has been deleted since."),
)


def _plain(value: Any, name: str = "") -> Any:
    """The value as JSON in which equal values are written alike: "1.0" as "1", " Ana" as "Ana", ids in lower case.

    ``name`` is that of its argument or field.
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name), f.name) for f in fields(value)}
    if isinstance(value, list | tuple):
        return [_plain(item, name) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item, key) for key, item in value.items()}
    if isinstance(value, Decimal):
        # 1e-999999 would be written in a million characters.
        return format(value.normalize(), "f") if abs(value.adjusted()) < 40 else str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        is_ours = name == "id" or (name.endswith("_id") and name != "external_id")
        id = uuid_of(value) if is_ours else None
        return str(id) if id else text.clean(value, multiline=True)
    return value if value is None or isinstance(value, bool | int) else str(value)
