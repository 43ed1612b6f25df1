"""import: store the customers of a file, or only check them."""

import asyncio
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from uuid import UUID

import click

from db import models, tenant
from resolvers import import_files, import_work, imports, registry
from rules.vocabulary import CustomerColumn, ErrorPolicy, ImportStatus, Language, OnDuplicate
from service.commands.base import account_option, known_account, run
from service.database import connected
from service.logs import start_logging
from service.registry import open_lookup, own_sandbox
from service.settings import read_settings
from spreadsheets.limits import MOST_BYTES
from spreadsheets.table import TOO_LARGE, Unreadable

_PAUSE = 0.5  # seconds until the next look, while a worker is at it


@click.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path))
@account_option
@click.option("--dry-run", "checks_only", is_flag=True, help="Only check the rows, and store nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Store nothing if a row has faults; by default the good rows are.")
@click.option(
    "--on-duplicate",
    type=click.Choice([each.value for each in OnDuplicate], case_sensitive=False),
    default=OnDuplicate.USE_EXISTING.value,
    show_default=True,
    help="What rows of customers do that the account has.",
)
@click.option(
    "--column",
    "chosen",
    multiple=True,
    metavar="HEADER=COLUMN",
    help="What a column has, such as 'Cédula=RUC'; 'Saldo=' leaves one out. Others are guessed by their names.",
)
@click.option("--rejected", type=click.Path(dir_okay=False, path_type=Path), help="Write the rows with faults here.")
def import_customers(
    file: Path,
    account_id: UUID,
    checks_only: bool,
    all_or_nothing: bool,
    on_duplicate: str,
    chosen: Sequence[str],
    rejected: Path | None,
) -> None:
    """Store the customers of a CSV or XLSX file, or only check them.

    If it is stopped, a worker goes on where it stopped.
    """
    settings = read_settings()
    start_logging(settings)
    size = file.stat().st_size
    policy = ErrorPolicy.REJECT_ALL if all_or_nothing else ErrorPolicy.KEEP_GOOD

    async def work() -> models.Import:
        async with (
            connected(settings) as where,
            own_sandbox(settings, embedded=where.is_embedded) as sandbox,
            open_lookup(settings, sandbox) as consultar,
        ):
            with tenant.acting_for(account_id), registry.checking_with(consultar):
                await known_account()
                row = await _upload(file, size, chosen)
                columns = [each["target"] and CustomerColumn(each["target"]) for each in row.columns]
                _show_columns(row)
                await imports.start(
                    str(row.id), columns, policy, OnDuplicate(on_duplicate.upper()), checks_only=checks_only
                )
                row = await _finish(row.id, row.row_count)
                if out and row.failed:
                    async for part in import_files.rejected_rows(row, account_id, Language.ES):
                        out.write(part)
                return row

    with rejected.open("w", encoding="utf-8", newline="") if rejected else nullcontext() as out:
        row = run(work())
    _report(row, checks_only=checks_only, rejected=rejected)


async def _upload(file: Path, size: int, chosen: Sequence[str]) -> models.Import:
    try:
        if size > MOST_BYTES:
            raise Unreadable(TOO_LARGE)
        row = await imports.find(await imports.create(file, file.name, size))
    except Unreadable as error:
        raise click.ClickException(error.message.en) from None
    assert row is not None
    targets = dict(each.rpartition("=")[::2] for each in chosen)
    unknown = targets.keys() - {each["header"] for each in row.columns}
    if unknown:
        raise click.ClickException(f"The file has no column {', '.join(sorted(unknown))}.")
    for each in row.columns:
        if each["header"] in targets:
            each["target"] = _column(targets[each["header"]])
    return row


def _column(name: str) -> CustomerColumn | None:
    try:
        return CustomerColumn(name.upper()) if name else None
    except ValueError:
        raise click.ClickException(f"{name} is none of {', '.join(CustomerColumn)}.") from None


def _show_columns(row: models.Import) -> None:
    for each in row.columns:
        click.echo(f"{each['header'] or '(no name)'}: {each['target'] or 'left out'}", err=True)


async def _finish(id: UUID, count: int) -> models.Import:
    """Do the work here, or wait for a worker that is at it, and show how far it is."""
    with click.progressbar(length=count, label="Importing", file=sys.stderr) as bar:
        status = None
        while True:
            is_done = await import_work.advance(id)
            row = await imports.find(id)
            assert row is not None
            if status is not row.status:
                status, bar.pos = row.status, 0
            bar.update(row.done - bar.pos)
            if not row.status.is_under_way:
                return row
            if not is_done:
                await asyncio.sleep(_PAUSE)


def _report(row: models.Import, *, checks_only: bool, rejected: Path | None) -> None:
    is_stored = row.status is ImportStatus.FINISHED
    verb = "were" if is_stored else "would be"
    click.echo(
        f"Customers that {verb} created: {row.created}; updated: {row.updated}; left as they are: {row.unchanged}. "
        f"Rows that were left out: {row.skipped}; with faults: {row.failed}."
    )
    if row.failed and rejected:
        click.echo(f"The rows with faults are in {rejected}.")
    if not is_stored and not checks_only:
        raise click.ClickException("Nothing was stored, since rows have faults.")
