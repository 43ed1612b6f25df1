"""outbox: deliveries that are pending or failed."""

from collections.abc import Sequence
from uuid import UUID

import click

from db import models
from resolvers import deliveries
from rules.vocabulary import DeliveryStatus
from service.commands.base import run
from service.database import as_owner
from service.settings import read_settings


@click.group("outbox")
def outbox_group() -> None:
    """Deliveries to webhooks and mailboxes that are pending or were given up."""


@outbox_group.command("list")
@click.option("--failed", is_flag=True, help="Only deliveries that were given up.")
@click.option("--limit", default=100, show_default=True, help="Number of lines, at most.")
def list_outbox(failed: bool, limit: int) -> None:
    "List the pending and failed deliveries of all accounts, the oldest first."
    settings = read_settings()
    statuses = [DeliveryStatus.FAILED] if failed else [DeliveryStatus.FAILED, DeliveryStatus.PENDING]

    async def work() -> tuple[Sequence[deliveries.OpenDelivery], int]:
        async with as_owner(settings):
            waiting = await models.Event.filter(sequence__isnull=True).count()
            return await deliveries.list_open(statuses, limit), waiting

    rows, waiting = run(work())
    for row in rows:
        off = "given up" if row.status is DeliveryStatus.FAILED else "webhook is off"
        next_ = f"next {row.next_at:%F %R}" if row.next_at else off
        state = f"{row.attempts:>3} attempts since {row.began_at:%F %R}, {next_:<21}"
        click.echo(f"{row.id}  {state}  {row.type.dotted:<17}  {row.target}  {row.error or ''}".rstrip())
    click.echo(f"deliveries listed: {len(rows)}; events not dispatched yet: {waiting}", err=True)


@outbox_group.command("retry")
@click.argument("ids", type=click.UUID, nargs=-1)
@click.option("--all", "everything", is_flag=True, help="All deliveries that were given up.")
def retry_outbox(ids: tuple[UUID, ...], everything: bool) -> None:
    """Try deliveries again that were given up."""
    if bool(ids) == everything:
        raise click.UsageError("Name the deliveries, or add --all.")
    settings = read_settings()

    async def work() -> int:
        async with as_owner(settings):
            return await deliveries.retry_failed(None if everything else ids)

    click.echo(f"deliveries queued again: {run(work())}")
