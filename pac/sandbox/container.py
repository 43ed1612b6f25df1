"""The XML of an authorised document: the container with the document and its authorisation."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from xml.sax.saxutils import escape

from pac.sandbox.dgi.submission import Submission
from pac.sandbox.group import Group
from pac.sandbox.storage import Issuer
from rules.calendar import PANAMA
from rules.vocabulary import CODES

NO_VALUE: Final = "DOCUMENTO DE PRUEBA SIN VALOR FISCAL"

Content = str | Mapping[str, "Content"] | list["Content"]

# The DGI's names of fields in their order, and the contract's.
_TRANSACTION: Final = {
    "dFechaEm": "fechaEmision",
    "dFechaSalida": "fechaSalida",
    "iNatOp": "naturalezaOperacion",
    "iTipoOp": "tipoOperacion",
    "iDest": "destinoOperacion",
    "iFormCAFE": "formatoCAFE",
    "iEntCAFE": "entregaCAFE",
    "dEnvFE": "envioContenedor",
    "iProGen": "procesoGeneracion",
    "iTipoTranVenta": "tipoVenta",
}
_EXPORT: Final = {
    "cCondEntr": "condicionesEntrega",
    "cMoneda": "monedaOperExportacion",
    "cMonedaDesc": "monedaOperExportacionNonDef",
    "dCambio": "tipoDeCambio",
    "dVTotEst": "montoMonedaExtranjera",
    "dPuertoEmbarq": "puertoEmbarque",
}
_ITEM: Final = {
    "dDescProd": "descripcion",
    "dCodProd": "codigo",
    "cUnidad": "unidadMedida",
    "dCantCodInt": "cantidad",
    "dCodCPBSabr": "codigoCPBSAbrev",
    "dCodCPBScmp": "codigoCPBS",
    "cUnidadCPBS": "unidadMedidaCPBS",
    "dInfEmFE": "infoItem",
}
_PRICES: Final = {
    "dPrUnit": "precioUnitario",
    "dPrUnitDesc": "precioUnitarioDescuento",
    "dPrItem": "precioItem",
    "dPrAcarItem": "precioAcarreo",
    "dPrSegItem": "precioSeguro",
    "dValTotItem": "valorTotal",
}
_TOTALS: Final = {
    "dTotNeto": "totalPrecioNeto",
    "dTotITBMS": "totalITBMS",
    "dTotISC": "totalISC",
    "dTotGravado": "totalMontoGravado",
    "dTotDesc": "totalDescuento",
    "dVTot": "totalFactura",
    "dTotRec": "totalValorRecibido",
    "dVuelto": "vuelto",
    "iPzPag": "tiempoPago",
    "dNroItems": "nroItems",
    "dVTotItems": "totalTodosItems",
}
_INSTALMENT: Final = {"dFecItPlazo": "fechaVenceCuota", "dValItPlazo": "valorCuota", "dInfPagPlazo": "infoPagoCuota"}
_PAYMENT_FORM: Final = {
    "iFormaPago": "formaPagoFact",
    "dFormaPagoDesc": "descFormaPago",
    "dVlrCuota": "valorCuotaPagada",
}


def write_container(submission: Submission, cufe: str, security: str, qr: str, protocol: str, digest: str) -> str:
    """The document and its authorisation, as DescargaXML gives them. It is not signed."""
    document = _write(
        {
            "dVerForm": "1.00",
            "dId": cufe,
            "gDGen": _describe(submission, security),
            "gItem": [_item(number, item) for number, item in enumerate(submission.items, 1)],
            "gTot": _totals(submission.totals),
            "gNoFirm": {"dQRCode": qr},
        }
    )
    authorisation = _write(
        {
            "dVerForm": "1.00",
            "gInfProt": {
                "dId": cufe,
                "iAmb": "2",
                "dVerApl": "sandbox",
                "dCUFE": cufe,
                "dFecProc": write_instant(submission.received_at),
                "dProtAut": protocol,
                "dDigVal": digest,
                "gResProc": {"dCodRes": "0260", "dMsgRes": "Autorizado el uso de la FE"},
            },
        }
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f"<!-- {NO_VALUE} -->"
        '<rContFe xmlns="http://dgi-fep.mef.gob.pa/wsdl/FeRecepFE"><dVerForm>1.00</dVerForm>'
        f'<xFe><rFE xmlns="http://dgi-fep.mef.gob.pa">{document}</rFE></xFe>'
        f"<xProtFe><rProtFe>{authorisation}</rProtFe></xProtFe></rContFe>"
    )


def write_instant(instant: datetime) -> str:
    return instant.astimezone(PANAMA).isoformat(timespec="seconds")


def _describe(submission: Submission, security: str) -> Content:
    transaction = submission.transaction
    return {
        "iAmb": "2",
        "iTpEmis": transaction["tipoEmision"],
        "iDoc": submission.type,
        "dNroDF": transaction["numeroDocumentoFiscal"],
        "dPtoFacDF": transaction["puntoFacturacionFiscal"],
        "dSeg": security,
        **_take(transaction, _TRANSACTION),
        "dInfEmFE": transaction["informacionInteres"],
        "gEmis": _issuer(submission.issuer, submission.document["codigoSucursalEmisor"]),
        "gDatRec": _receiver(submission.receiver),
        "gFExp": _take(transaction.group("datosFacturaExportacion"), _EXPORT),
        "gDFRef": [
            {
                "dFechaDFRef": each["fechaEmisionDocFiscalReferenciado"],
                "gDFRefNum": {"gDFRefFE": {"dCUFERef": each["cufeFEReferenciada"]}},
            }
            for each in submission.references
        ],
    }


def _issuer(issuer: Issuer, branch: str) -> Content:
    return {
        "gRucEmi": {"dTipoRuc": CODES[issuer.taxpayer_type], "dRuc": issuer.ruc, "dDV": issuer.dv},
        "dNombEm": f"{NO_VALUE} - {issuer.name}",
        "dSucEm": branch,
    }


def _receiver(receiver: Group) -> Content:
    ruc = {"dTipoRuc": "tipoContribuyente", "dRuc": "numeroRUC", "dDV": "digitoVerificadorRUC"}
    place = {"dCodUbi": "codigoUbicacion", "dCorreg": "corregimiento", "dDistr": "distrito", "dProv": "provincia"}
    foreigner = {"dIdExt": "nroIdentificacionExtranjero", "dPaisExt": "paisExtranjero"}
    return {
        "iTipoRec": receiver["tipoClienteFE"],
        "gRucRec": _take(receiver, ruc),
        "dNombRec": receiver["razonSocial"],
        "dDirecRec": receiver["direccion"],
        "gUbiRec": _take(receiver, place),
        "gIdExt": _take(receiver, foreigner),
        "dTfnRec": [receiver[f"telefono{number}"] for number in (1, 2, 3)],
        "dCorElectRec": [receiver[f"correoElectronico{number}"] for number in (1, 2, 3)],
        "cPaisRec": receiver["pais"],
        "dPaisRecDesc": receiver["paisOtro"],
    }


def _item(number: int, item: Group) -> Content:
    return {
        "dSecItem": str(number),
        **_take(item, _ITEM),
        "gPrecios": _take(item, _PRICES),
        "gITBMSItem": _take(item, {"dTasaITBMS": "tasaITBMS", "dValITBMS": "valorITBMS"}),
        "gISCItem": _take(item, {"dTasaISC": "tasaISC", "dValISC": "valorISC"}),
    }


def _totals(totals: Group) -> Content:
    return {
        **_take(totals, _TOTALS),
        "gFormaPago": [_take(form, _PAYMENT_FORM) for form in totals.items("listaFormaPago")],
        "gRetenc": _take(totals.group("retencion"), {"cCodRetenc": "codigoRetencion", "cValRetenc": "montoRetencion"}),
        "gPagPlazo": [
            {"dSecItem": str(number), **_take(each, _INSTALMENT)}
            for number, each in enumerate(totals.items("listaPagoPlazo"), 1)
        ],
    }


def _take(group: Group, names: Mapping[str, str]) -> dict[str, Content]:
    return {name: group[member] for name, member in names.items()}


def _write(content: Content) -> str:
    """Elements of these names and contents; what is empty is left out."""
    if isinstance(content, str):
        return escape(content)
    assert isinstance(content, Mapping)
    written = []
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            if inner := _write(each):
                written.append(f"<{name}>{inner}</{name}>")
    return "".join(written)
