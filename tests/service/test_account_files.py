"""The account's logo over HTTP, and what becomes of it on papers."""

import hashlib
import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.service.test_server import Site, keys, new_key, session, site

__all__ = ["keys", "new_key", "session", "site"]  # fixtures

NewKey = Callable[..., Any]


def picture(color: str = "#c00000", size: tuple[int, int] = (60, 20)) -> bytes:
    file = BytesIO()
    Image.new("RGB", size, color).save(file, "PNG")
    return file.getvalue()


async def settings(site: Site, key: str) -> Any:
    answer = await site.post("{ viewer { account { logoDigest version } } }", key=key)
    return answer.json["data"]["viewer"]["account"]


async def test_a_logo_is_set_shown_replaced_and_taken_away(site: Site, new_key: NewKey) -> None:
    _, _, key = await new_key()
    assert (await site.request("GET", "/account/logo", key=key)).status == 404
    before = await settings(site, key)
    for color in ("#c00000", "#0000c0"):
        assert (await site.request("PUT", "/account/logo", key=key, data=picture(color))).status == 204
        shown = await site.request("GET", "/account/logo", key=key)
        assert (shown.status, shown.headers["Content-Type"]) == (200, "image/png")
        assert shown.headers["Content-Security-Policy"] == "default-src 'none'"
        red, _, blue = Image.open(BytesIO(shown.body)).convert("RGB").getpixel((5, 5))  # type: ignore[misc]
        assert (red > blue) is (color == "#c00000")
        assert (await settings(site, key))["logoDigest"] == hashlib.sha256(shown.body).hexdigest()
    assert (await site.request("DELETE", "/account/logo", key=key)).status == 204
    assert (await site.request("GET", "/account/logo", key=key)).status == 404
    assert await settings(site, key) == {"logoDigest": None, "version": before["version"] + 3}
    trail = await site.post(
        "{ auditEvents(first: 5) { edges { node { objectType key { name } changes { field } } } } }", key=key
    )
    entries = [edge["node"] for edge in trail.json["data"]["auditEvents"]["edges"]]
    fields = [change["field"] for entry in entries for change in entry["changes"] if entry["key"] == {"name": "Clave"}]
    assert sum("ogo" in field for field in fields) == 3


async def test_only_a_key_for_administration_changes_the_logo(site: Site, new_key: NewKey) -> None:
    account, _, key = await new_key()
    assert (await site.request("PUT", "/account/logo", key=key, data=picture())).status == 204
    for scope in (Scope.READ, Scope.WRITE):
        with tenant.acting_for(account):
            _, lesser = await accounts.create_key("Otra", scope, None)
        for method in ("PUT", "DELETE"):
            refused = await site.request(method, "/account/logo", key=lesser, data=picture("#0000c0"))
            assert (refused.status, refused.json["errors"][0]["extensions"]["code"]) == (403, "FORBIDDEN")
        assert (await site.request("GET", "/account/logo", key=lesser)).status == 200
    _, _, stranger = await new_key()
    assert (await site.request("GET", "/account/logo", key=stranger)).status == 404
    assert (await site.request("DELETE", "/account/logo", key=stranger)).status == 204
    assert (await site.request("GET", "/account/logo", key=key)).status == 200
    for method in ("GET", "PUT", "DELETE"):
        async with site.session.request(method, f"{site.url}/account/logo") as response:
            assert response.status == 401


@pytest.mark.parametrize(
    ("content", "status", "code", "message"),
    [
        (b"GIF89a", 415, "UNSUPPORTED_MEDIA_TYPE", "PNG or JPEG"),
        (b"", 415, "UNSUPPORTED_MEDIA_TYPE", "PNG or JPEG"),
        (picture()[:-30], 422, "UNPROCESSABLE", "damaged"),
        (picture(size=(10, 10)), 422, "UNPROCESSABLE", "16 pixels"),
        (bytes(1_000_001), 413, "PAYLOAD_TOO_LARGE", "1000000 bytes"),
    ],
)
async def test_what_can_be_no_logo_changes_nothing(
    site: Site, new_key: NewKey, content: bytes, status: int, code: str, message: str
) -> None:
    _, _, key = await new_key()
    refused = await site.request("PUT", "/account/logo", key=key, data=content)
    assert (refused.status, refused.codes) == (status, [code])
    assert message in refused.json["errors"][0]["message"]
    assert (await settings(site, key))["logoDigest"] is None


CHANGE = """
    mutation ($input: AccountInput!) { updateAccount(input: $input) { userErrors { path code } account {
        paperColor paperFooter bankLines } } }
"""


async def test_papers_show_the_settings_of_now(site: Site, new_key: NewKey) -> None:
    _, _, key = await new_key()
    made = await site.post(
        """mutation ($input: InvoiceInput!) { createInvoice(input: $input,
             newCustomer: {receiverType: FINAL_CONSUMER, name: "Ana", language: EN}) { invoice { id number } } }""",
        key=key,
        input={"lines": [{"description": "Café", "quantity": "1", "unitPrice": "2", "itbmsRate": "EXEMPT"}]},
    )
    invoice = made.json["data"]["createInvoice"]["invoice"]
    path = f"/documents/{invoice['id']}.pdf"
    assert "How to pay" not in text((await site.request("GET", path, key=key)).body)
    given = {"paperColor": " #C00000", "paperFooter": "Desde 1984", "bankLines": "Banco General\n03-00"}
    payload = (await site.post(CHANGE, key=key, input=given)).json["data"]["updateAccount"]
    assert payload == {"userErrors": [], "account": {**given, "paperColor": "#c00000"}}
    assert (await site.request("PUT", "/account/logo", key=key, data=picture())).status == 204

    for format in ("letter", "strip"):
        served = await site.request("GET", f"{path}?format={format}", key=key)
        assert f'filename="invoice-001-{invoice["number"]}.pdf"' in served.headers["Content-Disposition"]
        printed = text(served.body)
        assert re.search("Desde 1984", printed)
        assert re.search("How to pay ?Banco General ?03-00", printed)
        assert "INVOICE" in printed
        page = PdfReader(BytesIO(served.body)).pages[0]
        assert (len(page.images), round(page.mediabox.width)) == (1, 612 if format == "letter" else 227)
    assert (await site.request("GET", f"{path}?format=a4", key=key)).status == 400


def text(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages).split())


@pytest.mark.parametrize(
    ("input", "code"),
    [
        ({"paperColor": "red"}, "INVALID_VALUE"),
        ({"paperColor": "#ffff00"}, "INVALID_VALUE"),
        ({"paperColor": '#000000" onload="'}, "INVALID_VALUE"),
        ({"paperFooter": "a" * 121}, "TOO_LONG"),
        ({"paperFooter": "日本"}, "UNPRINTABLE"),
        ({"bankLines": "a\n" * 8 + "a"}, "TOO_LONG"),
        ({"bankLines": "日本"}, "UNPRINTABLE"),
    ],
)
async def test_settings_that_papers_cant_have_are_refused(
    site: Site, new_key: NewKey, input: dict[str, str], code: str
) -> None:
    _, _, key = await new_key()
    payload = (await site.post(CHANGE, key=key, input=input)).json["data"]["updateAccount"]
    assert payload["userErrors"] == [{"path": ["input", *input], "code": code}]


async def test_a_picture_shows_how_papers_look(site: Site, new_key: NewKey) -> None:
    _, _, key = await new_key()
    seen = set()
    for query in ("", "?format=strip", "?language=EN", "?format=strip&language=EN"):
        drawn = await site.request("GET", f"/account/paper.png{query}", key=key)
        assert (drawn.status, drawn.headers["Content-Type"]) == (200, "image/png")
        seen.add(drawn.body)
    assert len(seen) == 4
    for query in ("?format=a4", "?language=FR"):
        assert (await site.request("GET", f"/account/paper.png{query}", key=key)).status == 400
    assert (await site.get("/account/paper.png")).status == 401
