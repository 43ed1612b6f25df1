"""What an operator can watch of the calls to providers."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

CALLS: Final = Counter(
    "istmo_registry_calls", "Calls to providers by outcome, or by why there was none.", ["provider", "outcome"]
)
SECONDS: Final = Histogram(
    "istmo_registry_call_seconds",
    "How long calls to providers take.",
    ["provider"],
    buckets=[0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
)
RESTING: Final = Gauge(
    "istmo_registry_resting",
    "Accounts for which a provider is not called for a while, because their calls failed.",
    ["provider"],
    multiprocess_mode="max",
)
