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
from pac.hka.member import Content, given, value
from pac.hka.members import DOCUMENTO
from pac.hka.receiver import write_receiver
from rules.calendar import PANAMA
from rules.fiscal import spelling
from rules.fiscal.cufe import NORMAL_EMISSION
from rules.fiscal.document import (
    DocumentKey,
    Export,
    FiscalDocument,
    FiscalLine,
    FiscalReference,
    Instalment,
    PaymentForm,
    Withholding,
)
from rules.vocabulary import CODES, DocumentType, PaymentMethod

_SALE, _EXPORT, _RETURN = "01", "02", "11"  # the nature of the operation
_OUTGOING: Final = "1"
_IN_PANAMA, _ABROAD = "1", "2"
_LETTER: Final = "3"  # the CAFE's format
_ON_PAPER, _BY_MAIL = "2", "3"  # how the CAFE is handed over
_AT_ONCE, _ON_TERM, _MIXED = "1", "2", "3"

_ORDER_NUMBER: Final = re.compile("[0-9]{1,12}")


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
    return given(
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


def _transaction(document: FiscalDocument) -> Content:
    export = document.export
    customer = write_receiver(document.receiver, export.country) if export else write_receiver(document.receiver)
    return given(
        tipoEmision=NORMAL_EMISSION,
        tipoDocumento=CODES[document.key.type],
        numeroDocumentoFiscal=document.key.number,
        puntoFacturacionFiscal=document.key.billing_point,
        fechaEmision=_instant(document.emitted_at),
        naturalezaOperacion=_NATURES[document.key.type],
        tipoOperacion=_OUTGOING,
        destinoOperacion=_ABROAD if export else _IN_PANAMA,
        formatoCAFE=_LETTER,
        entregaCAFE=_BY_MAIL if "correoElectronico1" in customer else _ON_PAPER,
        envioContenedor="1",
        procesoGeneracion="1",
        tipoVenta=None if document.key.type.is_note else CODES[document.sale_type],
        informacionInteres=_information(document),
        cliente=customer,
        datosFacturaExportacion=_export(export) if export else None,
        listaDocsFiscalReferenciados=[_reference(each) for each in document.references],
    )


# Published credit notes say that they are sales; programs in use say returns. The DGI takes both.
_NATURES: Final = {
    DocumentType.INVOICE: _SALE,
    DocumentType.EXPORT_INVOICE: _EXPORT,
    DocumentType.CREDIT_NOTE: _RETURN,
    DocumentType.DEBIT_NOTE: _SALE,
}


def _export(export: Export) -> Content:
    """Without a rate: our currencies are worth the same, and with one, dollars were refused."""
    return given(
        condicionesEntrega=export.incoterm,
        monedaOperExportacion=export.currency.value,
        puertoEmbarque=export.port,
    )


def _reference(reference: FiscalReference) -> Content:
    return {
        "fechaEmisionDocFiscalReferenciado": _instant(reference.emitted_at),
        "cufeFEReferenciada": reference.cufe,
    }


def _information(document: FiscalDocument) -> str:
    """The notes, and an order number that doesn't fit where orders stand."""
    order = document.purchase_order
    is_elsewhere = order is None or _order(order) is not None
    return spelling.one_line("\n".join(["" if is_elsewhere else f"Orden de compra: {order}.", document.notes or ""]))


def _order(number: str | None) -> "Content | None":
    if number is None or not _ORDER_NUMBER.fullmatch(number):
        return None
    return {"nroPedidoCompraGlobal": number}


def _item(line: FiscalLine) -> Content:
    class_ = line.cpbs
    return given(
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
    return given(
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
    return given(
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
