"""Carries the data of a database of version 0.1, from before documents and branches, into the tables of today.

The old tables are moved into a schema of their own, today's are made as in a new database, the rows are copied and the
old tables dropped, all in the migration's transaction. So the definition is that of a new database, and an error leaves
everything as it was.
"""

from pathlib import Path
from typing import Any, Final

from db.errors import MigrationError

_HERE: Final = Path(__file__).parent

# The migrations that a database of 0.1 must have had before it can be carried over.
_LAST: Final = "0011_search_order"


async def set_old_tables_aside(connection: Any) -> bool:
    """Move the tables of a 0.1 database away; returns whether it is one. Raises ``MigrationError``."""
    if not await connection.fetchval("SELECT to_regclass('public.tortoise_migrations') IS NOT NULL"):
        return False
    last = await connection.fetchval("SELECT max(name) FROM tortoise_migrations")
    if last != _LAST:
        raise MigrationError(f"The database was left at migration {last}; run `migrate` of Istmo 0.1 on it first.")
    await connection.execute((_HERE / "set_aside.sql").read_text(encoding="utf-8"))
    return True


async def copy_old_rows(connection: Any) -> None:
    """Copy the rows of the tables that were set aside, and drop these."""
    await connection.execute((_HERE / "copy.sql").read_text(encoding="utf-8"))
