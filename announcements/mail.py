"""Mailing documents as PDF, electronic ones with the authorised XML, and that they are void.

Each address gets a mail of its own, with the same Message-ID at every attempt.
"""

import asyncio
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, localtime
from pathlib import Path
from typing import Final

import aiosmtplib
import orjson
import structlog
from aiosmtplib import (
    SMTPConnectError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
)

from announcements import deliveries
from announcements.deliveries import Claim, DeliveryFailed
from announcements.mail_quota import MailQuota
from announcements.mail_text import Occasion, write_mail
from announcements.mail_xml import lacks_xml, read_xml
from announcements.settings import Settings, Smtp
from db import models, tenant
from documents.reading import read_document
from documents.render import Renderer
from resolvers import document_links
from resolvers.transactions import Result
from rules.contact import ascii_email

_AT_ONCE: Final = 2  # mails of an account
_ACCOUNTS_AT_ONCE: Final = 2
_STEP_TIMEOUT: Final = 20.0  # seconds for a command to the mail server
_TOTAL_TIMEOUT: Final = 60.0  # seconds for a mail
_PERMANENT: Final = 500  # replies with this code or a higher one are for good
_PLAIN: Final = re.compile(r"[A-Za-z0-9 .,&'()/-]{1,60}")  # needs no encoding in a header
_VALUE: Final = re.compile(r"[ -~]+(\r\n [ -~]+)*")  # of a header, in lines of ASCII
_LONGEST_PIECE: Final = 45  # bytes in an encoded word, which so has 72 characters; 75 are allowed (RFC 2047)

log = structlog.get_logger()


class MailSender:
    """Sends what is due by mail: to an SMTP server or, without one, into a folder."""

    def __init__(self, settings: Settings, renderer: Renderer) -> None:
        self._renderer = renderer
        self._settings = settings
        self._smtp = settings.smtp
        self._folder = settings.mail_folder
        self._quota = MailQuota(settings.mails_of_account, settings.mails_to_address)
        self._slots = asyncio.Semaphore(_ACCOUNTS_AT_ONCE)

    def warn_without_server(self) -> None:
        if self._smtp is None:
            log.warning("no SMTP server is set: mail is written to a folder instead", folder=str(self._folder))

    async def send_due(self) -> bool:
        """Send some of the mails that are due in the current account; returns False if none is."""
        # Wait for a slot before claiming, since a claim ends after a time.
        async with self._slots:
            due = await deliveries.claim(None, _AT_ONCE)
            claims = [claim for claim in due if not await lacks_xml(claim) and await self._quota.admit(claim)]
            for claim, failure in await deliveries.attempt(claims, self._deliver):
                await self._quota.give_back(claim)
                given_up = await deliveries.record_failure(claim, failure)
                log.warning("mail not sent", delivery=str(claim.id), reason=failure.reason, given_up=given_up)
        return bool(claims)

    async def _deliver(self, claim: Claim) -> None:
        account = await models.Account.get(id=tenant.current_account())
        link = await self._create_link(claim, account)
        try:
            await self._attempt(claim, account, link)
        except Exception as error:
            if link and not (isinstance(error, DeliveryFailed) and error.may_have_arrived):
                await document_links.revoke(str(link.id))
            raise

    async def _create_link(self, claim: Claim, account: models.Account) -> Result | None:
        if not account.mail_link or not self._settings.public_url or claim.type.tells_of_void:
            return None
        return await document_links.create_for_mail(claim.object_id, self._settings.link_lifetime)

    async def _attempt(self, claim: Claim, account: models.Account, link: Result | None) -> None:
        path = document_links.path_of(link.secret) if link and link.secret else None
        address = f"{self._settings.public_url}{path}" if path else None
        try:
            async with asyncio.timeout(_TOTAL_TIMEOUT):
                mail = await compose(claim, account, address, self._settings.mail_from, self._renderer)
                if self._smtp is None:
                    await asyncio.to_thread(_write_file, mail, self._folder / f"{claim.id}.eml")
                else:
                    await _send(mail, self._smtp)
        except TimeoutError as error:
            raise DeliveryFailed("the mail server was too slow", may_have_arrived=True) from error


@dataclass(frozen=True)
class Mail:
    """A mail as it is sent."""

    sender: str
    recipient: str
    content: bytes


async def compose(claim: Claim, account: models.Account, link: str | None, sender: str, renderer: Renderer) -> Mail:
    """The mail about an issued document of the current account; ``link`` is a public one."""
    document = await read_document(str(claim.object_id))
    if document is None or claim.email is None:
        raise DeliveryFailed("there is no such invoice", for_good=True)
    tells_of_void = claim.type.tells_of_void
    xml = None if tells_of_void else await read_xml(claim.object_id)
    message = orjson.loads(claim.data).get("message")
    occasion = Occasion(tells_of_void=tells_of_void, message=message, has_xml=xml is not None, link=link)
    written = write_mail(document, account.mail_texts, occasion)
    try:
        recipient = ascii_email(claim.email)
    except ValueError as error:
        raise DeliveryFailed("the address is not valid", for_good=True) from error
    head = {
        "Message-ID": f"<{claim.id}@{sender.rpartition('@')[2]}>",
        "Date": format_datetime(localtime()),
        "From": f"{_phrase(document.issuer.name)} <{sender}>",
        "To": f"<{recipient}>",
        "Subject": _encode_text(written.subject),
        "Auto-Submitted": "auto-generated",
    }
    if account.email:
        head["Reply-To"] = f"{_phrase(account.name)} <{ascii_email(account.email)}>"
    body = EmailMessage(SMTP)
    body.set_content(written.text, cte="quoted-printable")
    body.add_alternative(written.html, subtype="html", cte="quoted-printable")
    pdf = await renderer.render(document)
    body.add_attachment(pdf, maintype="application", subtype="pdf", filename=document.filename)
    if xml:
        name = f"{document.filename.removesuffix('.pdf')}.xml"
        body.add_attachment(xml, maintype="application", subtype="xml", filename=name)
    return Mail(sender, recipient, _write_head(head) + body.as_bytes())


def _write_head(head: Mapping[str, str]) -> bytes:
    """The lines of these headers. Raises ``ValueError`` if a value would write another header or end the head."""
    for name, value in head.items():
        if not _VALUE.fullmatch(value):
            raise ValueError(f"the header {name} can't have this value: {value!r}")
    return "".join([f"{name}: {value}\r\n" for name, value in head.items()]).encode("ascii")


def _encode_text(text: str) -> str:
    """The text as a header's value, whatever it contains (RFC 2047).

    Python's own e-mail package must not see it: it decodes encoded words that it finds in a text, and writes the line
    ends in them as they are.

    >>> _encode_text("Factura 001-0000000001 de Prueba, S.A.")
    'Factura 001-0000000001 de Prueba, S.A.'
    >>> _encode_text("Peña")
    '=?utf-8?b?UGXDsWE=?='
    """
    if _PLAIN.fullmatch(text):
        return text
    pieces = [b""]
    for character in text:
        encoded = character.encode()
        if len(pieces[-1]) + len(encoded) > _LONGEST_PIECE:
            pieces.append(b"")
        pieces[-1] += encoded
    return "\r\n ".join([f"=?utf-8?b?{b64encode(piece).decode()}?=" for piece in pieces])


def _phrase(name: str) -> str:
    """The name as it is written before an address in a header.

    >>> _phrase("Prueba, S.A.")
    '"Prueba, S.A."'
    """
    return f'"{name}"' if _PLAIN.fullmatch(name) else _encode_text(name)


async def _send(mail: Mail, smtp: Smtp) -> None:
    """Raises ``DeliveryFailed``, for good if the server refuses this recipient or this mail for good."""
    try:
        await aiosmtplib.send(
            mail.content,
            sender=mail.sender,
            recipients=[mail.recipient],
            hostname=smtp.host,
            port=smtp.port,
            username=smtp.user,
            password=smtp.password.get_secret_value() if smtp.password else None,
            use_tls=smtp.security == "tls",
            start_tls=smtp.security == "starttls",
            timeout=_STEP_TIMEOUT,
        )
    except SMTPRecipientsRefused as error:
        refusal = error.recipients[0]
        raise DeliveryFailed(_describe(refusal), for_good=refusal.code >= _PERMANENT) from error
    except SMTPDataError as error:
        raise DeliveryFailed(_describe(error), for_good=error.code >= _PERMANENT) from error
    except SMTPResponseException as error:
        raise DeliveryFailed(_describe(error)) from error
    except (SMTPConnectError, SMTPNotSupported, ValueError) as error:
        raise DeliveryFailed(_unusable(error)) from error
    except (SMTPException, OSError) as error:
        raise DeliveryFailed(_unusable(error), may_have_arrived=True) from error


def _unusable(error: Exception) -> str:
    return f"the mail server can't be used: {type(error).__name__}"


def _describe(error: SMTPResponseException) -> str:
    return f"{error.code} {error.message}"


def _write_file(mail: Mail, path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_bytes(mail.content)
    unfinished.chmod(0o600)
    unfinished.replace(path)
