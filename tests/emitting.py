"""The whole way of electronic invoices within the tests' process: a sandbox, and the worker that sends to it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from pydantic import SecretStr

from announcements.dispatcher import Dispatcher
from announcements.feed import LiveFeed
from announcements.results import FiscalResults
from db import models, tenant
from pac.cipher import Cipher
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from resolvers import pac_settings
from resolvers.pac_settings import NewCredentials
from rules.vocabulary import TaxpayerType
from service.emission import open_emission
from service.secrets import pac_cipher
from service.settings import Settings
from tests.conftest import Api

SETTINGS = Settings(
    database_url="postgresql://127.0.0.1/of-the-tests", pac_secrets_key=SecretStr(Cipher.generate_key())
)


async def join_sandbox(api: Api) -> None:
    """Make the account one that has the sandbox, as the first start does."""
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(
            ruc="999999101-2-2026", dv="81", taxpayer_type=TaxpayerType.JURIDICAL, electronic_invoicing=True
        )
        await pac_settings.set_credentials(NewCredentials(provider="sandbox"), pac_cipher(SETTINGS))


@asynccontextmanager
async def sending(database_url: str, sandbox: Sandbox | None = None) -> AsyncIterator[Sandbox]:
    """A worker that sends what is queued from now on."""
    sandbox = sandbox or Sandbox()
    await _leave_the_rest(database_url)
    async with (
        run_sandbox(sandbox) as address,
        Dispatcher() as dispatcher,
        open_emission(SETTINGS, address, dispatcher.wake) as worker,
    ):
        task = asyncio.create_task(worker.run(database_url))
        try:
            yield sandbox
        finally:
            task.cancel()
            await asyncio.wait([task])


async def _leave_the_rest(database_url: str) -> None:
    """What earlier tests have queued is of no concern to this worker."""
    admin = await asyncpg.connect(database_url)
    await admin.execute("UPDATE emission SET due_at = now() + interval '1 day' WHERE due_at IS NOT NULL")
    await admin.execute("UPDATE emission SET files_due_at = NULL")
    await admin.close()


@asynccontextmanager
async def hearing(api: Api, database_url: str) -> AsyncIterator[None]:
    """Let requests of this client wait for what becomes of their documents."""
    feed = LiveFeed()
    api.context.results = FiscalResults(feed)
    task = asyncio.create_task(feed.listen(database_url))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
