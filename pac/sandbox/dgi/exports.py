"""Rules about exports: the document's destination, and its group of export. Tables are those of the DGI's schema."""

from collections.abc import Iterator
from typing import Final

from pac.sandbox.dgi.submission import Breach, Submission
from pac.sandbox.group import Group

_INVOICE: Final = "01"
_EXPORT: Final = "03"
_ABROAD: Final = "2"

# The schema of 2020 has DAT, and the provider writes DPU for it; either is good here.
_INCOTERMS: Final = frozenset({"EXW", "FCA", "CPT", "CIP", "DAT", "DPU", "DAP", "DDP", "FAS", "FOB", "CFR", "CIF"})
_OTHER_CURRENCY: Final = "ZZZ"
_OWN_CURRENCIES: Final = ("PAB", "USD")
_CODES: Final = """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYR BZD CAD CDF
    CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD
    HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL
    LYD MAD MDL MGA MKD MMK MNT MOP MRO MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR
    PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLL SOS SRD SSP STD SVC SYP SZL THB TJS TMT TND TOP
    TRY TTD TWD TZS UAH UGX USD UYU UZS VEF VND VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWL ZZZ
"""
_CURRENCIES: Final = frozenset(_CODES.split())


def check(submission: Submission) -> Iterator[Breach]:
    is_abroad = submission.transaction["destinoOperacion"] == _ABROAD
    is_export = submission.type == _EXPORT
    if is_export and not is_abroad:
        yield Breach("1533")
    if submission.type == _INVOICE and is_abroad:
        yield Breach("1534")
    if "datosFacturaExportacion" in submission.transaction:
        if not is_export and not is_abroad:
            yield Breach("1650")
        yield from map(Breach, _check_group(submission.transaction.group("datosFacturaExportacion")))
    elif is_export:
        yield Breach("1651")


def _check_group(export: Group) -> Iterator[str]:
    currency = export["monedaOperExportacion"]
    if export["condicionesEntrega"] not in _INCOTERMS:
        yield "1652"
    if currency not in _CURRENCIES:
        yield "1653"
    if currency == _OTHER_CURRENCY and "monedaOperExportacionNonDef" not in export:
        yield "1654"
    if currency != _OTHER_CURRENCY and "monedaOperExportacionNonDef" in export:
        yield "1655"
    if currency not in _OWN_CURRENCIES:
        if "tipoDeCambio" not in export:
            yield "1656"
        if "montoMonedaExtranjera" not in export:
            yield "1657"
