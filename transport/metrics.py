"""Counts of requests, operations and connections, for Prometheus.

Operation names are not labels: clients choose them, so their number has no bound.
"""

from collections.abc import Sequence
from typing import Final

from graphql import GraphQLError, OperationType
from prometheus_client import Counter, Gauge, Histogram, disable_created_metrics
from starlette.routing import BaseRoute

disable_created_metrics()  # type: ignore[no-untyped-call]  # they say when each series began, which nobody needs

REQUESTS: Final = Counter(
    "istmo_http_requests",
    "Requests by route and status; status 0 is a request without a response.",
    ["route", "status"],
)
SECONDS: Final = Histogram(
    "istmo_http_request_seconds",
    "Seconds from the head of a request to the end of its response.",
    ["route"],
    buckets=[0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
)
OPERATIONS: Final = Counter(
    "istmo_graphql_operations",
    (
        "Operations by type and by outcome: OK, or the code of the first error. Type none failed before its"
        " type was known."
    ),
    ["type", "code"],
)
REFUSED: Final = Counter(
    "istmo_rate_limited",
    "Requests refused because a key sent too many requests, or an address tried too many wrong keys.",
    ["too_many"],
)
OUTAGES: Final = Counter(
    "istmo_unavailable", "Requests and checks that the database could not answer, by the cause.", ["cause"]
)
READS: Final = Counter(
    "istmo_reads",
    (
        "Queries where there is a standby: answered there (standby), or by the primary, since the client brought no"
        " position (no_position), the standby is behind it or away (behind), or could not answer (failed)."
    ),
    ["outcome"],
)
WEBSOCKETS: Final = Gauge("istmo_websockets", "Open WebSockets.", multiprocess_mode="livesum")

_operation_children: dict[tuple[OperationType | None, str], Counter] = {}


def count_operation(type: OperationType | None, errors: Sequence[GraphQLError] | None) -> None:
    """The errors have codes, which are a closed list."""
    code = str((errors[0].extensions or {}).get("code")) if errors else "OK"
    child = _operation_children.get((type, code))
    if child is None:
        child = _operation_children[type, code] = OPERATIONS.labels(type.value if type else "none", code)
    child.inc()


_request_children: dict[tuple[str, int], tuple[Counter, Histogram]] = {}


def count_request(route: BaseRoute | None, status: int, seconds: float) -> None:
    path: str = getattr(route, "path", "other")
    children = _request_children.get((path, status))
    if children is None:
        children = _request_children[path, status] = REQUESTS.labels(path, status), SECONDS.labels(path)
    children[0].inc()
    children[1].observe(seconds)
