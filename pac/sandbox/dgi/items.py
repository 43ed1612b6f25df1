"""Rules about the items. Catalogues are those of the DGI's schema."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from pac.sandbox.dgi.submission import Breach, Submission, differs
from pac.sandbox.group import Group
from rules.fiscal.catalogues import CLASSES, FAMILIES, UNITS

_ITBMS_RATES: Final = {"00": Decimal(0), "01": Decimal("0.07"), "02": Decimal("0.10"), "03": Decimal("0.15")}
_GOVERNMENT: Final = "03"
_HIGH_PRICE: Final = Decimal(100_000)


def check(submission: Submission) -> Iterator[Breach]:
    for number, item in enumerate(submission.items, 1):
        codes = [*_check_medicine(item), *_check_catalogues(submission, item), *_check_amounts(submission, item)]
        yield from (Breach(code, number) for code in codes)


def _check_medicine(item: Group) -> Iterator[str]:
    if "medicina" in item:
        if "fechaFabricacion" not in item:
            yield "2003"
        if "fechaCaducidad" not in item:
            yield "2004"


def _check_catalogues(submission: Submission, item: Group) -> Iterator[str]:
    """Units and codes of goods and services; the latter must be there for the government."""
    family, class_ = item["codigoCPBSAbrev"], item["codigoCPBS"]
    if item["unidadMedida"] and item["unidadMedida"] not in UNITS:
        yield "2002"
    if family and family not in FAMILIES:
        yield "2005"
    if submission.receiver["tipoClienteFE"] == _GOVERNMENT:
        if not family and not class_:
            yield "2007"
        elif not class_:
            yield "2006"
    if class_ and class_ not in CLASSES:
        yield "2008"
    if item["unidadMedidaCPBS"] and item["unidadMedidaCPBS"] not in UNITS:
        yield "2009"
    if family and class_ and not class_.startswith(family):
        yield "2010"


def _check_amounts(submission: Submission, item: Group) -> Iterator[str]:
    price, discount, net = (item.amount(name) for name in ("precioUnitario", "precioUnitarioDescuento", "precioItem"))
    freight, insurance = item.amount("precioAcarreo"), item.amount("precioSeguro")
    if price > _HIGH_PRICE:
        yield "2050"
    if discount > price:
        yield "2051"
    if discount and not price:
        yield "2052"
    if differs(net, item.amount("cantidad") * (price - discount)):
        yield "2053"
    if freight and submission.totals.amount("totalAcarreoCobrado"):
        yield "2054"
    if insurance and submission.totals.amount("valorSeguroCobrado"):
        yield "2055"
    taxes = item.amount("valorITBMS") + item.amount("valorISC") + sum_other_taxes(item)
    if differs(item.amount("valorTotal"), net + freight + insurance + taxes):
        yield "2056"
    if differs(item.amount("valorITBMS"), net * _ITBMS_RATES[item["tasaITBMS"]]):
        yield "2152"


def sum_other_taxes(item: Group) -> Decimal:
    return sum((each.amount("valorTasa") for each in item.items("listaItemOTI")), Decimal(0))
