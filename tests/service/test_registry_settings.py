"""Which providers are asked about RUCs."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import pytest
from tortoise.context import TortoiseContext

from db import tenant
from lookup.service import Status
from lookup.settings import Settings as LookupSettings
from service.registry import open_lookup, own_sandbox
from service.settings import Settings, registry_settings
from tests.service.test_commands import invoke


@pytest.fixture(autouse=True)
def no_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REGISTRY_PROVIDERS", "HKA_SOAP_USER", "HKA_SOAP_PASSWORD", "SANDBOX_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("names", "embedded", "asks", "sandbox"),
    [
        (None, False, False, False),  # never the default with a given database
        (None, True, True, True),
        ("none", True, False, False),
        ("hka-soap", True, True, False),
        ("hka-soap", False, True, False),
        ("sandbox", False, True, True),
    ],
)
async def test_by_default_no_provider_is_asked_and_with_the_embedded_database_a_sandbox(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, names: str | None, embedded: bool, asks: bool, sandbox: bool
) -> None:
    monkeypatch.setenv("HKA_SOAP_USER", "ana")
    monkeypatch.setenv("HKA_SOAP_PASSWORD", "secret")
    settings = Settings(registry_providers=names, istmo_data_dir=tmp_path)
    async with own_sandbox(settings, embedded=embedded) as address, open_lookup(settings, address) as consultar:
        assert (consultar.asks, consultar.sandbox) == (asks, sandbox)


async def test_the_sandbox_answers(service: TortoiseContext, new_account: Any, tmp_path: Path) -> None:
    settings = Settings(istmo_data_dir=tmp_path)
    async with own_sandbox(settings, embedded=True) as address, open_lookup(settings, address) as consultar:
        with tenant.acting_for(await new_account()):
            lookup = await consultar.look_up("280-134-61098")
    assert (lookup.status, lookup.name, lookup.sandbox) == (Status.FOUND, "BANCO GENERAL", True)


def test_every_setting_reaches_the_look_up() -> None:
    assert registry_settings(Settings()) == LookupSettings()
    values = {name: 7.0 + place for place, name in enumerate(["timeout", "found_fresh", "not_found_fresh", "stale"])}
    values |= {"attempts": 2, "calls": 3, "failures": 4, "rest": 6.0}
    settings = Settings(**{f"registry_{name}": value for name, value in values.items()})  # type: ignore[arg-type]
    values["calls_under_way"] = values.pop("calls")
    assert asdict(registry_settings(settings)).items() >= values.items()


def test_a_provider_without_its_secrets_is_refused_without_telling_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HKA_SOAP_USER", "ana-of-accounting")
    with pytest.raises(
        click.ClickException, match="HKA_SOAP_PASSWORD or HKA_SOAP_PASSWORD_FILE must be set"
    ) as refused:
        registry_settings(Settings(registry_providers="hka-soap"))
    assert "ana-of-accounting" not in refused.value.message


def test_the_settings_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HKA_SOAP_PASSWORD", "of-the-provider")
    done = invoke("settings", REGISTRY_PROVIDERS="hka-soap")
    assert "REGISTRY_PROVIDERS=hka-soap\n" in done.out
    assert "of-the-provider" not in done.out
