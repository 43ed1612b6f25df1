"""Invoices for export: who gets them, what they must have, and their own numbers."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from db import models, tenant
from emission.compose import read_document
from pac.hka import walk
from pac.hka.request import to_content
from rules import calendar
from rules.fiscal.document import Export
from rules.vocabulary import Currency, DocumentType, Incoterm
from tests.builders import codes, company, create_invoice, customer_id, faults, foreigner, invoice, line, stored
from tests.conftest import Answer, Api
from tests.emission.conftest import Bench
from tests.resolvers.test_fiscal import rejection

FOB = {"incoterm": "FOB", "port": "Balboa"}

_EXPORT = "documentType number export { country incoterm port }"
_READ = f"query ($id: ID!) {{ invoice(id: $id) {{ {_EXPORT} status fiscal {{ status }} }} }}"
_UPDATE = f"""
    mutation ($id: ID!, $input: InvoicePatch!) {{ updateInvoice(id: $id, input: $input) {{
        invoice {{ {_EXPORT} }} userErrors {{ path code }} }} }}
"""
_ISSUE = f"""
    mutation ($id: ID!) {{ issueInvoice(id: $id) {{ invoice {{ {_EXPORT} }} userErrors {{ path code }} }} }}
"""


@pytest.fixture(params=[False, True], ids=["commercial", "electronic"])
async def any_api(new_account: Callable[..., Awaitable[UUID]], request: pytest.FixtureRequest) -> Api:
    """A client of an account whose documents go to the DGI, and one of an account whose don't."""
    api = Api(await new_account(electronic_invoicing=request.param))
    if request.param:
        await api.let_emit()
    return api


@pytest.fixture
async def bench(electronic: Api) -> Bench:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    return bench


async def made(api: Api, export: dict[str, Any] | None = None, **fields: Any) -> Answer:
    """An invoice for a foreigner with a passport of Colombia, an export if it is said how."""
    fields = {"export": export} | fields if export else fields
    payload = await create_invoice(api, invoice(**fields), newCustomer=foreigner(), onDuplicate="USE_EXISTING")
    assert payload["userErrors"] == []
    found: Answer = {**payload["invoice"], **(await api.ask(_READ, id=payload["invoice"]["id"]))["invoice"]}
    return found


async def test_an_export_has_a_type_and_numbers_of_its_own(any_api: Api) -> None:
    api = any_api
    first, second, export = await made(api), await made(api), await made(api, FOB)
    assert [each["number"][-1] for each in (first, second, export)] == ["1", "2", "1"]
    assert [each["documentType"] for each in (first, export)] == ["INVOICE", "EXPORT_INVOICE"]
    assert first["export"] is None
    assert export["export"] == {"country": "CO", "incoterm": "FOB", "port": "Balboa"}
    assert (await made(api, FOB))["number"] == "0000000002"


async def test_its_country_may_be_another_than_that_of_the_passport(api: Api) -> None:
    export = await made(api, {"incoterm": "CIF", "country": " us "})
    assert export["export"] == {"country": "US", "incoterm": "CIF", "port": None}


@pytest.mark.parametrize(
    ("export", "customer", "expected"),
    [
        (FOB, company(), {("input.export", "NOT_ALLOWED")}),
        (FOB, {"receiverType": "FINAL_CONSUMER", "name": "Ana"}, {("input.export", "NOT_ALLOWED")}),
        ({**FOB, "country": "PA"}, foreigner(), {("input.export.country", "INVALID_VALUE")}),
        ({**FOB, "country": "ZZ"}, foreigner(), {("input.export.country", "INVALID_VALUE")}),
        ({**FOB, "port": "Cri"}, foreigner(), {("input.export.port", "INVALID_VALUE")}),
        ({**FOB, "port": "x" * 51}, foreigner(), {("input.export.port", "TOO_LONG")}),
        ({**FOB, "port": "Puerto \uf8ff"}, foreigner(), {("input.export.port", "UNPRINTABLE")}),
        (
            {"incoterm": "FOB", "country": "PA", "port": "P"},
            company(),
            {
                ("input.export", "NOT_ALLOWED"),
                ("input.export.country", "INVALID_VALUE"),
                ("input.export.port", "INVALID_VALUE"),
                ("input.lines.0.quantity", "OUT_OF_RANGE"),
            },
        ),
    ],
)
async def test_what_an_export_lacks_is_told_before_it_takes_a_number(
    any_api: Api, export: dict[str, Any], customer: dict[str, Any], expected: set[tuple[str, str]]
) -> None:
    api = any_api
    quantity = "-1" if len(expected) > 1 else "1"
    payload = await create_invoice(api, invoice(line(quantity=quantity), export=export), newCustomer=customer)
    assert faults(payload) == expected
    assert (await stored(api))["Document"] == 0
    with tenant.acting_for(api.account_id):
        assert not await models.Sequence.exists(type=DocumentType.EXPORT_INVOICE)


@pytest.mark.parametrize("incoterm", ["DAT", "DPU", "XYZ"])
async def test_an_unknown_incoterm_is_no_incoterm(api: Api, incoterm: str) -> None:
    query = "mutation ($input: InvoiceInput!) { createInvoice(input: $input) { userErrors { code } } }"
    response = await api.execute(query, input=invoice(export={"incoterm": incoterm}))
    assert codes(response) == ["BAD_USER_INPUT"]
    assert ".export.incoterm" in response["errors"][0]["message"]


async def test_a_draft_becomes_an_export_and_an_invoice_again_until_it_is_issued(api: Api) -> None:
    draft = await made(api, issue=False)
    changed = (await api.ask(_UPDATE, id=draft["id"], input={"export": FOB}))["updateInvoice"]["invoice"]
    assert (changed["documentType"], changed["export"]["country"]) == ("EXPORT_INVOICE", None)
    refused = (await api.ask(_UPDATE, id=draft["id"], input={"export": {**FOB, "port": "P"}}))["updateInvoice"]
    assert faults(refused) == {("input.export.port", "INVALID_VALUE")}
    back = (await api.ask(_UPDATE, id=draft["id"], input={"export": None}))["updateInvoice"]["invoice"]
    assert (back["documentType"], back["export"]) == ("INVOICE", None)
    await api.ask(_UPDATE, id=draft["id"], input={"export": FOB})
    issued = (await api.ask(_ISSUE, id=draft["id"]))["issueInvoice"]["invoice"]
    assert issued == {
        "documentType": "EXPORT_INVOICE",
        "number": "0000000001",
        "export": {"country": "CO", "incoterm": "FOB", "port": "Balboa"},
    }


async def test_a_draft_for_a_customer_in_panama_is_not_issued_as_an_export(api: Api) -> None:
    id = await customer_id(api, company())
    draft = await create_invoice(api, invoice(issue=False, export=FOB), customerId=id)
    refused = (await api.ask(_ISSUE, id=draft["invoice"]["id"]))["issueInvoice"]
    assert faults(refused) == {("id", "NOT_ALLOWED")}


@pytest.mark.parametrize("currency", Currency)
async def test_it_goes_abroad_in_its_currency_without_a_rate(electronic: Api, currency: Currency) -> None:
    export = await made(electronic, FOB, currency=currency)
    assert export["fiscal"]["status"] == "QUEUED"
    with tenant.acting_for(electronic.account_id):
        document = await read_document(electronic.account_id, UUID(export["id"]))
    assert document.key.type is DocumentType.EXPORT_INVOICE
    assert document.export == Export(country="CO", incoterm=Incoterm.FOB, currency=currency, port="Balboa")
    content: Any = to_content(document)
    assert walk.check(content) == ()
    assert content["datosTransaccion"]["datosFacturaExportacion"] == {
        "condicionesEntrega": "FOB",
        "monedaOperExportacion": currency,
        "puertoEmbarque": "Balboa",
    }


async def test_its_day_is_judged_by_the_last_export(api: Api) -> None:
    long_ago = str(calendar.today().replace(year=calendar.today().year - 1, day=1))
    await made(api)
    assert (await made(api, FOB, issueDate=long_ago))["number"] == "0000000001"
    await made(api, FOB)
    payload = await create_invoice(
        api, invoice(export=FOB, issueDate=long_ago), newCustomer=foreigner(), onDuplicate="USE_EXISTING"
    )
    assert faults(payload) == {("input.issueDate", "OUT_OF_RANGE")}


async def test_its_numbers_may_begin_where_another_system_ended_and_invoices_keep_theirs(api: Api) -> None:
    query = """mutation ($number: String!) {
        updateBillingPoint(code: "001", documentType: EXPORT_INVOICE, nextNumber: $number) {
            billingPoint { nextNumber } userErrors { path code message } } }"""
    await made(api)
    moved = (await api.ask(query, number="77"))["updateBillingPoint"]
    assert moved == {"billingPoint": {"nextNumber": "0000000002"}, "userErrors": []}
    assert [(await made(api, export))["number"] for export in (FOB, None, FOB)] == [
        "0000000077",
        "0000000002",
        "0000000078",
    ]
    refused = (await api.ask(query, number="100"))["updateBillingPoint"]
    assert faults(refused) == {("nextNumber", "NOT_ALLOWED")}
    assert "0000000078" in refused["userErrors"][0]["message"]


async def test_the_customers_country_is_kept_as_it_was(api: Api) -> None:
    export = await made(api, FOB)
    with tenant.acting_for(api.account_id):
        await models.Customer.filter(account_id=api.account_id).update(foreign_id_country="MX")
    assert (await api.ask(_READ, id=export["id"]))["invoice"]["export"]["country"] == "CO"


async def test_a_rejected_export_is_corrected_as_one_and_stays_one(bench: Bench) -> None:
    api = bench.api
    export = await made(api, FOB)
    bench.provider.sending.append(rejection(("export", "incoterm")))
    await bench.work_until(UUID(export["id"]), "REJECTED")
    query = """mutation ($id: ID!, $input: InvoiceCorrection) { correctDocument(id: $id, input: $input) {
        invoice { documentType number export { country incoterm port } } userErrors { path code } } }"""

    async def correct(input: dict[str, Any]) -> Answer:
        payload: Answer = (await api.ask(query, id=export["id"], input=input))["correctDocument"]
        return payload

    assert faults(await correct({"export": None})) == {("input.export", "NOT_ALLOWED")}
    assert faults(await correct({"export": {**FOB, "port": "P"}})) == {("input.export.port", "INVALID_VALUE")}
    corrected = (await correct({"export": {"incoterm": "CFR", "country": "MX"}}))["invoice"]
    assert corrected == {
        "documentType": "EXPORT_INVOICE",
        "number": "0000000001",
        "export": {"country": "MX", "incoterm": "CFR", "port": None},
    }


async def test_a_rejected_invoice_does_not_become_an_export(bench: Bench) -> None:
    sold = await made(bench.api)
    bench.provider.sending.append(rejection(("export", "incoterm")))
    await bench.work_until(UUID(sold["id"]), "REJECTED")
    query = """mutation ($id: ID!, $input: InvoiceCorrection) { correctDocument(id: $id, input: $input) {
        userErrors { path code } } }"""
    refused = (await bench.api.ask(query, id=sold["id"], input={"export": FOB}))["correctDocument"]
    assert faults(refused) == {("input.export", "NOT_ALLOWED")}
