"""verify-customers: ask the registry again about an account's customers."""

import csv
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import astuple, fields
from datetime import datetime
from typing import TextIO
from uuid import UUID

import click

from db import tenant
from resolvers import verification
from service.commands.base import account_option, known_account, past, run
from service.database import connected
from service.logs import start_logging
from service.registry import open_lookup, own_sandbox
from service.settings import read_settings


@click.command("verify-customers")
@account_option
@click.option(
    "--older-than",
    "since",
    callback=past,
    default="1d",
    show_default=True,
    help="Leave out customers that were checked within this time: 90d, 12h.",
)
@click.option("--csv", "file", type=click.File("a", encoding="utf-8"), help="Append the changes to this file.")
def verify_customers(account_id: UUID, since: datetime, file: TextIO | None) -> None:
    """Ask the registry again about an account's customers, and print what has changed.

    At most two customers a second are checked. If it is stopped, run it again: it continues where it stopped.
    """
    settings = read_settings().model_copy(update={"registry_daily_limit": 0})  # the operator decides what is asked
    start_logging(settings)

    async def work() -> None:
        async with (
            connected(settings) as where,
            own_sandbox(settings, embedded=where.is_embedded) as sandbox,
            open_lookup(settings, sandbox) as consultar,
        ):
            if not consultar.asks:
                raise click.ClickException("There is no registry to ask: set REGISTRY_PROVIDERS.")
            with tenant.acting_for(account_id):
                await known_account()
                ids = await verification.find_unchecked(since)
                with (
                    reporting(file) as report,
                    click.progressbar(length=len(ids), label="Checking", file=sys.stderr) as bar,
                ):
                    async for changes in verification.check_again(consultar, ids):
                        report(changes)
                        bar.update(1)

    try:
        run(work())
    except verification.NoAnswer:
        message = "The registry has stopped answering. Run this again later: it continues where it stopped."
        raise click.ClickException(message) from None


@contextmanager
def reporting(file: TextIO | None) -> Iterator[Callable[[list[verification.Change]], None]]:
    """Write changes into the file at once, and print all of them at the end, also after a failure."""
    found: list[verification.Change] = []
    if file and file.tell() == 0:
        csv.writer(file).writerow([field.name for field in fields(verification.Change)])

    def report(changes: list[verification.Change]) -> None:
        found.extend(changes)
        if file:
            csv.writer(file).writerows(map(astuple, changes))
            file.flush()

    try:
        yield report
    finally:
        print_table([("RUC", "CUSTOMER", "WHAT", "BEFORE", "NOW"), *(astuple(change)[1:] for change in found)])


def print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, widths)).rstrip())
