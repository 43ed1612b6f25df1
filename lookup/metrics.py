"""What an operator can watch of the look-up."""

from prometheus_client import Counter, Gauge, Histogram

LOOKUPS = Counter("istmo_lookups", "Look-ups by how they ended and whose word it was.", ["status", "source"])
CACHE = Counter(
    "istmo_registry_cache",
    "Questions by what was kept: fresh, stale, nothing (miss), or an answer that another process waits for (shared).",
    ["result"],
)
CALLS = Counter(
    "istmo_registry_calls", "Calls of providers by outcome or by why there was none.", ["provider", "outcome"]
)
SECONDS = Histogram(
    "istmo_registry_call_seconds",
    "How long calls of providers take.",
    ["provider"],
    buckets=[0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10],
)
BREAKER = Gauge(
    "istmo_registry_breaker",
    "Whether a provider is asked: 0 yes, 1 a probe is under way, 2 no.",
    ["provider"],
    multiprocess_mode="max",
)
