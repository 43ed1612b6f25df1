"""A public link shows its document and nothing else of the account, until it is revoked or over."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from io import BytesIO
from itertools import count
from typing import Any
from uuid import UUID, uuid4

import aiohttp
import asyncpg
import pytest
from pypdf import PdfReader

from announcements.worker import forget_document_links
from db import models, tenant
from resolvers import accounts, document_links
from rules.vocabulary import Environment, Scope
from service.app import create_app
from service.settings import Settings
from tests.builders import company, create_invoice, customer_id, faults, invoice, line, taxpayer
from tests.conftest import Answer, Api
from tests.service.test_server import Reply, Site, serving, session
from transport.rate_limit import MOST_VISITS, MOST_WRONG_KEYS

__all__ = ["session"]

_CREATE = """
    mutation ($id: ID!, $key: String) {
        createDocumentLink(id: $id, idempotencyKey: $key) {
            link { id createdAt expiresAt revokedAt } path userErrors { path code }
        }
    }
"""
_REVOKE = """
    mutation ($id: ID!) { revokeDocumentLink(id: $id) { link { id revokedAt } userErrors { path code } } }
"""
_LINKS = "query ($id: ID!) { invoice(id: $id) { links { id expiresAt } } }"


@pytest.fixture(scope="module")
async def site(database_url: str, session: aiohttp.ClientSession) -> AsyncIterator[Site]:
    settings = Settings(database_pool_size=5, worker=False)
    app = create_app(settings, database_url)
    with serving(app, settings) as url:
        yield Site(url, app, session, "")


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[Any]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def issued(api: Api, *lines: Any, **customer: Any) -> str:
    payload = await create_invoice(api, invoice(*lines), newCustomer=taxpayer(**customer))
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def link(api: Api, id: str, key: str | None = None) -> Answer:
    payload: Answer = (await api.ask(_CREATE, id=id, key=key))["createDocumentLink"]
    return payload


async def path_of(api: Api, id: str) -> str:
    payload = await link(api, id)
    assert payload["userErrors"] == []
    path: str = payload["path"]
    return path


async def revoke(api: Api, id: str) -> Answer:
    payload: Answer = (await api.ask(_REVOKE, id=id))["revokeDocumentLink"]
    return payload


ADDRESSES = (f"2001:db8:{n:x}::1" for n in count())


async def visit(site: Site, path: str, address: str | None = None, **headers: str) -> Reply:
    """As a browser without a key or a session, at an address of its own behind a trusted proxy unless one is given."""
    headers = {"Authorization": "", "Accept": "text/html", "X-Forwarded-For": address or next(ADDRESSES), **headers}
    return await site.get(path, **headers)


# What it shows


async def test_a_link_shows_its_document_without_a_key(site: Site, api: Api) -> None:
    id = await issued(api, line(description="Té de <b>Boquete</b>", unitPrice="1234.50"), name="Ñandú & <i>Hijos</i>")
    path = await path_of(api, id)
    page = await visit(site, path)
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page.body.decode()
    for shown in (
        *("Factura 001-0000000001", "Prueba, S.A.", "Ñandú &amp; &lt;i&gt;Hijos&lt;/i&gt;", "B/. 1,320.92"),
        *("Té de &lt;b&gt;Boquete&lt;/b&gt;", "no es un documento fiscal", f'href="{path}.pdf"', 'lang="es"'),
    ):
        assert shown in text
    assert "<script" not in text
    assert f"{path}.xml" not in text  # there is none
    pdf = await visit(site, f"{path}.pdf")
    assert (pdf.status, pdf.headers["Content-Type"]) == (200, "application/pdf")
    assert pdf.headers["Content-Disposition"] == 'inline; filename="factura-001-0000000001.pdf"'
    assert pdf.body.startswith(b"%PDF-")
    assert (await visit(site, f"{path}.xml")).status == 404


async def test_the_pdf_is_a_letter_or_a_strip(site: Site, api: Api) -> None:
    path = await path_of(api, await issued(api))
    widths = {}
    for asked in ("", "?format=letter", "?format=strip"):
        pdf = await visit(site, f"{path}.pdf{asked}")
        widths[asked] = round(PdfReader(BytesIO(pdf.body)).pages[0].mediabox.width)
    assert widths == {"": 612, "?format=letter": 612, "?format=strip": 227}  # 80 mm
    for asked in ("", "a4", "LETTER"):
        refused = await visit(site, f"{path}.pdf?format={asked}")
        assert (refused.status, refused.codes) == (400, ["BAD_REQUEST"])


async def test_in_english_for_an_english_customer(site: Site, api: Api) -> None:
    text = (await visit(site, await path_of(api, await issued(api, language="EN")))).body.decode()
    assert 'lang="en"' in text
    assert "Download PDF" in text


async def test_nobody_keeps_finds_or_frames_it(site: Site, api: Api) -> None:
    path = await path_of(api, await issued(api))
    for address in (path, f"{path}.pdf", f"{path}.xml", "/d/none"):
        headers = (await visit(site, address)).headers
        assert headers["Cache-Control"] == "private, no-store"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["X-Robots-Tag"] == "noindex, nofollow"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "Set-Cookie" not in headers
        assert "RateLimit" not in headers  # how much the account is asked for is nobody's business
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'sha256-")
        assert "frame-ancestors 'none'" in policy
    text = (await visit(site, path)).body.decode()
    assert '<meta name="robots" content="noindex, nofollow">' in text


async def test_an_authorised_invoice_has_its_xml_and_leads_to_the_dgi(site: Site, api: Api, admin: Any) -> None:
    id = await issued(api)
    cufe = "FE0120000155596713-2-2015-5900" + "1" * 36
    with tenant.acting_for(api.account_id):
        await models.Document.filter(id=id).update(
            electronic=True,
            issuer_ruc="155596713-2-2015",
            issuer_dv="59",
            issuer_taxpayer_type="JURIDICAL",
            payment_forms=[{"method": "CASH", "amount": "10.70", "description": None}],
        )
        await models.Emission.create(
            account_id=api.account_id,
            document_id=id,
            environment=Environment.TEST,
            status="AUTHORIZED",
            cufe=cufe,
            due_at=None,
            protocol="20260000000000000001",
            authorized_at="2026-11-27T15:00:00Z",
        )
    await admin.execute(
        """INSERT INTO fiscal_file (account_id, document_id, kind, content, sha256, size)
           VALUES ($1, $2, 'XML', '<rFE/>', sha256('<rFE/>'), 6)""",
        api.account_id,
        UUID(id),
    )
    path = await path_of(api, id)
    text = (await visit(site, path)).body.decode()
    assert f'href="https://dgi-fep-test.mef.gob.pa:40001/Consultas/FacturasPorCUFE/{cufe}"' in text
    assert "Documento de prueba, sin valor fiscal." in text
    assert "20260000000000000001" in text
    assert f'href="{path}.xml"' in text
    xml = await visit(site, f"{path}.xml")
    assert (xml.status, xml.body) == (200, b"<rFE/>")
    assert xml.headers["Content-Disposition"] == 'attachment; filename="factura-001-0000000001.xml"'


async def test_a_void_invoice_says_that_it_is_void(site: Site, api: Api) -> None:
    id = await issued(api)
    path = await path_of(api, id)
    await api.ask('mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { invoice { id } } }', id=id)
    text = (await visit(site, path)).body.decode()
    assert "Este documento fue anulado." in text
    assert "Precio equivocado" in text


# Whom it keeps out


async def test_unknown_revoked_and_ended_links_answer_alike(site: Site, api: Api, admin: Any) -> None:
    id = await issued(api)
    revoked, ended, valid = [await link(api, id) for _ in range(3)]
    assert (await revoke(api, revoked["link"]["id"]))["userErrors"] == []
    await admin.execute("UPDATE document_link SET expires_at = now() WHERE id = $1", UUID(ended["link"]["id"]))
    secret = valid["path"].removeprefix("/d/")
    paths = [
        *(revoked["path"], ended["path"], valid["path"][:-2] + ("A" if secret[-2] != "A" else "B") + secret[-1]),
        *(valid["path"] + "A", valid["path"][:-1], "/d/x", "/d/%00", "/d/ñ", f"/d/{uuid4()}"),
        *(document_links.path_of("A" * 22 + tail * 43) for tail in ("A", "%ff", "%00", "ñ")),
    ]
    answers = set()
    for path in paths:
        for ending in ("", ".pdf", ".xml"):
            reply = await visit(site, path + ending)
            kept = {
                name: value for name, value in reply.headers.items() if name.lower() not in ("date", "x-request-id")
            }
            answers.add((reply.status, reply.body, tuple(sorted(kept.items()))))
    [(status, body, _)] = answers
    assert status == 404
    assert "no lleva a ningún documento" in body.decode()
    assert (await visit(site, valid["path"])).status == 200
    english = await visit(site, revoked["path"], **{"Accept-Language": "en"})
    assert (english.status, b"leads to no document" in english.body) == (404, True)


async def test_a_secret_with_another_account_in_it_leads_nowhere(
    site: Site, api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    """The account in the secret only says where to look."""
    other = Api(await new_account())
    mine, theirs = await path_of(api, await issued(api)), await path_of(other, await issued(other))
    assert (await visit(site, theirs[:25] + mine[25:])).status == 404


async def test_a_link_is_no_key_and_a_key_is_no_link(
    site: Site, api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    path = await path_of(api, await issued(api))
    secret = path.removeprefix("/d/")
    for token in (secret, f"istmo_{secret}"):
        asked = await site.request(
            "POST", key=token, headers={"X-Forwarded-For": next(ADDRESSES)}, json={"query": "{ viewer { scope } }"}
        )
        assert asked.status == 401
    id = await new_account()
    with tenant.acting_for(id):
        _, key = await accounts.create_key("Clave", Scope.ADMIN, None)
    for token in (key, key.removeprefix("istmo_")):
        assert (await visit(site, f"/d/{token}")).status == 404


async def test_only_reading_is_possible(site: Site, api: Api) -> None:
    path = await path_of(api, await issued(api))
    for method in ("POST", "PUT", "DELETE"):
        assert (await site.request(method, path)).status == 405
    assert (await site.request("HEAD", path)).status == 200


async def test_the_secret_is_nowhere_but_in_the_link(site: Site, api: Api, admin: Any) -> None:
    """Neither in the database nor in the audit trail nor in the answer to a repeated request."""
    id = await issued(api)
    first = await link(api, id, "k")
    again = await link(api, id, "k")
    assert (again["link"]["id"], again["path"]) == (first["link"]["id"], None)
    secret = first["path"].removeprefix("/d/")
    assert re.fullmatch("[A-Za-z0-9_-]{65}", secret)
    tables = await admin.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    for (table,) in tables:
        assert not await admin.fetchval(
            f"SELECT count(*) FROM {table} t WHERE t::text LIKE '%' || $1 || '%'", secret[22:]
        ), table
    trail = await api.ask(
        "query ($id: ID!) { auditEvents(filter: {objectId: $id}) { edges { node { action changes { field } } } } }",
        id=first["link"]["id"],
    )
    [entry] = [edge["node"] for edge in trail["auditEvents"]["edges"]]
    assert entry["action"] == "CREATED"
    assert {change["field"] for change in entry["changes"]} == {"documentId", "expiresAt", "mailed"}


async def test_the_log_has_no_secret(site: Site, api: Api, capsys: pytest.CaptureFixture[str]) -> None:
    path = await path_of(api, await issued(api))
    capsys.readouterr()
    for ending in ("", ".pdf", ".xml", "/x", "?x"):
        await visit(site, path + ending)
    logged = capsys.readouterr()
    assert path[3:] not in logged.out + logged.err
    assert logged.out.count("path=/d/…") == 5


# Too many


async def test_an_address_is_slowed_down_that_visits_too_often(site: Site, api: Api) -> None:
    path = await path_of(api, await issued(api))
    replies = [await visit(site, path, "192.0.2.1")]
    while replies[-1].status == 200 and len(replies) < 3 * MOST_VISITS:  # a minute may begin meanwhile
        replies.append(await visit(site, path, "192.0.2.1"))
    assert len(replies) > MOST_VISITS
    assert replies[-1].status == 429
    assert replies[-1].headers.get("Retry-After")
    assert (await visit(site, path, "192.0.2.2")).status == 200


async def test_an_address_that_guesses_is_slowed_down_as_for_keys(site: Site) -> None:
    """Guesses count as wrong keys."""
    assert MOST_WRONG_KEYS <= MOST_VISITS
    guesses = [f"/d/{n:063d}AA" for n in range(MOST_WRONG_KEYS + 3)]
    replies = [await visit(site, guess, "192.0.2.3") for guess in guesses]
    assert (replies[0].status, replies[-1].status) == (404, 429)


async def test_a_link_that_worked_works_beside_wrong_ones_of_the_same_address(site: Site, api: Api) -> None:
    address = "192.0.2.4"
    known, unknown = [await path_of(api, await issued(api)) for _ in range(2)]
    assert (await visit(site, known, address)).status == 200
    for path in (known, unknown):
        for n in range(MOST_WRONG_KEYS // 2):
            await visit(site, f"/d/{n:062d}{path[-3:]}", address)
    assert (await visit(site, known, address)).status == 200
    assert (await visit(site, unknown, address)).status in (200, 429)  # 200 if a minute began meanwhile


# Making and revoking them


async def test_links_are_listed_while_they_work(api: Api, admin: Any) -> None:
    id = await issued(api)
    first, second, third = [(await link(api, id))["link"]["id"] for _ in range(3)]
    assert [each["id"] for each in (await api.ask(_LINKS, id=id))["invoice"]["links"]] == [third, second, first]
    revoked = await revoke(api, second)
    assert revoked["link"]["revokedAt"]
    assert (await revoke(api, second))["link"] == revoked["link"]
    await admin.execute("UPDATE document_link SET expires_at = now() WHERE id = $1", UUID(first))
    assert [each["id"] for each in (await api.ask(_LINKS, id=id))["invoice"]["links"]] == [third]


async def test_a_link_ends_after_the_days_of_the_setting(api: Api, admin: Any) -> None:
    id = await issued(api)
    made = (await link(api, id))["link"]
    days = await admin.fetchval("SELECT expires_at - created_at FROM document_link WHERE id = $1", UUID(made["id"]))
    assert days == document_links.LIFETIME


async def test_only_so_many_links_of_a_document_work_at_once(api: Api) -> None:
    id = await issued(api)
    made = [await link(api, id) for _ in range(document_links.MOST_LINKS)]
    assert faults(await link(api, id)) == {("id", "TOO_MANY")}
    assert (await revoke(api, made[0]["link"]["id"]))["userErrors"] == []
    assert faults(await link(api, id)) == set()


async def test_only_what_may_be_sent_has_links(api: Api, electronic: Api) -> None:
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    assert faults(await link(api, draft)) == {("id", "NOT_ALLOWED")}
    queued = (await create_invoice(electronic, newCustomer=company()))["invoice"]["id"]
    assert faults(await link(electronic, queued)) == {("id", "EMISSION_PENDING")}


async def test_anothers_documents_and_links_are_not_found(
    api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    other = Api(await new_account())
    id = await issued(api)
    made = (await link(api, id))["link"]["id"]
    assert faults(await link(other, id)) == {("id", "NOT_FOUND")}
    assert faults(await revoke(other, made)) == {("id", "NOT_FOUND")}
    assert faults(await revoke(api, id)) == {("id", "NOT_FOUND")}
    reader = Api(api.account_id, Scope.READ)
    assert await reader.refused(_CREATE, id=id) == await reader.refused(_REVOKE, id=made) == ["FORBIDDEN"]


async def test_links_that_have_ended_are_deleted(api: Api, admin: Any) -> None:
    id = await issued(api)
    ended, valid = [UUID((await link(api, id))["link"]["id"]) for _ in range(2)]
    await admin.execute("UPDATE document_link SET expires_at = now() WHERE id = $1", ended)
    await forget_document_links()
    left = await admin.fetch("SELECT id FROM document_link WHERE account_id = $1", api.account_id)
    assert [row["id"] for row in left] == [valid]
