"""Tortoise's asyncpg engine with what Istmo needs on top of it.

- A connection is set to the current account and actor (``db.tenant``) when it is taken.
- A row is changed and deleted by its account and its id.
- Waiting for a connection has a limit; past it ``TimeoutError`` is raised.
- A transaction whose beginning is cancelled releases its connection. Tortoise 1.1.9 leaks it, and a pool
  that has leaked all of them blocks the process for good.
- A connection whose statement was cancelled before it began is closed. PostgreSQL's clock for that
  statement runs on, and would end whatever the connection does next.

Behind a pooler in transaction mode a session's settings would leak to other clients. There every
statement runs in a transaction of its own, to which these and all ``local_settings`` are confined. So it does
in a distributed database: account and actor are then set by the statement ``SET LOCAL``, the only one that is
passed on to the other nodes.

The module's name must contain "asyncpg": Tortoise picks its migration dialect by it. All private names of
Tortoise and asyncpg that the service uses for connections stand in this file.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Final

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.client import (
    PoolConnectionWrapper,
    TransactionalDBClient,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from db import tenant
from db.connecting import connect
from db.errors import AccountMoved

Connection = Any  # asyncpg's PoolConnectionProxy; asyncpg has no types

_SET: Final = "SELECT set_config('istmo.account', $1, false), set_config('istmo.actor', $2, false)"
_SET_LOCALLY: Final = (
    "SELECT set_config(name, value, true) FROM unnest($1::text[], $2::text[]) AS settings (name, value)"
)


# Ids, and the words that stand for an actor without one.
_HARMLESS: Final = re.compile(r"[0-9a-fA-F-]*|COMMAND_LINE")


def _set_local(acting: tenant.Tenant) -> str:
    """The statement has no parameters, so the values stand in its text."""
    if not (_HARMLESS.fullmatch(acting.setting) and _HARMLESS.fullmatch(acting.actor)):
        raise ValueError(f"neither an id nor a known actor: {acting}")
    return f"SET LOCAL istmo.account = '{acting.setting}'; SET LOCAL istmo.actor = '{acting.actor}'"


async def _no_reset(connection: Connection) -> None:
    """Do nothing: asyncpg itself ends an open transaction, and the next use sets the account again."""


class Session(asyncpg.Connection):  # type: ignore[misc]
    """A connection that remembers account and actor, so that only a change costs a round trip."""

    acting: tenant.Tenant | None = None

    def is_idle(self) -> bool:
        """Whether no statement, transaction or listener is left of its use."""
        is_busy = self._protocol._is_cancelling() or self._protocol.is_in_transaction() or self._top_xact
        return not (is_busy or self._listeners or self._log_listeners)


class _Errors(AsyncpgDBClient):
    async def _translate_exceptions(self, func: Any, *args: Any, **kwargs: Any) -> Any:
        """Raise asyncpg's own error for a read-only database, which Tortoise reports as misuse of transactions, and
        ``AccountMoved`` for what asyncpg has no error of its own.
        """
        try:
            return await super()._translate_exceptions(func, *args, **kwargs)
        except TransactionManagementError as error:
            if isinstance(error.__cause__, asyncpg.ReadOnlySQLTransactionError):
                raise error.__cause__ from None
            raise
        except asyncpg.PostgresError as error:
            if error.sqlstate == AccountMoved.CODE:
                raise AccountMoved(str(error)) from None
            raise


class AccountRows(AsyncpgExecutor):
    """Tortoise changes and deletes a row by its id alone; here by its account as well, where it has one."""

    async def execute_update(self, instance: Any, update_fields: Iterable[str] | None) -> int:
        meta = self.model._meta
        if "account_id" not in meta.fields_db_projection:
            return await super().execute_update(instance, update_fields)
        names = meta.fields_db_projection if update_fields is None else update_fields
        names = [name for name in names if name not in ("account_id", meta.pk_attr)]
        columns = [f'"{meta.fields_db_projection[name]}" = ${number}' for number, name in enumerate(names, 3)]
        values = [meta.fields_map[name].to_db_value(getattr(instance, name), instance) for name in names]
        sql = (
            f'UPDATE "{meta.db_table}" SET {", ".join(columns)} WHERE "account_id" = $1 AND "{meta.db_pk_column}" = $2'
        )
        changed, _ = await self.db.execute_query(sql, [instance.account_id, instance.pk, *values])
        return changed

    async def execute_delete(self, instance: Any) -> int:
        meta = self.model._meta
        if "account_id" not in meta.fields_db_projection:
            return await super().execute_delete(instance)
        sql = f'DELETE FROM "{meta.db_table}" WHERE "account_id" = $1 AND "{meta.db_pk_column}" = $2'
        deleted, _ = await self.db.execute_query(sql, [instance.account_id, instance.pk])
        return deleted


class Client(_Errors):
    """``waiting`` is the number of tasks that wait for a connection."""

    connection_class = Session
    executor_class = AccountRows

    def __init__(self, **kwargs: Any) -> None:
        self.dsn: str = kwargs.pop("dsn")
        self.local_settings: dict[str, str] = kwargs.pop("local_settings", {})
        self.is_distributed: bool = kwargs.pop("is_distributed", False)
        self.acquire_timeout: float = kwargs.pop("acquire_timeout", 10.0)
        self.waiting = 0
        if self.local_settings:
            kwargs["statement_cache_size"] = 0
        super().__init__(**kwargs)

    async def create_pool(self, **kwargs: Any) -> Any:
        for part in ("host", "port", "user", "password", "database"):
            kwargs.pop(part, None)
        reach = partial(connect, patience=self.acquire_timeout)
        return await asyncpg.create_pool(self.dsn, connect=reach, setup=self._set_account, reset=_no_reset, **kwargs)

    @property
    def sets_locally(self) -> bool:
        """Whether each statement runs in a transaction, which begins with the settings."""
        return bool(self.local_settings) or self.is_distributed

    async def _set_account(self, connection: Connection) -> None:
        session, acting = connection._con, tenant.current()
        if not self.sets_locally and session.acting != acting:
            await connection.execute(_SET, acting.setting, acting.actor)
            session.acting = acting

    async def apply_local_settings(self, connection: Connection) -> None:
        settings = self.local_settings
        acting = tenant.current()
        if settings and not self.is_distributed:
            settings = {"istmo.account": acting.setting, "istmo.actor": acting.actor, **settings}
        if settings:
            await connection.execute(_SET_LOCALLY, list(settings), list(settings.values()))
        if self.is_distributed:
            await connection.execute(_set_local(acting))

    async def acquire(self) -> Connection:
        assert self._pool is not None
        idle = [] if self._pool.is_closing() else self._pool._queue._queue
        if holder := self._find_ready(idle):
            idle.remove(holder)
            return await holder.acquire()
        self.waiting += 1
        try:
            async with asyncio.timeout(self.acquire_timeout):  # asyncpg's own starts a task each time
                return await self._pool.acquire()
        finally:
            self.waiting -= 1

    def _find_ready(self, idle: list[Any]) -> Any:
        """The idle place in the pool whose connection needs nothing done before it is used, or None.

        Most requests find one, and are spared the pool's own way with its time limit. That would give them the
        connection that was used last, which may have to be set to another account.
        """
        acting = tenant.current()
        for holder in reversed(idle):
            if _is_sound(holder) and (self.sets_locally or holder._con.acting == acting):
                return holder
        return None

    async def release(self, connection: Connection) -> None:
        """Give a connection back to the pool, also while the task is being cancelled.

        The pool's own ``release`` starts a task to be safe from that, which makes small reads a tenth slower. The
        holder's has nothing to do where the connection is as it should be; otherwise it sees to that, and closes the
        connection if the task is cancelled meanwhile.
        """
        session, holder = connection._con, connection._holder
        if self._pool is None or session is None:  # None: released with a pool that was closed
            return
        session._on_release()
        if _is_sound(holder) and session.is_idle():
            holder._release()
            holder._setup_inactive_callback()
        else:
            await holder.release(None)

    @asynccontextmanager
    async def snapshot(self) -> AsyncIterator[Connection]:
        """A connection that only reads, and sees the database as it is now until the block ends."""
        if self._pool is None:
            await self.create_connection(with_db=True)
        connection = await self.acquire()
        try:
            async with connection.transaction(isolation="repeatable_read", readonly=True):
                await self.apply_local_settings(connection)
                yield connection
        finally:
            await self.release(connection)

    def open_connections(self) -> tuple[int, int]:
        """How many connections are in use and how many are idle."""
        if self._pool is None:  # opened with the first statement
            return 0, 0
        idle = self._pool.get_idle_size()
        return self._pool.get_size() - idle, idle

    def acquire_connection(self) -> PoolConnectionWrapper[Connection]:
        return _Acquired(self, self._pool_init_lock)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_Wrapper(self), self._pool_init_lock)


def _is_sound(holder: Any) -> bool:
    """Whether the connection of a place in the pool may be used further."""
    if holder._generation != holder._pool._generation or not holder.is_connected():
        return False
    queries: int = holder._con._protocol.queries_count
    return queries < int(holder._max_queries)


class _Acquired(PoolConnectionWrapper[Connection]):
    client: Client
    __slots__ = ("transaction",)

    async def __aenter__(self) -> Connection:
        await self.ensure_connection()
        connection = self.connection = await self.client.acquire()
        if self.client.sets_locally:
            self.transaction = connection.transaction()
            try:
                await self.transaction.start()
                await self.client.apply_local_settings(connection)
            except BaseException:
                await self.client.release(connection)
                raise
        return connection

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        assert self.connection is not None
        try:
            if self.client.sets_locally:
                await (self.transaction.rollback() if exc_type else self.transaction.commit())
        finally:
            if exc_type is asyncio.CancelledError and not self.connection._con._protocol._is_cancelling():
                self.connection.terminate()
            await self.client.release(self.connection)


class _Wrapper(_Errors, TransactionWrapper):
    executor_class = AccountRows

    @property
    def is_distributed(self) -> bool:
        client: Any = self._parent
        while isinstance(client, _Wrapper):  # of a savepoint
            client = client._parent
        return bool(client.is_distributed)


class _Transaction(TransactionContextPooled):
    async def __aenter__(self) -> TransactionalDBClient:
        await self.ensure_connection()
        wrapper: Any = self.client
        client: Client = wrapper._parent
        wrapper._connection = connection = await client.acquire()
        self.token = get_connections().set(self.connection_name, self.client)
        try:
            await self.client.begin()
            await client.apply_local_settings(connection)
        except BaseException:
            get_connections().reset(self.token)
            await client.release(connection)
            raise
        return self.client

    async def __aexit__(self, exc_type: Any, exc_val: Any, exc_tb: Any) -> None:
        # Tortoise does this last, and not at all if it is cancelled while it gives the connection back.
        get_connections().reset(self.token)
        self.token: Any = None  # done
        await super().__aexit__(exc_type, exc_val, exc_tb)


client_class = Client
