"""Customers get their invoices by mail, whatever the mail server does."""

import asyncio
import base64
import dataclasses
import email.policy
import re
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

import aiosmtplib
import pytest
import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from aiosmtplib import SMTPDataError
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from announcements import mail
from announcements.settings import Settings, Smtp
from documents.formats import format_day
from rules.calendar import PANAMA, today
from tests.announcements.conftest import dispatched, do, hurry, settled, until, working
from tests.builders import company, create_invoice, customer_id, faults, invoice, line, taxpayer
from tests.conftest import Answer, Api
from tests.documents.samples import document

PERSONS = [
    {"name": "Ana Ríos", "email": "ana@example.com", "notify": True},
    {"name": "Luis Paz", "email": "luis@example.com", "notify": False},
    {"name": "Eva Paz", "email": "PAGOS@example.com", "notify": True},
]

DELIVERIES = """
    query ($id: ID!) {
        invoice(id: $id) { deliveries { id email status attempts error beganAt nextAttemptAt settledAt } }
    }
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
    await issued(api, "{x}'!#$%&*+/?=^_`|~@example.com", name=name, associatedPersons=[{**PERSONS[0], "name": name}])
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
        assert headers[b"To"] in (b"<{x}'!#$%&*+/?=^_`|~@example.com>", b"<ana@example.com>")
        assert headers[b"Content-Type"].startswith(b"multipart/mixed")
        assert raw.count(b"filename=") == raw.count(b'filename="factura-001-0000000001.pdf"\r\n') == 1


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


HOSTILE = (
    "a\r\nBcc: x@example.com",
    "a\nX: 1",
    "a\rX: 1",
    "a\r\n\r\n<h1>",
    "a\0",
    "a\u2028b",
    "ñ",
    "a\r\n",
    "\r\n a",
    "",
)


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize("name", ["Message-ID", "Date", "From", "To", "Subject", "Reply-To", "Auto-Submitted"])
def test_a_value_that_would_write_another_header_is_never_sent(name: str, value: str) -> None:
    """Whichever header it is in: today's, or one that is added and forgets to encode."""
    with pytest.raises(ValueError, match=name):
        mail._write_head({"X-First": "1", name: value})
    assert mail._write_head({name: mail._encode_text(value) or "-"}).count(b"\n") == 1


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), min_size=1), st.text(min_size=1))
@example("001\r\nX: 1", "1")
@example("=?utf-8?q?x=0D=0AX:_1?=", '1"; filename="x.exe')
def test_an_attachments_name_is_plain_whatever_the_document_is_called(billing_point: str, number: str) -> None:
    named = dataclasses.replace(document(), billing_point=billing_point, number=number)
    assert re.fullmatch(r"factura-[A-Za-z0-9_-]*-[A-Za-z0-9_-]*\.pdf", named.filename)


ADDRESSES = {
    "ana@straße.de": "ana@xn--strae-oqa.de",
    "ana@faß.de": "ana@xn--fa-hia.de",
    "ana@xn--fa-hia.de": "ana@xn--fa-hia.de",
    "ana@βόλος.com": "ana@xn--nxasmm1c.com",
    "ana@Peña.COM": "ana@xn--pea-8ma.com",
}


@pytest.mark.parametrize("address", ADDRESSES)
async def test_a_mail_goes_to_the_domain_that_was_written(
    api: Api, server: Server, settings: Settings, address: str
) -> None:
    """By IDNA 2003, which Python's own codec follows, straße.de would be strasse.de, which belongs to others."""
    await issued(api, address)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert server.asked == [ADDRESSES[address]]
    assert dict(read_headers(server.raw[0]))[b"To"].decode() == f"<{ADDRESSES[address]}>"


async def test_a_stored_address_that_is_none_any_more_is_given_up_with_a_reason(
    api: Api, server: Server, settings: Settings, admin: Any
) -> None:
    """One that was accepted by the rules of another day."""
    id = await issued(api)
    await dispatched()
    await admin.execute("UPDATE delivery SET email = 'ana@@x..com' WHERE account_id = $1", api.account_id)
    async with working(over(settings, server)):
        await until(lambda: settled(api))
    assert [(each["status"], each["error"]) for each in await told(api, id)] == [("FAILED", "the address is not valid")]


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


@pytest.mark.parametrize(
    "error",
    [RuntimeError("x"), KeyError("x"), MemoryError(), UnicodeEncodeError("ascii", "ñ", 0, 1, "x"), OSError("full")],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_is_raised_ends_in_a_failure_with_a_reason(
    api: Api, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    async def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(mail, "compose", fail)
    id = await issued(api)
    async with working(settings):
        await until(lambda: tried(api, id))
        reason = f"unexpected failure: {type(error).__name__}"
        assert [(each["status"], each["error"]) for each in await told(api, id)] == [("PENDING", reason)]
        await admin.execute(
            "UPDATE delivery SET began_at = now() - interval '3 days' WHERE account_id = $1", api.account_id
        )
        await hurry(admin)
        await until(lambda: settled(api))
    assert [(each["status"], each["error"]) for each in await told(api, id)] == [("FAILED", reason)]


@pytest.mark.parametrize("answer", ["450 \udcff\x00 later", "451 " + "x" * 2000])
async def test_what_a_server_says_is_shown_as_far_as_it_can_be(
    api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    async def refuse(*_: Any, **__: Any) -> Any:
        raise SMTPDataError(int(answer[:3]), answer[4:])

    monkeypatch.setattr(aiosmtplib, "send", refuse)
    id = await issued(api)
    async with working(over(settings, Server())):
        await until(lambda: tried(api, id))
    [waiting] = await told(api, id)
    assert waiting["error"].startswith(answer[:4])
    assert len(waiting["error"]) <= 500


@pytest.mark.parametrize("piece", [b"250-x\r\n" * 5000, b"x" * 100_000])
async def test_a_server_that_answers_without_end_is_cut(api: Api, settings: Settings, piece: bytes) -> None:
    sent = 0

    async def stream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent
        writer.write(b"220 hello\r\n")
        await reader.readline()
        with suppress(ConnectionError):
            while sent < 500_000_000:
                writer.write(piece)
                await writer.drain()
                sent += len(piece)
        writer.close()

    async with await asyncio.start_server(stream, "127.0.0.1", 0) as listener:
        id = await issued(api)
        endless = Server(port=listener.sockets[0].getsockname()[1])
        async with working(over(settings, endless)):
            await until(lambda: tried(api, id), seconds=10)
    assert sent < 20_000_000
    assert await states(api, id) == {"pagos@example.com": "PENDING"}


# No more than so many a day


def limited(settings: Settings, server: Server, of_account: int, to_address: int) -> Settings:
    return replace(over(settings, server), mails_of_account=of_account, mails_to_address=to_address)


async def tomorrow_comes(admin: Any, api: Api) -> None:
    """What waits for the next day is due, and what was counted was counted yesterday."""
    await admin.execute("UPDATE mail_count SET day = day - 1 WHERE account_id = $1", api.account_id)
    await admin.execute(
        "UPDATE delivery SET due_at = now() WHERE account_id = $1 AND status = 'PENDING'", api.account_id
    )


async def waiting_mails(api: Api, ids: list[str]) -> list[Answer]:
    mails = [each for id in ids for each in await told(api, id)]
    return [each for each in mails if each["status"] == "PENDING" and (each["error"] or "").startswith("waits")]


async def test_what_an_account_sends_beyond_its_daily_limit_waits_for_the_next_day(
    api: Api, new_account: Callable[..., Awaitable[UUID]], server: Server, settings: Settings, admin: Any
) -> None:
    ids = [await issued(api, f"ana{number}@example.com", name=f"Cliente {number}") for number in range(5)]
    another = Api(await new_account())
    few = limited(settings, server, 3, 100)
    async with working(few):
        await until(lambda: has_waiting(api, ids, 2))
        waiting = await waiting_mails(api, ids)
        assert {each["error"] for each in waiting} == {"waits for tomorrow: the most mails a day from this account: 3"}
        assert {each["attempts"] for each in waiting} == {0}
        midnight = datetime.combine(today() + timedelta(days=1), time(), PANAMA)
        assert {datetime.fromisoformat(each["nextAttemptAt"]) for each in waiting} == {midnight}
        other = await create_invoice(another, newCustomer=company(email="otra@example.com"))  # has a limit of its own
        assert other["userErrors"] == []
        await until(lambda: settled(another))
    assert len(server.asked) == 4
    await tomorrow_comes(admin, api)
    async with working(few):
        await until(lambda: settled(api))
    assert len(server.mails) == 6
    assert {status for id in ids for status in (await states(api, id)).values()} == {"DELIVERED"}
    assert [each["attempts"] for id in ids for each in await told(api, id)] == [1] * 5


async def has_waiting(api: Api, ids: list[str], count: int) -> bool:
    return len(await waiting_mails(api, ids)) == count


async def test_an_address_gets_no_more_than_so_many_mails_a_day_and_others_do_not_wait(
    api: Api, server: Server, settings: Settings, admin: Any
) -> None:
    ids = [await issued(api, address) for address in ("ana@example.com", "ANA@example.com", "eva@example.com") * 2]
    few = limited(settings, server, 100, 2)
    async with working(few):
        await until(lambda: has_waiting(api, ids, 2))
        await until(lambda: len(server.asked) == 4)
    [reason] = {each["error"] for each in await waiting_mails(api, ids)}
    assert reason == "waits for tomorrow: the most mails a day from this account to this address: 2"
    await tomorrow_comes(admin, api)
    async with working(few):
        await until(lambda: settled(api))
    assert len(server.mails) == 6


async def test_a_repeated_delivery_counts_too(api: Api, server: Server, settings: Settings) -> None:
    id = await issued(api)
    async with working(limited(settings, server, 100, 2)):
        for _ in range(2):
            await until(lambda: settled(api))
            [delivery] = await told(api, id)
            assert faults(await do(api, "redeliver", delivery["id"])) == set()
        await until(lambda: has_waiting(api, [id], 1))
    assert len(server.mails) == 2
    assert await states(api, id) == {"pagos@example.com": "PENDING"}


async def test_a_mail_that_was_not_sent_does_not_count(
    api: Api, server: Server, settings: Settings, admin: Any
) -> None:
    server.to_recipient = lambda address: "451 later" if len(server.asked) <= 3 else None
    id = await issued(api)
    async with working(limited(settings, server, 1, 1)):
        for attempts in (1, 2, 3):
            await until(partial(tried, api, id, attempts))
            await hurry(admin)
        await until(lambda: settled(api))
    assert len(server.mails) == 1
    assert await states(api, id) == {"pagos@example.com": "DELIVERED"}


async def test_waiting_for_the_next_day_is_no_time_of_failing(
    api: Api, server: Server, settings: Settings, admin: Any
) -> None:
    """So that a mail that failed once is not given up because it waited for more than three days since."""
    server.to_recipient = lambda address: "451 later" if len(server.asked) == 1 else None
    first = await issued(api)
    async with working(limited(settings, server, 1, 100)):
        await until(lambda: tried(api, first))
        await issued(api)
        await until(lambda: server.mails)
        await hurry(admin)
        await until(lambda: has_waiting(api, [first], 1))
    [waiting] = await told(api, first)
    assert (waiting["error"][:5], waiting["attempts"]) == ("waits", 1)
    began, due = (datetime.fromisoformat(waiting[name]) for name in ("beganAt", "nextAttemptAt"))
    assert timedelta() <= due - began < timedelta(minutes=1)


async def test_without_a_limit_everything_is_sent(api: Api, server: Server, settings: Settings) -> None:
    for _ in range(3):
        await issued(api)
    async with working(limited(settings, server, 0, 0)):
        await until(lambda: settled(api))
    assert len(server.mails) == 3


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
