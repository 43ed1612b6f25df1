"""export, import-account: a whole account in a file."""

import os
from pathlib import Path
from uuid import UUID

import click

from db import tenant
from db.archive import write_archive
from db.archive_import import ArchiveError, import_archive
from service.commands.base import account_option, known_account, run
from service.database import as_owner, connected
from service.settings import read_settings


@click.command("export")
@account_option
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def export_account(account_id: UUID, file: Path) -> None:
    """Write the whole account into the archive FILE. The server may run."""
    settings = read_settings()
    part = file.with_name(f"{file.name}.part")

    async def work() -> None:
        async with connected(settings):
            with tenant.acting_for(account_id):
                await known_account()
                with open(part, "wb", opener=_private) as target:  # noqa: ASYNC230 - nobody else waits
                    async for _ in write_archive(target, account_id):
                        pass
        part.replace(file)  # so that FILE is whole, or isn't there

    try:
        run(work())
    finally:
        part.unlink(missing_ok=True)


@click.command("import-account")
@account_option
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def import_account(account_id: UUID, file: Path) -> None:
    """Read the archive FILE into an account that is empty. Nothing is sent to the DGI, mailed or announced."""
    settings = read_settings()

    async def work() -> dict[str, int]:
        with tenant.acting_for(account_id, tenant.COMMAND_LINE):
            async with connected(settings):
                await known_account()
            async with as_owner(settings):
                return await import_archive(file, account_id)

    try:
        counts = run(work())
    except ArchiveError as error:
        raise click.ClickException(str(error)) from error
    for table, count in counts.items():
        click.echo(f"{count:>9}  {table}")


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
