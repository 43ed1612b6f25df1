"""An account moves to the database of another node: all of it or nothing, whatever ends the mover at whichever step."""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.context import TortoiseContext

from announcements import deliveries
from db import models, tenant
from db.migrate import migrate
from db.moving import move as moving
from db.moving.move import Move, Side
from db.moving.nodes import MoveError, Node, Standing, State, connect, find_homes, read_all
from db.moving.rows import copy_account, delete_account, read_tables
from emission import files, listing, reconciliation, store
from resolvers import import_work, outbox, sessions
from service.settings import emitting_settings
from tests.builders import create_invoice, invoice, taxpayer
from tests.conftest import Api
from tests.db.conftest import Connection, acting_as, database_of, rows_of
from tests.db.test_row_security import account_tables, owner_column
from tests.emitting import SETTINGS


@pytest.fixture(scope="module")
async def nodes(server_url: str, database_url: str) -> AsyncIterator[tuple[Node, Node]]:
    async with database_of(server_url) as url:
        await migrate(url)
        yield Node("uno", database_url, "istmo"), Node("dos", url, "127.0.0.1:8001")


@pytest.fixture
async def account(database_url: str, new_account: Callable[..., Awaitable[UUID]]) -> UUID:
    """An account with a row in every table, none of which a worker holds."""
    account = await new_account()
    async with acting_as("istmo_owner", database_url, account) as owner:
        for insert, values in rows_of(account).values():
            await owner.execute(insert, *values)
        await owner.execute(
            "UPDATE emission_attempt SET ended_at = now(), outcome = 'x' WHERE account_id = $1", account
        )
    return account


class Killed(Exception):
    """The mover ends here."""


@asynccontextmanager
async def mover(account: UUID, nodes: tuple[Node, Node], told: list[str] | None = None) -> AsyncIterator[Move]:
    async with connect(nodes[0], for_copying=True) as source, connect(nodes[1], for_copying=True) as target:

        async def route() -> None:
            pass

        tell = (told if told is not None else []).append
        yield Move(account, Side(nodes[0], source), Side(nodes[1], target), route=route, tell=tell)


async def move_account(account: UUID, nodes: tuple[Node, Node]) -> list[str]:
    told: list[str] = []
    async with mover(account, nodes, told) as move:
        await move.run()
    return told


async def state_of(account: UUID, node: Node) -> tuple[State | None, bool]:
    """Its state in the node's database, and whether its rows are there."""
    found = await read_all([node], account)
    return (found[0].state, found[0].has_rows) if found else (None, False)


async def rows_at(account: UUID, node: Node, *, without_position: bool = False) -> dict[str, list[str]]:
    """All rows of the account, as text."""
    left_out = "- 'position'" if without_position else ""
    connection = await asyncpg.connect(node.database)
    found = {}
    for table in await account_tables(connection):
        rest = left_out if table == "event" else ""
        sql = f"SELECT (to_jsonb(t) {rest})::text FROM {table} t WHERE {owner_column(table)} = $1 ORDER BY 1"
        found[table] = [row for (row,) in await connection.fetch(sql, account)]
    await connection.close()
    return found


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "_SETTLE", 0.0)
    monkeypatch.setattr(moving, "_LOOK_EVERY", 0.05)
    monkeypatch.setattr(moving, "_TAKE_OVER", 0.0)


# What is copied


async def test_all_tables_of_an_account_are_copied(admin: Connection, service: TortoiseContext) -> None:
    tables = await read_tables(admin)
    assert [table.name for table in tables] == await account_tables(admin)
    assert service.apps
    with_account = {
        model._meta.db_table
        for model in service.apps["models"].values()
        if "account_id" in model._meta.fields_db_projection and not model._meta.db_table.endswith("_search")
    }
    assert {table.name for table in tables} >= with_account
    for table in tables:
        columns = await admin.fetchval(
            "SELECT count(*) FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped",
            table.name,
        )
        assert len(table.columns) + bool(table.position) == columns
    assert [(table.name, table.position) for table in tables if table.position] == [("event", "position")]


async def test_an_account_moves_with_every_row_and_nothing_is_recorded_or_announced(
    account: UUID, nodes: tuple[Node, Node]
) -> None:
    before = await rows_at(account, nodes[0], without_position=True)
    assert all(before.values())
    told = await move_account(account, nodes)
    assert await rows_at(account, nodes[1], without_position=True) == before
    assert [line.split()[0] for line in told] == [
        *("files", "workers", "read-only", told[3].split()[0], "copied", "works")
    ]
    assert await state_of(account, nodes[0]) == (State.SWITCHED, True)
    assert await state_of(account, nodes[1]) == (None, True)
    assert find_homes(await read_all(nodes, account)) == {account: nodes[1]}


async def test_undispatched_events_keep_their_order_among_those_of_the_new_node(
    api: Api, nodes: tuple[Node, Node]
) -> None:
    for _ in range(5):
        await create_invoice(api, newCustomer=taxpayer())
    positions = "SELECT id FROM event WHERE account_id = $1 ORDER BY position"
    async with connect(nodes[0]) as source, connect(nodes[1]) as target:
        before = await source.fetch(positions, api.account_id)
        await move_account(api.account_id, nodes)
        assert await target.fetch(positions, api.account_id) == before
        assert await target.fetchval("SELECT dispatch_events(500, $1)", api.account_id) == len(before)
        numbered = await target.fetch("SELECT id FROM event WHERE account_id = $1 ORDER BY sequence", api.account_id)
        assert numbered == before


async def test_files_that_come_or_go_after_the_first_copy_of_files_are_copied_and_deleted(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connect(nodes[0]) as source, mover(account, nodes) as move:
        with monkeypatch.context() as patch:
            patch.setattr(Move, "_wait_for_leases", end_at_once)
            with pytest.raises(Killed):
                await move.run()
        file = """INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
            SELECT account_id, document_id, 'PDF', 'y', sha256('y'), 1 FROM emission WHERE account_id = $1"""
        await source.execute(file, account)
        await source.execute("DELETE FROM fiscal_file WHERE account_id = $1 AND kind = 'XML'", account)
        before = await rows_at(account, nodes[0], without_position=True)
        await move.run()
    assert [len(before[table]) for table in ("fiscal_file", "emission_payload")] == [1, 1]
    assert await rows_at(account, nodes[1], without_position=True) == before


async def test_a_copy_that_lacks_something_is_not_taken(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def lose_a_line(source: Any, target: Any, tables: Any, account: UUID) -> None:
        await copy_account(source, target, tables, account)
        await target.execute("DELETE FROM document_line WHERE account_id = $1", account)

    with monkeypatch.context() as patch:
        patch.setattr(moving, "copy_account", lose_a_line)
        with pytest.raises(MoveError, match="document_line"):
            await move_account(account, nodes)
    assert await state_of(account, nodes[0]) == (State.FROZEN, True)
    assert await state_of(account, nodes[1]) == (State.ARRIVING, False)
    await move_account(account, nodes)
    assert await state_of(account, nodes[1]) == (None, True)


async def test_a_feed_of_which_old_events_were_forgotten_around_one_that_is_still_to_be_delivered_moves(
    api: Api, nodes: tuple[Node, Node]
) -> None:
    for _ in range(3):
        await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    sequences = "SELECT array_agg(sequence ORDER BY sequence) FROM event WHERE account_id = $1"
    async with connect(nodes[0]) as source, connect(nodes[1]) as target:
        await source.execute("SELECT dispatch_events(500, $1)", api.account_id)
        insert, values = rows_of(api.account_id)["webhook"]
        await source.execute(insert, *values)
        pending = """
            INSERT INTO delivery (id, account_id, event_id, object_id, sequence, webhook_id)
            SELECT gen_random_uuid(), account_id, e.id, e.object_id, e.sequence, w.id
            FROM event e JOIN webhook w USING (account_id) WHERE account_id = $1 AND e.sequence = 2
        """
        await source.execute(pending, api.account_id)
        old = "UPDATE event SET dispatched_at = now() - interval '91 days' WHERE account_id = $1"
        await source.execute(old, api.account_id)
        await source.execute("SELECT forget_events(now() - interval '90 days', 500)")
        left = await source.fetchval(sequences, api.account_id)
        assert left[0] == 2
        assert left[1] > 3
        await move_account(api.account_id, nodes)
        assert await target.fetchval(sequences, api.account_id) == left


async def test_a_fault_that_the_source_has_too_does_not_stop_a_move(api: Api, nodes: tuple[Node, Node]) -> None:
    await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    async with connect(nodes[0]) as source:
        await source.execute("UPDATE sequence SET last_number = 0 WHERE account_id = $1", api.account_id)
    await move_account(api.account_id, nodes)
    assert await state_of(api.account_id, nodes[1]) == (None, True)


async def test_an_event_with_another_number_is_a_difference(
    api: Api, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def renumber(source: Any, target: Any, tables: Any, account: UUID) -> None:
        await copy_account(source, target, tables, account)
        await target.execute("UPDATE event SET sequence = 1000 WHERE account_id = $1 AND sequence = 1", account)

    await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    async with connect(nodes[0]) as source:
        await source.execute("SELECT dispatch_events(500, $1)", api.account_id)
    monkeypatch.setattr(moving, "copy_account", renumber)
    with pytest.raises(MoveError, match=r"feed: .*--cancel"):
        await move_account(api.account_id, nodes)


# Whatever ends the mover

STEPS = ["_begin", "_copy_files", "_wait_for_leases", "_freeze", "_copy", "_set_state", "_switch", "_open", "_route"]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_mover_that_was_killed_at_any_step_is_taken_up(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch, step: str, when: str
) -> None:
    before = await rows_at(account, nodes[0], without_position=True)

    async def end(self: Move, *arguments: Any) -> None:
        if when == "after":
            await done(self, *arguments)
        raise Killed

    async with mover(account, nodes) as move:
        with monkeypatch.context() as patch:
            if step == "_route":
                patch.setattr(move, "_route", end_at_once)
            else:
                done = getattr(Move, step)
                patch.setattr(Move, step, end)
            with pytest.raises(Killed):
                await move.run()
    await move_account(account, nodes)
    assert await rows_at(account, nodes[1], without_position=True) == before
    assert await state_of(account, nodes[0]) == (State.SWITCHED, True)
    assert await state_of(account, nodes[1]) == (None, True)


async def end_at_once(*_: Any) -> None:
    raise Killed


@pytest.mark.parametrize("step", ["_copy_files", "_wait_for_leases", "_freeze", "_copy", "_switch"])
async def test_a_move_that_has_not_switched_can_be_cancelled(
    account: UUID, nodes: tuple[Node, Node], service: TortoiseContext, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = await rows_at(account, nodes[0])
    async with mover(account, nodes) as move:
        with monkeypatch.context() as patch:
            patch.setattr(Move, step, end_at_once)
            with pytest.raises(Killed):
                await move.run()
    async with mover(account, nodes) as move:
        await move.cancel()
        with pytest.raises(MoveError, match="doesn't move"):
            await move.cancel()
    assert await rows_at(account, nodes[0]) == before
    assert not any((await rows_at(account, nodes[1])).values())
    assert find_homes(await read_all(nodes, account)) == {account: nodes[0]}
    with tenant.acting_for(account):
        await models.Account.filter(id=account).update(name="Otra, S.A.")
    await move_account(account, nodes)
    assert await state_of(account, nodes[1]) == (None, True)


async def test_an_account_that_works_on_its_new_node_is_not_cancelled_but_moves_back(
    account: UUID, nodes: tuple[Node, Node]
) -> None:
    await move_account(account, nodes)
    back = (nodes[1], nodes[0])
    async with mover(account, nodes) as move:
        with pytest.raises(MoveError, match="Move it back"):
            await move.cancel()
    with pytest.raises(MoveError, match="confirm that move first"):
        await move_account(account, back)
    async with mover(account, nodes) as move:
        await move.confirm()
    assert await state_of(account, nodes[0]) == (State.CONFIRMED, False)
    assert not any((await rows_at(account, nodes[0])).values())
    rows = await rows_at(account, nodes[1], without_position=True)
    await move_account(account, back)
    assert await rows_at(account, nodes[0], without_position=True) == rows
    assert find_homes(await read_all(nodes, account)) == {account: nodes[0]}


async def test_the_old_copy_stays_until_the_new_node_works(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Move, "_open", end_at_once)
    async with mover(account, nodes) as move:
        with pytest.raises(Killed):
            await move.run()
        with pytest.raises(MoveError, match="let the move end"):
            await move.confirm()
    assert (await state_of(account, nodes[0]))[1]


async def test_two_movers_of_an_account_do_not_meet(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moving, "_OTHER_MOVER", "100ms")
    async with mover(account, nodes) as first:
        await first._lock()
        with pytest.raises(MoveError, match="Another mover"):
            await move_account(account, nodes)


async def test_databases_of_different_versions_are_refused(account: UUID, nodes: tuple[Node, Node]) -> None:
    async with connect(nodes[1]) as target:
        await target.execute("INSERT INTO migration (name, hash) VALUES ('steps/9999_later', 'x')")
        try:
            with pytest.raises(MoveError, match="different versions"):
                await move_account(account, nodes)
        finally:
            await target.execute("DELETE FROM migration WHERE name = 'steps/9999_later'")
    assert await state_of(account, nodes[0]) == (None, True)


async def test_an_account_is_not_copied_over_another_one_of_its_id(account: UUID, nodes: tuple[Node, Node]) -> None:
    async with connect(nodes[1]) as target:
        await target.execute("INSERT INTO account (id, name) VALUES ($1, 'Otra')", account)
        with pytest.raises(MoveError, match="has an account of this id"):
            await move_account(account, nodes)
        await target.execute("DELETE FROM account WHERE id = $1", account)


async def test_a_login_that_is_no_superuser_moves_accounts_when_it_may_switch_triggers_off(
    account: UUID, nodes: tuple[Node, Node]
) -> None:
    login = f"istmo_test_mover_{os.getpid()}"
    admin = await asyncpg.connect(nodes[0].database)
    await admin.execute(f"CREATE ROLE {login} LOGIN PASSWORD 'mover' IN ROLE istmo_owner")
    mine = tuple(replace(node, database=re.sub("//[^@]*@", f"//{login}:mover@", node.database)) for node in nodes)
    assert mine[0].database != nodes[0].database
    try:
        with pytest.raises(MoveError, match="GRANT SET ON PARAMETER"):
            await move_account(account, (mine[0], mine[1]))
        await admin.execute(f"GRANT SET ON PARAMETER session_replication_role TO {login}")
        before = await rows_at(account, nodes[0], without_position=True)
        await move_account(account, (mine[0], mine[1]))
        async with mover(account, (mine[0], mine[1])) as move:
            await move.confirm()
        assert await rows_at(account, nodes[1], without_position=True) == before
        assert not any((await rows_at(account, nodes[0])).values())
    finally:
        await admin.execute(f"DROP OWNED BY {login}; DROP ROLE {login}")
        await admin.close()


# What former moves have left


async def end_move_at(step: str, account: UUID, nodes: tuple[Node, Node]) -> None:
    async with mover(account, nodes) as move:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Move, step, end_at_once)
            with pytest.raises(Killed):
                await move.run()


async def test_an_old_copy_is_replaced_when_the_source_has_forgotten_its_move_and_worked_on(
    api: Api, nodes: tuple[Node, Node]
) -> None:
    await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    await end_move_at("_switch", api.account_id, nodes)
    async with connect(nodes[0]) as source:
        await source.execute("DELETE FROM account_move WHERE owner_id = $1", api.account_id)
    issued = await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    assert issued["invoice"]["number"].endswith("2")
    before = await rows_at(api.account_id, nodes[0], without_position=True)
    await move_account(api.account_id, nodes)
    assert await rows_at(api.account_id, nodes[1], without_position=True) == before


async def test_a_copy_that_was_not_yet_known_to_be_right_is_made_again(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Move._copy

    async def copy_and_end(self: Move, *arguments: Any) -> None:
        await copy(self, *arguments)
        raise Killed

    async with mover(account, nodes) as move:
        with monkeypatch.context() as patch:
            patch.setattr(Move, "_copy", copy_and_end)
            with pytest.raises(Killed):
                await move.run()
    async with connect(nodes[1]) as target:
        await target.execute("UPDATE account SET name = 'Otra' WHERE id = $1", account)
    before = await rows_at(account, nodes[0], without_position=True)
    await move_account(account, nodes)
    assert await rows_at(account, nodes[1], without_position=True) == before


async def test_a_move_whose_copy_is_gone_does_not_switch(account: UUID, nodes: tuple[Node, Node]) -> None:
    await end_move_at("_switch", account, nodes)
    async with connect(nodes[1], for_copying=True) as target:
        await delete_account(target, await read_tables(target), account)
    with pytest.raises(MoveError, match="is gone: give the move up"):
        await move_account(account, nodes)
    async with mover(account, nodes) as move:
        await move.cancel()
    await move_account(account, nodes)
    assert await state_of(account, nodes[1]) == (None, True)


async def test_a_mover_ends_when_its_move_is_not_what_it_was(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Move._copy

    async def copy_and_forget(self: Move, *arguments: Any) -> None:
        await copy(self, *arguments)
        await self._source.connection.execute("DELETE FROM account_move WHERE owner_id = $1", account)

    monkeypatch.setattr(Move, "_copy", copy_and_forget)
    with pytest.raises(MoveError, match="isn't FROZEN any more"):
        await move_account(account, nodes)
    assert await state_of(account, nodes[0]) == (None, True)
    assert await state_of(account, nodes[1]) == (State.ARRIVING, True)


async def delete_some(connection: Any, tables: Any, account: UUID) -> None:
    await delete_account(connection, tables[: len(tables) // 2], account)
    raise Killed


@pytest.mark.parametrize("confirming", [False, True])
async def test_deleting_a_copy_goes_on_where_it_was_killed(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch, confirming: bool
) -> None:
    before = await rows_at(account, nodes[0], without_position=True)
    if confirming:
        await move_account(account, nodes)
    else:
        await end_move_at("_switch", account, nodes)
    async with mover(account, nodes) as move:
        end = move.confirm if confirming else move.cancel
        with monkeypatch.context() as patch:
            patch.setattr(moving, "delete_account", delete_some)
            with pytest.raises(Killed):
                await end()
        await end()
    here, there = [await rows_at(account, node, without_position=True) for node in nodes]
    old, kept = (here, there) if confirming else (there, here)
    assert kept == before
    assert not any(old.values())


async def test_a_move_goes_on_over_a_copy_that_was_deleted_in_part(
    account: UUID, nodes: tuple[Node, Node], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await rows_at(account, nodes[0], without_position=True)
    await end_move_at("_switch", account, nodes)
    async with mover(account, nodes) as move:
        with monkeypatch.context() as patch:
            patch.setattr(moving, "delete_account", delete_some)
            with pytest.raises(Killed):
                await move.cancel()
        await move.run()
    assert await rows_at(account, nodes[1], without_position=True) == before


async def test_the_account_itself_is_deleted_last(account: UUID, nodes: tuple[Node, Node]) -> None:
    deleted: list[str] = []

    class Recorder:
        async def execute(self, sql: str, account: UUID) -> str:
            deleted.append(sql.split('"')[1])
            return "DELETE 0"

    async with connect(nodes[0]) as source:
        tables = await read_tables(source)
    await delete_account(Recorder(), tables, account)
    assert deleted[-1] == "account"
    assert len(deleted) == len(tables)


async def test_an_account_whose_source_has_switched_is_opened_whatever_the_versions_are(
    account: UUID, nodes: tuple[Node, Node]
) -> None:
    await end_move_at("_open", account, nodes)
    async with connect(nodes[1]) as target:
        await target.execute("INSERT INTO migration (name, hash) VALUES ('steps/9999_later', 'x')")
        try:
            await move_account(account, nodes)
        finally:
            await target.execute("DELETE FROM migration WHERE name = 'steps/9999_later'")
    assert await state_of(account, nodes[1]) == (None, True)


# What the guard keeps out


@asynccontextmanager
async def in_state(account: UUID, node: Node, state: State) -> AsyncIterator[None]:
    async with connect(node) as connection:
        await connection.execute("INSERT INTO account_move VALUES ($1, 'otro', $2)", account, state)
        try:
            yield
        finally:
            await connection.execute("DELETE FROM account_move WHERE owner_id = $1", account)


FROZEN = [State.FROZEN, State.COPIED, State.SWITCHED, State.CONFIRMED, State.ARRIVING]


@pytest.mark.parametrize("state", FROZEN)
async def test_nothing_of_a_frozen_account_can_be_written_in_any_table(
    account: UUID, nodes: tuple[Node, Node], database_url: str, state: State
) -> None:
    inserts = rows_of(account)
    async with in_state(account, nodes[0], state), acting_as("istmo_app", database_url, account) as app:
        for table in await account_tables(app):
            rights = await app.fetchrow(
                "SELECT has_table_privilege($1, 'INSERT'), has_any_column_privilege($1, 'UPDATE'),"
                " has_table_privilege($1, 'DELETE')",
                table,
            )
            column = await app.fetchval(
                "SELECT attname FROM pg_attribute WHERE attrelid = $1::text::regclass AND attnum > 0"
                " AND has_column_privilege(attrelid, attnum, 'UPDATE') LIMIT 1",
                table,
            )
            statements: list[tuple[str, list[Any]]] = []
            if rights[0]:
                statements.append(inserts[table])
            if rights[1]:
                statements.append((f"UPDATE {table} SET {column} = {column}", []))
            if rights[2]:
                statements.append((f"DELETE FROM {table}", []))
            assert statements or table == "audit_event", table
            for statement, values in statements:
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                    await app.execute(statement, *values)


async def test_others_and_an_account_that_is_only_preparing_write_on(
    account: UUID, nodes: tuple[Node, Node], api: Api
) -> None:
    async with in_state(account, nodes[0], State.FROZEN):
        await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())
    for state in (State.BEGUN, State.PREPARING):
        async with in_state(api.account_id, nodes[0], state):
            await create_invoice(api, invoice(issue=True), newCustomer=taxpayer())


async def test_clients_of_a_frozen_account_read_and_are_told_to_write_later(api: Api, nodes: tuple[Node, Node]) -> None:
    async with in_state(api.account_id, nodes[0], State.FROZEN):
        assert await api.ask("{ viewer { account { id } } }")
        rename = 'mutation { updateAccount(input: {name: "Otra"}) { account { name } } }'
        assert await api.refused(rename) == ["UNAVAILABLE"]


async def test_freezing_waits_for_what_is_being_written(
    account: UUID, nodes: tuple[Node, Node], database_url: str
) -> None:
    async with acting_as("istmo_app", database_url, account) as app:
        writing = app.transaction()
        await writing.start()
        await app.execute("UPDATE account SET name = 'A tiempo'")
        task = asyncio.create_task(move_account(account, nodes))
        for _ in range(100):
            await asyncio.sleep(0.02)
            waits = await app.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if waits:
                break
        assert waits
        assert (await state_of(account, nodes[0]))[0] is State.PREPARING
        async with acting_as("istmo_app", database_url, account) as other:
            with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
                await other.execute("UPDATE account SET name = 'Tarde'")
        await writing.commit()
        await task
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await app.execute("UPDATE account SET name = 'Tarde'")
    async with connect(nodes[1]) as target:
        assert await target.fetchval("SELECT name FROM account WHERE id = $1", account) == "A tiempo"


# Workers


async def make_due(account: UUID, database_url: str) -> None:
    """Something to do for the account in each work that a worker has."""
    async with acting_as("istmo_owner", database_url) as owner:
        for statement in (
            "UPDATE emission SET due_at = now(), files_due_at = now() WHERE account_id = $1",
            "UPDATE emission_reconciliation SET due_at = now() WHERE account_id = $1",
            "UPDATE import SET status = 'CHECKING' WHERE account_id = $1",
            "UPDATE delivery SET due_at = now() WHERE account_id = $1",
            "UPDATE customer SET verification_status = 'PENDING', verification_next_at = NULL WHERE account_id = $1",
        ):
            assert await owner.execute(statement, account) == "UPDATE 1"


DUE = (
    "SELECT account_id FROM due_emissions(now())",
    "SELECT account_id FROM due_reconciliations(now())",
    "SELECT account_id FROM due_imports()",
    "SELECT account_id FROM due_lanes()",
    "SELECT account_id FROM claim_pending_customer('{1 hour}')",
)


@pytest.mark.parametrize("state", [State.PREPARING, *FROZEN])
async def test_workers_find_nothing_to_begin_for_an_account_that_moves(
    account: UUID, nodes: tuple[Node, Node], server_url: str, state: State
) -> None:
    async with database_of(server_url) as url:  # where there is nothing else to be found
        await migrate(url)
        node = Node("tres", url, "x")
        await move_account(account, (nodes[0], node))
        await make_due(account, url)
        async with acting_as("istmo_app", url) as app:
            async with in_state(account, node, state):
                for statement in DUE:
                    assert await app.fetch(statement) == [], statement
            for statement in DUE:
                assert {owner for (owner,) in await app.fetch(statement)} == {account}, statement


async def seen_by_operators(url: str) -> set[str]:
    """What isn't zero for operators."""
    async with acting_as("istmo_owner", url) as owner:
        seen = dict(await owner.fetchrow("SELECT * FROM outbox_backlog(), emission_backlog()"))
        for figure, label, value in await owner.fetch("SELECT * FROM emission_figures()"):
            seen[f"{figure} {label}".strip()] = value
        lists = [
            await owner.fetch(listing.DOCUMENTS, list(listing.OPEN), None, 5),
            await owner.fetch(listing.DIFFERENCES, None, 5),
        ]
        return {name for name, value in seen.items() if value} | {"lists" for rows in lists if rows}


@pytest.mark.parametrize("state", FROZEN)
async def test_operators_see_nothing_of_what_an_account_left_or_has_not_brought_yet(
    account: UUID, nodes: tuple[Node, Node], server_url: str, state: State
) -> None:
    async with database_of(server_url) as url:  # where there is nothing else to be seen
        await migrate(url)
        node = Node("tres", url, "x")
        await move_account(account, (nodes[0], node))
        await make_due(account, url)
        async with acting_as("istmo_owner", url) as owner:
            await owner.execute("UPDATE emission_reconciliation SET failing_since = now(), folios_available = 3")
            await owner.execute("UPDATE event SET sequence = NULL, dispatched_at = NULL")
        expected = {"events", "deliveries", "waiting", "files", "away", "folios", "lists"}
        assert await seen_by_operators(url) >= expected
        async with in_state(account, node, state):
            if state in (State.FROZEN, State.COPIED):
                assert await seen_by_operators(url) >= expected
            else:
                assert await seen_by_operators(url) == set()


async def test_what_the_guard_refuses_names_the_state(
    account: UUID, nodes: tuple[Node, Node], database_url: str
) -> None:
    async with acting_as("istmo_app", database_url, account) as app:
        for state in FROZEN:
            async with in_state(account, nodes[0], state):
                with pytest.raises(asyncpg.ReadOnlySQLTransactionError, match=f"its move is {state}"):
                    await app.execute("UPDATE account SET name = 'Otra'")


async def test_a_worker_that_is_at_work_for_an_account_begins_nothing_more(
    account: UUID, nodes: tuple[Node, Node], database_url: str, service: TortoiseContext
) -> None:
    await make_due(account, database_url)
    async with connect(nodes[0]) as owner:
        (import_id, webhook, now) = await owner.fetchrow(
            "SELECT i.id, w.id, now() FROM import i, webhook w WHERE i.account_id = $1 AND w.account_id = $1",
            account,
        )
    chosen = emitting_settings(SETTINGS)

    async def found() -> list[bool]:
        return [
            bool(await store.find_due(now, 5)),
            bool(await files.find_missing(now, 5)),
            bool(await deliveries.claim(webhook, 5)),
            await reconciliation.claim(now, chosen) is not None,
            await import_work.advance(import_id),
        ]

    with tenant.acting_for(account):
        async with in_state(account, nodes[0], State.PREPARING):
            assert await found() == [False] * 5
        assert (await found())[:4] == [True] * 4


async def test_the_mover_waits_for_what_workers_hold(
    account: UUID, nodes: tuple[Node, Node], database_url: str
) -> None:
    async with connect(nodes[0]) as owner:
        await owner.execute(
            "UPDATE emission_attempt SET ended_at = NULL, outcome = NULL WHERE account_id = $1", account
        )
        held = "UPDATE emission SET due_at = now() + interval '1.5 seconds' WHERE account_id = $1"
        await owner.execute(held, account)
        held = "UPDATE delivery SET attempts = 1, due_at = now() + interval '2.5 seconds' WHERE account_id = $1"
        await owner.execute(held, account)
    told = await move_account(account, nodes)
    assert told[2:4] == [f"waiting for {count} attempts that are under way" for count in (2, 1)]


async def test_events_of_a_frozen_account_are_left_to_the_new_node(
    api: Api, nodes: tuple[Node, Node], service: TortoiseContext
) -> None:
    await create_invoice(api, newCustomer=taxpayer())
    async with in_state(api.account_id, nodes[0], State.FROZEN):
        with tenant.acting_for(api.account_id):
            assert await outbox.dispatch_account() == 0
        while await outbox.dispatch_missed(500):
            pass
    with tenant.acting_for(api.account_id):
        assert await outbox.dispatch_account() > 0


async def test_a_sign_in_link_is_not_used_up_where_the_account_is_only_left_behind(
    account: UUID, nodes: tuple[Node, Node], service: TortoiseContext
) -> None:
    with tenant.acting_for(account):
        link = await sessions.create_link()
    async with in_state(account, nodes[0], State.FROZEN):
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await sessions.begin_session_by_link(link)
    assert await sessions.begin_session_by_link(link)


async def test_a_map_is_refused_while_an_account_is_on_two_nodes(account: UUID, nodes: tuple[Node, Node]) -> None:
    async with connect(nodes[1]) as target:
        await target.execute("INSERT INTO account (id, name) VALUES ($1, 'Otra')", account)
        standings = await read_all(nodes, account)
        await target.execute("DELETE FROM account WHERE id = $1", account)
    with pytest.raises(MoveError, match="on two nodes: uno"):
        find_homes(standings)


@pytest.mark.parametrize(
    ("state", "other", "home"),
    [
        (State.COPIED, "dos", True),
        (State.SWITCHED, "dos", True),
        (State.CONFIRMED, "dos", True),
        (State.SWITCHED, "tres", False),
        (None, None, False),
    ],
)
async def test_a_copy_is_read_only_where_its_source_says_so(
    account: UUID, nodes: tuple[Node, Node], state: State | None, other: str | None, home: bool
) -> None:
    copy = Standing(nodes[1], account, True, State.ARRIVING, "uno", {})
    source = [Standing(nodes[0], account, False, state, other, {})] if state else []
    assert find_homes([copy, *source]) == ({account: nodes[1]} if home else {})
