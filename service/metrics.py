"""GET /metrics, in Prometheus' format (docs/http.md has the list)."""

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

CONNECTIONS: Final = Gauge(
    "istmo_database_connections", "Connections of the pool: used, idle, and the maximum.", ["state"]
)
WAITING: Final = Gauge("istmo_database_waiting", "Requests that wait for a connection.")
UP: Final = Gauge("istmo_database_up", "Whether the database answers.")
EVENTS: Final = Gauge("istmo_outbox_events", "Events not dispatched, up to 100,000.")
EVENTS_AGE: Final = Gauge("istmo_outbox_events_age_seconds", "Age of the oldest of them.")
DELIVERIES: Final = Gauge("istmo_outbox_deliveries", "Pending deliveries, up to 100,000.")
DELIVERIES_LATE: Final = Gauge(
    "istmo_outbox_deliveries_late_seconds", "How late the next attempt of the oldest of them is."
)


class Metrics:
    """The endpoint, for the ``allowed`` addresses and networks only; ``*`` is any."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.anybody = ANY in allowed
        self.networks = [ip_network(name) for name in allowed if name != ANY]

    async def answer(self, request: Request) -> Response:
        if not self.is_for(request.client.host if request.client else ""):
            raise HTTPException(403, "This address may not read the metrics: see METRICS_ALLOW_IPS.")
        _observe_pool()
        await _observe_outbox()
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    def is_for(self, address: str) -> bool:
        if self.anybody:
            return True
        try:
            given = ip_address(address)
        except ValueError:  # a proxy may send anything
            return False
        return any(given in network for network in self.networks)


def _observe_pool() -> None:
    client = get_connection("default")
    assert isinstance(client, Client)
    used, idle = client.open_connections()
    CONNECTIONS.labels("used").set(used)
    CONNECTIONS.labels("idle").set(idle)
    CONNECTIONS.labels("most").set(client.pool_maxsize)
    WAITING.set(client.waiting)


async def _observe_outbox() -> None:
    gauges = (EVENTS, EVENTS_AGE, DELIVERIES, DELIVERIES_LATE)
    try:
        async with asyncio.timeout(_PATIENCE):
            _, rows = await get_connection("default").execute_query("SELECT * FROM outbox_backlog()")
        values = list(rows[0].values())
    except Exception:  # without the database the other metrics are needed most
        values = [nan] * len(gauges)
    UP.set(values[0] == values[0])
    for gauge, value in zip(gauges, values, strict=True):
        gauge.set(value)
