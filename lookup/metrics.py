"""What an operator can watch of the look-up."""

from typing import Final

from prometheus_client import Counter

LOOKUPS: Final = Counter("istmo_lookups", "Look-ups by status and by source.", ["status", "source"])
CACHE: Final = Counter(
    "istmo_registry_cache", "Questions by what the cache had: a fresh answer, a stale one, or none (miss).", ["result"]
)
