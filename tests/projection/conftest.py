"""A database of toys, whose sessions have a time zone and a date style that would show."""

import os
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import asyncpg
import orjson
import pytest
import strawberry
from graphql import OperationDefinitionNode, parse
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext

from projection import Executor, answer
from projection.compiled import CompiledOperation, compile_inputs
from tests.conftest import with_database
from tests.projection import toys
from tests.projection.oracle import Data


@pytest.fixture(scope="session")
async def toys_url(server_url: str) -> AsyncIterator[str]:
    name = f"projection_toys_{os.getpid()}"
    admin = await asyncpg.connect(server_url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    url = with_database(server_url, name)
    connection = await asyncpg.connect(url)
    await connection.execute(toys.TABLES)
    await connection.close()
    yield url
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


def decoded(data: Any) -> Any:
    """The data of a response as its receiver has it."""
    return orjson.loads(orjson.dumps(data))


def compiled(schema: strawberry.Schema, text: str) -> CompiledOperation:
    """The document's first operation."""
    compile_inputs(schema)
    document = parse(text)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return CompiledOperation(Executor, schema._schema, document, operation, hide_suggestions=True)


class Api:
    """Executes documents and keeps the statements that they became. ``data`` are the tables as last filled."""

    data: Data

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[tuple[str, list[Any]]] = []
        fetch: Any = answer._fetch

        async def noted(connection: Any, sql: str, values: list[Any], **options: Any) -> Any:
            self.statements.append((sql, values))
            return await fetch(connection, sql, values, **options)

        monkeypatch.setattr(answer, "_fetch", noted)

    async def fill(self, seed: int) -> Data:
        """Fill the tables anew with the random rows of a seed."""
        connection: Any = get_connection("default")
        await connection.execute_script(f"TRUNCATE {toys.TABLE_NAMES}")
        await toys.fill(seed)
        self.data = await Data.load()
        return self.data

    async def execute(self, document: str, schema: Any = toys.schema, **variables: Any) -> Any:
        self.statements.clear()
        return await schema.execute(document, variable_values=variables)

    async def bytes(self, document: str, **variables: Any) -> bytes:
        """The data of a document without errors, decoded and encoded again."""
        result = await self.execute(document, **variables)
        assert result.errors is None, result.errors
        return orjson.dumps(decoded(result.data))

    async def same(self, document: str, **variables: Any) -> Any:
        """The data, which must be the oracle's to the byte, and have taken one statement for each root field.

        So must be that of the compiled operation, whose second execution has its text from the first.
        """
        answer = await self.bytes(document, **variables)
        assert answer == self.data.answer(document, variables), (document, variables)
        roots = orjson.loads(answer)
        taken = len(self.statements)
        assert taken == len([root for root in roots.values() if root != "Query"])
        operation = compiled(toys.schema, document)
        for _ in range(2):
            result = await operation.execute(variables, None)
            assert result is not None, document
            assert result.errors is None, result.errors
            assert orjson.dumps(decoded(result.data)) == answer, (document, variables)
        assert len(self.statements) == 3 * taken
        assert self.statements[taken : -taken or None] == self.statements[2 * taken :]
        return roots


@pytest.fixture(scope="module")
async def database(toys_url: str) -> AsyncIterator[TortoiseContext]:
    """Tortoise over the toys in place of what else it may be over."""
    url = urlsplit(toys_url)
    options = dict(parse_qsl(url.query))
    credentials = {
        "user": url.username,
        "password": url.password,
        "database": url.path[1:],
        "host": options.get("host") or url.hostname,
        "port": options.get("port") or url.port or 5432,
        "server_settings": {"TimeZone": "America/Panama", "DateStyle": "SQL, DMY"},
    }
    async with TortoiseContext() as context:
        await context.init(
            config={
                "connections": {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}},
                "apps": {"models": {"models": ["tests.projection.toys"], "default_connection": "default"}},
            }
        )
        yield context


@pytest.fixture
def api(database: TortoiseContext, monkeypatch: pytest.MonkeyPatch) -> Api:
    return Api(monkeypatch)
