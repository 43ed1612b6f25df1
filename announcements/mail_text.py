"""What a mail with a document says: its subject, and its text as plain text and as HTML."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from documents.document import PrintedDocument
from documents.formats import SYMBOLS, format_day, format_money
from documents.words import TITLES
from rules.mail_texts import FILLED_LONGEST, OwnTexts, fill
from rules.vocabulary import InvoiceStatus, Language

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).with_name("templates")),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class MailText:
    """A mail as it is read. Nothing in it is markup but what the template of ``html`` has."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """Why a mail is sent, and what it has besides the document; ``link`` is a public link.

    A mail that ``tells_of_void`` goes to those who got the document before. One that ``has_xml`` has the
    authorised XML with it.
    """

    tells_of_void: bool = False
    message: str | None = None
    has_xml: bool = False
    link: str | None = None


def write_mail(document: PrintedDocument, own_texts: Iterable[OwnTexts], occasion: Occasion) -> MailText:
    """The mail about an issued document, with the account's own words if it has some in the document's language."""
    language = document.language
    words = _WORDS[language]
    names = _names(document)
    about = "void_" if occasion.tells_of_void else ""
    subject, lead = words[f"{about}subject"].format(**names), words[f"{about}lead"].format(**names)
    own = next((each for each in own_texts if each["language"] == language), None)
    if own and not occasion.tells_of_void:
        data = _data(document, names)
        subject = fill(own["subject"], data)[:FILLED_LONGEST] if own["subject"] else subject
        lead = fill(own["greeting"], data) if own["greeting"] else lead
    values = {
        "words": {"code": language.lower(), **{name: words[name].format(**names) for name in ("is_void", "automatic")}},
        "lead": lead,
        "message": occasion.message,
        "facts": list(_facts(document, language, words).items()),
        "void_reason": document.void_reason if document.status is InvoiceStatus.VOID else "",
        "closing": _closing(document, occasion, words, names),
        "links": _links(document, occasion, words),
        "contact": document.issuer.contact,
    }
    return MailText(
        subject,
        _templates.get_template("document.txt").render(values),
        _templates.get_template("document.html").render(values),
    )


def _names(document: PrintedDocument) -> dict[str, str]:
    title = TITLES[document.language][document.type]
    return {
        "issuer": document.issuer.name,
        "noun": title[:1].lower() + title[1:],
        "Noun": title,
        "number": f"{document.billing_point}-{document.number or '…'}",
    }


def _data(document: PrintedDocument, names: Mapping[str, str]) -> dict[str, str]:
    """What stands at the places of the account's own words, which are those of ``rules.mail_texts.PLACES``."""
    return {
        "documento": f"{names['Noun']} {names['number']}",
        "numero": names["number"],
        "cliente": document.receiver.name,
        "empresa": names["issuer"],
        "total": _total(document),
    }


def _total(document: PrintedDocument) -> str:
    return f"{SYMBOLS[document.currency]} {format_money(document.total)}"


def _facts(document: PrintedDocument, language: Language, words: Mapping[str, str]) -> dict[str, str]:
    facts = {words["customer"]: document.receiver.name}
    for label, day in (("issue_date", document.issue_date), ("due_date", document.due_date)):
        if day:
            facts[words[label]] = format_day(day, language)
    facts[words["total"]] = _total(document)
    if document.fiscal and document.fiscal.cufe:
        facts["CUFE"] = document.fiscal.cufe
    return facts


def _closing(document: PrintedDocument, occasion: Occasion, words: Mapping[str, str], names: Mapping[str, str]) -> str:
    attached = words["attached_void" if occasion.tells_of_void else "attached_xml" if occasion.has_xml else "attached"]
    if document.fiscal is None:
        kind = words["commercial"]
    elif document.fiscal.is_test:
        kind = words["test"]
    else:
        kind = ""
    return f"{attached.format(**names)} {kind}".strip()


def _links(document: PrintedDocument, occasion: Occasion, words: Mapping[str, str]) -> list[tuple[str, str]]:
    """Labels and addresses."""
    links = [(words["see"], occasion.link)] if occasion.link else []
    if document.fiscal and document.fiscal.cufe:
        links.append((words["consult"], f"{document.fiscal.consultation_url}/{document.fiscal.cufe}"))
    return links


# In Spanish all these nouns are feminine.
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ES: {
        "subject": "{Noun} {number} de {issuer}",
        "lead": "{issuer} le envía la {noun} {number}.",
        "void_subject": "Anulada: {noun} {number} de {issuer}",
        "void_lead": "{issuer} anuló la {noun} {number}.",
        "customer": "Cliente",
        "issue_date": "Fecha de emisión",
        "due_date": "Fecha de vencimiento",
        "total": "Total",
        "is_void": "Esta {noun} fue anulada",
        "attached": "La {noun} va adjunta en PDF.",
        "attached_xml": "La {noun} va adjunta en PDF y en XML.",
        "attached_void": "El PDF adjunto lleva la marca de anulada.",
        "commercial": "Es un documento comercial, no fiscal.",
        "test": "Es una prueba y no tiene valor fiscal.",
        "see": "Ver en línea",
        "consult": "Consulta en la DGI",
        "automatic": "{issuer} envía este mensaje automáticamente.",
    },
    Language.EN: {
        "subject": "{Noun} {number} from {issuer}",
        "lead": "{issuer} sends you {noun} {number}.",
        "void_subject": "Void: {noun} {number} from {issuer}",
        "void_lead": "{issuer} has voided {noun} {number}.",
        "customer": "Customer",
        "issue_date": "Date of issue",
        "due_date": "Due date",
        "total": "Total",
        "is_void": "This {noun} is void",
        "attached": "The {noun} is attached as a PDF.",
        "attached_xml": "The {noun} is attached as PDF and XML.",
        "attached_void": "The attached PDF is marked as void.",
        "commercial": "It is a commercial document, not a fiscal one.",
        "test": "It is a test and has no fiscal value.",
        "see": "See it online",
        "consult": "Look it up at the DGI",
        "automatic": "{issuer} sends this message automatically.",
    },
}
