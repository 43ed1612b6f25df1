"""What has become of electronic invoices, as the API shows it, and what people do about it."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest

from db import models, tenant
from emission import requests
from emission.compose import read_document
from pac.emission import Blocked, Evidence, FiscalFault, NotSent, Rejected, Unavailable, Unknown, VoidRefusedOrUnknown
from resolvers import invoices
from rules import calendar
from rules.fiscal.windows import VOID_OFFERED, VOID_POSSIBLE
from rules.vocabulary import BlockedReason, CustomerStatus, EventType, FiscalStatus, Scope
from schema.types.fiscal import ShownStatus
from tests.builders import change_customer, company, create_invoice, invoice, line
from tests.conftest import Answer, Api
from tests.emission.conftest import Bench

REASON = "La operación no se realizó"

_FISCAL = """
    status cufe protocol authorizedAt qr consultationUrl environment provider sandbox
    faults { code field path line message notice } blockedReason blockedMessage attempts lastAttemptAt nextAttemptAt
    voidableUntil voidRefusal xmlAvailable pdfAvailable
"""
_INVOICE = f"id number status version documentType electronic total voidReason fiscal {{ {_FISCAL} }}"
_PAYLOAD = f"{{ invoice {{ {_INVOICE} }} warnings {{ path code }} userErrors {{ path code message }} }}"


def mutation(name: str, **types: str) -> str:
    declared = {"id": "ID!", **types, "version": "Int", "dryRun": "Boolean! = false", "idempotencyKey": "String"}
    head = ", ".join(f"${argument}: {type_}" for argument, type_ in declared.items())
    given = ", ".join(f"{argument}: ${argument}" for argument in declared)
    return f"mutation ({head}) {{ payload: {name}({given}) {_PAYLOAD} }}"


VOID = mutation("voidInvoice", reason="String!")
CORRECT = mutation("correctDocument", input="InvoiceCorrection")
RETRY = mutation("retryEmission")
RENUMBER = mutation("renumberDocument")


@pytest.fixture
async def bench(electronic: Api) -> Bench:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


async def do(api: Api, mutation: str, id: str, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(mutation, id=id, **arguments))["payload"]
    return payload


async def done(api: Api, mutation: str, id: str, **arguments: Any) -> Answer:
    payload = await do(api, mutation, id, **arguments)
    assert payload["userErrors"] == []
    found: Answer = payload["invoice"]
    return found


async def refusal(api: Api, mutation: str, id: str, **arguments: Any) -> list[tuple[str, str]]:
    payload = await do(api, mutation, id, **arguments)
    assert payload["invoice"] is None
    return [(".".join(error["path"]), error["code"]) for error in payload["userErrors"]]


async def issued(bench: Bench, **input: Any) -> str:
    made = await create_invoice(bench.api, invoice(**input), newCustomer=company(), onDuplicate="USE_EXISTING")
    assert made["userErrors"] == []
    id: str = made["invoice"]["id"]
    return id


async def read(api: Api, id: str) -> Answer:
    found: Answer = (await api.ask(f"query ($id: ID!) {{ invoice(id: $id) {{ {_INVOICE} }} }}", id=id))["invoice"]
    return found


async def authorized(bench: Bench) -> str:
    id = await issued(bench)
    await bench.work_until(UUID(id), "AUTHORIZED")
    return id


def rejection(path: tuple[str, ...] = ("lines", "0", "cpbs")) -> Rejected:
    fault = FiscalFault(
        code="2007", message="CPBS desconocido", field="dCodCPBScmp", path=path, line=1, is_notice=False
    )
    return Rejected(faults=(fault,), evidence=Evidence(code="203", message="2007-CPBS desconocido"))


async def rejected(bench: Bench, **input: Any) -> str:
    id = await issued(bench, **input)
    bench.provider.sending.append(rejection())
    await bench.work_until(UUID(id), "REJECTED")
    return id


async def blocked(bench: Bench, reason: BlockedReason = BlockedReason.ISSUER) -> str:
    id = await issued(bench)
    await block(bench, id, reason)
    return id


async def block(bench: Bench, id: str, reason: BlockedReason = BlockedReason.ISSUER) -> None:
    """Have the provider refuse a queued document, until something is put right."""
    bench.provider.sending.append(Blocked(reason=reason, evidence=Evidence(code="203", message="No afiliado")))
    await bench.work_until(UUID(id), "BLOCKED")


async def taken(bench: Bench) -> str:
    """An invoice whose number another system has used."""
    id = await issued(bench)
    await use_number_of(bench, id)
    return id


async def use_number_of(bench: Bench, id: str) -> None:
    """Let another system have used the number of a queued document."""

    def somebody_else_was_first(payload: bytes, prefix: str) -> Any:
        bench.provider.arrive(payload, prefix)
        key, ours = bench.provider.documents.popitem()
        bench.provider.documents[key] = replace(ours, total="999.00")
        return Unknown(evidence=Evidence(code="102"))

    bench.provider.sending.append(somebody_else_was_first)
    await bench.work_until(UUID(id), "BLOCKED")


async def set_age(bench: Bench, id: str, age: timedelta) -> None:
    """Let the invoice have been issued so long ago."""
    with bench.acting():
        row = await models.Document.get(id=id)
        assert row.issued_at
        at = row.issued_at - age
        await models.Document.filter(id=id).update(issued_at=at, issue_date=(at - timedelta(hours=5)).date())


# Reading


def test_people_see_all_statuses_but_that_an_attempt_is_open() -> None:
    assert {each.value for each in ShownStatus} == {each.value for each in FiscalStatus} - {"SENDING"}


async def test_an_invoice_that_is_not_electronic_has_no_fiscal_status(api: Api) -> None:
    made = await create_invoice(api, newCustomer=company())
    fiscal = (await read(api, made["invoice"]["id"]))["fiscal"]
    empty = {"status": "NONE", "sandbox": False, "attempts": 0, "faults": []}
    empty |= {"xmlAvailable": False, "pdfAvailable": False}
    assert fiscal == dict.fromkeys(fiscal) | empty


async def test_a_document_from_queued_to_authorised(bench: Bench) -> None:
    id = await issued(bench)
    before = await read(bench.api, id)
    assert (before["documentType"], before["electronic"]) == ("INVOICE", True)
    assert before["fiscal"]["status"] == "QUEUED"
    assert (before["fiscal"]["environment"], before["fiscal"]["provider"]) == ("TEST", "fake")
    assert before["fiscal"]["nextAttemptAt"] is not None
    with bench.acting():
        await models.Emission.filter(document_id=id).update(status=FiscalStatus.SENDING)
    sending = (await read(bench.api, id))["fiscal"]
    assert (sending["status"], sending["nextAttemptAt"]) == ("QUEUED", None)
    with bench.acting():
        await models.Emission.filter(document_id=id).update(status=FiscalStatus.QUEUED)
    await bench.work()
    await bench.fetch()
    after = (await read(bench.api, id))["fiscal"]
    assert re.fullmatch(r"FE01[\w-]{62}", after["cufe"])
    assert after["consultationUrl"].endswith(f"/Consultas/FacturasPorCUFE/{after['cufe']}")
    assert "dgi-fep-test" in after["consultationUrl"]
    row = await bench.document(UUID(id))
    assert row.issued_at
    assert after["voidableUntil"] == (row.issued_at + VOID_OFFERED).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert {name: after[name] for name in ("status", "protocol", "provider", "attempts", "faults", "sandbox")} == {
        "status": "AUTHORIZED",
        "protocol": "2026",
        "provider": "fake",
        "attempts": 1,
        "faults": [],
        "sandbox": False,
    }
    assert (after["xmlAvailable"], after["pdfAvailable"]) == (True, True)
    assert after["authorizedAt"]
    assert after["lastAttemptAt"]


async def test_a_document_names_the_provider_that_it_goes_to_until_it_was_sent_to_one(bench: Bench) -> None:
    async def shown(id: str) -> tuple[Any, ...]:
        fiscal = (await read(bench.api, id))["fiscal"]
        return fiscal["status"], fiscal["provider"], fiscal["sandbox"]

    async def choose(**setting: Any) -> None:
        with bench.acting():
            await models.PacSetting.all().update(**setting)

    await choose(provider="sandbox")
    id, given_up = await issued(bench), await issued(bench)
    assert await shown(id) == ("QUEUED", "sandbox", True)
    await done(bench.api, VOID, given_up, reason=REASON)
    assert await shown(given_up) == ("WITHDRAWN", None, False)
    await choose(provider="hka-soap-demo")
    assert await shown(id) == ("QUEUED", "hka-soap-demo", False)
    await choose(environment="PRODUCTION")  # where a document of TEST never goes
    assert await shown(id) == ("QUEUED", None, False)
    await choose(environment="TEST", provider="sandbox")
    await bench.work()
    assert await shown(id) == ("AUTHORIZED", "fake", False)


async def test_a_rejection_names_fields_of_our_input(bench: Bench) -> None:
    id = await rejected(bench)
    fiscal = (await read(bench.api, id))["fiscal"]
    assert fiscal["status"] == "REJECTED"
    assert fiscal["faults"] == [
        {
            **{"code": "2007", "field": "dCodCPBScmp", "path": ["lines", "0", "cpbs"], "line": 1},
            **{"message": "CPBS desconocido", "notice": False},
        }
    ]
    assert fiscal["voidableUntil"] is None


async def test_a_block_says_why(bench: Bench) -> None:
    fiscal = (await read(bench.api, await blocked(bench)))["fiscal"]
    assert (fiscal["status"], fiscal["blockedReason"], fiscal["blockedMessage"]) == ("BLOCKED", "ISSUER", "No afiliado")


# Lists


async def listed(api: Api, search: str | None = None, **filter: Any) -> list[str]:
    query = """
        query ($search: String, $filter: InvoiceFilter) {
            invoices(search: $search, filter: $filter, first: 100) { totalCount edges { node { id } } }
        }
    """
    page = (await api.ask(query, search=search, filter=filter))["invoices"]
    found = [edge["node"]["id"] for edge in page["edges"]]
    assert page["totalCount"] == len(found)
    return found


async def test_lists_by_fiscal_status_have_the_rows_that_show_it(bench: Bench) -> None:
    api = bench.api
    ids = [await authorized(bench), await rejected(bench), await blocked(bench), await issued(bench)]
    ids.append(
        (await create_invoice(api, invoice(issue=False), newCustomer=company(), onDuplicate="USE_EXISTING"))["invoice"][
            "id"
        ]
    )
    with bench.acting():
        await models.Emission.filter(document_id=ids[3]).update(status=FiscalStatus.SENDING)
    shown = {id: (await read(api, id))["fiscal"]["status"] for id in ids}
    assert sorted(shown.values()) == ["AUTHORIZED", "BLOCKED", "NONE", "QUEUED", "REJECTED"]
    for statuses in (*[[each.value] for each in ShownStatus], ["NONE", "REJECTED"], ["QUEUED", "AUTHORIZED"], []):
        expected = {id for id, status in shown.items() if status in statuses}
        assert set(await listed(api, fiscalStatus=statuses)) == expected
    assert await listed(api, search="0000000002", fiscalStatus=["REJECTED"], status=["ISSUED"]) == [ids[1]]
    assert await listed(api, search="0000000001", fiscalStatus=["REJECTED"]) == []


async def test_lists_by_reason_have_those_that_are_blocked_by_it_now(bench: Bench) -> None:
    api = bench.api
    taken, issuer = await blocked(bench, BlockedReason.NUMBER_TAKEN), await blocked(bench, BlockedReason.ISSUER)
    tried = await blocked(bench, BlockedReason.ISSUER)
    retry = "mutation ($id: ID!) { retryEmission(id: $id) { userErrors { code } } }"
    assert (await api.ask(retry, id=tried))["retryEmission"]["userErrors"] == []
    assert await listed(api, blockedReason=["NUMBER_TAKEN"]) == [taken]
    assert await listed(api, blockedReason=["ISSUER"]) == [issuer]
    assert set(await listed(api, blockedReason=["ISSUER", "NUMBER_TAKEN"])) == {taken, issuer}
    assert await listed(api, blockedReason=[]) == []


async def test_an_invoice_is_found_by_its_cufe(bench: Bench) -> None:
    api, id = bench.api, await authorized(bench)
    cufe = (await read(api, id))["fiscal"]["cufe"]
    query = "query ($cufe: String!) { invoiceByCufe(cufe: $cufe) { id } }"
    assert (await api.ask(query, cufe=f" {cufe.lower()} "))["invoiceByCufe"] == {"id": id}
    assert (await api.ask(query, cufe=cufe[:-1]))["invoiceByCufe"] is None
    assert await listed(api, cufe=cufe) == [id]
    assert await listed(api, cufe="") == []


@pytest.mark.parametrize("reason", [BlockedReason.NUMBER_TAKEN, BlockedReason.CREDENTIALS])
async def test_a_key_that_may_write_is_told_what_only_an_admin_may_do(bench: Bench, reason: BlockedReason) -> None:
    id = await blocked(bench, reason)
    for language in ("es", "en"):
        writer = Api(bench.api.account_id, Scope.WRITE, language=language)
        query = "mutation ($id: ID!) { correctDocument(id: $id, input: {}) { userErrors { message } } }"
        [error] = (await writer.ask(query, id=id))["correctDocument"]["userErrors"]
        assert "ADMIN" in error["message"]


async def test_no_other_account_finds_it(bench: Bench, new_account: Callable[..., Awaitable[UUID]]) -> None:
    id = await authorized(bench)
    cufe = (await read(bench.api, id))["fiscal"]["cufe"]
    stranger = Api(await new_account())
    found = await stranger.ask("query ($cufe: String!) { invoiceByCufe(cufe: $cufe) { id } }", cufe=cufe)
    assert found["invoiceByCufe"] is None
    for name, arguments in ((VOID, {"reason": REASON}), (CORRECT, {}), (RETRY, {}), (RENUMBER, {})):
        assert await refusal(stranger, name, id, **arguments) == [("id", "NOT_FOUND")]
    assert (await read(bench.api, id))["fiscal"]["status"] == "AUTHORIZED"


# Voiding


async def test_an_authorised_invoice_is_void_when_the_provider_has_confirmed_it(bench: Bench) -> None:
    id = await authorized(bench)
    asked = await done(bench.api, VOID, id, reason=REASON)
    assert (asked["status"], asked["fiscal"]["status"], asked["voidReason"]) == ("ISSUED", "VOIDING", None)
    again = await done(bench.api, VOID, id, reason=REASON)
    assert again["fiscal"]["status"] == "VOIDING"
    assert await refusal(bench.api, VOID, id, reason="Otro motivo, también largo") == [("id", "EMISSION_PENDING")]
    assert await bench.told(UUID(id)) == ["INVOICE_AUTHORIZED"]
    await bench.work_until(UUID(id), "VOIDED")
    after = await read(bench.api, id)
    assert (after["status"], after["voidReason"], after["version"]) == ("VOID", REASON, asked["version"] + 1)
    assert await bench.told(UUID(id)) == ["INVOICE_AUTHORIZED", "INVOICE_VOIDED"]
    assert (await done(bench.api, VOID, id, reason=REASON))["status"] == "VOID"
    assert await refusal(bench.api, VOID, id, reason="Otro motivo, también largo") == [("id", "NOT_ALLOWED")]


@pytest.mark.parametrize(
    ("age", "codes", "warnings"),
    [
        (VOID_OFFERED - timedelta(minutes=1), [], []),
        (VOID_OFFERED + timedelta(minutes=1), [], [{"path": ["id"], "code": "VOID_LATE"}]),
        (VOID_POSSIBLE + timedelta(minutes=1), [("id", "WINDOW_CLOSED")], []),
    ],
)
async def test_the_window_for_voiding(
    bench: Bench, age: timedelta, codes: list[tuple[str, str]], warnings: list[Any]
) -> None:
    id = await authorized(bench)
    await set_age(bench, id, age)
    payload = await do(bench.api, VOID, id, reason=REASON)
    assert [(".".join(error["path"]), error["code"]) for error in payload["userErrors"]] == codes
    assert payload["warnings"] == warnings
    assert (await read(bench.api, id))["fiscal"]["status"] == ("AUTHORIZED" if codes else "VOIDING")


async def test_windows_go_by_the_databases_clock(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    id, wrong = await authorized(bench), await rejected(bench)

    class Late(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime.now(tz) + timedelta(days=90)

    for module in (invoices, requests):
        monkeypatch.setattr(module, "datetime", Late, raising=False)
    assert (await done(bench.api, VOID, id, reason=REASON))["fiscal"]["status"] == "VOIDING"
    monkeypatch.setattr(calendar, "today", lambda: Late.now(UTC).date())
    assert (await done(bench.api, CORRECT, wrong))["fiscal"]["status"] == "QUEUED"


@pytest.mark.parametrize("make", [issued, rejected])
async def test_what_the_provider_never_authorised_is_withdrawn_at_once(
    bench: Bench, make: Callable[[Bench], Awaitable[str]]
) -> None:
    id = await make(bench)
    after = await done(bench.api, VOID, id, reason=REASON)
    assert (after["status"], after["fiscal"]["status"], after["voidReason"]) == ("VOID", "WITHDRAWN", REASON)
    assert (await bench.told(UUID(id)))[-1] == "INVOICE_VOIDED"
    assert bench.provider.made("VOID") == 0


NOT_SENT = NotSent(evidence=Evidence(message="sin conexión"))


@pytest.mark.parametrize(
    ("answers", "reason"),
    [
        ([Blocked(reason=BlockedReason.ISSUER, evidence=Evidence(code="203"))], "ISSUER"),
        ([Blocked(reason=BlockedReason.CREDENTIALS, evidence=Evidence(code="100"))], "CREDENTIALS"),
        ([Blocked(reason=BlockedReason.TECHNICAL, evidence=Evidence(message="formato"))], "TECHNICAL"),
        ([Unknown(evidence=Evidence())] * 100, "TECHNICAL"),
        ([NOT_SENT] * 100, "TECHNICAL"),
        ([Unknown(evidence=Evidence()), *[NOT_SENT] * 100], "TECHNICAL"),
    ],
    ids=["issuer", "credentials", "form", "never found", "never sent", "not found, then never sent"],
)
async def test_a_blocked_invoice_that_the_provider_has_not_for_certain_is_withdrawn(
    bench: Bench, answers: list[Any], reason: str
) -> None:
    id = await issued(bench)
    bench.provider.sending.extend(answers)
    await bench.work_until(UUID(id), "BLOCKED", most=1000)
    assert (await read(bench.api, id))["fiscal"]["blockedReason"] == reason
    after = await done(bench.api, VOID, id, reason=REASON)
    assert (after["status"], after["fiscal"]["status"]) == ("VOID", "WITHDRAWN")
    assert bench.provider.documents == {}


async def test_an_invoice_whose_number_another_system_used_is_withdrawn(bench: Bench) -> None:
    id = await taken(bench)
    assert (await done(bench.api, VOID, id, reason=REASON))["fiscal"]["status"] == "WITHDRAWN"


@pytest.mark.parametrize("reason", [BlockedReason.FOLIOS, BlockedReason.CERTIFICATE])
async def test_a_blocked_invoice_that_may_be_there_is_not_voided_and_the_refusal_says_what_to_do(
    bench: Bench, reason: BlockedReason
) -> None:
    id = await blocked(bench, reason)
    for name, arguments, code in ((VOID, {"reason": REASON}, "EMISSION_PENDING"), (CORRECT, {}, "NOT_ALLOWED")):
        [error] = (await do(bench.api, name, id, **arguments))["userErrors"]
        assert error["code"] == code
        assert "detenido" in error["message"] or "blocked" in error["message"]
        assert ("folios" in error["message"]) == (reason is BlockedReason.FOLIOS)


async def test_an_invoice_nobody_could_look_for_is_not_voided(bench: Bench) -> None:
    id = await issued(bench)
    bench.provider.sending.append(Unknown(evidence=Evidence()))
    bench.provider.looking.extend([Unavailable(evidence=Evidence())] * 100)
    await bench.work_until(UUID(id), "BLOCKED")
    assert await refusal(bench.api, VOID, id, reason=REASON) == [("id", "EMISSION_PENDING")]
    bench.provider.looking.clear()
    await done(bench.api, RETRY, id)
    assert await bench.work_until(UUID(id), "AUTHORIZED") == "AUTHORIZED"


@pytest.mark.parametrize("reason", BlockedReason)
async def test_what_a_blocked_invoice_cannot_do_is_refused_with_what_can_be_done(
    bench: Bench, reason: BlockedReason
) -> None:
    id = await blocked(bench)
    with bench.acting():
        await models.Emission.filter(document_id=id).update(blocked_reason=reason)
    [error] = (await do(bench.api, CORRECT, id))["userErrors"]
    assert error["code"] == "NOT_ALLOWED"
    assert error["message"] in (requests._WHILE_BLOCKED[reason].es, requests._WHILE_BLOCKED[reason].en)


async def test_an_uncertain_invoice_is_not_voided(bench: Bench) -> None:
    id = await issued(bench)
    bench.provider.sending.append(Unknown(evidence=Evidence(message="sin respuesta")))
    await bench.work()
    assert (await read(bench.api, id))["fiscal"]["status"] == "CHECKING"
    assert await refusal(bench.api, VOID, id, reason=REASON) == [("id", "EMISSION_PENDING")]


async def test_the_reason_of_an_electronic_invoice_has_20_to_500_characters(bench: Bench) -> None:
    id = await authorized(bench)
    assert await refusal(bench.api, VOID, id, reason="x" * 19) == [("reason", "INVALID_VALUE")]
    assert await refusal(bench.api, VOID, id, reason="x" * 501) == [("reason", "TOO_LONG")]
    assert (await done(bench.api, VOID, id, reason="x" * 500))["fiscal"]["status"] == "VOIDING"


@pytest.mark.parametrize("length", [501, 1000, 1001, 5000])
async def test_a_reason_that_is_too_long_names_the_limit_of_this_invoice(bench: Bench, api: Api, length: int) -> None:
    electronic = await authorized(bench)
    [error] = (await do(bench.api, VOID, electronic, reason="x" * length))["userErrors"]
    assert (error["code"], "500" in error["message"]) == ("TOO_LONG", True)
    if length > 1000:
        paper = (await create_invoice(api, newCustomer=company()))["invoice"]["id"]
        [error] = (await do(api, VOID, paper, reason="x" * length))["userErrors"]
        assert (error["code"], "1000" in error["message"]) == ("TOO_LONG", True)


async def test_an_invoice_that_is_not_electronic_is_void_at_once(api: Api) -> None:
    made = await create_invoice(api, newCustomer=company())
    after = await done(api, VOID, made["invoice"]["id"], reason="Sí")
    assert (after["status"], after["fiscal"]["status"]) == ("VOID", "NONE")


# Correcting


async def test_a_correction_with_many_faults_names_them_all(bench: Bench) -> None:
    id = await rejected(bench)
    wrong = {
        "lines": [line(quantity="-3", unit="zzz", cpbs="9999")],
        "notes": "x" * 3000,
        "withholding": {"code": "9"},
        "purchaseOrder": "x" * 60,
        "paymentForms": [{"method": "OTHER"}],
    }
    assert {path for path, _ in await refusal(bench.api, CORRECT, id, input=wrong)} == {
        *("input.lines.0.quantity", "input.lines.0.unit", "input.lines.0.cpbs", "input.notes"),
        *("input.withholding.code", "input.purchaseOrder", "input.paymentForms.0.description"),
    }


async def test_a_rejected_invoice_is_corrected_under_its_number_and_instant(bench: Bench) -> None:
    id = await rejected(bench)
    before = await bench.document(UUID(id))
    await change_customer(bench.api, str(before.customer_id), name="Hoteles Corregidos, S.A.", address="Calle 51, 8")
    lines = [line(description="Consultoría", unitPrice="20", cpbs="8010"), line(description="Viaje")]
    after = await done(bench.api, CORRECT, id, input={"lines": lines, "notes": "Corregida", "purchaseOrder": "OC-7"})
    assert (after["fiscal"]["status"], after["fiscal"]["faults"]) == ("QUEUED", [])
    row = await bench.document(UUID(id))
    kept = ("number", "branch", "billing_point", "issue_date", "issued_at", "number_key", "issuer_name", "status")
    assert [getattr(row, name) for name in kept] == [getattr(before, name) for name in kept]
    assert (row.receiver_name, row.receiver_address) == ("Hoteles Corregidos, S.A.", "Calle 51, 8")
    assert (str(row.total), row.notes, row.purchase_order) == ("32.10", "Corregida", "OC-7")
    assert row.payment_forms == [{"method": "CASH", "amount": "32.10", "description": None}]
    assert row.version == before.version + 1
    assert await listed(bench.api, search=f"{int(row.number or '')} corregidos") == [id]
    await bench.work_until(UUID(id), "AUTHORIZED")
    first, second = [orjson.loads(payload) for payload in bench.provider.sent]
    assert (first["key"], first["lines"], first["total"]) == (second["key"], 1, "10.70")
    assert (second["lines"], second["total"]) == (2, "32.10")
    assert [attempt.payload for attempt in await bench.attempts(UUID(id))] == [1, 2]
    assert await bench.told(UUID(id)) == ["INVOICE_REJECTED", "INVOICE_UPDATED", "INVOICE_AUTHORIZED"]
    data = await told_data(bench, id)
    assert (data["total"], data["version"], data["number"]) == ("32.10", row.version, row.number)


async def told_data(bench: Bench, id: str) -> Any:
    """What the event says that the invoice was changed."""
    with bench.acting():
        [event] = await models.Event.filter(object_id=id, type=EventType.INVOICE_UPDATED)
    return event.data


async def test_a_correction_may_only_take_the_customer_anew(bench: Bench) -> None:
    id = await rejected(bench, dueDate="2999-01-01")
    before = await bench.document(UUID(id))
    await change_customer(bench.api, str(before.customer_id), name="Hoteles Corregidos, S.A.")
    await done(bench.api, CORRECT, id)
    row = await bench.document(UUID(id))
    assert row.receiver_name == "Hoteles Corregidos, S.A."
    same = ("payment_forms", "instalments", "due_date", "total")
    assert [getattr(row, name) for name in same] == [getattr(before, name) for name in same]


async def test_a_correction_is_checked_as_an_issue(bench: Bench) -> None:
    id = await rejected(bench)
    wrong = {"lines": [line(quantity="0")], "customerId": str(UUID(int=7))}
    assert await refusal(bench.api, CORRECT, id, input=wrong) == [
        ("input.lines.0.quantity", "OUT_OF_RANGE"),
        ("input.customerId", "NOT_FOUND"),
    ]
    assert await refusal(bench.api, CORRECT, id, input={"lines": None}) == [("input.lines", "REQUIRED")]
    assert await refusal(bench.api, CORRECT, id, version=99) == [("version", "CONFLICT")]
    with bench.acting():
        await models.Customer.all().update(address=None)
    assert await refusal(bench.api, CORRECT, id) == [("input.customerId", "REQUIRED")]
    assert (await read(bench.api, id))["fiscal"]["status"] == "REJECTED"


async def test_only_rejected_invoices_of_the_last_30_days_are_corrected(bench: Bench) -> None:
    assert await refusal(bench.api, CORRECT, await authorized(bench)) == [("id", "NOT_ALLOWED")]
    assert await refusal(bench.api, CORRECT, await issued(bench)) == [("id", "EMISSION_PENDING")]
    await bench.work()
    old = await rejected(bench)
    await set_age(bench, old, timedelta(days=31))
    assert await refusal(bench.api, CORRECT, old) == [("id", "WINDOW_CLOSED")]
    draft = (await create_invoice(bench.api, invoice(issue=False), newCustomer=company(), onDuplicate="USE_EXISTING"))[
        "invoice"
    ]["id"]
    for name in (CORRECT, RETRY, RENUMBER):
        assert await refusal(bench.api, name, draft) == [("id", "NOT_ALLOWED")]


# Trying again, and another number


async def test_a_blocked_invoice_is_looked_for_before_it_is_sent_again(bench: Bench) -> None:
    id = await blocked(bench)
    after = await done(bench.api, RETRY, id)
    assert (after["fiscal"]["status"], after["fiscal"]["blockedReason"]) == ("CHECKING", None)
    await bench.work()
    assert [kind for kind, _ in bench.provider.calls] == ["SEND", "LOOK"]
    await bench.work_until(UUID(id), "AUTHORIZED")
    assert await refusal(bench.api, RETRY, id) == [("id", "NOT_ALLOWED")]


async def audit(api: Api) -> Answer:
    query = """
        { numberingAudit(billingPoint: "001") {
            lastNumber issuedCount voidCount authorizedCount openCount withdrawnCount takenNumbers gaps { first last }
        } }
    """
    found: Answer = (await api.ask(query))["numberingAudit"]
    return found


async def test_an_invoice_gets_a_fresh_number_where_another_system_used_its_own(bench: Bench) -> None:
    id = await taken(bench)
    assert (await read(bench.api, id))["fiscal"]["blockedReason"] == "NUMBER_TAKEN"
    other = await blocked(bench)
    assert await refusal(bench.api, RENUMBER, other) == [("id", "NOT_ALLOWED")]
    after = await done(bench.api, RENUMBER, id)
    assert (after["number"], after["fiscal"]["status"]) == ("0000000003", "QUEUED")
    assert await listed(bench.api, search="0000000003") == [id]
    assert await listed(bench.api, search="0000000001") == []
    assert await bench.told(UUID(id)) == ["EMISSION_BLOCKED", "INVOICE_UPDATED"]
    assert (await told_data(bench, id))["number"] == "0000000003"
    await bench.work_until(UUID(id), "AUTHORIZED")
    await done(bench.api, RETRY, other)
    assert await audit(bench.api) == {
        **{"lastNumber": "0000000003", "issuedCount": 2, "voidCount": 0, "authorizedCount": 1, "openCount": 1},
        **{"withdrawnCount": 0, "takenNumbers": ["0000000001"], "gaps": []},
    }


async def test_an_invoice_of_more_than_30_days_ago_gets_no_other_number_and_can_be_given_up(bench: Bench) -> None:
    id = await taken(bench)
    await set_age(bench, id, timedelta(days=31))
    assert await refusal(bench.api, RENUMBER, id) == [("id", "WINDOW_CLOSED")]
    assert (await audit(bench.api))["takenNumbers"] == []
    assert (await done(bench.api, VOID, id, reason=REASON))["fiscal"]["status"] == "WITHDRAWN"


async def test_the_numbering_audit_counts_what_became_of_each(bench: Bench) -> None:
    api = bench.api
    await authorized(bench)
    voiding = await authorized(bench)
    await done(api, VOID, voiding, reason=REASON)
    assert (await audit(api))["authorizedCount"] == 2
    await bench.work_until(UUID(voiding), "VOIDED")
    withdrawn = await rejected(bench)
    await done(api, VOID, withdrawn, reason=REASON)
    await rejected(bench)
    await issued(bench)
    assert await audit(api) == {
        **{"lastNumber": "0000000005", "issuedCount": 3, "voidCount": 2, "authorizedCount": 1, "openCount": 2},
        **{"withdrawnCount": 1, "takenNumbers": [], "gaps": []},
    }


# What holds for all of them


async def cases(bench: Bench) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (VOID, await authorized(bench), {"reason": REASON}),
        (CORRECT, await rejected(bench), {"input": {"notes": "Corregida"}}),
        (RETRY, await blocked(bench), {}),
        (RENUMBER, await taken_later(bench), {}),
    ]


async def taken_later(bench: Bench) -> str:
    id = await blocked(bench)
    with bench.acting():
        await models.Emission.filter(document_id=id).update(blocked_reason=BlockedReason.NUMBER_TAKEN)
    return id


async def rows(bench: Bench) -> list[Any]:
    with bench.acting():
        found = [
            await model.filter(account_id=bench.api.account_id).order_by(key).values()
            for model, key in (
                (models.Document, "id"),
                (models.Emission, "document_id"),
                (models.Event, "position"),
                (models.Sequence, "id"),
                (models.AuditEvent, "id"),
                (models.IdempotencyKey, "id"),
            )
        ]
    return found


CREATE = f"""
    mutation ($input: InvoiceInput!, $customer: CustomerInput!, $dryRun: Boolean!) {{
        createInvoice(input: $input, newCustomer: $customer, onDuplicate: USE_EXISTING, dryRun: $dryRun) {{
            invoice {{ {_INVOICE} }} userErrors {{ code }} }}
    }}
"""


@pytest.mark.parametrize("issue", [True, False])
@pytest.mark.parametrize("sends", [True, False])
async def test_a_dry_run_shows_the_fiscal_status_that_the_invoice_would_have(
    bench: Bench, issue: bool, sends: bool
) -> None:
    api = bench.api
    if not sends:
        with bench.acting():
            await models.Account.filter(id=api.account_id).update(electronic_invoicing=False)
    arguments = {"input": invoice(issue=issue), "customer": company()}
    before = await rows(bench)
    dry = (await api.ask(CREATE, **arguments, dryRun=True))["createInvoice"]["invoice"]
    assert await rows(bench) == before
    stored = (await api.ask(CREATE, **arguments, dryRun=False))["createInvoice"]["invoice"]
    assert dry["fiscal"]["status"] == stored["fiscal"]["status"] == ("QUEUED" if stored["electronic"] else "NONE")
    assert stored["electronic"] == (issue and sends)
    assert (dry["status"], dry["number"]) == ("DRAFT", None)


async def test_a_dry_run_answers_and_stores_nothing(bench: Bench) -> None:
    for name, id, arguments in await cases(bench):
        before = await rows(bench)
        dry = await done(bench.api, name, id, dryRun=True, idempotencyKey="dry", **arguments)
        assert await rows(bench) == before
        real = await done(bench.api, name, id, **arguments)
        assert real["fiscal"]["status"] == dry["fiscal"]["status"] != "BLOCKED"


async def test_a_repeated_request_is_done_once_and_an_old_version_refused(bench: Bench) -> None:
    for name, id, arguments in await cases(bench):
        current = (await read(bench.api, id))["version"]
        assert await refusal(bench.api, name, id, version=current - 1, **arguments) == [("version", "CONFLICT")]
        first = await done(bench.api, name, id, version=current, idempotencyKey=f"once {id}", **arguments)
        before = await rows(bench)
        again = await done(bench.api, name, id, version=current, idempotencyKey=f"once {id}", **arguments)
        assert again == first
        assert await rows(bench) == before


async def test_what_keys_may_do(bench: Bench) -> None:
    for name, id, arguments in await cases(bench):
        before = await rows(bench)
        for scope in (Scope.READ, Scope.WRITE) if name == RENUMBER else (Scope.READ,):
            assert await Api(bench.api.account_id, scope).refused(name, id=id, **arguments) == ["FORBIDDEN"]
        assert await rows(bench) == before


async def test_each_step_is_in_the_audit_trail_without_secrets(bench: Bench) -> None:
    made = await cases(bench)
    for name, id, arguments in made:
        await done(bench.api, name, id, **arguments)
    query = """
        query ($id: ID!) { auditEvents(filter: {objectId: $id}, first: 100) { edges { node {
            source changes { field before after }
        } } } }
    """
    trail = {}
    for name, id, _ in made:
        page = (await bench.api.ask(query, id=id))["auditEvents"]
        trail[name] = orjson.dumps(page).decode()
        assert "of nobody" not in trail[name]
    assert "VOIDING" in trail[VOID]
    assert REASON in trail[VOID]
    assert "REJECTED" in trail[CORRECT]
    assert "Corregida" in trail[CORRECT]
    assert "CHECKING" in trail[RETRY]
    assert "0000000004" in trail[RENUMBER]
    assert "0000000005" in trail[RENUMBER]


async def history(api: Api, id: str) -> list[tuple[str, str | None]]:
    """What the API tells of the invoice's story, with the source of each entry."""
    query = "query ($id: ID!) { invoice(id: $id) { history { kind source message } } }"
    entries = (await Api(api.account_id, Scope.READ).ask(query, id=id))["invoice"]["history"]
    assert [entry["message"] for entry in entries if entry["kind"] == "VOID_REQUESTED"] in ([], [REASON])
    return [(entry["kind"], entry["source"]) for entry in entries]


async def test_the_history_tells_what_became_of_a_document_and_when_people_helped_it_on(bench: Bench) -> None:
    made = {name: (id, arguments) for name, id, arguments in await cases(bench)}
    for name, (id, arguments) in made.items():
        await done(bench.api, name, id, **arguments)
        await bench.work_until(UUID(id), "AUTHORIZED", "VOIDED")
    issued_, authorised = ("ISSUED", "API"), ("AUTHORIZED", "SYSTEM")
    told = {name: await history(bench.api, id) for name, (id, _) in made.items()}
    assert told == {
        VOID: [issued_, authorised, ("VOID_REQUESTED", "API"), ("VOIDED", "SYSTEM")],
        CORRECT: [issued_, ("REJECTED", "SYSTEM"), ("CORRECTED", "API"), authorised],
        RETRY: [issued_, ("BLOCKED", "SYSTEM"), ("RETRIED", "API"), authorised],
        RENUMBER: [issued_, ("BLOCKED", "SYSTEM"), ("RENUMBERED", "API"), authorised],
    }


async def test_the_history_tells_that_a_void_was_refused_or_a_document_given_up(bench: Bench) -> None:
    refused, given_up = await authorized(bench), await rejected(bench)
    said = Evidence(code="203", message="1718-No procede")
    bench.provider.voiding.append(VoidRefusedOrUnknown(evidence=said, is_refusal=True))
    await done(bench.api, VOID, refused, reason=REASON)
    await bench.work_until(UUID(refused), "AUTHORIZED")
    await done(bench.api, VOID, given_up, reason=REASON)
    assert [kind for kind, _ in await history(bench.api, refused)] == [
        *("ISSUED", "AUTHORIZED", "VOID_REQUESTED", "VOID_REFUSED")
    ]
    assert [kind for kind, _ in await history(bench.api, given_up)] == ["ISSUED", "REJECTED", "VOIDED"]


async def switch_off(api: Api) -> None:
    payload = await api.ask(
        "mutation { updateAccount(input: {electronicInvoicing: false}) { userErrors { path code } } }"
    )
    assert payload["updateAccount"]["userErrors"] == []


async def test_documents_on_their_way_come_to_an_end_after_electronic_invoicing_was_switched_off(bench: Bench) -> None:
    made = {name: (id, arguments) for name, id, arguments in await cases(bench)}
    given_up = await rejected(bench)
    queued = await issued(bench)
    await switch_off(bench.api)
    for name, (id, arguments) in made.items():
        await done(bench.api, name, id, **arguments)
        status = await bench.work_until(UUID(id), "AUTHORIZED", "VOIDED")
        assert status == ("VOIDED" if name == VOID else "AUTHORIZED")
    assert await bench.work_until(UUID(queued), "AUTHORIZED") == "AUTHORIZED"
    assert (await done(bench.api, VOID, given_up, reason=REASON))["fiscal"]["status"] == "WITHDRAWN"

    new = await read(bench.api, await issued(bench))
    assert (new["electronic"], new["fiscal"]["status"]) == (False, "NONE")
    assert (await done(bench.api, VOID, new["id"], reason="Error"))["status"] == "VOID"


async def test_a_correction_names_the_customers_field_that_is_to_be_mended(bench: Bench) -> None:
    id = await rejected(bench)
    lacking = await change_customer_of(bench, id, location_id=None, address=None)
    payload = await do(bench.api, CORRECT, id)
    assert {(".".join(error["path"]), error["message"].partition(":")[0]) for error in payload["userErrors"]} == {
        ("input.customerId", "locationCode"),
        ("input.customerId", "address"),
    }
    with bench.acting():
        await models.Customer.filter(id=lacking).update(status=CustomerStatus.ARCHIVED)
    archived = await do(bench.api, CORRECT, id, dryRun=True)
    assert [(error["path"], error["code"]) for error in archived["userErrors"]] == [
        (["input", "customerId"], "NOT_ALLOWED")
    ]


async def change_customer_of(bench: Bench, id: str, **columns: Any) -> UUID:
    """Change the invoice's customer behind the service's back."""
    with bench.acting():
        row = await models.Document.get(id=id)
        await models.Customer.filter(id=row.customer_id).update(**columns)
    customer: UUID = row.customer_id
    return customer


async def test_events_carry_status_and_cufe(bench: Bench) -> None:
    id = await authorized(bench)
    await done(bench.api, VOID, id, reason=REASON)
    await bench.work_until(UUID(id), "VOIDED")
    turned_down, stuck = await rejected(bench), await blocked(bench)
    with tenant.acting_for(bench.api.account_id):
        events = await models.Event.filter(account_id=bench.api.account_id).order_by("position")
    data = {event.type.value: event.data for event in events}
    cufe = (await read(bench.api, id))["fiscal"]["cufe"]
    for type_, status in (("INVOICE_AUTHORIZED", "AUTHORIZED"), ("INVOICE_VOIDED", "VOIDED")):
        assert (data[type_]["id"], data[type_]["fiscalStatus"], data[type_]["cufe"]) == (id, status, cufe)
    assert (data["INVOICE_REJECTED"]["id"], data["INVOICE_REJECTED"]["fiscalStatus"]) == (turned_down, "REJECTED")
    assert (data["EMISSION_BLOCKED"]["id"], data["EMISSION_BLOCKED"]["blockedReason"]) == (stuck, "ISSUER")
