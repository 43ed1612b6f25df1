"""What an account knows about a person, as files."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

import orjson
import pytest
from pypdf import PdfReader

from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.builders import create_invoice, customer_id, invoice, line, taxpayer
from tests.conftest import Api
from tests.service.test_server import Site, keys, new_key, session, site

__all__ = ["keys", "new_key", "session", "site"]  # fixtures

NewKey = Callable[..., Any]

EXPORT = """mutation ($id: ID!) { exportPersonalData(customerId: $id) {
    request { id kind status answeredAt } jsonUrl pdfUrl userErrors { path code } } }"""


async def exported(site: Site, key: str, id: str) -> Any:
    return (await site.post(EXPORT, id=id, key=key)).json["data"]["exportPersonalData"]


async def person(account: Any) -> str:
    api = Api(account)
    persons = [{"name": "Eva Sáenz", "email": "eva@example.com"}]
    fields = {"email": "ana@example.com", "address": "Calle 50, casa 7", "associatedPersons": persons}
    id = await customer_id(api, {**taxpayer(name="Ana Ríos", **fields), "receiverType": "FOREIGN"})
    await create_invoice(api, invoice(line(description="Clases de piano")), customerId=id)
    await create_invoice(api, invoice(issue=False, notes="Los martes"), customerId=id)
    await customer_id(api, taxpayer(name="Otro Cliente", email="otro@example.com"))
    return id


async def test_the_files_have_all_that_is_known_of_the_person_and_of_nobody_else(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    id = await person(account)
    answer = await exported(site, key, id)
    assert (answer["request"]["kind"], answer["request"]["status"]) == ("EXPORT", "DONE")
    file = await site.request("GET", answer["jsonUrl"], key=key)
    assert (file.status, file.headers["Cache-Control"]) == (200, "private, no-store")
    data = orjson.loads(file.body)
    [customer] = data["customer"]
    assert not {"different_from", "total_cents", "tag_keys"} & customer.keys()
    assert (customer["name"], customer["email"], customer["address"]) == (
        *("Ana Ríos", "ana@example.com"),
        "Calle 50, casa 7",
    )
    assert [each["name"] for each in data["associatedPersons"]] == ["Eva Sáenz"]
    assert sorted(each["total"] for each in data["documents"]) == ["10.70", "10.70"]
    amounts = [value for each in data["documents"] for name, value in each.items() if "total" in name]
    assert {type(amount) for amount in amounts} == {str}  # a number would lose its zeros
    assert data["documents"][0]["lines"][0]["description"] == "Clases de piano"
    assert {each["object"] for each in data["changes"]} == {"CUSTOMER", "INVOICE"}
    assert b"Otro Cliente" not in file.body
    pdf = await site.request("GET", answer["pdfUrl"], key=key)
    assert (pdf.status, pdf.headers["Content-Type"]) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in PdfReader(BytesIO(pdf.body)).pages)
    for known in ("Tus datos personales", "Ana Ríos", "ana@example.com", "Eva Sáenz", "Clases de piano", "Los martes"):
        assert known in text
    assert "Otro" not in text


@pytest.mark.parametrize("scope", [Scope.READ, Scope.WRITE])
async def test_they_are_for_keys_with_the_scope_admin_of_the_same_account(
    site: Site, new_key: NewKey, scope: Scope
) -> None:
    account, _, key = await new_key()
    url = (await exported(site, key, await person(account)))["jsonUrl"]
    _, _, stranger = await new_key()
    with tenant.acting_for(account):
        _, lesser = await accounts.create_key("Otra", scope, None)
    assert (await site.request("GET", url, key=stranger)).status == 404
    assert (await site.request("GET", url, key=lesser)).status == 403
    async with site.session.request("GET", f"{site.url}{url}") as response:
        assert response.status == 401
    assert (await site.request("GET", "/personal-data/x.pdf", key=key)).status == 404


async def test_after_an_erasure_the_files_have_only_what_stays(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    id = await person(account)
    url = (await exported(site, key, id))["jsonUrl"]
    erase = 'mutation ($id: ID!) { erasePersonalData(customerId: $id, reason: "Lo pidió") { userErrors { code } } }'
    assert (await site.post(erase, id=id, key=key)).json["data"]["erasePersonalData"]["userErrors"] == []
    assert (await exported(site, key, id))["userErrors"] == []
    data = orjson.loads((await site.request("GET", url, key=key)).body)
    [customer], [document] = data["customer"], data["documents"]
    assert (customer["name"], customer["status"], document["receiver_name"]) == (
        *("Datos eliminados", "ERASED"),
        "Ana Ríos",
    )
