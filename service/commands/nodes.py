"""nodes, accounts move, accounts moves: accounts on databases of their own."""

from collections import Counter
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from db.moving.move import Move, Side
from db.moving.nodes import UNDER_WAY, MoveError, Node, Standing, State, connect, find_homes, read_all, read_answering
from pac.cipher import Undecryptable
from service.commands.accounts import accounts_group
from service.commands.base import run
from service.nodes import Router, read_nodes, write_map
from service.secrets import pac_cipher
from service.settings import Settings, read_settings


@click.group("nodes")
def nodes_group() -> None:
    """Nodes: whole Istmos, each with a database of its own, behind one proxy."""


@nodes_group.command("list")
def list_nodes() -> None:
    """List the nodes with the number of their accounts."""
    nodes = read_nodes(read_settings())
    homes = Counter(node.name for node in find_homes(_run(read_all(nodes))).values())
    for node in nodes:
        click.echo(f"{node.name:<20}  {homes[node.name]:>9} accounts  {node.address}")


@nodes_group.command("map")
def print_map() -> None:
    """Print the proxy's map: the accounts that aren't on the first node, and where they are."""
    nodes = read_nodes(read_settings())
    click.echo(write_map(find_homes(_run(read_all(nodes))), nodes[0]), nl=False)


@accounts_group.command("moves")
def list_moves() -> None:
    """List the moves of accounts between nodes, as each node knows them."""
    standings, silent = _run(read_answering(read_nodes(read_settings())))
    for each in standings:
        if each.state is not None:
            times = [f"{name.removesuffix('_at')} {at:%F %T}" for name, at in each.row.items() if "_at" in name and at]
            way = "from" if each.state is State.ARRIVING else "to"
            click.echo(f"{each.account}  {each.state:<9}  on {each.node.name} {way} {each.other}  {', '.join(times)}")
    for error in silent:
        click.echo(error, err=True)


@accounts_group.command("move")
@click.argument("account_id", type=click.UUID)
@click.option("--to", "name", help="The node to which the account moves.")
@click.option("--confirm", is_flag=True, help="Delete the old copy of an account that has moved.")
@click.option("--cancel", is_flag=True, help="Give up a move that hasn't switched yet.")
@click.option(
    "--map", "file", type=click.Path(dir_okay=False, path_type=Path), help="Where the proxy's map is written."
)
@click.option("--reload", "command", help="What makes the proxy read its map again, such as 'nginx -s reload'.")
def move_account(
    account_id: UUID, name: str | None, confirm: bool, cancel: bool, file: Path | None, command: str | None
) -> None:
    """Move an account to another node. A move that was interrupted goes on when the command is run again."""
    if (name is not None) + confirm + cancel != 1:
        raise click.UsageError("Give --to NODE, --confirm or --cancel.")
    settings = read_settings()
    nodes = read_nodes(settings)
    router = Router(nodes, file, command)

    async def work() -> None:
        source, target = _find_way(nodes, *await read_answering(nodes, account_id), name)
        async with AsyncExitStack() as stack:
            here = Side(source, await stack.enter_async_context(connect(source, for_copying=True)))
            try:
                there = Side(target, await stack.enter_async_context(connect(target, for_copying=True)))
            except MoveError as error:
                if not cancel:
                    raise
                click.echo(error, err=True)
                there = Side(target, None)
            move = Move(account_id, here, there, route=router.route, tell=click.echo)
            if confirm:
                await move.confirm()
            elif cancel:
                await move.cancel()
            else:
                await _check_secrets(settings, here, account_id)
                await move.run()
                if file is None:
                    click.echo("Now give the proxy what `server.py nodes map` prints.")

    _run(work())


def _find_way(
    nodes: Sequence[Node], standings: Sequence[Standing], silent: Sequence[MoveError], name: str | None
) -> tuple[Node, Node]:
    """From where to where the account moves: as a move that is under way says, or else to the node ``name``.

    A move that begins needs all nodes: the account could be on another one, too.
    """
    by_name = {node.name: node for node in nodes}
    if name is not None and name not in by_name:
        raise MoveError(f"There is no node {name}: {', '.join(by_name)}.")
    moves = [each for each in standings if each.state in UNDER_WAY]
    if len(moves) > 1:
        raise MoveError(f"The account moves from more than one node: {', '.join(each.node.name for each in moves)}.")
    if moves:
        (move,) = moves
        if name not in (None, move.other):
            raise MoveError(f"The account moves from {move.node.name} to {move.other}: confirm or cancel that first.")
        if move.other not in by_name:
            raise MoveError(f"NODES_FILE lacks the node {move.other}, to which the account moves.")
        return move.node, by_name[move.other]
    if silent:
        raise silent[0]
    homes = [each.node for each in standings if each.is_home]
    if len(homes) != 1:
        where = ", ".join(node.name for node in homes) or "no node"
        raise MoveError(f"The account must be on one node; it is on {where}.")
    if name is None:
        raise MoveError("The account doesn't move.")
    if homes[0].name == name:
        raise MoveError(f"The account is on {name}.")
    return homes[0], by_name[name]


async def _check_secrets(settings: Settings, source: Side, account: UUID) -> None:
    """The account's credentials are copied as they are, so the nodes must have the same key for them."""
    secrets = await source.connection.fetch("SELECT secrets FROM pac_setting WHERE account_id = $1", account)
    cipher = pac_cipher(settings)
    try:
        if secrets and cipher is None:
            raise Undecryptable("PAC_SECRETS_KEY isn't set.")
        for (each,) in secrets:
            assert cipher is not None
            cipher.decrypt(each)
    except Undecryptable as error:
        raise MoveError(f"{error} The nodes must have the same PAC_SECRETS_KEY, and this command, too.") from None


def _run(work: Coroutine[Any, Any, Any]) -> Any:
    try:
        return run(work)
    except MoveError as error:
        raise click.ClickException(str(error)) from None
