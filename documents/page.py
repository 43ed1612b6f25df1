"""A document as a page of its own, which a browser shows without scripts, for those who have a public link of it."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment as Jinja
from jinja2 import FileSystemLoader, StrictUndefined

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
from rules.fiscal.cufe import consultation_url
from rules.vocabulary import Environment, InvoiceStatus, Language

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
_templates.globals.update(
    style=_STYLE, money=format_money, price=format_price, quantity=format_quantity, rate=format_rate
)


def write_page(document: PrintedDocument, pdf: str, xml: str | None) -> str:
    """The page of a document, whose PDF and XML are at these addresses."""
    words = _WORDS[document.language]
    fiscal = document.fiscal
    is_authorized = fiscal is not None and fiscal.cufe is not None
    environment = Environment.TEST if fiscal and fiscal.is_test else Environment.PRODUCTION
    return _templates.get_template("document.html").render(
        {
            "code": document.language.lower(),
            "words": words,
            "document": document,
            "symbol": SYMBOLS[document.currency],
            "facts": _facts(document, words),
            "is_void": document.status is InvoiceStatus.VOID,
            "has_discounts": any(line.discount for line in document.lines),
            "files": [(words["pdf"], pdf), *([(words["xml"], xml)] if xml else [])],
            "consultation": consultation_url(fiscal.cufe or "", environment) if fiscal and is_authorized else None,
        }
    )


def write_missing(language: Language) -> str:
    """The page that a link leads to which is unknown, was revoked or has ended: nobody learns which."""
    return _templates.get_template("missing.html").render({"code": language.lower(), "words": _WORDS[language]})


def _facts(document: PrintedDocument, words: Mapping[str, str]) -> dict[str, Any]:
    facts: dict[str, str | None] = {}
    for label, day in (("issue_date", document.issue_date), ("due_date", document.due_date)):
        if day:
            facts[words[label]] = _write_day(day, document.language)
    fiscal = document.fiscal
    if fiscal and fiscal.cufe:
        facts["CUFE"] = fiscal.cufe
        facts[words["protocol"]] = fiscal.protocol
        facts[words["authorized_at"]] = format_moment(fiscal.authorized_at) if fiscal.authorized_at else None
    return {label: value for label, value in facts.items() if value}


def _write_day(day: date, language: Language) -> str:
    return format_day(day) if language is Language.ES else f"{day:%B} {day.day}, {day.year}"


_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ES: {
        "customer": "Cliente",
        "issue_date": "Fecha de emisión",
        "due_date": "Fecha de vencimiento",
        "protocol": "Protocolo de autorización",
        "authorized_at": "Autorizada",
        "void": "Este documento fue anulado.",
        "test": "Documento de prueba, sin valor fiscal.",
        "commercial": "Este documento no es un documento fiscal.",
        "lines": "Detalle",
        "description": "Descripción",
        "quantity": "Cantidad",
        "unit_price": "Precio",
        "discount": "Descuento",
        "itbms": "ITBMS",
        "total": "Total",
        "subtotal": "Subtotal",
        "notes": "Notas",
        "pdf": "Descargar PDF",
        "xml": "Descargar XML",
        "consult": "Consultar en la DGI",
        "files": "Archivos",
        "missing": "Este enlace no lleva a ningún documento",
        "missing_text": "Puede que haya vencido o que lo hayan revocado. Pídele otro a quien te lo envió.",
    },
    Language.EN: {
        "customer": "Customer",
        "issue_date": "Date of issue",
        "due_date": "Due date",
        "protocol": "Protocol of authorisation",
        "authorized_at": "Authorised",
        "void": "This document is void.",
        "test": "A test document without fiscal value.",
        "commercial": "This document is not a fiscal document.",
        "lines": "Lines",
        "description": "Description",
        "quantity": "Quantity",
        "unit_price": "Price",
        "discount": "Discount",
        "itbms": "ITBMS",
        "total": "Total",
        "subtotal": "Subtotal",
        "notes": "Notes",
        "pdf": "Download PDF",
        "xml": "Download XML",
        "consult": "Look it up at the DGI",
        "files": "Files",
        "missing": "This link leads to no document",
        "missing_text": "It may have expired or been revoked. Ask whoever sent it for another one.",
    },
}
