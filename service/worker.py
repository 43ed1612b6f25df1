"""The worker's process: electronic documents, announcements, imports, verification of customers, and deleting what is
old."""

import asyncio
import signal
from contextlib import AsyncExitStack, suppress

from announcements.dispatcher import Dispatcher
from announcements.worker import Worker
from documents.fonts import load_fonts
from documents.render import Renderer
from resolvers import verification
from resolvers.import_worker import ImportWorker
from service.emission import open_emission
from service.registry import open_lookup
from service.settings import Settings, announcement_settings, direct_url


async def work(settings: Settings, url: str, sandbox: str | None) -> None:
    """Work until SIGINT or SIGTERM, in the database that is open, which is at ``url``. ``sandbox`` is the address of a
    sandbox of our own.
    """
    loop = asyncio.get_running_loop()
    async with AsyncExitStack() as stack:
        renderer = stack.enter_context(Renderer(load_fonts(settings.fonts_dir)))
        consultar = await stack.enter_async_context(open_lookup(settings, sandbox))
        dispatcher = await stack.enter_async_context(Dispatcher())
        emission = await stack.enter_async_context(open_emission(settings, sandbox, dispatcher.wake))
        direct = direct_url(settings, url)
        tasks = [
            asyncio.create_task(emission.run(direct)),
            asyncio.create_task(Worker(announcement_settings(settings), renderer).run(direct)),
            asyncio.create_task(consultar.keep_forgetting()),
            asyncio.create_task(ImportWorker(consultar).run()),
        ]
        if consultar.asks:
            tasks.append(asyncio.create_task(verification.keep_checking(consultar)))
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, lambda: [task.cancel() for task in tasks])
        with suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks)
        await asyncio.wait(tasks)
