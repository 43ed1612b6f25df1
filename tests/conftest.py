"""A real PostgreSQL for all tests, and an account of its own for each.

Tests don't clean up: accounts can't see each other, so none is in another's way.
"""

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import hypothesis
import orjson
import pytest
from tortoise.context import TortoiseContext

from announcements.feed import LiveFeed
from db import config, embedded, models, tenant
from db.fair_thread import FairThread
from db.migrate import migrate
from documents.fonts import load_fonts
from lookup.service import Consultar
from lookup.settings import Settings
from pac.cipher import Cipher
from resolvers import accounts
from resolvers.api_keys import Identity, KeyCache
from rules.vocabulary import Environment, Scope, TaxpayerType
from schema.context import Context
from tests.statements import Sent
from transport.execution import OperationRunner
from transport.limiter import AccountLimiter
from transport.limits import DEFAULT_LIMITS, Limits
from transport.operations import OperationCache
from transport.parameters import GraphQLRequest

CHECKOUT = Path(__file__).parents[1]
FONTS = load_fonts()

IS_DISTRIBUTED = os.environ.get("DATABASE_MODE") == "distributed"  # whether the service works as on several nodes
# Of tests that count statements: on several nodes each has a transaction, and a mutation one for each table.
ON_ONE_NODE = pytest.mark.skipif(IS_DISTRIBUTED, reason="how often one node is asked")

OPERATIONS = OperationCache()  # shared by all tests, which ask for the same things
THREAD = FairThread("documents and bodies")

Answer = dict[str, Any]

# A busy machine may take long for an example; what is slow shows in pytest's --durations.
hypothesis.settings.register_profile("istmo", deadline=None)
hypothesis.settings.load_profile("istmo")

# These files take longest, mostly waiting. They begin first, so that the run doesn't end with one of them alone.
BEGIN_FIRST = (
    "test_listener.py",
    "test_commands.py",
    "test_embedded.py",
    "test_faults.py",
    "test_kills.py",
    "test_moving_kills.py",
    "test_rate_limit.py",
    "test_standby.py",
)


CIPHER = Cipher(Cipher.generate_key())  # of accounts' credentials


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what depends on the PostgreSQL under test, and put the files that take longest in front.

    Tests with clients in Node use the database, too, but find out nothing about it that others don't.
    """
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "server_url" in fixtures and "node" not in fixtures:
            item.add_marker("database")
    items.sort(key=lambda item: not str(item.path).endswith(BEGIN_FIRST))


def skip_or_fail(missing: str) -> NoReturn:
    """Skip a test because a program that it needs is missing; in CI, where all are installed, fail."""
    if os.environ.get("CI"):
        pytest.fail(missing)
    pytest.skip(missing)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """An administrator's login: of TEST_DATABASE_URL, or of an embedded server for the tests."""
    given = os.environ.get("TEST_DATABASE_URL")
    if given:
        yield given
        return
    folder = embedded.data_dir(CHECKOUT)
    with embedded.running(folder.with_name(f"{folder.name}-tests"), durable=False) as server:
        yield server.url


def with_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
async def database_url(server_url: str) -> AsyncIterator[str]:
    """A migrated database of this run's own."""
    name = f"istmo_test_{os.getpid()}"
    admin = await asyncpg.connect(server_url)
    # A killed run may have left one of the same number.
    await admin.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await admin.execute(f'CREATE DATABASE "{name}"')
    url = with_database(server_url, name)
    await migrate(url)
    yield url
    await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


@pytest.fixture(scope="session")
async def sent(database_url: str) -> AsyncIterator[Sent]:
    """All that the service sends in any test, which must name its account."""
    sent = Sent()
    with sent.recording():
        yield sent
    faults = await sent.faults(database_url)
    assert not faults, "\n\n".join(map(str, faults.items()))


@pytest.fixture(scope="session")
async def service(database_url: str, sent: Sent) -> AsyncIterator[TortoiseContext]:
    """The connections of the service."""
    async with TortoiseContext() as context:
        settings = config.tortoise(database_url, role=config.SERVICE_ROLE, pool_size=10, distributed=IS_DISTRIBUTED)
        await context.init(config=settings)
        yield context


class Api:
    """A client of one account, without HTTP, and without a registry unless one is given to its context."""

    def __init__(
        self, account_id: UUID, scope: Scope = Scope.ADMIN, language: str = "es", limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self.account_id = account_id
        self.runner = OperationRunner(AccountLimiter(limits.seconds), THREAD, limits, operations=OPERATIONS)
        self.context = Context(
            Identity(account_id, uuid4(), scope),
            Consultar(Settings()),
            KeyCache(),
            FONTS.printable,
            language,
            LiveFeed(),
            local_webhooks=True,
            cipher=CIPHER,
        )

    async def execute(self, query: str, **variables: Any) -> Answer:
        """The whole response, as it would go over HTTP."""
        with tenant.acting_for(self.account_id, self.context.identity.key_id):
            result = await self.runner.run(GraphQLRequest(query, variables=variables), self.context)
        response: Answer = {"data": result.data, "extensions": result.extensions}
        if result.errors:
            response["errors"] = [error.formatted for error in result.errors]
        decoded: Answer = orjson.loads(orjson.dumps(response))
        return decoded

    async def let_emit(self) -> None:
        """Give the account what electronic invoices need of it: a RUC and a provider."""
        with tenant.acting_for(self.account_id):
            await models.Account.filter(id=self.account_id).update(
                ruc="999999101-2-2026", dv="81", taxpayer_type=TaxpayerType.JURIDICAL
            )
            await models.PacSetting.create(
                account_id=self.account_id, provider="sandbox", environment=Environment.TEST, secrets=b"of nobody"
            )

    async def ask(self, query: str, **variables: Any) -> Answer:
        """The data of a request that must have no errors."""
        response = await self.execute(query, **variables)
        assert "errors" not in response, response["errors"]
        data: Answer = response["data"]
        return data

    async def refused(self, query: str, **variables: Any) -> list[str]:
        """The codes of the errors of a request that must have some."""
        return [error["extensions"]["code"] for error in (await self.execute(query, **variables))["errors"]]


@pytest.fixture
def new_account(service: TortoiseContext) -> Callable[..., Awaitable[UUID]]:
    async def create(name: str = "Prueba, S.A.", *, electronic_invoicing: bool = False) -> UUID:
        return await accounts.create(name, None, None, electronic_invoicing=electronic_invoicing)

    return create


@pytest.fixture
async def api(new_account: Callable[..., Awaitable[UUID]]) -> Api:
    """A client of a fresh account without electronic invoicing."""
    return Api(await new_account())


@pytest.fixture
async def electronic(new_account: Callable[..., Awaitable[UUID]]) -> Api:
    """A client of a fresh account with electronic invoicing, which can issue: it has a RUC and a provider."""
    api = Api(await new_account(electronic_invoicing=True))
    await api.let_emit()
    return api
