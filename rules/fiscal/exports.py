"""What an invoice for export must have besides: a foreign receiver, its country, and on what terms the goods leave.

The currencies are ours, which are worth the same, so an export has no rate and no amount in another one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rules import text
from rules.countries import COUNTRIES
from rules.faults import Code, Fault, Text
from rules.vocabulary import Incoterm, ReceiverType

PANAMA: Final = "PA"
PORT_SHORTEST: Final = 5
PORT_LONGEST: Final = 50


@dataclass(frozen=True, kw_only=True)
class ExportData:
    """What is typed about an export. Without a country it is that of the customer's document."""

    incoterm: Incoterm
    country: str | None = None
    port: str | None = None


def clean_export(data: ExportData) -> ExportData:
    """
    >>> clean_export(ExportData(incoterm=Incoterm.FOB, country=" us ", port=""))
    ExportData(incoterm=<Incoterm.FOB: 'FOB'>, country='US', port=None)
    """
    country = text.clean(data.country)
    return ExportData(incoterm=data.incoterm, country=country and country.upper(), port=text.clean(data.port))


def check_export(data: ExportData | None) -> tuple[Fault, ...]:
    """The faults of what was typed.

    >>> [fault.path for fault in check_export(ExportData(incoterm=Incoterm.FOB, country="PA", port="X"))]
    [('export', 'country'), ('export', 'port')]
    """
    return () if data is None else tuple(_faults(clean_export(data)))


def _faults(data: ExportData) -> Iterator[Fault]:
    if data.country is not None and (data.country == PANAMA or data.country not in COUNTRIES):
        yield Fault(("export", "country"), Code.INVALID_VALUE, _COUNTRY)
    if data.port is not None:
        yield from text.check(("export", "port"), data.port, PORT_SHORTEST, PORT_LONGEST)


def check_export_receiver(
    data: ExportData | None, receiver_type: ReceiverType, receiver_country: str | None
) -> tuple[Fault, ...]:
    """Why this receiver can't get the export: ``receiver_country`` is that of its document.

    >>> check_export_receiver(ExportData(incoterm=Incoterm.FOB), ReceiverType.FOREIGN, "CO")
    ()
    """
    if data is None:
        return ()
    if receiver_type is not ReceiverType.FOREIGN:
        return (Fault(("export",), Code.NOT_ALLOWED, _ONLY_FOREIGNERS),)
    if text.clean(data.country) is None and receiver_country in (None, PANAMA):
        return (Fault(("export", "country"), Code.REQUIRED, _COUNTRY),)
    return ()


_COUNTRY: Final = Text(
    "Escribe el código de dos letras del país del cliente, que no sea Panamá; por ejemplo, US.",
    "Write the two-letter code of the customer's country, other than Panama; for example, US.",
)
_ONLY_FOREIGNERS: Final = Text(
    "Solo a un cliente extranjero se le factura una exportación.", "Only a foreign customer is invoiced an export."
)
