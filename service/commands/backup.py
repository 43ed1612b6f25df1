"""backup, restore: the embedded database in a file."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from db import backup, embedded
from service.commands.base import run
from service.database import embedded_folder
from service.settings import read_settings


@click.command("backup")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup_command(file: Path) -> None:
    """Write a backup of the embedded database into FILE. The server may run."""
    with _embedded() as server:
        backup.back_up(server, file)


@click.command("restore")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Replace a database that has data. Those data are lost.")
def restore_command(file: Path, replace: bool) -> None:
    """Restore the embedded database from the backup FILE. The server must be stopped."""
    with _embedded() as server:
        run(backup.restore(server, file, replace=replace))


@contextmanager
def _embedded() -> Iterator[embedded.Server]:
    settings = read_settings()
    if settings.database_url:
        raise click.ClickException(
            "DATABASE_URL names a PostgreSQL of yours: use its own pg_dump (docs/operations.md)."
        )
    try:
        with embedded.running(embedded_folder(settings)) as server:
            yield server
    except (embedded.EmbeddedError, backup.BackupError) as error:
        raise click.ClickException(str(error)) from error
