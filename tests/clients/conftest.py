"""Clients that other people wrote, against a server in a process of its own.

Those of Node are in ``node_modules``, where ``make test`` installs them if there is npm.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tortoise.context import TortoiseContext

from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.conftest import Api, skip_or_fail
from tests.service.test_commands import Started, started

FOLDER = Path(__file__).parent
LIMIT = 120

# The standard output of a script, read as JSON.
Run = Callable[..., Any]


@pytest.fixture(scope="session")
def node() -> str:
    """Path of the program; its packages are installed."""
    path = shutil.which("node")
    if path is None or not (FOLDER / "node_modules" / ".installed").exists():
        missing = "node (20 or newer) and npm are needed: install them, and `make test` does the rest"
        skip_or_fail(missing)
    return path


@pytest.fixture(scope="package")
def server(database_url: str) -> Iterator[Started]:
    """It is gone when other tests look at what no worker has dispatched yet."""
    with started(DATABASE_URL=database_url, REGISTRY_PROVIDERS="none", WORKER="true") as running:
        yield running


@pytest.fixture
async def key(api: Api, service: TortoiseContext) -> str:
    """The secret of a key of ``api``'s account."""
    with tenant.acting_for(api.account_id):
        return (await accounts.create_key("Clientes ajenos", Scope.ADMIN, None))[1]


@pytest.fixture
def run(node: str, server: Started, key: str) -> Run:
    """Run a script of this folder against the server."""

    def run_(script: str, *arguments: str) -> Any:
        return json.loads(output(node, script, *arguments, ISTMO_URL=server.url, ISTMO_KEY=key))

    return run_


def output(*command: str, folder: Path = FOLDER, **environment: str) -> str:
    """What a program writes; it must succeed."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
