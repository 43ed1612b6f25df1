"""seed-demo."""

import sys
from uuid import UUID

import click

from db import tenant
from documents.fonts import load_fonts
from resolvers import outbox
from service import demo
from service.commands.base import known_account, only_account, run
from service.database import connected
from service.settings import read_settings


@click.command("seed-demo")
@click.option(
    "--account",
    "account_id",
    type=click.UUID,
    help="The account's id; optional if there is only one account.",
)
@click.option("--seed", default=507, show_default=True, help="A different number gives different data.")
def seed_demo(account_id: UUID | None, seed: int) -> None:
    """Fill an account with 200 customers and 1,000 invoices to try things out. Nothing is mailed or announced."""
    settings = read_settings()

    printable = load_fonts(settings.fonts_dir).printable

    async def work() -> None:
        async with connected(settings) as where:
            with tenant.acting_for(account_id or await only_account(where)), outbox.without_announcing():
                await known_account()
                with click.progressbar(length=demo.CUSTOMERS + demo.INVOICES, label="Seeding", file=sys.stderr) as bar:
                    async for _ in demo.seed(seed, printable):
                        bar.update(1)

    run(work())
