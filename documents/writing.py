"""Writes a document out for the templates, which do no arithmetic and know no formats."""

import re
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Any, Final

import orjson

from documents.document import FiscalData, Party, PrintedDocument
from documents.formats import (
    CURRENCIES,
    SYMBOLS,
    format_day,
    format_moment,
    format_money,
    format_price,
    format_quantity,
    format_rate,
)
from documents.qr import draw_qr
from rules.invoice import Line
from rules.printing import Printable, clusters


def template_data(document: PrintedDocument, printable: Printable) -> dict[str, str]:
    """The ``sys.inputs`` of the templates: texts only, but for lists and switches, as JSON.

    A character that ``printable`` lacks becomes �, so that drafts, and invoices issued before a font was removed,
    can be printed all the same.
    """
    write = _writer(printable)
    lines = list(_write_lines(document.lines, write))
    figures = ("position", "quantity", "price", "discount", "rate", "net", "total")
    invoice = {
        "status": document.status.value,
        "number": document.number,
        "title": write(document.title),
        "issuer": _write_party(document.issuer, write),
        "receiver": _write_party(document.receiver, write),
        "issue_date": format_day(document.issue_date) if document.issue_date else "Al emitirla",
        "due_date": format_day(document.due_date) if document.due_date else "",
        "billing_point": document.billing_point,
        "currency": CURRENCIES[document.currency],
        "voided": "ANULADA" + (f" el {format_day(document.voided_on)}" if document.voided_on else ""),
        "void_reason": _write_text(document.void_reason, write),
        "discounts": any(line.discount for line in document.lines),
        "widest": {name: max((line[name] for line in lines), key=len, default="") for name in figures},
        "taxes": [
            {"rate": format_rate(tax.rate), "base": format_money(tax.base), "amount": format_money(tax.amount)}
            for tax in document.taxes
        ],
        "subtotal": format_money(document.subtotal),
        "itbms_total": format_money(document.itbms_total),
        "total": f"{SYMBOLS[document.currency]} {format_money(document.total)}",
        "discount_total": format_money(document.discount_total) if document.discount_total else "",
        "notes": _write_text(document.notes, write),
        "terms": _write_text(document.terms, write),
        "fiscal": _write_fiscal(document.fiscal) if document.fiscal else None,
    }
    return {"invoice": orjson.dumps(invoice).decode(), "lines": orjson.dumps(lines).decode()}


def _write_fiscal(fiscal: FiscalData) -> dict[str, Any]:
    return {
        "test": fiscal.is_test,
        "authorized": fiscal.cufe is not None,
        "cufe": fiscal.cufe or "",
        "protocol": fiscal.protocol or "",
        "authorized_at": format_moment(fiscal.authorized_at) if fiscal.authorized_at else "",
        "qr": draw_qr(fiscal.qr) if fiscal.qr else "",
    }


def _write_text(text: str, write: Callable[[str], str]) -> str:
    return "\n".join(map(write, text.split("\n")))


def _write_party(party: Party, write: Callable[[str], str]) -> dict[str, Any]:
    return {
        "name": write(party.name),
        "identification": write(party.identification),
        "address": _write_text(party.address, write),
        "location": write(party.location),
        "contact": [write(part) for part in party.contact],
    }


def _write_lines(lines: Iterable[Line], write: Callable[[str], str]) -> Iterator[dict[str, Any]]:
    """``sums`` are those of net and total up to and with the line, for the page that ends with it."""
    lines = list(lines)
    nets, totals = accumulate(line.net for line in lines), accumulate(line.total for line in lines)
    for line, net_so_far, total_so_far in zip(lines, nets, totals, strict=True):
        yield {
            "position": str(line.position),
            "description": _write_text(line.description, write),
            "quantity": format_quantity(line.quantity),
            "price": format_price(line.unit_price),
            "discount": format_price(line.discount) if line.discount else "—",
            "rate": format_rate(line.itbms_rate),
            "net": format_money(line.net),
            "total": format_money(line.total),
            "sums": [format_money(net_so_far), format_money(total_so_far)],
        }


# A word that is longer than this may be broken anywhere, since it may be longer than a line.
_LONG_WORD: Final = re.compile(r"\S{20,}")


def _writer(printable: Printable) -> Callable[[str], str]:
    def write(text: str) -> str:
        """One line of text, with single blanks, that breaks where it must."""
        return _LONG_WORD.sub(_break_anywhere, " ".join(printable.replace(text).split()))

    return write


def _break_anywhere(word: re.Match[str]) -> str:
    return "".join(f"\N{ZERO WIDTH SPACE}{cluster}" for cluster in clusters(word.group()))
