"""What PostgreSQL tells its listeners: which accounts have new events, and which keys were revoked.

A notification can be lost, so it only spares waiting: whoever hears of nothing looks for itself from time to time.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from db.config import SERVICE_ROLE
from db.connecting import connect

EVENTS: Final = "istmo_events"  # the payload is an account's id
REVOKED_KEYS: Final = "istmo_revoked_keys"  # the payload is the id of a key or session

_PROBE_EVERY: Final = 30.0  # seconds

Handler = Callable[[str], None]


async def listen(url: str, handlers: Mapping[str, Handler], *, begun: Callable[[], None]) -> None:
    """Call the channels' handlers with what is notified, until the connection ends.

    ``url`` leads to PostgreSQL itself, past any pooler. ``begun`` is called when listening has begun, for what
    came before.
    """
    settings = {"role": SERVICE_ROLE, "application_name": "istmo feed"}
    connection = await connect(url, server_settings=settings, patience=10)
    is_closed = asyncio.Event()
    connection.add_termination_listener(lambda _: is_closed.set())

    def pass_on(_connection: Any, _pid: int, channel: str, payload: str) -> None:
        handlers[channel](payload)

    try:
        for channel in handlers:
            await connection.add_listener(channel, pass_on)
        begun()
        while not is_closed.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(_PROBE_EVERY):
                    await is_closed.wait()
            if not is_closed.is_set():
                await connection.execute("SELECT 1", timeout=10)
    finally:
        connection.terminate()
