"""How a mail with a document will read, before it is sent."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from announcements.mail_text import MailText, Occasion, write_mail
from announcements.mail_xml import read_xml
from db import models, tenant
from documents.document import Party, PrintedDocument
from documents.reading import read_document
from resolvers.scope import uuid_of
from rules import text
from rules.calendar import today
from rules.faults import Code, Fault, Refusal, Text
from rules.mail_texts import OwnTexts, check_mail_texts
from rules.sending import check_message
from rules.vocabulary import Currency, InvoiceStatus, Language


@dataclass(frozen=True)
class MailPreview:
    """A mail as it would be sent now, and the names of the files that it would have."""

    written: MailText
    reply_to: str | None
    files: Sequence[str]


async def preview(
    id: str | None, language: Language, own_texts: Sequence[OwnTexts] | None, message: str | None, *, void: bool
) -> MailPreview:
    """The mail with the current account's document or, without ``id``, with an invented one in this language.

    With ``own_texts``, as if they were the account's; with ``void``, as the mail that tells of the void. Raises
    ``Refusal``.
    """
    cleaned = text.clean(message, multiline=True)
    texts, faults = check_mail_texts(own_texts or ())
    faults += check_message(cleaned)
    account = await models.Account.get(id=tenant.current_account())
    document = _example(account, language) if id is None else await read_document(id)
    if document is None:
        faults.append(Fault(("id",), Code.NOT_FOUND, _NO_SUCH_DOCUMENT))
    if faults or document is None:
        raise Refusal(*faults)
    if void and document.status is not InvoiceStatus.VOID:
        document = replace(document, status=InvoiceStatus.VOID, void_reason="…")
    document_id = uuid_of(id or "")
    has_xml = not void and document_id is not None and await read_xml(document_id) is not None
    files = [document.filename, *([document.filename.removesuffix("pdf") + "xml"] if has_xml else [])]
    occasion = Occasion(tells_of_void=void, message=cleaned, has_xml=has_xml)
    own = account.mail_texts if own_texts is None else texts
    return MailPreview(write_mail(document, own, occasion), account.email, files)


def _example(account: models.Account, language: Language) -> PrintedDocument:
    names = {Language.ES: "Cliente de ejemplo, S.A.", Language.EN: "Example Customer, Inc."}
    return PrintedDocument(
        language=language,
        issuer=Party(name=account.legal_name or account.name),
        receiver=Party(name=names[language]),
        status=InvoiceStatus.ISSUED,
        number="0000000001",
        billing_point="001",
        issue_date=today(),
        currency=Currency.PAB,
        lines=(),
        subtotal=_HUNDRED,
        discount_total=Decimal(0),
        itbms_total=Decimal(7),
        total=_HUNDRED + 7,
        created_at=datetime.now(UTC),
    )


_HUNDRED: Final = Decimal(100)
_NO_SUCH_DOCUMENT: Final = Text("No existe este documento.", "There is no such document.")
