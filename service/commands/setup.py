"""migrate, distribute, schema, settings: the database's and the API's schema, and the settings in effect."""

import re

import click

from db.distribute import distribute
from db.migrate import migrate
from schema import schema
from service.commands.base import run
from service.database import database
from service.settings import Settings, read_settings


@click.command("migrate")
def migrate_command() -> None:
    """Bring the database up to date."""
    settings = read_settings()
    with database(settings) as where:
        run(migrate(where.admin_url))


@click.command("distribute")
def distribute_command() -> None:
    """Distribute the tables over the nodes of Citus, once; see docs/operations.md."""
    settings = read_settings()
    with database(settings) as where:
        run(distribute(where.admin_url))


@click.command("schema")
def schema_command() -> None:
    """Print the API's schema (schema.graphql)."""
    click.echo(schema.as_str())


@click.command("settings")
def settings_command() -> None:
    """Show all settings with their values and descriptions."""
    settings = read_settings()
    for name, field in Settings.model_fields.items():
        value = getattr(settings, name)
        listed = ",".join(map(str, value)) if isinstance(value, tuple) else value
        shown = "" if listed is None else without_password(str(listed))
        click.echo(f"{name.upper()}={shown}\n    {field.description}")


def without_password(url: str) -> str:
    """The URL of a database with its password masked.

    >>> without_password("postgresql://ana:p@ss:w/rd@db/istmo?password=secret&sslmode=require")
    'postgresql://ana:***@db/istmo?password=***&sslmode=require'
    """
    return re.sub(r"(?<=password=)[^&]*", "***", re.sub(r"(?<=://)([^:/?]*):.*@", r"\1:***@", url))
