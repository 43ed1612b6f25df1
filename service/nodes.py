"""The nodes of NODES_FILE, and the map by which the proxy leads an account's requests to its node."""

import asyncio
import fcntl
import os
import re
import shlex
import tomllib
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Annotated, Final
from uuid import UUID

import click
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.moving.nodes import MoveError, Node, find_homes, read_answering
from resolvers.api_keys import name_account
from service.settings import PostgresUrl, Settings


class _Node(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
    database: PostgresUrl
    address: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:\[\]-]+$")]


class _Nodes(BaseModel):
    model_config = ConfigDict(extra="forbid")

    node: Annotated[list[_Node], Field(min_length=1)]


def read_nodes(settings: Settings) -> list[Node]:
    """The nodes; the first one is where the proxy leads what names no account of another one."""
    if settings.nodes_file is None:
        raise click.ClickException("NODES_FILE: Must name the file with the nodes")
    try:
        found = _Nodes.model_validate(tomllib.loads(settings.nodes_file.read_text(encoding="utf-8")))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise click.ClickException(f"NODES_FILE: {error}") from None
    except ValidationError as error:
        places = [".".join(map(str, fault["loc"])) + f": {fault['msg']}" for fault in error.errors()]
        raise click.ClickException("NODES_FILE: " + "; ".join(places)) from None
    for part in ("name", "database"):
        if len({getattr(each, part) for each in found.node}) < len(found.node):
            raise click.ClickException(f"NODES_FILE: Two nodes have the same {part}")
    return [Node(**each.model_dump()) for each in found.node]


_LOOK_EVERY: Final = 0.1  # seconds
_LINE: Final = re.compile(r"^([A-Za-z0-9_-]{22}) +(\S+);", re.MULTILINE)


def write_map(homes: Mapping[UUID, Node], first: Node, former: str = "") -> str:
    """The lines of nginx's `map` for accounts that aren't on the first node. Accounts whose home isn't known stay where
    the ``former`` map has them.
    """
    lines = dict(_LINE.findall(former))
    for account, node in homes.items():
        if node != first:
            lines[name_account(account)] = node.address
        elif lines:
            lines.pop(name_account(account), None)
    return "".join(f"{name} {address};\n" for name, address in sorted(lines.items()))


class Router:
    """Tells the proxy where accounts are: writes the map into ``file``, if there is one, and runs ``command``."""

    def __init__(self, nodes: Sequence[Node], file: Path | None, command: str | None) -> None:
        self._nodes = nodes
        self._file = file
        self._command = shlex.split(command or "")
        self._told: str | None = None  # the map that the proxy was told last; the first one it is told in any case

    async def route(self) -> None:
        """Raises ``MoveError``."""
        if self._file is None:
            await self._tell_proxy()
            return
        async with _alone_at(self._file):
            former = await asyncio.to_thread(_read, self._file)
            text = await self._write_map(former)
            if text == former == self._told:
                return
            try:
                await asyncio.to_thread(_replace, self._file, text)
            except OSError as error:
                raise MoveError(f"The map can't be written: {error}.") from None
            await self._tell_proxy()
            self._told = text

    async def _write_map(self, former: str | None) -> str:
        """Accounts of a node that doesn't answer, or that are on two nodes, stay where the former map has them: their
        faults don't keep others read-only.
        """
        standings, silent = await read_answering(self._nodes)
        if former is None:
            if silent:
                raise silent[0]
            return write_map(find_homes(standings), self._nodes[0])
        homes = Counter(each.account for each in standings if each.is_home)
        clear = [each for each in standings if homes[each.account] < 2]
        is_whole = not silent and len(clear) == len(standings)
        return write_map(find_homes(clear), self._nodes[0], "" if is_whole else former)

    async def _tell_proxy(self) -> None:
        if not self._command:
            return
        try:
            process = await asyncio.create_subprocess_exec(*self._command)
        except OSError as error:
            raise MoveError(f"The proxy's command can't be run: {error}.") from None
        if status := await process.wait():
            raise MoveError(f"The proxy's command ended with {status}.")


@asynccontextmanager
async def _alone_at(file: Path) -> AsyncIterator[None]:
    """Other movers wait from reading to reloading: an older map than the last one would lead accounts astray. The lock
    ends with the process.
    """
    try:
        lock = await asyncio.to_thread(open, file.with_name(f".{file.name}.lock"), "w")
    except OSError as error:
        raise MoveError(f"The map can't be written: {error}.") from None
    with lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                await asyncio.sleep(_LOOK_EVERY)
        yield


def _read(file: Path) -> str | None:
    return file.read_text(encoding="ascii", errors="replace") if file.exists() else None


def _replace(file: Path, text: str) -> None:
    with NamedTemporaryFile("w", dir=file.parent, prefix=f".{file.name}.", encoding="ascii", delete=False) as new:
        new.write(text)
        new.flush()
        os.fsync(new.fileno())
    os.chmod(new.name, 0o644)  # the proxy may be another user
    os.replace(new.name, file)
