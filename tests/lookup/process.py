"""A process of the service that looks RUCs up, each many times at once.

Its arguments: the database's URL, the sandbox's, and how many times. For each RUC that comes in on a
line it prints how often a look-up ended how, and what it logs goes elsewhere.
"""

import asyncio
import sys
from collections import Counter

import structlog
from pydantic import SecretStr
from tortoise.context import TortoiseContext

from db import config
from lookup.service import Consultar
from lookup.settings import Provider, Settings


async def main(database: str, sandbox: str, times: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    provider = Provider("sandbox", sandbox, SecretStr("sandbox"), SecretStr("sandbox"), True)
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(database, role=config.SERVICE_ROLE))
        async with Consultar(Settings((provider,))) as consultar:
            await consultar.look_up("8-123-456", wait=0.0)
            print("ready", flush=True)  # noqa: T201
            while number := (await asyncio.to_thread(sys.stdin.readline)).strip():
                lookups = await asyncio.gather(*[consultar.look_up(number) for _ in range(int(times))])
                print(dict(Counter(lookup.status.value for lookup in lookups)), flush=True)  # noqa: T201


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
