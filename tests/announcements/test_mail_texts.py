"""An account's own words in its mails are text: whatever they are, they write no header, no markup and no place."""

import asyncio
import email.policy
import html
import re
import sys
import unicodedata
from collections.abc import AsyncIterator
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from announcements import mail
from announcements.mail_text import MailText, Occasion, write_mail
from announcements.settings import Settings
from db import models, tenant
from documents.render import Renderer
from resolvers import document_links
from rules.mail_texts import FILLED_LONGEST, PLACES, check_mail_texts, fill
from rules.vocabulary import Language, Scope
from tests.announcements.conftest import hurry, settled, until, void, working
from tests.announcements.test_mail import INJECTION, Server, decode_header, issued, over, part, read_headers, tried
from tests.conftest import Answer, Api
from tests.documents.samples import document

_UPDATE = """
    mutation ($texts: [MailTextInput!]) {
        updateAccount(input: {mailTexts: $texts}) {
            account { mailTexts { language subject greeting } } userErrors { path code }
        }
    }
"""
_PREVIEW = """
    query ($id: ID, $language: Language! = ES, $texts: [MailTextInput!], $message: String, $void: Boolean! = false) {
        previewMail(id: $id, language: $language, mailTexts: $texts, message: $message, void: $void) {
            subject text html replyTo files userErrors { path code }
        }
    }
"""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as server:
        yield server


async def say(api: Api, *texts: Answer) -> Answer:
    payload: Answer = (await api.ask(_UPDATE, texts=list(texts)))["updateAccount"]
    return payload


async def preview(api: Api, **arguments: Any) -> Answer:
    found: Answer = (await api.ask(_PREVIEW, **arguments))["previewMail"]
    return found


# As text

CHARACTERS = [chr(code) for code in range(0x20, sys.maxunicode) if code not in range(0xD800, 0xE000)]
A_CHARACTER_OF_EACH_CATEGORY = "".join({unicodedata.category(each): each for each in CHARACTERS}.values())
HOSTILE = (
    INJECTION,
    "=?utf-8?b?QmFuY28NCkJjYzogYUBiLmM=?=",
    "a\r\nBcc: x@example.com\r\n\r\n<h1>hola</h1>",
    "a\nb\x0bc\x0cd\x85e\u2028f\u2029g",
    "<script>alert(1)</script><!-- \"'&amp;",
    "{{ 7*7 }}{% for x in y %}{{ self.__init__ }}",
    "\u202egpj.exe\u202c",
    "--===============123==\r\nContent-Type: text/html",
    ".\r\n.\r\nQUIT",
    A_CHARACTER_OF_EACH_CATEGORY,
)


def written_with(subject: str | None, greeting: str | None) -> MailText | None:
    """The mail with these texts, as far as an account may have them."""
    texts, faults = check_mail_texts([{"language": "ES", "subject": subject, "greeting": greeting}])
    return None if faults else write_mail(document(), texts, Occasion())


@given(st.text(max_size=200))
@example(HOSTILE[0])
@example(HOSTILE[1])
@example(HOSTILE[2])
@example(HOSTILE[3])
@example(HOSTILE[6])
@example(HOSTILE[9])
def test_a_subject_is_one_header_that_shows_it_as_it_is(subject: str) -> None:
    written = written_with(subject, None)
    if written is None:
        return
    head = mail._write_head({"Subject": mail._encode_text(written.subject), "X-Last": "1"})
    (name, value), (last, _) = read_headers(head.removesuffix(b"\r\n"))
    assert (name, last) == (b"Subject", b"X-Last")
    assert decode_header(value) == written.subject
    assert "\n" not in written.subject
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", written.subject)


@given(st.text(max_size=200), st.text(max_size=200))
@example(HOSTILE[2], HOSTILE[4])
@example(HOSTILE[5], HOSTILE[5])
@example(HOSTILE[7], HOSTILE[7])
@example(HOSTILE[8], HOSTILE[8])
@example(HOSTILE[9], HOSTILE[9])
def test_a_greeting_is_text_in_both_bodies_and_nothing_else(subject: str, greeting: str) -> None:
    written = written_with(subject, greeting)
    if written is None:
        return
    plain = written_with(None, None)
    assert plain is not None
    tags = re.compile("<[^>]*>")
    assert tags.findall(written.html) == tags.findall(plain.html)  # the template's own, and no more
    texts, _ = check_mail_texts([{"language": "ES", "subject": None, "greeting": greeting}])
    if texts:
        assert written.text.startswith(texts[0]["greeting"])
        assert texts[0]["greeting"] in html.unescape(written.html)
    body = EmailMessage(email.policy.SMTP)
    body.set_content(written.text, cte="quoted-printable")
    body.add_alternative(written.html, subtype="html", cte="quoted-printable")
    message = BytesParser(EmailMessage, policy=email.policy.SMTP).parsebytes(b"X-First: 1\r\n" + body.as_bytes())
    assert message.keys() == ["X-First", "MIME-Version", "Content-Type"]
    assert [each.get_content_type() for each in message.walk()] == [
        *("multipart/alternative", "text/plain", "text/html")
    ]


@given(st.dictionaries(st.sampled_from(PLACES), st.text()), st.text())
def test_data_at_a_place_are_not_read_again(data: dict[str, str], own: str) -> None:
    assert fill(own, {}) == own
    for place in PLACES:
        assert fill(f"{{{place}}}", dict.fromkeys(PLACES, "{documento}{total}")) == "{documento}{total}"
    assert fill("{documento.__class__}{0}{}", data) == "{documento.__class__}{0}{}"


def test_a_subject_stays_short_whatever_the_data_are() -> None:
    texts, faults = check_mail_texts([{"language": "ES", "subject": "{cliente}" * 16, "greeting": None}])
    assert not faults
    assert len(write_mail(document(), texts, Occasion()).subject) == FILLED_LONGEST


# In mails


async def test_a_mail_has_the_accounts_own_words(api: Api, server: Server, settings: Settings) -> None:
    own = {
        "language": "ES",
        "subject": "Su {documento} por {total}",
        "greeting": "Estimados señores de {cliente}:\n\nLes saluda {empresa}",
    }
    assert (await say(api, own))["account"]["mailTexts"] == [own]
    await issued(api, name="Hoteles <Istmo>")
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    assert message["Subject"] == "Su Factura 001-0000000001 por B/. 10.70"
    text = part(message, "plain").replace("\r\n", "\n")
    assert text.startswith(
        "Estimados señores de Hoteles <Istmo>:\n\nLes saluda Prueba, S.A.\n\nCliente: Hoteles <Istmo>\n"
    )
    assert "Estimados señores de Hoteles &lt;Istmo&gt;:" in part(message, "html")


async def test_a_mail_is_in_the_customers_language(api: Api, server: Server, settings: Settings) -> None:
    await say(api, {"language": "ES", "subject": "En español"})
    await issued(api, language="EN")
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    assert message["Subject"] == "Invoice 001-0000000001 from Prueba, S.A."
    assert "The invoice is attached as a PDF. It is a commercial document, not a fiscal one." in part(message, "plain")
    assert 'lang="en"' in part(message, "html")


async def test_a_mail_about_a_void_keeps_the_services_words(api: Api, server: Server, settings: Settings) -> None:
    await say(api, {"language": "ES", "subject": "¡Gracias por su compra!", "greeting": "¡Gracias!"})
    id = await issued(api)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        await void(api, id)
        await until(lambda: settled(api))
    assert [str(message["Subject"]) for _, message in server.mails] == [
        *("¡Gracias por su compra!", "Anulada: factura 001-0000000001 de Prueba, S.A.")
    ]
    assert "Gracias" not in part(server.mails[1][1], "plain")


@pytest.mark.parametrize("name", ["Subject", "From"])
async def test_hostile_texts_write_no_further_header(api: Api, server: Server, settings: Settings, name: str) -> None:
    refused = 0
    for text in HOSTILE:
        payload = await say(api, {"language": "ES", "subject": text, "greeting": text})
        refused += bool(payload["userErrors"])
        if not payload["userErrors"]:
            await issued(api)
            async with working(over(settings, server)):
                await until(lambda: settled(api))
    assert 0 < refused < len(HOSTILE)
    for raw in server.raw:
        assert [header for header, _ in read_headers(raw)] == [
            *(b"Message-ID", b"Date", b"From", b"To", b"Subject", b"Auto-Submitted"),
            *(b"MIME-Version", b"Content-Type"),
        ]


# With a public link


async def test_a_mail_has_a_public_link_where_the_account_wants_it(
    api: Api, server: Server, settings: Settings
) -> None:
    await api.ask("mutation { updateAccount(input: {mailLink: true}) { userErrors { code } } }")
    public = replace(over(settings, server), public_url="https://facturas.example")
    for wanted in (public, over(settings, server)):
        id = await issued(api)
        async with working(wanted):
            await until(lambda: settled(api))
    [linked, bare] = [part(message, "plain").replace("\r\n", "\n") for _, message in server.mails]
    [secret] = re.findall(r"Ver en línea:\nhttps://facturas\.example/d/([A-Za-z0-9_-]{65})\n", linked)
    found = await document_links.find(secret)
    assert found is not None
    assert found.account_id == api.account_id
    assert "/d/" not in bare
    links = await api.ask("query ($id: ID!) { invoice(id: $id) { links { mailed } } }", id=str(found.document_id))
    assert links["invoice"]["links"] == [{"mailed": True}]
    with tenant.acting_for(api.account_id):
        assert not await models.DocumentLink.filter(document_id=id).exists()


@pytest.mark.parametrize("failure", ["refused mail", "refused address", "no server", "no paper"])
async def test_the_link_of_an_attempt_that_failed_is_revoked(
    api: Api, server: Server, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch, failure: str
) -> None:
    async def to_mail() -> str | None:
        return "451 4.7.1 Greylisted, try again later"

    async def render(*_: Any) -> bytes:
        raise ValueError("no paper")

    await api.ask("mutation { updateAccount(input: {mailLink: true}) { userErrors { code } } }")
    given = over(settings, server)
    failing = given
    if failure == "refused mail":
        server.to_mail = to_mail
    elif failure == "refused address":
        server.to_recipient = lambda address: "451 4.7.1 Greylisted, try again later"
    elif failure == "no server":
        failing = over(settings, replace(server, port=1))
    id = await issued(api)
    with monkeypatch.context() as patched:
        if failure == "no paper":
            patched.setattr(Renderer, "render", render)
        async with working(replace(failing, public_url="https://facturas.example")):
            await until(lambda: tried(api, id))
    assert await links(api, id) == 0
    server.to_mail, server.to_recipient = None, lambda address: None
    await hurry(admin)
    async with working(replace(given, public_url="https://facturas.example")):
        await until(lambda: settled(api))
    assert (len(server.mails), await links(api, id)) == (1, 1)


async def test_the_link_of_a_mail_that_may_have_arrived_keeps_working(
    api: Api, server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def to_mail() -> str | None:
        await asyncio.sleep(1)
        return None

    await api.ask("mutation { updateAccount(input: {mailLink: true}) { userErrors { code } } }")
    monkeypatch.setattr(mail, "_STEP_TIMEOUT", 0.3)
    server.to_mail = to_mail
    id = await issued(api)
    async with working(replace(over(settings, server), public_url="https://facturas.example")):
        await until(lambda: tried(api, id))
    assert await links(api, id) == 1


async def links(api: Api, id: str) -> int:
    """How many of the document work."""
    found = await api.ask("query ($id: ID!) { invoice(id: $id) { links { id } } }", id=id)
    return len(found["invoice"]["links"])


async def test_the_mail_about_a_void_has_no_link(api: Api, server: Server, settings: Settings) -> None:
    public = replace(over(settings, server), public_url="https://facturas.example")
    id = await issued(api)
    async with working(public):
        await until(lambda: settled(api))
        await api.ask("mutation { updateAccount(input: {mailLink: true}) { userErrors { code } } }")
        await void(api, id)
        await until(lambda: settled(api))
    assert [("/d/" in part(message, "plain")) for _, message in server.mails] == [False, False]


# Changing them


async def test_texts_replace_those_before_and_null_empties_them(api: Api) -> None:
    await say(api, {"language": "ES", "subject": "Uno"}, {"language": "EN", "greeting": "One"})
    changed = await say(api, {"language": "EN", "subject": " Two ", "greeting": " "})
    assert changed["account"]["mailTexts"] == [{"language": "EN", "subject": "Two", "greeting": None}]
    emptied = (await api.ask(_UPDATE, texts=None))["updateAccount"]
    assert emptied["account"]["mailTexts"] == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ({"subject": "x" * 151}, ("subject", "TOO_LONG")),
        ({"greeting": "x" * 1001}, ("greeting", "TOO_LONG")),
        ({"greeting": "x\n" * 21 + "x"}, ("greeting", "TOO_LONG")),
        ({"subject": "a\0b"}, ("subject", "INVALID_VALUE")),
        ({"greeting": "a\x1bb"}, ("greeting", "INVALID_VALUE")),
        ({"subject": "{numero} {precio}"}, ("subject", "INVALID_VALUE")),
        ({"greeting": "{}"}, ("greeting", "INVALID_VALUE")),
    ],
)
async def test_texts_are_bounded(api: Api, text: Answer, fault: tuple[str, str]) -> None:
    name, code = fault
    payload = await say(api, {"language": "ES", **text})
    assert payload["userErrors"] == [{"path": ["input", "mailTexts", "0", name], "code": code}]
    tried = await preview(api, texts=[{"language": "ES", **text}])
    assert tried["userErrors"] == [{"path": ["mailTexts", "0", name], "code": code}]


async def test_a_language_has_one_text(api: Api) -> None:
    payload = await say(api, {"language": "ES", "subject": "Uno"}, {"language": "ES", "subject": "Dos"})
    assert payload["userErrors"] == [{"path": ["input", "mailTexts", "1", "language"], "code": "INVALID_VALUE"}]


async def test_only_administrators_change_them_and_the_change_is_audited(api: Api) -> None:
    writer = Api(api.account_id, Scope.WRITE)
    assert await writer.refused(_UPDATE, texts=[]) == ["FORBIDDEN"]
    await say(api, {"language": "ES", "subject": "Uno"})
    found = await api.ask(
        "{ auditEvents(filter: {objectType: [ACCOUNT]}, first: 1) { edges { node { changes { field after } } } } }"
    )
    [edge] = found["auditEvents"]["edges"]
    assert edge["node"]["changes"] == [
        {"field": "mailTexts", "after": [{"language": "ES", "subject": "Uno", "greeting": None}]}
    ]


# Seeing them before


async def test_a_preview_is_the_mail_that_is_sent(api: Api, server: Server, settings: Settings) -> None:
    await say(api, {"language": "ES", "subject": "Su {documento}", "greeting": "Hola, {cliente}:"})
    id = await issued(api)
    shown = await preview(api, id=id)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    assert shown["userErrors"] == []
    assert shown["subject"] == message["Subject"]
    assert shown["text"] == part(message, "plain").replace("\r\n", "\n")
    assert shown["html"].strip() == part(message, "html").replace("\r\n", "\n").strip()
    assert shown["files"] == [each.get_filename() for each in message.iter_attachments()]


async def test_texts_are_tried_before_they_are_kept(api: Api) -> None:
    tried = [{"language": "EN", "subject": "{documento}", "greeting": "Dear {cliente}"}]
    shown = await preview(api, language="EN", texts=tried, message="See you")
    assert shown["subject"] == "Invoice 001-0000000001"
    assert shown["text"].startswith("Dear Example Customer, Inc.\n\nSee you\n")
    assert (await preview(api))["subject"] == "Factura 001-0000000001 de Prueba, S.A."
    assert (await preview(api, void=True))["subject"] == "Anulada: factura 001-0000000001 de Prueba, S.A."


async def test_of_anothers_document_there_is_no_preview(api: Api, electronic: Api) -> None:
    shown = await preview(electronic, id=await issued(api))
    assert shown["userErrors"] == [{"path": ["id"], "code": "NOT_FOUND"}]
    assert (shown["subject"], shown["text"], shown["html"]) == (None, None, None)
    too_long = await preview(api, message="x" * 2001)
    assert too_long["userErrors"] == [{"path": ["message"], "code": "TOO_LONG"}]


def test_each_language_has_all_words() -> None:
    for language in Language:
        for is_void in (True, False):
            written = write_mail(document(language=language), (), Occasion(tells_of_void=is_void))
            assert "{" not in written.subject + written.text
