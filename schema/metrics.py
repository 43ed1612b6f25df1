"""What an operator can watch of GraphQL. Operations' names are no labels: clients choose them, without bound."""

from collections.abc import Sequence

from graphql import GraphQLError, OperationType
from prometheus_client import Counter, Gauge

OPERATIONS = Counter(
    "istmo_graphql_operations",
    "Operations by type and by how they ended: OK, or the code of their first error. Type none got not that far.",
    ["type", "code"],
)
REFUSED = Counter(
    "istmo_rate_limited", "Requests refused because a key made too many, or an address tried too many.", ["too_many"]
)
WEBSOCKETS = Gauge("istmo_websockets", "Open WebSockets.")

_children: dict[tuple[OperationType | None, str], Counter] = {}


def count_operation(type: OperationType | None, errors: Sequence[GraphQLError] | None) -> None:
    """The errors have codes, which are a closed list."""
    code = str((errors[0].extensions or {}).get("code")) if errors else "OK"
    child = _children.get((type, code))
    if child is None:
        child = _children[type, code] = OPERATIONS.labels(type.value if type else "none", code)
    child.inc()
