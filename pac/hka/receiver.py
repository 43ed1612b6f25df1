"""The customer in HKA's words. What is optional and doesn't fit the provider's format is left out."""

from typing import Final

from pac.hka.member import Content, given
from rules import ruc
from rules.countries import NAMES
from rules.fiscal import spelling
from rules.fiscal.document import Location, Receiver
from rules.fiscal.electronic import takes_email
from rules.vocabulary import CODES, ForeignIdType, ReceiverType, TaxpayerType

PANAMA: Final = "PA"
_ADDRESS: Final = range(5, 101)  # characters


def write_receiver(receiver: Receiver, country: str = PANAMA) -> Content:
    """``cliente``. ``country`` is that of an export; otherwise the destination is Panama, whoever the customer is."""
    match receiver.type:
        case ReceiverType.TAXPAYER | ReceiverType.GOVERNMENT:
            details = {**_taxpayer(receiver), **_name(receiver), **_place(receiver), **_phones(receiver)}
        case ReceiverType.FINAL_CONSUMER if receiver.ruc and receiver.taxpayer_type is TaxpayerType.NATURAL:
            details = {**_taxpayer(receiver), **_name(receiver), **_place(receiver), **_phones(receiver)}
        case ReceiverType.FINAL_CONSUMER:
            # With more than these, one without RUC was refused.
            details = _name(receiver)
        case ReceiverType.FOREIGN:
            details = {**_name(receiver), **_address(receiver), **_foreign_id(receiver), **_phones(receiver)}
    return given(tipoClienteFE=CODES[receiver.type], **details, **_emails(receiver), pais=country)


def _taxpayer(receiver: Receiver) -> dict[str, str]:
    return {
        "tipoContribuyente": CODES[receiver.taxpayer_type] if receiver.taxpayer_type else "",
        "numeroRUC": _ruc(receiver.ruc or ""),
        "digitoVerificadorRUC": receiver.dv.zfill(2) if receiver.dv else "",
    }


def _ruc(text: str) -> str:
    """The RUC in the DGI's spelling; what isn't one as it stands, so that the refusal names it."""
    number = ruc.read(text)
    return number.dgi if number else text


def _name(receiver: Receiver) -> dict[str, str]:
    return {"razonSocial": spelling.one_line(receiver.name)}


def _address(receiver: Receiver) -> dict[str, str]:
    address = spelling.one_line(receiver.address or "")
    return {"direccion": address} if len(address) in _ADDRESS else {}


def _place(receiver: Receiver) -> dict[str, str]:
    return {**_address(receiver), **(_location(receiver.location) if receiver.location else {})}


def _location(location: Location) -> dict[str, str]:
    return {
        "codigoUbicacion": location.code,
        "provincia": spelling.place(location.province),
        "distrito": spelling.place(location.district),
        "corregimiento": spelling.place(location.corregimiento),
    }


def _foreign_id(receiver: Receiver) -> dict[str, str]:
    if not receiver.foreign_id_type:
        return {}
    members = {
        "tipoIdentificacion": CODES[receiver.foreign_id_type],
        "nroIdentificacionExtranjero": receiver.foreign_id_number or "",
    }
    if receiver.foreign_id_type is ForeignIdType.PASSPORT and receiver.foreign_id_country:
        members["paisExtranjero"] = NAMES.get(receiver.foreign_id_country, "")
    return members


def _phones(receiver: Receiver) -> dict[str, str]:
    fitting = [number for each in receiver.phones if (number := spelling.phone(each))]
    return {f"telefono{index}": number for index, number in enumerate(fitting[:3], 1)}


def _emails(receiver: Receiver) -> dict[str, str]:
    address = receiver.email
    return {"correoElectronico1": address} if address and takes_email(address) else {}
