"""The provider of an account's electronic invoices, and its credentials there."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection

from db import models, tenant
from emission import reconciliation, switching
from emission.settings import Settings
from pac.cipher import Cipher
from resolvers.pac_settings import Connection, NewCredentials, read_connection, set_credentials
from rules.faults import Refusal
from rules.vocabulary import Environment, FiscalStatus, Scope
from schema.mutations.set_pac_credentials import PacCredentialsInput
from tests.builders import company, create_invoice, faults
from tests.conftest import CIPHER, Answer, Api

TOKENS = {"user": "empresa-1234", "password": "clave-secreta"}

_SET = """
    mutation ($provider: String!, $credentials: PacCredentialsInput, $version: Int, $dryRun: Boolean! = false,
              $key: String) {
        setPacCredentials(provider: $provider, credentials: $credentials, version: $version, dryRun: $dryRun,
                          idempotencyKey: $key) {
            pacSetting { provider environment version } userErrors { path code message expected }
        }
    }
"""


async def set_provider(api: Api, provider: str, **variables: Any) -> Answer:
    variables = {"credentials": TOKENS, **variables}
    payload: Answer = (await api.ask(_SET, provider=provider, **variables))["setPacCredentials"]
    return payload


async def stored_row(api: Api) -> models.PacSetting | None:
    with tenant.acting_for(api.account_id):
        return await models.PacSetting.get_or_none(account_id=api.account_id)


async def test_credentials_are_stored_encrypted_and_shown_to_nobody(api: Api) -> None:
    assert (await api.ask("{ pacSetting { provider } }"))["pacSetting"] is None
    payload = await set_provider(api, "hka-soap")
    assert payload["pacSetting"] == {"provider": "hka-soap", "environment": "PRODUCTION", "version": 1}
    row = await stored_row(api)
    assert row is not None
    assert b"clave" not in row.secrets
    with tenant.acting_for(api.account_id):
        found = await read_connection(CIPHER)
    assert found == Connection("hka-soap", Environment.PRODUCTION, TOKENS, 1)
    shown = await api.ask(
        "{ pacSetting { provider environment } auditEvents { edges { node { changes { field } } } } }"
    )
    assert shown["pacSetting"] == {"provider": "hka-soap", "environment": "PRODUCTION"}
    assert "clave" not in str(shown)
    fields = {change["field"] for edge in shown["auditEvents"]["edges"] for change in edge["node"]["changes"]}
    assert {"provider", "environment"} <= fields
    assert "secrets" not in fields


@pytest.mark.parametrize("sandbox", ["sandbox", "sandbox-rest"])
async def test_the_sandbox_needs_no_credentials_and_is_of_tests(api: Api, sandbox: str) -> None:
    payload = await set_provider(api, sandbox, credentials=None)
    assert payload["pacSetting"]["environment"] == "TEST"
    with tenant.acting_for(api.account_id):
        found = await read_connection(CIPHER)
    assert found is not None
    assert len(found.credentials["user"]) > 20


async def test_without_a_key_nothing_is_stored(api: Api) -> None:
    api.context.cipher = None
    payload = await set_provider(api, "hka-soap")
    assert faults(payload) == {("", "NOT_ALLOWED")}
    assert "PAC_SECRETS_KEY" in payload["userErrors"][0]["message"]
    assert await stored_row(api) is None


async def test_all_faults_come_at_once(api: Api) -> None:
    payload = await set_provider(api, "dgi", credentials={"user": " ", "password": "x" * 501})
    assert faults(payload) == {
        ("provider", "INVALID_VALUE"),
        ("credentials.user", "REQUIRED"),
        ("credentials.password", "TOO_LONG"),
    }
    assert "hka-soap" in payload["userErrors"][0]["expected"]
    short = await set_provider(api, "hka-soap", credentials={"user": "a" * 5, "password": "2152"})
    assert faults(short) == {("credentials.user", "INVALID_VALUE"), ("credentials.password", "INVALID_VALUE")}
    missing = await set_provider(api, "hka-soap", credentials=None)
    assert faults(missing) == {("credentials.user", "REQUIRED"), ("credentials.password", "REQUIRED")}


@pytest.mark.parametrize(
    "malformed",
    [
        {"user": TOKENS["user"]},
        {**TOKENS, "pasword": TOKENS["password"]},
        {**TOKENS, "password": [TOKENS["password"]]},
        {**TOKENS, "password": {"x": TOKENS["password"]}},
        list(TOKENS.values()),
        TOKENS["password"],
    ],
    ids=["lacking", "unknown", "list", "object", "a list", "a text"],
)
async def test_what_a_malformed_request_holds_is_not_repeated(api: Api, malformed: Any) -> None:
    in_variables = await api.execute(_SET, provider="hka-soap", credentials=malformed)
    literal = re.sub(r'"(\w+)": ', r"\1: ", json.dumps(malformed))
    document = f'mutation {{ setPacCredentials(provider: "x", credentials: {literal}) {{ userErrors {{ code }} }} }}'
    for answer in (in_variables, await api.execute(document)):
        assert answer["errors"][0]["message"]
        assert not any(token in str(answer) for token in TOKENS.values()), answer


def test_no_object_shows_credentials_when_it_is_printed() -> None:
    for held in (
        Connection("hka-soap", Environment.PRODUCTION, TOKENS, 1),
        NewCredentials(provider="hka-soap", **TOKENS),
        PacCredentialsInput(**TOKENS),
        CIPHER,
        models.PacSetting(secrets=CIPHER.encrypt(TOKENS)),
    ):
        assert not any(token in f"{held!r} {held}" for token in TOKENS.values())


async def test_a_dry_run_stores_nothing(api: Api) -> None:
    payload = await set_provider(api, "hka-soap", dryRun=True)
    assert payload["pacSetting"]["provider"] == "hka-soap"
    assert await stored_row(api) is None


async def test_a_change_is_by_version_and_the_same_again_is_none(api: Api) -> None:
    await set_provider(api, "hka-soap-demo")
    assert (await set_provider(api, "hka-soap-demo"))["pacSetting"]["version"] == 1
    assert faults(await set_provider(api, "hka-soap-demo", version=7)) == {("version", "CONFLICT")}
    other = {**TOKENS, "password": "otra-clave"}
    assert (await set_provider(api, "hka-soap-demo", version=1, credentials=other))["pacSetting"]["version"] == 2


async def test_a_repeated_request_is_compared_without_keeping_a_hash_of_the_secrets(api: Api) -> None:
    assert (await set_provider(api, "hka-soap", key="k"))["userErrors"] == []
    assert (await set_provider(api, "hka-soap", key="k"))["pacSetting"]["version"] == 1
    other = await set_provider(api, "hka-soap", key="k", credentials={**TOKENS, "password": "otra-clave"})
    assert faults(other) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}
    # Under another key of the server the same request would have another hash.
    api.context.cipher = Cipher(Cipher.generate_key())
    assert faults(await set_provider(api, "hka-soap", key="k")) == {("idempotencyKey", "IDEMPOTENCY_MISMATCH")}


async def test_the_environment_stays_once_an_invoice_was_issued(electronic: Api) -> None:
    assert (await set_provider(electronic, "ebi-soap"))["pacSetting"]["environment"] == "PRODUCTION"
    assert (await set_provider(electronic, "hka-soap-demo"))["pacSetting"]["environment"] == "TEST"
    assert (await create_invoice(electronic, newCustomer=company()))["userErrors"] == []
    assert faults(await set_provider(electronic, "hka-soap")) == {("provider", "NOT_ALLOWED")}
    assert (await set_provider(electronic, "ebi-soap-demo"))["userErrors"] == []


async def issued(api: Api, **columns: Any) -> dict[str, Any]:
    """An issued document that is on its way at the account's provider; returns what finds its row."""
    made = await create_invoice(api, newCustomer=company(), onDuplicate="USE_EXISTING")
    own = {"document_id": made["invoice"]["id"]}
    if columns:
        await change(api, own, **columns)
    return own


async def change(api: Api, own: dict[str, Any], **columns: Any) -> None:
    with tenant.acting_for(api.account_id):
        await models.Emission.filter(**own).update(**columns)


async def row_of(api: Api, own: dict[str, Any]) -> models.Emission:
    with tenant.acting_for(api.account_id):
        return await models.Emission.get(**own)


NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=1)
AT_DEMO = {"provider": "hka-soap-demo"}
AUTHORIZED = {"status": "AUTHORIZED", "cufe": "x", "authorized_at": NOW}
VOIDING = {"status": "VOIDING", "cufe": "x", "authorized_at": NOW, "void_reason": "x"}
FOLIOS = {"status": "BLOCKED", "blocked_reason": "FOLIOS"}
ISSUER = {"status": "BLOCKED", "blocked_reason": "ISSUER"}


@pytest.mark.parametrize(
    "columns",
    [
        {"status": "SENDING", "due_at": LATER, "sent_until": LATER},
        {"status": "CHECKING", "due_at": LATER, "sent_until": NOW},
        {"status": "QUEUED", "due_at": LATER, "sent_until": NOW},
        {"status": "ACCEPTED", "due_at": LATER, "sent_until": NOW},
        {**FOLIOS, "due_at": LATER, "sent_until": NOW},
        {**VOIDING, "due_at": LATER, "sent_until": NOW},
        {**AUTHORIZED, "due_at": None, "sent_until": NOW, "files_due_at": LATER},
    ],
    ids=["sending", "checking", "tried", "accepted", "folios", "voiding", "files"],
)
async def test_another_provider_is_refused_while_a_document_needs_the_present_one(
    electronic: Api, columns: dict[str, Any]
) -> None:
    await set_provider(electronic, "hka-soap-demo")
    own = await issued(electronic, **AT_DEMO, **columns)
    before = await stored_row(electronic)
    for dry_run in (True, False):
        payload = await set_provider(electronic, "ebi-soap-demo", dryRun=dry_run)
        assert faults(payload) == {("provider", "NOT_ALLOWED")}
        assert "dependen de hka-soap-demo: 1." in payload["userErrors"][0]["message"]
    after = await stored_row(electronic)
    assert before is not None
    assert after is not None
    assert (after.provider, after.secrets) == (before.provider, before.secrets)
    await change(electronic, own, **AUTHORIZED, **dict.fromkeys(("due_at", "files_due_at", "void_reason")))
    assert (await set_provider(electronic, "ebi-soap-demo"))["userErrors"] == []


async def test_a_provider_that_gives_the_xml_and_never_its_pdf_keeps_nobody(electronic: Api) -> None:
    await set_provider(electronic, "hka-soap-demo")
    own = await issued(electronic, **AT_DEMO, **AUTHORIZED, due_at=None, sent_until=NOW, files_due_at=LATER)
    with tenant.acting_for(electronic.account_id):
        sql = """INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
                 VALUES ($1, $2, 'XML', $3, sha256($3), 6)"""
        arguments = [electronic.account_id, own["document_id"], b"<rFE/>"]
        await get_connection("default").execute_query(sql, arguments)
        assert (await set_provider(electronic, "ebi-soap-demo"))["userErrors"] == []
        # Nobody asks for it any more, until that provider is set again.
        assert (await row_of(electronic, own)).files_due_at is None
        await reconciliation.fetch_missing_files(LATER, "ebi-soap-demo")
        assert (await row_of(electronic, own)).files_due_at is None
        await reconciliation.fetch_missing_files(LATER, "hka-soap-demo")
        assert (await row_of(electronic, own)).files_due_at == LATER


@pytest.mark.parametrize("reason", ["FOLIOS", "CERTIFICATE", "TECHNICAL"])
async def test_an_operator_may_leave_blocked_documents_at_a_provider(electronic: Api, reason: str) -> None:
    await set_provider(electronic, "hka-soap-demo")
    columns = {"status": "BLOCKED", "blocked_reason": reason}
    own = await issued(electronic, **AT_DEMO, **columns, due_at=LATER, sent_until=NOW)
    absent = await issued(electronic, **AT_DEMO, **columns, due_at=LATER)
    await issued(electronic, **AT_DEMO, status="CHECKING", due_at=LATER, sent_until=NOW)
    typed = NewCredentials(provider="ebi-soap-demo", **TOKENS)
    with tenant.acting_for(electronic.account_id):
        with pytest.raises(Refusal) as refused:
            await set_credentials(typed, CIPHER, leaves_blocked=True)
        assert "dependen de hka-soap-demo: 1." in refused.value.faults[0].message.es  # the one that is CHECKING
        await models.Emission.filter(status="CHECKING").update(sent_until=None)
        await set_credentials(typed, CIPHER, leaves_blocked=True)
        document = await models.Document.get(id=own["document_id"])
        left = f"{document.branch}-{document.billing_point}-{document.number}"
        assert await switching.list_left() == [(left, reason)]
    row = await row_of(electronic, own)
    assert (row.status, row.provider, row.payload, row.due_at) == ("BLOCKED", "hka-soap-demo", 1, None)
    row = await row_of(electronic, absent)
    assert (row.status, row.provider or "", row.payload) == ("BLOCKED", "", 2)
    assert row.due_at is not None
    assert row.due_at < LATER


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({"status": "QUEUED", "due_at": LATER}, ("QUEUED", None, 2)),  # could not be sent
        ({"status": "CHECKING", "due_at": LATER}, ("CHECKING", None, 2)),  # tried again after it was refused
        ({**ISSUER, "due_at": None}, ("BLOCKED", None, 2)),
        ({"status": "BLOCKED", "blocked_reason": "CREDENTIALS", "due_at": None}, ("CHECKING", None, 2)),
        ({"status": "REJECTED", "due_at": None, "sent_until": NOW}, ("REJECTED", "hka-soap-demo", 1)),
        ({**AUTHORIZED, "due_at": None, "sent_until": NOW}, ("AUTHORIZED", "hka-soap-demo", 1)),
    ],
    ids=["not sent", "checking", "issuer", "credentials", "rejected", "authorized"],
)
async def test_what_the_present_provider_has_not_got_goes_to_the_next_one(
    electronic: Api, columns: dict[str, Any], expected: tuple[Any, ...]
) -> None:
    await set_provider(electronic, "hka-soap-demo")
    own = await issued(electronic, **AT_DEMO, **columns)
    assert (await set_provider(electronic, "ebi-soap-demo"))["userErrors"] == []
    row = await row_of(electronic, own)
    assert (row.status, row.provider, row.payload) == expected
    assert row.due_at is None or row.due_at < LATER


async def test_new_credentials_make_due_at_once_what_waits_and_leave_what_is_being_sent(electronic: Api) -> None:
    await set_provider(electronic, "hka-soap-demo")
    waiting = [
        await issued(electronic, **AT_DEMO, sent_until=NOW, due_at=LATER, **columns)
        for columns in ({"status": "CHECKING"}, {"status": "ACCEPTED"}, FOLIOS, VOIDING)
    ]
    waiting.append(await issued(electronic, due_at=LATER))
    files = await issued(electronic, **AT_DEMO, **AUTHORIZED, due_at=None, files_due_at=LATER)
    sending = await issued(electronic, **AT_DEMO, status="SENDING", sent_until=LATER, due_at=LATER)
    await set_provider(electronic, "hka-soap-demo", credentials={**TOKENS, "password": "otra-clave"})
    for own in waiting:
        row = await row_of(electronic, own)
        assert row.due_at is not None
        assert row.due_at < LATER, row.status
    row = await row_of(electronic, files)
    assert (row.due_at, row.files_due_at is not None and row.files_due_at < LATER) == (None, True)
    assert (await row_of(electronic, sending)).due_at == LATER


RECONCILED = """
    INSERT INTO emission_reconciliation (account_id, attempts, due_at, nightly_at, asked_at, folios_total, folios_used,
        folios_available, licence_until, folios_at, base_used, base_authorized, base_uncertain, base_cycle)
    VALUES ($1, 7, $2, $2, $2, 10, 9, 1, '2999-01-01', $2, 5, 5, 0, 'hka-soap-demo')
"""
LOW = """
    INSERT INTO emission_difference (account_id, kind, subject, count, since)
    VALUES ($1, 'FOLIOS_LOW', 'hka-soap-demo', 1, $2), ($1, 'NUMBERS_MISSING', '0000-001', 1, $2)
"""


@pytest.mark.parametrize(
    ("provider", "credentials", "is_kept"),
    [
        ("hka-soap-demo", {**TOKENS, "password": "otra-clave"}, True),
        ("hka-soap-demo", {**TOKENS, "user": "otra-empresa"}, False),
        ("ebi-soap-demo", TOKENS, False),
    ],
    ids=["password", "user", "provider"],
)
async def test_new_credentials_begin_a_reconciliation_and_another_licence_a_count_of_its_own(
    electronic: Api, provider: str, credentials: dict[str, str], is_kept: bool
) -> None:
    await set_provider(electronic, "hka-soap-demo")
    with tenant.acting_for(electronic.account_id):
        for sql in (RECONCILED, LOW):
            await get_connection("default").execute_query(sql, [electronic.account_id, LATER])
        await set_provider(electronic, "hka-soap-demo")  # the same again
        assert electronic.account_id not in await reconciliation.find_accounts(NOW + timedelta(hours=1))
        await set_provider(electronic, provider, credentials=credentials)
        assert electronic.account_id in await reconciliation.find_accounts(NOW + timedelta(hours=1))
        turn = await reconciliation.claim(NOW + timedelta(hours=1), Settings())
        assert turn is not None
        assert turn.attempts == 9  # the turn under way was the seventh
        assert (turn.base is not None) == is_kept
    asked = "{ emissionStatus { folios { available } differences { kind } } }"
    found = (await electronic.ask(asked))["emissionStatus"]
    assert found["folios"] == ({"available": 1} if is_kept else None)
    kinds = [each["kind"] for each in found["differences"]]
    assert kinds == (["FOLIOS_LOW", "NUMBERS_MISSING"] if is_kept else ["NUMBERS_MISSING"])


async def test_a_document_of_a_provider_that_the_account_left_can_not_be_voided_here(electronic: Api) -> None:
    await set_provider(electronic, "hka-soap-demo")
    own = await issued(electronic, **AT_DEMO, **AUTHORIZED, due_at=None)
    await set_provider(electronic, "ebi-soap-demo")
    void = """
        mutation ($id: ID!, $reason: String!) {
            voidInvoice(id: $id, reason: $reason) { userErrors { path code message } }
        }
    """
    asked = {"id": own["document_id"], "reason": "La operación no se hizo"}
    payload = (await electronic.ask(void, **asked))["voidInvoice"]
    assert faults(payload) == {("id", "NOT_ALLOWED")}
    assert "portal de hka-soap-demo" in payload["userErrors"][0]["message"]
    await set_provider(electronic, "hka-soap-demo")
    assert (await electronic.ask(void, **asked))["voidInvoice"]["userErrors"] == []


async def test_only_admins_set_it(api: Api) -> None:
    writer = Api(api.account_id, Scope.WRITE)
    assert await writer.refused(_SET, provider="sandbox") == ["FORBIDDEN"]


async def test_the_ruc_stays_while_a_document_is_on_its_way(electronic: Api) -> None:
    made = await create_invoice(electronic, newCustomer=company())
    change = "mutation ($input: AccountInput!) { updateAccount(input: $input) { userErrors { path code } } }"
    ruc = {"ruc": "8-274-125", "dv": "91"}
    own = {"document_id": made["invoice"]["id"]}
    with tenant.acting_for(electronic.account_id):
        if not await models.Emission.filter(**own).exists():
            await models.Emission.create(
                account_id=electronic.account_id, environment=Environment.TEST, due_at=datetime.now(UTC), **own
            )
    withdrawn = {"void_reason": "x", "voided_at": datetime.now(UTC)}
    for status, columns, expected in (
        (FiscalStatus.QUEUED, {"due_at": datetime.now(UTC)}, {("input.ruc", "NOT_ALLOWED")}),
        (FiscalStatus.REJECTED, {"due_at": None}, {("input.ruc", "NOT_ALLOWED")}),
        (FiscalStatus.WITHDRAWN, withdrawn, set()),
    ):
        with tenant.acting_for(electronic.account_id):
            await models.Emission.filter(**own).update(status=status, **columns)
        payload = (await electronic.ask(change, input=ruc))["updateAccount"]
        assert faults(payload) == expected
