"""Customers get their invoices by mail, whatever the mail server does."""

import asyncio
import base64
import email.policy
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from announcements import mail
from announcements.settings import Settings, Smtp
from documents.formats import format_day
from rules.calendar import today
from tests.announcements.conftest import do, hurry, settled, until, void, working
from tests.builders import create_invoice, customer_id, faults, invoice, line, taxpayer
from tests.conftest import Answer, Api

PERSONS = [
    {"name": "Ana Ríos", "email": "ana@example.com", "notify": True},
    {"name": "Luis Paz", "email": "luis@example.com", "notify": False},
    {"name": "Eva Paz", "email": "PAGOS@example.com", "notify": True},
]

DELIVERIES = """
    query ($id: ID!) { invoice(id: $id) { deliveries { id email status attempts error nextAttemptAt settledAt } } }
"""


async def issued(api: Api, email: str = "pagos@example.com", *lines: Any, **customer: Any) -> str:
    """The id of an invoice that is issued to a new customer with this address."""
    payload = await create_invoice(api, invoice(*lines), newCustomer=taxpayer(email=email, **customer))
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def told(api: Api, invoice: str) -> list[Answer]:
    found: list[Answer] = (await api.ask(DELIVERIES, id=invoice))["invoice"]["deliveries"]
    return found


async def states(api: Api, invoice: str) -> dict[str, str]:
    return {each["email"]: each["status"] for each in await told(api, invoice)}


async def tried(api: Api, id: str, attempts: int = 1) -> bool:
    """Whether so many attempts have failed."""
    return any(each["attempts"] == attempts and each["error"] for each in await told(api, id))


# A mail server


@dataclass
class Server:
    """What it answers to a recipient and to a mail (None is 250), and the mails that it took."""

    port: int = 0
    to_recipient: Callable[[str], str | None] = lambda address: None
    to_mail: Callable[[], Awaitable[str | None]] | None = None
    mails: list[tuple[str, EmailMessage]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)

    async def handle_RCPT(self, _: SMTP, __: Session, envelope: Envelope, address: str, ___: list[str]) -> str:
        self.asked.append(address)
        answer = self.to_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, _: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self.to_mail() if self.to_mail else None
        if answer is None or answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.raw.append(envelope.content)
            message = BytesParser(EmailMessage, policy=email.policy.SMTP).parsebytes(envelope.content)
            self.mails.append((envelope.rcpt_tos[0], message))
            self.encrypted.append(session.ssl is not None)
        return answer or "250 OK"

    @asynccontextmanager
    async def listening(self, **options: Any) -> AsyncIterator["Server"]:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(self, loop=loop, **options), "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as server:
        yield server


def over(settings: Settings, server: Server, **smtp: Any) -> Settings:
    smtp = {"host": "127.0.0.1", "port": server.port, "security": "none", **smtp}
    return replace(settings, mail_from="facturas@istmo.example", smtp=Smtp(**smtp))


# To whom


async def test_an_issued_invoice_goes_to_the_customer_and_to_persons_that_want_it(
    api: Api, server: Server, settings: Settings
) -> None:
    id = await issued(api, "pagos@example.com", associatedPersons=PERSONS)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert sorted(server.asked) == ["ana@example.com", "pagos@example.com"]  # each address once
    assert sorted(to for to, _ in server.mails) == sorted(server.asked)
    assert [message["To"] for to, message in server.mails] == [to for to, _ in server.mails]
    assert await states(api, id) == {"ana@example.com": "DELIVERED", "pagos@example.com": "DELIVERED"}


async def test_nothing_else_is_mailed(api: Api, server: Server, settings: Settings) -> None:
    customer = await customer_id(api, taxpayer(email="pagos@example.com"))
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    silent = await create_invoice(api, newCustomer=taxpayer())
    async with working(over(settings, server)):
        await until(lambda: settled(api))
        assert server.asked == []
        await do(api, "issueInvoice", draft)
        await void(api, draft)
        await until(lambda: settled(api))
    assert server.asked == ["pagos@example.com"]
    assert await told(api, silent["invoice"]["id"]) == []


async def test_the_address_is_the_one_at_issue(api: Api, server: Server, settings: Settings) -> None:
    payload = await create_invoice(api, newCustomer=taxpayer(email="pagos@example.com"))
    await api.ask(
        'mutation ($id: ID!) { updateCustomer(id: $id, input: {email: "otra@example.com"}) { userErrors { code } } }',
        id=payload["customer"]["id"],
    )
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert server.asked == ["pagos@example.com"]


# What


def part(message: EmailMessage, kind: str) -> str:
    body = message.get_body((kind,))
    assert body is not None
    content: str = body.get_content()
    return content


async def test_the_mail_is_in_spanish_as_text_and_html_with_the_pdf(
    new_account: Callable[..., Awaitable[Any]], server: Server, settings: Settings
) -> None:
    api = Api(await new_account("Peña & Hijos, S.A."))
    id = await issued(api, "pagos@example.com", line(unitPrice="1234.50"), name="Distribuidora <Ñandú> & Cía.")
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    [delivery] = await told(api, id)
    assert message["Message-ID"] == f"<{delivery['id']}@istmo.example>"
    assert message["From"].addresses[0].display_name == "Peña & Hijos, S.A."
    assert message["From"].addresses[0].addr_spec == "facturas@istmo.example"
    assert message["Subject"] == "Factura 001-0000000001 de Peña & Hijos, S.A."
    assert message["Auto-Submitted"] == "auto-generated"
    assert part(message, "plain").replace("\r\n", "\n") == (
        "Peña & Hijos, S.A. le envía la factura 001-0000000001.\n\n"
        "Cliente: Distribuidora <Ñandú> & Cía.\n"
        f"Fecha de emisión: {format_day(today())}\n"
        "Total: B/. 1,320.92\n\n"
        "La factura va adjunta en PDF. Es un documento comercial, no fiscal.\n\n"
        "--\n"
        "Peña & Hijos, S.A. envía este mensaje automáticamente.\n"
    )
    html = part(message, "html")
    assert "Distribuidora &lt;Ñandú&gt; &amp; Cía." in html
    assert "B/. 1,320.92" in html
    [attachment] = message.iter_attachments()
    assert attachment.get_filename() == "factura-001-0000000001.pdf"
    assert attachment.get_content_type() == "application/pdf"
    assert attachment.get_content().startswith(b"%PDF-")
    assert all(len(each) <= 998 for each in message.as_bytes().split(b"\r\n"))


INJECTION = "=?utf-8?q?Banco=0D=0AContent-Type:_text/html=0D=0A=0D=0A<h1>Pague_aqui:</h1><!--?="


def decode_header(value: bytes) -> str:
    """The text that a mail program shows for a header's value."""
    unfolded = value.replace(b"\r\n ", b" ").decode("ascii")
    words = re.findall(r"=\?utf-8\?b\?([A-Za-z0-9+/=]*)\?=", unfolded)
    if not words:
        return unfolded
    assert unfolded == " ".join([f"=?utf-8?b?{word}?=" for word in words])
    assert all(len(word) <= 63 for word in words)
    return b"".join(map(base64.b64decode, words)).decode()


def read_headers(raw: bytes) -> list[tuple[bytes, bytes]]:
    """The headers of a mail, read without Python's e-mail package."""
    head, _, _ = raw.partition(b"\r\n\r\n")
    assert head.isascii()
    assert not re.search(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\r(?!\n)|(?<!\r)\n", head)
    lines = re.split(rb"\r\n(?! )", head)
    return [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]


@pytest.mark.parametrize(
    "name", [INJECTION, "=?utf-8?b?QmFuY28NClgtRXZpbDogMQ==?=", 'Ana" <ana@example.com>, "', "A?=\\"]
)
async def test_a_name_cannot_write_headers_or_the_body(
    new_account: Callable[..., Awaitable[Any]], server: Server, settings: Settings, name: str
) -> None:
    """Python's e-mail package would decode RFC 2047's encoded words in a name, line ends included."""
    api = Api(await new_account(name))
    await issued(api, "=?utf-8?q?x?=@example.com", name=name, associatedPersons=[{**PERSONS[0], "name": name}])
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert len(server.raw) == 2
    for raw in server.raw:
        headers = dict(read_headers(raw))
        assert list(headers) == [
            *(b"Message-ID", b"Date", b"From", b"To", b"Subject", b"Auto-Submitted"),
            *(b"MIME-Version", b"Content-Type"),
        ]
        shown, _, address = headers[b"From"].rpartition(b" ")
        assert (decode_header(shown), address) == (name, b"<facturas@istmo.example>")
        assert decode_header(headers[b"Subject"]) == f"Factura 001-0000000001 de {name}"
        assert headers[b"To"] in (b"<=?utf-8?q?x?=@example.com>", b"<ana@example.com>")
        assert headers[b"Content-Type"].startswith(b"multipart/mixed")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
@example(INJECTION)
@example("Banco\r\nBcc: x@example.com")
@example("Banco\nX: 1\r\rX: 2\x0b\x0c\x1c\x1d\x85\u2028\u2029X: 3\0")
def test_any_text_is_a_headers_value_as_it_is(text: str) -> None:
    """Line ends, Unicode's too, and NUL would have been refused in a name; here nothing depends on that."""
    head = f"From: {mail._phrase(text)} <a@example.com>\r\nSubject: {mail._encode_text(text)}".encode()
    (_, sender), (_, subject) = read_headers(head)
    assert decode_header(subject) == text
    assert decode_header(sender.removesuffix(b" <a@example.com>")).strip('"') == text.strip('"')


async def test_a_domain_with_accents_is_written_as_the_dns_has_it(api: Api, server: Server, settings: Settings) -> None:
    id = await issued(api, "ana@peña.com")
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert server.asked == ["ana@xn--pea-8ma.com"]
    assert await states(api, id) == {"ana@peña.com": "DELIVERED"}


# Trouble


async def test_an_address_that_is_refused_for_good_is_given_up_at_once_and_no_other(
    api: Api, server: Server, settings: Settings
) -> None:
    server.to_recipient = lambda address: "550 5.1.1 No such user" if address.startswith("pagos") else None
    id = await issued(api, associatedPersons=PERSONS)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    ana, pagos = await told(api, id)
    assert (ana["status"], ana["error"]) == ("DELIVERED", None)
    assert (pagos["status"], pagos["attempts"], pagos["error"]) == ("FAILED", 1, "550 5.1.1 No such user")
    # Somebody has repaired the mailbox, and asks for it again.
    server.to_recipient = lambda address: None
    assert faults(await do(api, "redeliver", pagos["id"])) == set()
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert (await states(api, id))["pagos@example.com"] == "DELIVERED"


@pytest.mark.parametrize("step", ["recipient", "mail"])
async def test_greylisting_is_answered_by_trying_again_under_the_same_id(
    api: Api, server: Server, settings: Settings, admin: Any, step: str
) -> None:
    tries = 0

    def later() -> str | None:
        nonlocal tries
        tries += 1
        return "451 4.7.1 Greylisted, try again later" if tries <= 2 else None

    async def to_mail() -> str | None:
        return later()

    if step == "mail":
        server.to_mail = to_mail
    else:
        server.to_recipient = lambda address: later()
    id = await issued(api)
    async with working(over(settings, server)):
        for attempts in (1, 2):
            await until(partial(tried, api, id, attempts))
            [waiting] = await told(api, id)
            assert (waiting["status"], waiting["error"]) == ("PENDING", "451 4.7.1 Greylisted, try again later")
            assert waiting["nextAttemptAt"]
            await hurry(admin)
        await until(lambda: settled(api))
    [delivery] = await told(api, id)
    [(_, message)] = server.mails
    assert (delivery["status"], delivery["attempts"], delivery["error"]) == ("DELIVERED", 3, None)
    assert message["Message-ID"] == f"<{delivery['id']}@istmo.example>"


async def test_a_mail_that_was_taken_although_we_did_not_hear_it_comes_again_under_the_same_id(
    api: Api, server: Server, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def too_late() -> str | None:
        if not server.mails:
            server.mails.append(("pagos@example.com", EmailMessage()))
            await asyncio.sleep(1)
        return None

    monkeypatch.setattr(mail, "_STEP_TIMEOUT", 0.3)
    server.to_mail = too_late
    id = await issued(api)
    async with working(over(settings, server)):
        await until(lambda: tried(api, id))
        await hurry(admin)
        await until(lambda: settled(api))
    ids = {message["Message-ID"] for _, message in server.mails[1:]}
    assert ids == {f"<{(await told(api, id))[0]['id']}@istmo.example>"}


async def test_a_mail_that_is_refused_for_good_is_given_up(api: Api, server: Server, settings: Settings) -> None:
    async def to_mail() -> str | None:
        return "552 5.3.4 Message too big"

    server.to_mail = to_mail
    id = await issued(api)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert [(each["status"], each["error"]) for each in await told(api, id)] == [
        ("FAILED", "552 5.3.4 Message too big")
    ]


async def test_a_server_that_is_slow_delays_no_webhook_and_is_tried_again(
    api: Api, server: Server, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def to_mail() -> str | None:
        await asyncio.sleep(5)
        return None

    monkeypatch.setattr(mail, "_STEP_TIMEOUT", 0.3)
    server.to_mail = to_mail
    id = await issued(api)
    async with working(over(settings, server)):
        await until(lambda: tried(api, id))
    [waiting] = await told(api, id)
    assert waiting["status"] == "PENDING"
    assert "SMTPReadTimeoutError" in waiting["error"] or "Timeout" in waiting["error"]


async def test_trouble_of_our_own_is_nobodys_refusal(api: Api, server: Server, settings: Settings) -> None:
    """A wrong password, a server that is down: every address is tried again."""
    id = await issued(api)
    closed = Settings(settings.mail_folder, "facturas@istmo.example", Smtp("127.0.0.1", 1, "none"), poll=0.01)
    async with working(closed):
        await until(lambda: tried(api, id))
    assert await states(api, id) == {"pagos@example.com": "PENDING"}


# Encryption and signing in


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("tls") / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return authority, path


def certified(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


async def test_mail_goes_encrypted_to_somebody_we_signed_in_to(
    api: Api, settings: Settings, authority: tuple[trustme.CA, Path], admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def authenticate(_: Any, __: Any, ___: Any, ____: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        return AuthResult(success=(data.login, data.password) == (b"istmo", b"secreto"), handled=False)

    monkeypatch.setenv("SSL_CERT_FILE", str(authority[1]))
    options = {"tls_context": certified(authority[0]), "require_starttls": True, "auth_required": True}
    async with Server().listening(**options, authenticator=authenticate) as server:
        id = await issued(api)
        wrong, right = ({"user": "istmo", "password": SecretStr(word)} for word in ("falso", "secreto"))
        async with working(over(settings, server, security="starttls", **wrong)):
            await until(lambda: tried(api, id))
        assert await states(api, id) == {"pagos@example.com": "PENDING"}
        await hurry(admin)
        async with working(over(settings, server, security="starttls", **right)):
            await until(lambda: settled(api))
        assert await states(api, id) == {"pagos@example.com": "DELIVERED"}
        assert server.encrypted == [True]


async def test_mail_does_not_go_to_a_server_without_a_valid_certificate_or_encryption(
    api: Api, server: Server, settings: Settings, authority: tuple[trustme.CA, Path]
) -> None:
    id = await issued(api)
    async with Server().listening(tls_context=certified(authority[0])) as impostor:
        async with working(over(settings, impostor, security="starttls")):
            await until(lambda: tried(api, id))
        assert impostor.asked == []
    other = await issued(api)
    async with working(over(settings, server, security="starttls")):
        await until(lambda: tried(api, other))
    assert server.asked == []


# Without a server


async def test_without_a_server_mail_is_put_into_a_folder(api: Api, settings: Settings) -> None:
    id = await issued(api, associatedPersons=PERSONS)
    async with working(settings):
        await until(lambda: settled(api))
    assert set((await states(api, id)).values()) == {"DELIVERED"}
    found = sorted(settings.mail_folder.iterdir())
    assert [path.stem for path in found] == sorted(each["id"] for each in await told(api, id))
    assert all(path.suffix == ".eml" and path.stat().st_mode & 0o077 == 0 for path in found)
    messages = [BytesParser(EmailMessage, policy=email.policy.default).parsebytes(path.read_bytes()) for path in found]
    assert {message["To"].addresses[0].addr_spec for message in messages} == {"ana@example.com", "pagos@example.com"}
    assert all(re.fullmatch("<.*@localhost>", message["Message-ID"]) for message in messages)
    assert settings.mail_folder.stat().st_mode & 0o077 == 0
