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
BREAKER: Final = Gauge(
    "istmo_registry_breaker",
    "Whether a provider is called: 0 yes, 1 a probe is under way, 2 no.",
    ["provider"],
    multiprocess_mode="max",
)
