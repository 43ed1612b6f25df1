"""Settings of connections to a database URL, and Tortoise's for it."""

from typing import Any, Final

MODELS: Final = "db.models"
SERVICE_ROLE: Final = "istmo_app"
OWNER_ROLE: Final = "istmo_owner"


def credentials(
    url: str,
    *,
    role: str,
    pool_size: int = 10,
    acquire_timeout: float = 10.0,
    statement_timeout: float = 12.0,
    transaction_pooler: bool = False,
) -> dict[str, Any]:
    """What ``db.asyncpg_engine.Client`` needs for connections to ``url`` that act as ``role``; times are in seconds.

    ``statement_timeout`` should be longer than ``acquire_timeout``, which is also the limit for locks: a statement that
    waits for a lock then fails with an error that names the lock. ``transaction_pooler`` is for a PgBouncer that pools
    by transaction; see ``db.asyncpg_engine``.
    """
    settings = {
        "role": role,
        "TimeZone": "UTC",
        "jit": "off",
        "statement_timeout": str(int(statement_timeout * 1000)),
        "lock_timeout": str(int(acquire_timeout * 1000)),
        "idle_in_transaction_session_timeout": "60000",
    }
    return {
        "dsn": url,
        "acquire_timeout": acquire_timeout,
        "minsize": 1,
        "maxsize": pool_size,
        # asyncpg keeps prepared statements of up to 15 KiB of text; the projection's may be longer.
        "max_cacheable_statement_size": 0,
        "local_settings" if transaction_pooler else "server_settings": settings,
    }


def tortoise(url: str, **given: Any) -> dict[str, Any]:
    """Tortoise's settings for one database; ``given`` as for ``credentials``."""
    return {
        "connections": {"default": {"engine": "db.asyncpg_engine", "credentials": credentials(url, **given)}},
        "apps": {"models": {"models": [MODELS], "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }
