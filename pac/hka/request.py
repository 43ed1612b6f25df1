"""A fiscal document in HKA's words: from our data to the members of Enviar, and to the bytes that are sent.

What is optional and doesn't fit the provider's format is left out; so is whatever has no value. Nothing here knows
our credentials.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, time
from decimal import Decimal
from typing import Final

import orjson
from defusedxml.ElementTree import fromstring

from pac.emission import FileContents
from pac.hka import walk
from pac.hka.member import Content, Value, value
from pac.hka.members import DOCUMENTO
from rules import ruc
from rules.calendar import PANAMA
from rules.countries import NAMES
from rules.fiscal import spelling
from rules.fiscal.cufe import NORMAL_EMISSION
from rules.fiscal.document import (
    DocumentKey,
    FiscalDocument,
    FiscalLine,
    Instalment,
    Location,
    PaymentForm,
    Receiver,
    Withholding,
)
from rules.fiscal.electronic import takes_email
from rules.vocabulary import CODES, ForeignIdType, PaymentMethod, ReceiverType, TaxpayerType

_SALE: Final = "01"
_OUTGOING: Final = "1"
_IN_PANAMA: Final = "1"
_PANAMA: Final = "PA"
_LETTER: Final = "3"  # the CAFE's format
_ON_PAPER, _BY_MAIL = "2", "3"  # how the CAFE is handed over
_AT_ONCE, _ON_TERM, _MIXED = "1", "2", "3"

_ORDER_NUMBER: Final = re.compile("[0-9]{1,12}")
_ADDRESS: Final = range(5, 101)  # characters


def write(document: FiscalDocument) -> bytes:
    """The ``documento`` of Enviar: the same bytes for the same document, without credentials."""
    return walk.write(to_content(document))


def write_json(document: FiscalDocument) -> bytes:
    """The same as the whole request over REST."""
    return walk.write_json(to_content(document))


def read(payload: bytes) -> FileContents:
    """What a document that ``write`` made says, so that it can be compared with an authorised one."""
    return _read(walk.read(fromstring(payload, forbid_dtd=True)).content)


def read_json(payload: bytes) -> FileContents:
    """The same of one that ``write_json`` made."""
    return _read(orjson.loads(payload)[DOCUMENTO.name])


def _read(content: Content) -> FileContents:
    items = [item for item in content["listaItems"] if isinstance(item, Mapping)]
    return FileContents(
        cufe=None,
        qr=None,
        protocol=None,
        authorized_at=None,
        total=value(content, "totalesSubTotales", "totalFactura") or None,
        receiver_ruc=value(content, "datosTransaccion", "cliente", "numeroRUC") or None,
        line_count=len(items),
        lines=tuple([(value(item, "codigo") or None, value(item, "descripcion") or None) for item in items]),
    )


def to_content(document: FiscalDocument) -> Content:
    """The members of the document, by name."""
    return _given(
        codigoSucursalEmisor=document.key.branch,
        tipoSucursal=CODES[document.branch_type] if document.branch_type else None,
        datosTransaccion=_transaction(document),
        listaItems=[_item(line) for line in document.lines],
        totalesSubTotales=_totals(document),
        pedidoComercialGlobal=_order(document.purchase_order),
    )


def key_members(key: DocumentKey) -> dict[str, str]:
    """``datosDocumento``, the key of a document, in its order."""
    return {
        "codigoSucursalEmisor": key.branch,
        "numeroDocumentoFiscal": key.number,
        "puntoFacturacionFiscal": key.billing_point,
        "tipoDocumento": CODES[key.type],
        "tipoEmision": NORMAL_EMISSION,
    }


def _given(**members: "Value | None") -> dict[str, Value]:
    return {name: value for name, value in members.items() if value}


def _transaction(document: FiscalDocument) -> Content:
    customer = _customer(document.receiver)
    return _given(
        tipoEmision=NORMAL_EMISSION,
        tipoDocumento=CODES[document.key.type],
        numeroDocumentoFiscal=document.key.number,
        puntoFacturacionFiscal=document.key.billing_point,
        fechaEmision=_instant(document.emitted_at),
        naturalezaOperacion=_SALE,
        tipoOperacion=_OUTGOING,
        destinoOperacion=_IN_PANAMA,
        formatoCAFE=_LETTER,
        entregaCAFE=_BY_MAIL if "correoElectronico1" in customer else _ON_PAPER,
        envioContenedor="1",
        procesoGeneracion="1",
        tipoVenta=CODES[document.sale_type],
        informacionInteres=_information(document),
        cliente=customer,
    )


def _information(document: FiscalDocument) -> str:
    """The notes, and an order number that doesn't fit where orders stand."""
    order = document.purchase_order
    is_elsewhere = order is None or _order(order) is not None
    return spelling.one_line("\n".join(["" if is_elsewhere else f"Orden de compra: {order}.", document.notes or ""]))


def _order(number: str | None) -> "Content | None":
    if number is None or not _ORDER_NUMBER.fullmatch(number):
        return None
    return {"nroPedidoCompraGlobal": number}


def _customer(receiver: Receiver) -> Content:
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
    # The operation's destination is Panama, so this is its country whoever the customer is.
    return _given(tipoClienteFE=CODES[receiver.type], **details, **_emails(receiver), pais=_PANAMA)


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


def _item(line: FiscalLine) -> Content:
    class_ = line.cpbs
    return _given(
        descripcion=spelling.one_line(line.description),
        codigo=line.code,
        unidadMedida=line.unit,
        cantidad=_decimal(line.quantity),
        codigoCPBSAbrev=class_[:2] if class_ else None,
        codigoCPBS=class_,
        unidadMedidaCPBS=line.unit if class_ else None,
        precioUnitario=_decimal(line.unit_price),
        precioUnitarioDescuento=_decimal(line.discount) if line.discount else None,
        precioItem=_money(line.net),
        valorTotal=_money(line.total),
        tasaITBMS=CODES[line.itbms_rate],
        valorITBMS=_money(line.itbms),
    )


def _totals(document: FiscalDocument) -> Content:
    return _given(
        totalPrecioNeto=_money(document.subtotal),
        totalITBMS=_money(document.itbms_total),
        totalMontoGravado=_money(document.itbms_total),  # a sum of taxes, whatever its name says
        totalFactura=_money(document.total),
        totalValorRecibido=_money(sum((form.amount for form in document.payment_forms), Decimal(0))),
        tiempoPago=_payment_time(document),
        nroItems=str(len(document.lines)),
        totalTodosItems=_money(document.total),
        listaFormaPago=[_payment_form(form) for form in document.payment_forms],
        retencion=_withholding(document.withholding) if document.withholding else None,
        listaPagoPlazo=list(_instalments(document)),
    )


def _payment_time(document: FiscalDocument) -> str:
    if not document.instalments:
        return _AT_ONCE
    return _ON_TERM if all(form.method is PaymentMethod.CREDIT for form in document.payment_forms) else _MIXED


def _payment_form(form: PaymentForm) -> Content:
    is_other = form.method is PaymentMethod.OTHER
    return _given(
        formaPagoFact=CODES[form.method],
        descFormaPago=form.description if is_other else None,
        valorCuotaPagada=_money(form.amount),
    )


def _withholding(withholding: Withholding) -> Mapping[str, str]:
    return {"codigoRetencion": withholding.code, "montoRetencion": _money(withholding.amount)}


def _instalments(document: FiscalDocument) -> Iterator[Content]:
    count = len(document.instalments)
    for index, instalment in enumerate(document.instalments, 1):
        yield {
            "fechaVenceCuota": _instant(datetime.combine(instalment.due_date, time(), PANAMA)),
            "valorCuota": _money(instalment.amount),
            "infoPagoCuota": f"Cuota {index} de {count}, {_term(document, instalment)}",
        }


def _term(document: FiscalDocument, instalment: Instalment) -> str:
    days = (instalment.due_date - document.emitted_at.astimezone(PANAMA).date()).days
    return f"a {days} día" if days == 1 else f"a {days} días"


def _instant(instant: datetime) -> str:
    return instant.astimezone(PANAMA).isoformat(timespec="seconds")


def _money(amount: Decimal) -> str:
    return format(amount, ".2f")


def _decimal(number: Decimal) -> str:
    """Two to six decimals, never an exponent.

    >>> [_decimal(Decimal(text)) for text in ("2", "1.115000", "1E+3", "0.333333", "0")]
    ['2.00', '1.115', '1000.00', '0.333333', '0.00']
    """
    text = format(number, ".6f").rstrip("0")
    whole, _, decimals = text.partition(".")
    return f"{whole}.{decimals.ljust(2, '0')}"
