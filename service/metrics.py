"""GET /metrics, in Prometheus' format (docs/http.md has the list)."""

import asyncio
import atexit
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from math import nan
from pathlib import Path
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Gauge, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from tortoise.connection import get_connection

from db.asyncpg_engine import Client
from db.background import run_forever
from rules.vocabulary import DifferenceKind
from service.settings import ANY

_PATIENCE: Final = 2.0  # seconds for the database
_OBSERVE_EVERY: Final = 1.0  # seconds
_FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"
_PREFIX: Final = "istmo-metrics-"

# Of several processes that share their metrics, these are added up.
_EACH: Final[Any] = {"multiprocess_mode": "livesum"}
# These are about the database, so the process that looked last knows best.
_LATEST: Final[Any] = {"multiprocess_mode": "mostrecent"}

CONNECTIONS: Final = Gauge(
    "istmo_database_connections", "Connections of the pool: used, idle, and the maximum.", ["state"], **_EACH
)
WAITING: Final = Gauge("istmo_database_waiting", "Requests that wait for a connection.", **_EACH)
UP: Final = Gauge("istmo_database_up", "Whether the database answers.", **_LATEST)
EVENTS: Final = Gauge("istmo_outbox_events", "Events not dispatched, up to 100,000.", **_LATEST)
EVENTS_AGE: Final = Gauge("istmo_outbox_events_age_seconds", "Age of the oldest of them.", **_LATEST)
DELIVERIES: Final = Gauge("istmo_outbox_deliveries", "Pending deliveries, up to 100,000.", **_LATEST)
DELIVERIES_LATE: Final = Gauge(
    "istmo_outbox_deliveries_late_seconds", "How late the next attempt of the oldest of them is.", **_LATEST
)
EMISSIONS: Final = Gauge("istmo_emission_waiting", "Electronic documents that wait, up to 100,000.", **_LATEST)
EMISSIONS_AGE: Final = Gauge("istmo_emission_waiting_age_seconds", "For how long the oldest of them has.", **_LATEST)
BLOCKED: Final = Gauge("istmo_emission_blocked", "Electronic documents that are blocked, up to 100,000.", **_LATEST)
BLOCKED_ACCOUNTS: Final = Gauge("istmo_emission_blocked_accounts", "Accounts that have such documents.", **_LATEST)
FILES_MISSING: Final = Gauge(
    "istmo_emission_files_missing", "Authorised documents whose XML or PDF is to be fetched.", **_LATEST
)
UNSETTLED: Final = Gauge(
    "istmo_emission_documents", "Electronic documents that aren't settled, by status.", ["status"], **_LATEST
)
DIFFERENCES: Final = Gauge(
    "istmo_emission_differences", "Differences between accounts and their providers, by kind.", ["kind"], **_LATEST
)
AWAY: Final = Gauge("istmo_emission_away_accounts", "Accounts whose provider doesn't answer.", **_LATEST)
FOLIOS: Final = Gauge("istmo_emission_folios_left", "The fewest folios that an account has left.", **_LATEST)
RECONCILIATION_LATE: Final = Gauge(
    "istmo_emission_reconciliation_late_seconds",
    "For how long the reconciliation that has waited longest has been due.",
    **_LATEST,
)
_STATUSES: Final = ("QUEUED", "SENDING", "CHECKING", "ACCEPTED", "REJECTED", "BLOCKED", "VOIDING")


def share_metrics() -> None:
    """Have the processes that this one starts share their metrics: each answers with those of all.

    ``prometheus_client`` decides that when it is imported. So the first time, this program begins again.
    """
    if _FOLDER not in os.environ:
        os.environ[_FOLDER] = tempfile.mkdtemp(prefix=_PREFIX)
        os.execv(sys.executable, sys.orig_argv)
    if Path(os.environ[_FOLDER]).name.startswith(_PREFIX):
        atexit.register(shutil.rmtree, os.environ[_FOLDER], ignore_errors=True)


class Metrics:
    """The endpoint, for the ``allowed`` addresses and networks only; ``*`` is any."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self.anybody = ANY in allowed
        self.networks = [ip_network(name) for name in allowed if name != ANY]

    async def answer(self, request: Request) -> Response:
        if not self.is_for(request.client.host if request.client else ""):
            raise HTTPException(403, "This address may not read the metrics: see METRICS_ALLOW_IPS.")
        _observe_pool()
        await _observe_backlogs()
        await _observe_emission()
        return Response(generate_latest(_registry()), media_type=CONTENT_TYPE_LATEST)

    def is_for(self, address: str) -> bool:
        if self.anybody:
            return True
        try:
            given = ip_address(address)
        except ValueError:  # a proxy may send anything
            return False
        return any(given in network for network in self.networks)


def _registry() -> CollectorRegistry:
    """The metrics of this process or, where they are shared, of all."""
    folder = os.environ.get(_FOLDER)
    if folder is None:
        return REGISTRY
    for file in Path(folder).glob("gauge_live*.db"):
        pid = int(file.stem.rpartition("_")[2])
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            mark_process_dead(pid)  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return registry


async def keep_observing() -> None:
    """Have this process's connections in the shared metrics, whichever process is asked for these."""

    async def work() -> float:
        _observe_pool()
        return _OBSERVE_EVERY

    await run_forever("observing connections", work, pause=_OBSERVE_EVERY)


def _observe_pool() -> None:
    client = get_connection("default")
    assert isinstance(client, Client)
    used, idle = client.open_connections()
    CONNECTIONS.labels("used").set(used)
    CONNECTIONS.labels("idle").set(idle)
    CONNECTIONS.labels("most").set(client.pool_maxsize)
    WAITING.set(client.waiting)


async def _observe_backlogs() -> None:
    gauges = (
        *(EVENTS, EVENTS_AGE, DELIVERIES, DELIVERIES_LATE),
        *(EMISSIONS, EMISSIONS_AGE, BLOCKED, BLOCKED_ACCOUNTS, FILES_MISSING),
    )
    try:
        async with asyncio.timeout(_PATIENCE):
            sql = "SELECT * FROM outbox_backlog(), emission_backlog()"
            _, rows = await get_connection("default").execute_query(sql)
        values = list(rows[0].values())
    except Exception:  # without the database the other metrics are needed most
        values = [nan] * len(gauges)
    UP.set(values[0] == values[0])
    for gauge, value in zip(gauges, values, strict=True):
        gauge.set(value)


async def _observe_emission() -> None:
    try:
        async with asyncio.timeout(_PATIENCE):
            _, rows = await get_connection("default").execute_query("SELECT * FROM emission_figures()")
    except Exception:
        rows, missing = [], nan
    else:
        missing = 0.0
    found = {(row["figure"], row["label"]): row["value"] for row in rows}
    for status in _STATUSES:
        UNSETTLED.labels(status).set(found.get(("documents", status), missing))
    for kind in DifferenceKind:
        DIFFERENCES.labels(kind.value).set(found.get(("differences", kind.value), missing))
    for name, gauge, none in (("away", AWAY, missing), ("folios", FOLIOS, nan), ("late", RECONCILIATION_LATE, missing)):
        value = found.get((name, ""))
        gauge.set(none if value is None else value)
