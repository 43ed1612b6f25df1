"""The sandbox's command line."""

from pathlib import Path
from random import Random

import click
from aiohttp import web
from pydantic import ValidationError

from pac.sandbox.faults import Fault, special_ruc
from pac.sandbox.knobs import SPECIAL_RECEIVERS, Knobs, describe, read_knobs
from pac.sandbox.server import create_app
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8090, show_default=True)
@click.option("--latency", default=0.0, show_default=True, help="Seconds before each answer.")
@click.option("--fault", type=click.Choice([fault.value for fault in Fault]), help="What goes wrong with each look-up.")
@click.option("--knob", "knobs", multiple=True, metavar="NAME[=VALUE]", help="What goes wrong with emission; repeat.")
@click.option("--file", type=click.Path(path_type=Path, dir_okay=False), help="Keeps the state; in memory by default.")
@click.option("--seed", type=int, help="Makes the security codes of CUFEs the same each time.")
@click.option("--list-knobs", is_flag=True, help="Show the knobs and end.")
def main(
    host: str,
    port: int,
    latency: float,
    fault: str | None,
    knobs: tuple[str, ...],
    file: Path | None,
    seed: int | None,
    list_knobs: bool,
) -> None:
    """Run a server that plays a provider: look-ups of RUCs with published and invented taxpayers, and emission of
    documents that are plainly tests.
    """
    if list_knobs:
        tell_knobs()
        return
    try:
        turned = read_knobs(knobs)
    except ValidationError as error:
        faults = [f"{each['loc'][0]}: {each['msg']}" for each in error.errors()]
        raise click.BadParameter("; ".join(faults), param_hint="--knob") from None
    sandbox = Sandbox(
        fault=Fault(fault) if fault else None,
        latency=latency,
        knobs=turned,
        store=Store(file),
        random=Random(seed),
    )
    click.echo(f"The sandbox listens on http://{host}:{port}; user and password of look-ups are 'sandbox'.", err=True)
    click.echo(f"Its documents and knobs: http://{host}:{port}/sandbox", err=True)
    click.echo("RUCs with which a look-up goes wrong:", err=True)
    for each in Fault:
        click.echo(f"  {special_ruc(each)}  {each.value}", err=True)
    click.echo("Receivers with whose documents emission goes wrong:", err=True)
    for number, effect in SPECIAL_RECEIVERS.items():
        click.echo(f"  {number}  {describe(effect)}", err=True)
    web.run_app(create_app(sandbox), host=host, port=port, print=None, handler_cancellation=True)


def tell_knobs() -> None:
    for name, field in Knobs.model_fields.items():
        click.echo(f"{name.replace('_', '-'):22}{field.description}")
