"""Writes a document out for the templates, which do no arithmetic, know no formats and have no words of their own."""

import re
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any, Final, TypeAlias

import orjson

from documents import words
from documents.branding import Branding, Logo
from documents.document import FiscalData, Party, PrintedDocument, Reference, Validator
from documents.formats import (
    SYMBOLS,
    country_name,
    format_day,
    format_moment,
    format_money,
    format_price,
    format_quantity,
    format_rate,
)
from documents.qr import draw_qr
from rules.fiscal.catalogues import PAYMENT_NAMES
from rules.fiscal.document import Export
from rules.fiscal.withholding import WITHHOLDINGS
from rules.invoice import Line
from rules.printing import Printable, clusters
from rules.vocabulary import DocumentType, InvoiceStatus, Language

Write: TypeAlias = Callable[[str], str]

_GROUP: Final = 6  # characters of a CUFE that stand together, for people who type it


def template_data(document: PrintedDocument, printable: Printable) -> dict[str, str]:
    """The ``sys.inputs`` of a template: texts only, but for lists and switches, as JSON.

    A character that ``printable`` lacks becomes �, so that drafts, and documents issued before a font was removed,
    can be printed all the same.
    """
    write = _writer(printable)
    lines = list(_write_lines(document, write))
    data = {
        "language": document.language.lower(),
        "words": words.LABELS[document.language],
        "status": document.status.value,
        "issuer": _write_party(document.issuer, write),
        "receiver": _write_party(document.receiver, write),
        "fiscal": _write_fiscal(document, document.fiscal, write) if document.fiscal else None,
        **_write_head(document, write),
        **_write_sums(document),
        **_write_payment(document, write),
        **_write_texts(document, write),
        "widest": {name: max((line[name] for line in lines), key=len, default="") for name in _FIGURES},
        "discounts": any(line.discount for line in document.lines),
        "codes": any(line.code for line in document.lines),
        "units": document.fiscal is not None,
        "branding": _write_branding(document.branding, write),
    }
    xml = document.fiscal.xml if document.fiscal else None
    return {"document": orjson.dumps(data).decode(), "lines": orjson.dumps(lines).decode(), "xml": _read_text(xml)}


_FIGURES: Final = ("position", "code", "quantity", "unit", "price", "discount", "rate", "net", "total")


def _read_text(xml: bytes | None) -> str:
    """An XML file as the text that is attached byte for byte; "" for none, and for one that isn't UTF-8."""
    try:
        return (xml or b"").decode("utf-8")
    except UnicodeDecodeError:
        return ""


def _write_head(document: PrintedDocument, write: Write) -> dict[str, Any]:
    language, fiscal = document.language, document.fiscal
    issued = format_day(document.issue_date, language) if document.issue_date else words.AT_ISSUE[language]
    if fiscal and fiscal.emitted_at:
        issued = format_moment(fiscal.emitted_at, language)
    return {
        "name": words.TITLES[language][document.type],
        "kind": words.KINDS[language][document.type],
        "title": write(document.title),
        "file": document.filename,
        "number": document.number,
        "branch": document.branch,
        "billing_point": document.billing_point,
        "issue_date": issued,
        "due_date": format_day(document.due_date, language) if document.due_date else "",
        "currency": words.CURRENCIES[language][document.currency],
        "purchase_order": write(document.purchase_order),
        "export": _write_export(document.export, language, write) if document.export else None,
        "reference": _write_reference(document.reference, language, write) if document.reference else None,
    }


def _write_export(export: Export, language: Language, write: Write) -> dict[str, str]:
    return {
        "destination": country_name(export.country, language),
        "incoterm": export.incoterm,
        "port": write(export.port or ""),
    }


def _write_reference(reference: Reference, language: Language, write: Write) -> dict[str, Any]:
    title = f"{words.TITLES[language][reference.type]} {reference.billing_point}-{reference.number}"
    day = format_day(reference.issue_date, language)
    return {
        "invoice": words.REFERENCE[language].format(title=title, day=day),
        "cufe": _group(reference.cufe or ""),
        "reason": _write_text(reference.reason, write),
    }


def _group(cufe: str) -> str:
    """
    >>> _group("FE0120000999")
    'FE0120 000999'
    """
    return " ".join(cufe[start : start + _GROUP] for start in range(0, len(cufe), _GROUP))


def _write_fiscal(document: PrintedDocument, fiscal: FiscalData, write: Write) -> dict[str, Any]:
    language = document.language
    protocol = ""
    if fiscal.authorized_at:
        moment = format_moment(fiscal.authorized_at, language)
        form = words.AUTHORIZED_AT[language] if fiscal.protocol else "{moment}"
        protocol = form.format(protocol=fiscal.protocol, moment=moment)
    return {
        "test": fiscal.is_test,
        "authorized": fiscal.cufe is not None,
        "cufe": _group(fiscal.cufe or ""),
        "url": fiscal.consultation_url,
        "link": f"{fiscal.consultation_url}/{fiscal.cufe}",
        "protocol": protocol,
        "qr": draw_qr(fiscal.qr) if fiscal.qr else "",
        "validator": write(_write_validator(fiscal.validator, language)) if fiscal.validator else "",
    }


def _write_validator(validator: Validator, language: Language) -> str:
    resolution = ""
    if validator.resolution:
        resolution = words.RESOLUTION[language].format(number=validator.resolution)
        if validator.resolved_on:
            resolution += words.RESOLVED_ON[language].format(day=format_day(validator.resolved_on, language))
    ruc = f", RUC {validator.ruc}" if validator.ruc else ""
    return words.VALIDATED[language].format(name=validator.name, ruc=ruc, resolution=resolution)


def _write_sums(document: PrintedDocument) -> dict[str, Any]:
    return {
        "taxes": [
            {
                "rate": format_rate(tax.rate, document.language),
                "base": format_money(tax.base),
                "amount": format_money(tax.amount),
            }
            for tax in document.taxes
        ],
        "subtotal": format_money(document.subtotal),
        "itbms_total": format_money(document.itbms_total),
        "total": f"{SYMBOLS[document.currency]} {format_money(document.total)}",
        "discount_total": format_money(document.discount_total) if document.discount_total else "",
    }


def _write_payment(document: PrintedDocument, write: Write) -> dict[str, Any]:
    language, withholding = document.language, document.withholding

    def name(form: Any) -> str:
        return write(form.description or getattr(PAYMENT_NAMES[form.method], language.lower()))

    withheld = None
    if withholding:
        kind = words.WITHHOLDINGS if language is Language.EN else {k: v.name for k, v in WITHHOLDINGS.items()}
        withheld = {"kind": kind[withholding.code], "amount": format_money(withholding.amount)}
    return {
        "payment": [{"name": name(form), "amount": format_money(form.amount)} for form in document.payment_forms],
        "instalments": [
            {"name": format_day(each.due_date, language), "amount": format_money(each.amount)}
            for each in document.instalments
        ],
        "withholding": withheld,
    }


def _write_texts(document: PrintedDocument, write: Write) -> dict[str, str]:
    language = document.language
    voided = words.LABELS[language]["void"]
    if document.voided_on:
        voided = words.VOIDED_ON[language].format(day=format_day(document.voided_on, language))
    is_void = document.status is InvoiceStatus.VOID
    is_credit = document.type is DocumentType.CREDIT_NOTE
    return {
        "voided": voided if is_void else "",
        "void_reason": _write_text(document.void_reason, write),
        "notes": _write_text(document.notes, write),
        "terms": _write_text(document.terms, write),
        # Nobody pays a credit note or what is void.
        "bank": "" if is_credit or is_void else _write_text(document.branding.bank_lines, write),
    }


def _write_branding(branding: Branding, write: Write) -> dict[str, Any]:
    logo = branding.logo
    return {
        "color": branding.color,
        "footer": write(branding.footer),
        "logo": {"picture": _draw(logo), "ratio": logo.width / logo.height} if logo else None,
    }


def _draw(logo: Logo) -> str:
    """The logo within an SVG, since Typst takes texts only; to read the bytes from JSON takes ten times as long."""
    content = b64encode(logo.content).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{logo.width}" height="{logo.height}"><image '
        f'width="{logo.width}" height="{logo.height}" href="data:{logo.media_type};base64,{content}"/></svg>'
    )


def _write_text(text: str, write: Write) -> str:
    return "\n".join(map(write, text.split("\n")))


def _write_party(party: Party, write: Write) -> dict[str, Any]:
    return {
        "name": write(party.name),
        "kind": party.kind,
        "identification": write(party.identification),
        "address": _write_text(party.address, write),
        "location": write(party.location),
        "contact": [write(part) for part in party.contact],
    }


def _write_lines(document: PrintedDocument, write: Write) -> Iterator[dict[str, Any]]:
    """``sums`` are those of net and total up to and with the line, for the page that ends with it."""
    lines: Iterable[Line] = document.lines
    nets, totals = accumulate(line.net for line in lines), accumulate(line.total for line in lines)
    for line, net_so_far, total_so_far in zip(lines, nets, totals, strict=True):
        yield {
            "position": str(line.position),
            "code": write(line.code or ""),
            "description": _write_text(line.description, write),
            "quantity": format_quantity(line.quantity),
            "unit": line.unit,
            "price": format_price(line.unit_price),
            "discount": format_price(line.discount) if line.discount else "—",
            "rate": format_rate(line.itbms_rate, document.language),
            "net": format_money(line.net),
            "total": format_money(line.total),
            "sums": [format_money(net_so_far), format_money(total_so_far)],
        }


# A word that is longer than this may be broken anywhere, since it may be longer than a line.
_LONG_WORD: Final = re.compile(r"\S{20,}")


def _writer(printable: Printable) -> Write:
    def write(text: str) -> str:
        """One line of text, with single blanks, that breaks where it must."""
        return _LONG_WORD.sub(_break_anywhere, " ".join(printable.replace(text).split()))

    return write


def _break_anywhere(word: re.Match[str]) -> str:
    return "".join(f"\N{ZERO WIDTH SPACE}{cluster}" for cluster in clusters(word.group()))
