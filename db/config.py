"""Settings of connections to a database URL, and Tortoise's for it."""

from typing import Any, Final

MODELS: Final = "db.models"
SERVICE_ROLE: Final = "istmo_app"
OWNER_ROLE: Final = "istmo_owner"

# Settings of Citus; PostgreSQL itself takes them for those of an extension that it doesn't have.
_DISTRIBUTED: Final = {
    "citus.propagate_set_commands": "local",
    # asyncpg asks the catalogue for types, which takes half a second for each while Citus hides its shards there.
    "citus.override_table_visibility": "off",
}


def credentials(
    url: str,
    *,
    role: str,
    pool_size: int = 10,
    acquire_timeout: float = 10.0,
    statement_timeout: float = 12.0,
    transaction_pooler: bool = False,
    distributed: bool = False,
) -> dict[str, Any]:
    """What ``db.asyncpg_engine.Client`` needs for connections to ``url`` that act as ``role``; times are in seconds.

    ``statement_timeout`` should be longer than ``acquire_timeout``, which is also the limit for locks: a statement that
    waits for a lock then fails with an error that names the lock. ``transaction_pooler`` is for a PgBouncer that pools
    by transaction, ``distributed`` for a database whose tables are on several nodes; see ``db.asyncpg_engine``. Only
    the service's connections may be of that kind: what passes settings on also passes on all else in their message,
    such as a lock that the migration takes, and would wait for itself on the other node.
    """
    settings = {
        "role": role,
        "TimeZone": "UTC",
        "jit": "off",
        "statement_timeout": str(int(statement_timeout * 1000)),
        "lock_timeout": str(int(acquire_timeout * 1000)),
        "idle_in_transaction_session_timeout": "60000",
    }
    if distributed:
        assert role == SERVICE_ROLE
        settings |= _DISTRIBUTED
    return {
        "dsn": url,
        "acquire_timeout": acquire_timeout,
        "minsize": 1,
        "maxsize": pool_size,
        # asyncpg keeps prepared statements of up to 15 KiB of text; the projection's may be longer.
        "max_cacheable_statement_size": 0,
        "is_distributed": distributed,
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
