"""The sandbox of the embedded database, and which registry look-ups ask: it, or the providers of the settings."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from lookup.service import Consultar
from pac.providers import SOAP_PATH, read_providers
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from pac.sandbox.storage import Store
from service.database import embedded_folder
from service.settings import NOBODY, Settings, registry_settings


def describe_registry(settings: Settings, *, embedded: bool) -> str:
    return settings.registry_providers or ("a sandbox" if embedded else NOBODY)


def sandbox_file(settings: Settings) -> Path:
    """Where the sandbox keeps its state, beside the embedded database."""
    return embedded_folder(settings) / "sandbox.sqlite3"


@asynccontextmanager
async def own_sandbox(settings: Settings, *, embedded: bool) -> AsyncIterator[str | None]:
    """The address of a sandbox within this process, with the embedded database; it shares its state with others."""
    if embedded:
        async with run_sandbox(Sandbox(store=Store(sandbox_file(settings)))) as address:
            yield address
    else:
        yield None


def open_lookup(
    settings: Settings,
    sandbox: str | None,
    while_waiting: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
) -> Consultar:
    """The look-up of RUCs; without providers in the settings it asks the sandbox at this address, if there is one."""
    registry = registry_settings(settings)
    if sandbox and settings.registry_providers is None:
        registry = replace(registry, providers=read_providers("sandbox", {"SANDBOX_URL": sandbox + SOAP_PATH}))
    return Consultar(registry, while_waiting)
