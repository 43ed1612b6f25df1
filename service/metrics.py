"""GET /metrics: what an operator can watch, in Prometheus' format (docs/http.md has the list)."""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from math import nan
from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from tortoise.connection import get_connection

from db.asyncpg_engine import Client
from service.settings import ANY

_PATIENCE: Final = 2.0  # seconds for the database

CONNECTIONS = Gauge("istmo_database_connections", "Connections of the pool: in use, idle, and the most.", ["state"])
WAITING = Gauge("istmo_database_waiting", "Requests that wait for a connection.")
UP = Gauge("istmo_database_up", "Whether the database answers.")
EVENTS = Gauge("istmo_outbox_events", "Events not dispatched, up to 100,000.")
EVENTS_AGE = Gauge("istmo_outbox_events_age_seconds", "How long ago the oldest of them happened.")
DELIVERIES = Gauge("istmo_outbox_deliveries", "Deliveries not settled, up to 100,000.")
DELIVERIES_LATE = Gauge("istmo_outbox_deliveries_late_seconds", "Since when the oldest of them should have been tried.")


class Metrics:
    """For the addresses and networks that are named; ``*`` is any."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.anybody = ANY in allowed
        self.networks = [ip_network(name) for name in allowed if name != ANY]

    async def answer(self, request: Request) -> Response:
        if not self.is_for(request.client.host if request.client else ""):
            raise HTTPException(403, "Metrics are not for your address: METRICS_ALLOW_IPS names those they are for.")
        _look_at_pool()
        await _look_at_outbox()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def is_for(self, address: str) -> bool:
        if self.anybody:
            return True
        try:
            given = ip_address(address)
        except ValueError:  # what a proxy makes up
            return False
        return any(given in network for network in self.networks)


def _look_at_pool() -> None:
    client = get_connection("default")
    assert isinstance(client, Client)
    used, idle = client.open_connections()
    CONNECTIONS.labels("used").set(used)
    CONNECTIONS.labels("idle").set(idle)
    CONNECTIONS.labels("most").set(client.pool_maxsize)
    WAITING.set(client.waiting)


async def _look_at_outbox() -> None:
    gauges = (EVENTS, EVENTS_AGE, DELIVERIES, DELIVERIES_LATE)
    try:
        async with asyncio.timeout(_PATIENCE):
            _, rows = await get_connection("default").execute_query("SELECT * FROM outbox_backlog()")
        values = list(rows[0].values())
    except Exception:  # whatever is wrong with the database, the rest of the metrics is wanted more than ever
        values = [nan] * len(gauges)
    UP.set(values[0] == values[0])
    for gauge, value in zip(gauges, values, strict=True):
        gauge.set(value)
