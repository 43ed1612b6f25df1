"""Text that no font can show is refused before issue, with its place and its characters."""

import time

import pytest

from db import models, tenant
from tests.builders import (
    add_billing_point,
    company,
    create_invoice,
    customer_id,
    faults,
    foreigner,
    invoice,
    line,
    stored,
    taxpayer,
)
from tests.conftest import FONTS, Api

_DONE = "invoice { status number } userErrors { path code message relatedId }"
_ISSUE = f"mutation ($id: ID!) {{ issueInvoice(id: $id) {{ {_DONE} }} }}"
_VOID = f"mutation ($id: ID!, $reason: String!) {{ voidInvoice(id: $id, reason: $reason) {{ {_DONE} }} }}"


@pytest.mark.parametrize("dry_run", [True, False])
async def test_every_place_of_a_new_invoice_is_named(api: Api, dry_run: bool) -> None:
    before = await stored(api)
    payload = await create_invoice(
        api,
        invoice(line(), line(description="日本 té 日"), notes="Gracias\n😀", issue=True),
        newCustomer=company(name="אבן, S.A.", address="שדרה 3"),
        dryRun=dry_run,
    )
    assert faults(payload) == {
        ("input.lines.1.description", "UNPRINTABLE"),
        ("input.notes", "UNPRINTABLE"),
        ("newCustomer.name", "UNPRINTABLE"),
        ("newCustomer.address", "UNPRINTABLE"),
    }
    messages = {".".join(error["path"]): error["message"] for error in payload["userErrors"]}
    assert messages["input.lines.1.description"] == (
        "El PDF de la factura no puede mostrar estos caracteres: 日 本. Escribe el texto sin ellos."
    )
    assert await stored(api) == before


async def test_the_message_is_told_in_english(api: Api) -> None:
    api.context.language = "en"
    payload = await create_invoice(api, invoice(line(description="Té 茶")), newCustomer=taxpayer())
    (error,) = payload["userErrors"]
    assert error["message"] == "The invoice's PDF can't show these characters: 茶. Write the text without them."


async def test_a_foreign_document_is_named(api: Api) -> None:
    payload = await create_invoice(api, newCustomer=foreigner(number="护照12"))
    assert faults(payload) == {("newCustomer.foreignId.number", "UNPRINTABLE")}


async def test_a_text_with_another_fault_has_only_that(api: Api) -> None:
    payload = await create_invoice(api, invoice(line(description="日" * 501)), newCustomer=taxpayer(name="日" * 201))
    assert faults(payload) == {("input.lines.0.description", "TOO_LONG"), ("newCustomer.name", "TOO_LONG")}


async def test_a_stored_customer_is_refused_at_its_id(api: Api) -> None:
    customer = await customer_id(api, taxpayer(name="ООО 茶"))
    payload = await create_invoice(api, customerId=customer)
    (error,) = payload["userErrors"]
    assert (error["path"], error["code"], error["relatedId"]) == (["customerId"], "UNPRINTABLE", customer)
    assert error["message"].startswith("name: El PDF de la factura no puede mostrar estos caracteres: 茶.")


async def test_an_existing_customer_that_is_used_counts_as_it_is_stored(api: Api) -> None:
    await customer_id(api, company(name="茶, S.A."))
    payload = await create_invoice(api, newCustomer=company(name="Té, S.A."), onDuplicate="USE_EXISTING")
    assert faults(payload) == {("newCustomer.name", "UNPRINTABLE")}


async def test_the_name_of_the_account_counts(api: Api) -> None:
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(name="茶館")
    payload = await create_invoice(api, customerId=customer)
    assert faults(payload) == {("input", "UNPRINTABLE")}
    assert payload["userErrors"][0]["message"].startswith("account.name: ")
    assert faults((await api.ask(_ISSUE, id=draft))["issueInvoice"]) == {("id", "UNPRINTABLE")}


async def test_an_account_that_has_such_a_name_already_can_be_changed_otherwise(api: Api) -> None:
    change = "mutation ($input: AccountInput!) { updateAccount(input: $input) { userErrors { path code } } }"
    with tenant.acting_for(api.account_id):
        await models.Account.filter(id=api.account_id).update(name="茶館")
    for input, found in (
        ({"electronicInvoicing": True}, set()),
        ({"name": "发票"}, {("input.name", "UNPRINTABLE")}),
        ({"name": "Té"}, set()),
    ):
        payload = (await api.ask(change, input=input))["updateAccount"]
        assert faults(payload) == found


async def test_a_draft_may_have_any_text_until_it_is_issued(api: Api) -> None:
    draft = invoice(line(description="日本"), notes="茶", issue=False)
    payload = await create_invoice(api, draft, newCustomer=taxpayer(name="אבן"))
    assert payload["userErrors"] == []
    refused = (await api.ask(_ISSUE, id=payload["invoice"]["id"]))["issueInvoice"]
    assert [error["path"] for error in refused["userErrors"]] == [["id"]] * 3
    places = {error["message"].partition(":")[0] for error in refused["userErrors"]}
    assert places == {"lines.0.description", "notes", "name"}
    assert (await stored(api))["last_number"] == 0


async def test_the_reason_for_voiding_is_printed_too(api: Api) -> None:
    payload = await create_invoice(api, newCustomer=taxpayer())
    id = payload["invoice"]["id"]
    assert faults((await api.ask(_VOID, id=id, reason="错误"))["voidInvoice"]) == {("reason", "UNPRINTABLE")}
    assert (await api.ask(_VOID, id=id, reason="Precio ≠ acordado"))["voidInvoice"]["userErrors"] == []


async def test_symbols_greek_cyrillic_and_fractions_are_issued(api: Api) -> None:
    await add_billing_point(api, "002")
    payload = await create_invoice(
        api,
        invoice(line(description="Tubo ≥ ½″ → Ω ☐ ™ €"), billingPoint="002", notes="Ευχαριστώ\nСпасибо\u00ad"),
        newCustomer=taxpayer(name="Ελλάς & Москва, S.A."),
    )
    assert payload["userErrors"] == []


def test_checking_a_thousand_lines_takes_no_noticeable_time() -> None:
    texts: list[str] = ["Tornillo de acero inoxidable, ñ y á, caja de cien unidades"] * 1000
    started = time.process_time()
    assert not any(FONTS.printable.missing(text) for text in texts)
    assert time.process_time() - started < 0.1
