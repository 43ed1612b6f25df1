"""Rules about the totals: sums, payment, instalments, withholding."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Final

from pac.sandbox.dgi.items import sum_other_taxes
from pac.sandbox.dgi.submission import TOLERANCE, Breach, Submission, differs
from pac.sandbox.group import Group

_PAYMENT_FORMS: Final = frozenset({"01", "02", "03", "04", "05", "06", "07", "08", "09", "99"})
_OTHER_FORM: Final = "99"
_PAYMENT_TIMES: Final = frozenset({"1", "2", "3"})
_HIGH_TOTAL: Final = Decimal(1_000_000)
_HIGH_CONSUMER_TOTAL: Final = Decimal(10_000)
# Which part of the ITBMS is withheld, by the code of the withholding; others are free.
_WITHHELD: Final = {
    "1": Decimal(1),
    "3": Decimal(1),
    "2": Decimal("0.5"),
    "4": Decimal("0.5"),
    "7": Decimal("0.5"),
}


def check(submission: Submission) -> Iterator[Breach]:
    codes = [
        *_check_sums(submission),
        *_check_total(submission),
        *_check_payment(submission),
        *_check_payment_forms(submission.totals),
        *_check_withholding(submission.totals),
    ]
    yield from map(Breach, codes)


def _check_sums(submission: Submission) -> Iterator[str]:
    """Each total is the sum of its items."""
    totals, items = submission.totals, submission.items
    itbms, isc = _sum(items, "valorITBMS"), _sum(items, "valorISC")
    other = _total(items, sum_other_taxes)
    discounts = _sum(totals.items("listaDescBonificacion"), "montoDescuento")
    for name, expected, code in (
        ("totalPrecioNeto", _sum(items, "precioItem"), "2500"),
        ("totalITBMS", itbms, "2501"),
        ("totalISC", isc, "2502"),
        ("totalMontoGravado", itbms + isc + other, "2503"),
        ("totalDescuento", discounts, "2504"),
        ("totalTodosItems", _sum(items, "valorTotal"), "2514"),
    ):
        if differs(totals.amount(name), expected):
            yield code
    if totals.amount("totalAcarreoCobrado") and _sum(items, "precioAcarreo"):
        yield "2505"
    if totals.amount("valorSeguroCobrado") and _sum(items, "precioSeguro"):
        yield "2506"
    if totals.amount("nroItems") != len(items):
        yield "2513"


def _check_total(submission: Submission) -> Iterator[str]:
    totals = submission.totals
    total = totals.amount("totalFactura")
    added = ("totalAcarreoCobrado", "valorSeguroCobrado", "totalOtrosGastos")
    expected = totals.amount("totalTodosItems") + sum(map(totals.amount, added)) - totals.amount("totalDescuento")
    if differs(total, expected):
        yield "2507"
    if total > _HIGH_TOTAL:
        yield "2509"
    if submission.receiver["tipoClienteFE"] == "02" and total > _HIGH_CONSUMER_TOTAL:
        yield "2515"


def _check_payment(submission: Submission) -> Iterator[str]:
    totals = submission.totals
    total, received = totals.amount("totalFactura"), totals.amount("totalValorRecibido")
    instalments = totals.items("listaPagoPlazo")
    if instalments and differs(_sum(instalments, "valorCuota"), total):
        yield "2508"
    forms = _sum(totals.items("listaFormaPago"), "valorCuotaPagada")
    if differs(received, forms) or received < total - TOLERANCE:
        yield "2510"
    if differs(totals.amount("vuelto"), max(received - total, Decimal(0))):
        yield "2511"
    if totals["tiempoPago"] not in _PAYMENT_TIMES:
        yield "2512"


def _check_payment_forms(totals: Group) -> Iterator[str]:
    forms = totals.items("listaFormaPago")
    if any(form["formaPagoFact"] not in _PAYMENT_FORMS for form in forms):
        yield "2600"
    if any(form["formaPagoFact"] == _OTHER_FORM and "descFormaPago" not in form for form in forms):
        yield "2601"
    if any(form["formaPagoFact"] != _OTHER_FORM and "descFormaPago" in form for form in forms):
        yield "2602"


def _check_withholding(totals: Group) -> Iterator[str]:
    withholding = totals.group("retencion")
    part = _WITHHELD.get(withholding["codigoRetencion"])
    if part is not None and differs(withholding.amount("montoRetencion"), totals.amount("totalITBMS") * part):
        yield "2651"


def _sum(groups: list[Group], name: str) -> Decimal:
    return _total(groups, lambda group: group.amount(name))


def _total(groups: list[Group], amount: Callable[[Group], Decimal]) -> Decimal:
    return sum(map(amount, groups), Decimal(0))
