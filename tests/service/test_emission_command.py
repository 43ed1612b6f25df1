"""``server.py emission``: what waits for somebody is listed, shown, tried again and compared with the provider."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import yaml  # type: ignore[import-untyped]
from prometheus_client import REGISTRY
from tortoise.connection import get_connection

from db import models
from emission.compose import read_document
from pac.cipher import Cipher
from pac.emission import Evidence, NotSent
from pac.providers import SOAP_PATH
from pac.sandbox.server import run_sandbox
from pac.sandbox.state import Sandbox
from resolvers import pac_settings
from resolvers.pac_settings import NewCredentials
from rules.vocabulary import BlockedReason, DifferenceKind
from service import metrics
from service.secrets import pac_cipher
from service.settings import Settings
from tests.conftest import Api
from tests.emission.conftest import Bench
from tests.pac.hka.fake import run_fake, says
from tests.resolvers.test_fiscal import authorized, blocked, issued, rejected
from tests.service.test_commands import Done, invoke_in_thread
from tests.service.test_pac import KEY


@pytest.fixture
async def bench(electronic: Api) -> Bench:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


@pytest.fixture
def where(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY}


async def emission(where: dict[str, str], *arguments: str) -> str:
    done = await invoke_in_thread("emission", *arguments, **where)
    assert done.code == 0, done
    return done.out


async def execute(bench: Bench, sql: str, *values: Any) -> None:
    with bench.acting():
        await get_connection("default").execute_query(sql, [bench.api.account_id, *values])


_DIFFERENCE = """
    INSERT INTO emission_difference (account_id, kind, subject, count, since) VALUES ($1, $2, 'sandbox', 3, now())
"""


async def test_what_waits_is_listed_with_what_to_do(bench: Bench, where: dict[str, str]) -> None:
    account = ("--account", str(bench.api.account_id))
    assert await emission(where, "list", *account) == "nothing\n"
    await authorized(bench)
    of = {"blocked": await blocked(bench, BlockedReason.FOLIOS), "rejected": await rejected(bench)}
    of["open"] = await issued(bench)
    await execute(bench, _DIFFERENCE, DifferenceKind.FOLIOS_EXTRA)
    listed = await emission(where, "list", *account)
    assert f"{of['blocked']}  0000-001-0000000002  BLOCKED FOLIOS" in listed
    assert all(re.search(r"  \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", row) for row in listed.splitlines()), listed
    assert f"{of['rejected']}  0000-001-0000000003  REJECTED" in listed
    assert "CPBS desconocido" in listed
    assert "--accept-folios" in listed
    for only, id in of.items():
        assert id in await emission(where, "list", *account, "--only", only)
        assert id not in await emission(where, "list", *account, "--only", "differences")
        others = {other for name, other in of.items() if name != only}
        listed = await emission(where, "list", *account, "--only", only)
        assert not any(other in listed for other in others)
    assert set(listed.splitlines()) <= set((await emission(where, "list")).splitlines())


async def test_a_document_is_shown_with_its_attempts(bench: Bench, where: dict[str, str]) -> None:
    id = await issued(bench)
    bench.provider.sending.append(NotSent(evidence=Evidence(message="no\nroute\x1b[2J")))
    await bench.work()
    shown = await emission(where, "show", id)
    assert f"account id: {bench.api.account_id}" in shown
    assert "status: QUEUED" in shown
    assert "SEND  fake  NOT_SENT no route [2J" in shown
    await bench.work_until(UUID(id), "AUTHORIZED")
    shown = await emission(where, "show", id)
    assert "cufe: FE01" in shown
    attempts = [line.split() for line in shown.splitlines() if "  SEND" in line]
    assert [words[1:4] for words in attempts] == [["SEND", "fake", "NOT_SENT"], ["SEND", "fake", "AUTHORIZED"]]
    # Times are in UTC, and say so.
    assert all(datetime.fromisoformat(words[0]).utcoffset() == timedelta(0) for words in attempts)
    assert re.search(r"^issued at: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$", shown, re.MULTILINE)
    unknown = await invoke_in_thread("emission", "show", str(UUID(int=1)), **where)
    assert unknown == Done(1, "", "Error: There is no electronic document with this id.\n")


async def test_blocked_documents_are_tried_again_and_looked_for_first(bench: Bench, where: dict[str, str]) -> None:
    account = ("--account", str(bench.api.account_id))
    one, two, other = [
        await blocked(bench, reason)
        for reason in (BlockedReason.ISSUER, BlockedReason.ISSUER, BlockedReason.CERTIFICATE)
    ]
    assert await emission(where, "retry", *account, other) == f"{other}  CHECKING\n"
    assert set((await emission(where, "retry", *account, "--reason", "ISSUER")).split()) == {one, two, "CHECKING"}
    for id in (one, two, other):
        assert await bench.status(UUID(id)) == "CHECKING"
    again = await invoke_in_thread("emission", "retry", *account, one, **where)
    assert (again.code, again.err.startswith(f"Error: {one}: ")) == (1, True)
    assert (await invoke_in_thread("emission", "retry", *account, **where)).code == 2
    with bench.acting():
        trail = await models.AuditEvent.filter(account_id=bench.api.account_id, object_id=UUID(one))
    assert "COMMAND_LINE" in {each.source.value for each in trail}


def looked_at(answered: int, chosen: int, void: int) -> str:
    return f"authorised documents looked at: {answered} of {chosen}; void at the provider: {void}\n"


async def test_a_comparison_says_how_many_documents_it_looked_at(
    bench: Bench, where: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.commands.emission.start_logging", lambda settings: None)
    for _ in range(3):
        await authorized(bench)
    await execute(bench, "UPDATE emission SET provider = 'hka-soap-demo' WHERE account_id = $1")
    credentials = Cipher(KEY).encrypt({"user": "empresa-1234", "password": "clave-secreta"})
    sql = "UPDATE pac_setting SET provider = 'hka-soap-demo', secrets = $2 WHERE account_id = $1"
    await execute(bench, sql, credentials)
    compare = ("reconcile", "--account", str(bench.api.account_id))
    folios = says("FoliosRestantes", codigo="200", foliosDisponibleCiclo="3", foliosTotalesCiclo="3")
    void = says("EstadoDocumento", codigo="200", estatusDocumento="Anulada")
    valid = says("EstadoDocumento", codigo="200", estatusDocumento="Autorizada")
    async with run_fake() as fake:
        reach = {**where, "HKA_SOAP_DEMO_URL": fake.url}
        fake.will(folios)
        too_early = await emission(reach, *compare)
        await execute(bench, "UPDATE emission SET authorized_at = now() - interval '1 hour' WHERE account_id = $1")
        fake.will(folios, void, valid, says("EstadoDocumento", codigo="999", mensaje="no se sabe"))
        later = await emission(reach, *compare)
    assert too_early == f"{looked_at(0, 0, 0)}no differences\n"
    assert later.endswith(f"\n{looked_at(2, 3, 1)}no differences\n")
    assert "EMISSION_SETTLE" in await emission(where, "reconcile", "--help")


async def test_an_account_is_compared_with_its_provider_now(
    electronic: Api, where: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.commands.emission.start_logging", lambda settings: None)
    bench = Bench(electronic)
    account = ("--account", str(bench.api.account_id))
    settings = Settings(database_url=where["DATABASE_URL"], pac_secrets_key=KEY)
    with bench.acting():
        await pac_settings.set_credentials(NewCredentials(provider="sandbox"), pac_cipher(settings))
    async with run_sandbox(Sandbox()) as address:
        reach = {**where, "SANDBOX_URL": address + SOAP_PATH}
        assert await emission(reach, "reconcile", *account) == f"{looked_at(0, 0, 0)}no differences\n"
        sql = "UPDATE emission_reconciliation SET base_used = -5 WHERE account_id = $1"
        await execute(bench, sql)
        assert "FOLIOS_EXTRA  sandbox" in await emission(reach, "reconcile", *account)
        assert (await emission(reach, "reconcile", *account, "--accept-folios")).endswith("\nno differences\n")
    away = await invoke_in_thread("emission", "reconcile", *account, **reach)
    assert (away.code, "no usable answer" in away.err) == (1, True)


# Figures, and the rules about them


async def test_figures_count_what_is_unsettled_and_what_differs(bench: Bench, database_url: str) -> None:
    def figure(name: str, **labels: str) -> float:
        value = REGISTRY.get_sample_value(name, labels)
        assert value is not None, name
        return value

    await metrics._observe_emission()
    names = ("QUEUED", "REJECTED", "BLOCKED")
    before = [figure("istmo_emission_documents", status=status) for status in names]
    differing = figure("istmo_emission_differences", kind="FOLIOS_LOW")
    away = figure("istmo_emission_away_accounts")
    await blocked(bench)
    await rejected(bench)
    await issued(bench)
    await execute(bench, _DIFFERENCE, DifferenceKind.FOLIOS_LOW)
    sql = """INSERT INTO emission_reconciliation (account_id, due_at, nightly_at, failing_since, folios_available)
             VALUES ($1, now() - interval '100 years', now(), now(), -7)"""
    await execute(bench, sql)
    await metrics._observe_emission()
    assert [figure("istmo_emission_documents", status=status) for status in names] == [each + 1 for each in before]
    assert figure("istmo_emission_differences", kind="FOLIOS_LOW") == differing + 1
    assert figure("istmo_emission_away_accounts") == away + 1
    assert figure("istmo_emission_folios_left") == -7
    assert figure("istmo_emission_reconciliation_late_seconds") > 1e9


ALERTS = Path(__file__).parents[2] / "docs" / "alerts.yml"


def rules() -> list[dict[str, Any]]:
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_is_about_metrics_labels_and_values_that_exist(rule: dict[str, Any]) -> None:
    known = {family.name for family in REGISTRY.collect()}
    used = re.findall(r"(istmo_\w+)(?:\{(\w+)(=|!~)\"([^\"]+)\"\})?", rule["expr"])
    assert used
    for name, label, _, values in used:
        assert name in known, name
        if label:
            possible = {"status": set(metrics._STATUSES), "kind": {kind.value for kind in DifferenceKind}}[label]
            assert set(values.split("|")) <= possible
    assert set(rule) == {"alert", "expr", "for", "labels", "annotations"}
    assert set(rule["annotations"]) == {"summary", "next_step"}
    assert rule["labels"]["severity"] in ("warning", "critical")


def test_each_kind_of_difference_has_one_rule() -> None:
    every = {kind.value for kind in DifferenceKind}
    told: list[str] = []
    for rule in rules():
        for sign, kinds in re.findall(r"istmo_emission_differences\{kind(=|!~)\"([^\"]+)\"\}", rule["expr"]):
            named = set(kinds.split("|"))
            told += named if sign == "=" else every - named
    assert sorted(told) == sorted(every)


def test_what_stops_documents_is_critical_and_what_is_said_in_time_a_warning() -> None:
    severities = {rule["alert"]: rule["labels"]["severity"] for rule in rules()}
    assert severities["IstmoFoliosEnded"] == severities["IstmoDocumentsBlocked"] == "critical"
    assert severities["IstmoFoliosRunOut"] == severities["IstmoLicenceEnds"] == "warning"


async def test_every_command_that_a_rule_names_exists() -> None:
    for line in {command for rule in rules() for command in re.findall(r"`server\.py ([^`]+)`", str(rule))}:
        done = await invoke_in_thread(*line.split(), "--help")
        assert done.code == 0, line
