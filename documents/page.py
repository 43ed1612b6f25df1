"""A document as a page of its own, which a browser shows without scripts, for those who have a public link of it."""

from base64 import b64encode
from collections.abc import Mapping
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Final

from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined

from documents import words
from documents.document import PrintedDocument
from documents.formats import (
    SYMBOLS,
    format_day,
    format_moment,
    format_money,
    format_price,
    format_quantity,
    format_rate,
)
from rules.vocabulary import InvoiceStatus, Language

_FOLDER: Final = Path(__file__).with_name("page")
_STYLE: Final = (_FOLDER / "page.css").read_text(encoding="utf-8")
# Nothing but the style below, which is known by its hash: no script, no image, no form, no other host.
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(_STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

_templates = Jinja(
    loader=FileSystemLoader(_FOLDER), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_templates.globals.update(style=_STYLE, money=format_money, price=format_price, quantity=format_quantity)


def write_page(document: PrintedDocument, pdf: str, xml: str) -> str:
    """The page of a document, whose PDF and XML are at these addresses."""
    language, fiscal = document.language, document.fiscal
    own = _WORDS[language]
    return _templates.get_template("document.html").render(
        {
            "code": language.lower(),
            "words": {**words.LABELS[language], **own},
            "document": document,
            "symbol": SYMBOLS[document.currency],
            "facts": _facts(document),
            "is_void": document.status is InvoiceStatus.VOID,
            "has_discounts": any(line.discount for line in document.lines),
            "rate": partial(format_rate, language=language),
            "files": [(own["pdf"], pdf), *([(own["xml"], xml)] if fiscal and fiscal.xml else [])],
            "consultation": f"{fiscal.consultation_url}/{fiscal.cufe}" if fiscal and fiscal.cufe else "",
        }
    )


def write_missing(language: Language) -> str:
    """The page that a link leads to which is unknown, was revoked or has ended: nobody learns which."""
    return _templates.get_template("missing.html").render({"code": language.lower(), "words": _WORDS[language]})


def _facts(document: PrintedDocument) -> dict[str, str]:
    language, fiscal, reference = document.language, document.fiscal, document.reference
    labels = words.LABELS[language]
    facts = {}
    for label, day in (("issue_date", document.issue_date), ("due_date", document.due_date)):
        if day:
            facts[labels[label]] = format_day(day, language)
    if reference:
        title = f"{words.TITLES[language][reference.type]} {reference.billing_point}-{reference.number}"
        facts[labels["refers_to"]] = words.REFERENCE[language].format(
            title=title, day=format_day(reference.issue_date, language)
        )
        facts[_WORDS[language]["reason"]] = reference.reason
    if fiscal and fiscal.cufe:
        facts["CUFE"] = fiscal.cufe
        if fiscal.protocol:
            facts[_WORDS[language]["protocol"]] = fiscal.protocol
        if fiscal.authorized_at:
            facts[_WORDS[language]["authorized_at"]] = format_moment(fiscal.authorized_at, language)
    return facts


# Those that papers don't have.
_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ES: {
        "reason": "Motivo",
        "protocol": "Protocolo de autorización",
        "authorized_at": "Fecha de autorización",
        "is_void": "Este documento fue anulado.",
        "lines": "Detalle",
        "files": "Archivos",
        "pdf": "Descargar PDF",
        "xml": "Descargar XML",
        "consult": "Consultar en la DGI",
        "missing": "Este enlace no lleva a ningún documento",
        "missing_text": "Puede que haya vencido o que lo hayan revocado. Pídele otro a quien te lo envió.",
    },
    Language.EN: {
        "reason": "Reason",
        "protocol": "Protocol of authorisation",
        "authorized_at": "Authorised",
        "is_void": "This document is void.",
        "lines": "Lines",
        "files": "Files",
        "pdf": "Download PDF",
        "xml": "Download XML",
        "consult": "Look it up at the DGI",
        "missing": "This link leads to no document",
        "missing_text": "It may have expired or been revoked. Ask whoever sent it for another one.",
    },
}
