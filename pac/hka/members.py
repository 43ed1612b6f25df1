"""The members of Enviar's ``documento``, in their order: the one table by which requests are written and checked.

The service reads members in this order and silently skips one that comes out of it. A condition stands here where the
provider's own check is known to judge it (code 109). What the DGI judges (code 203), such as the CPBS for the
government or the reference of a note, is optional here.

Sources: felwiki.thefactoryhka.com.pa, method Enviar; the order is that of all 17 requests published there. The inner
members of the last groups (orders, logistics, delivery, vehicle) rest on the wiki's tables and on clients in use.
"""

from typing import Final

from pac.hka import conditions
from pac.hka.member import C, Member, O, R, decimal, digits, group, items, length, text

NAMESPACE: Final = "http://schemas.datacontract.org/2004/07/Services.ObjComprobante.v1_0"

INSTANT: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}-05:00"
DAY: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}"
CUFE: Final = "FE[0-9A-Za-z-]{64}"
PHONE: Final = "[0-9]{3,4}-[0-9]{4}|[0-9]{6}-[0-9]{3,4}-[0-9]{4}"
EMAIL: Final = r"(?=.{1,50}$)[0-9A-Za-z#$%][^\s@+\u0080-\uffff]*@([0-9A-Za-z-]{2,}\.)+[A-Za-z]{2,9}"
BRANCH: Final = "[0-9A-Za-z]{4}"
NUMBER: Final = f"(?!0{{10}}){digits(10)}"
POINT: Final = "(?!000)[0-9]{3}"
LOCATION: Final = "[0-9]{1,2}-[0-9]{1,2}-[0-9]{1,2}"

_QUANTITY: Final = decimal(9, 2, 6)
_LINE: Final = decimal(9, 2, 6)
_LINE_EXTRA: Final = decimal(9, 2)
_TOTAL: Final = decimal(11, 2)
_NOTE: Final = length(1, 5000)
_TAXPAYER_TYPE: Final = "[12]"
_RUC: Final = length(1, 20)
_DV: Final = digits(2)
_ITBMS_RATES: Final = "0[0-3]"
_OTI: Final = "0[1-9]|1[01]"


_CLIENTE: Final = (
    text("tipoClienteFE", R, "0[1-4]", path="customer.receiverType"),
    text("tipoContribuyente", C, _TAXPAYER_TYPE, when=conditions.with_ruc, path="customer.taxpayerType"),
    text("numeroRUC", C, _RUC, when=conditions.for_taxpayers, path="customer.ruc"),
    text("digitoVerificadorRUC", C, _DV, when=conditions.for_taxpayers, path="customer.dv"),
    text("razonSocial", C, length(2, 200), when=conditions.name, path="customer.name"),
    text("direccion", C, length(5, 100), when=conditions.address, path="customer.address"),
    text("codigoUbicacion", C, LOCATION, when=conditions.for_taxpayers, path="customer.locationCode"),
    text("provincia", C, length(1, 50), when=conditions.for_taxpayers, path="customer.locationCode"),
    text("distrito", C, length(1, 50), when=conditions.for_taxpayers, path="customer.locationCode"),
    text("corregimiento", C, length(1, 50), when=conditions.for_taxpayers, path="customer.locationCode"),
    text("tipoIdentificacion", C, "01|02|99", when=conditions.for_foreigners, path="customer.foreignId.type"),
    text(
        "nroIdentificacionExtranjero",
        C,
        length(1, 50),
        when=conditions.for_foreigners,
        path="customer.foreignId.number",
    ),
    text("paisExtranjero", C, length(2, 50), when=conditions.with_passport, path="customer.foreignId.country"),
    text("telefono1", O, PHONE, path="customer.phone"),
    text("telefono2", O, PHONE, path="customer.mobile"),
    text("telefono3", O, PHONE, path="customer.phone"),
    text("correoElectronico1", O, EMAIL, path="customer.email"),
    text("correoElectronico2", O, EMAIL, path="customer.email"),
    text("correoElectronico3", O, EMAIL, path="customer.email"),
    text("pais", R, "[A-Z]{2}", path="customer.foreignId.country"),
    text("paisOtro", C, length(5, 50), when=conditions.in_other_country),
)

_EXPORT: Final = (
    text("condicionesEntrega", R, "[A-Z]{3}", path="export.incoterm"),
    text("monedaOperExportacion", R, "[A-Z]{3}", path="currency"),
    text("monedaOperExportacionNonDef", C, length(5, 50), when=conditions.in_other_currency),
    text("tipoDeCambio", C, decimal(11, 2, 4), when=conditions.in_foreign_currency),
    text("montoMonedaExtranjera", C, decimal(20, 0, 4), when=conditions.in_foreign_currency),
    text("puertoEmbarque", O, length(5, 50), path="export.port"),
)

_REFERENCE: Final = (
    text("fechaEmisionDocFiscalReferenciado", R, INSTANT),
    text("cufeFEReferenciada", R, CUFE),
    text("nroFacturaPapel", O, length(1, 22)),
    text("nroFacturaImpFiscal", O, length(1, 22)),
)

_AUTHORISED: Final = (
    text("tipoContribuyente", R, _TAXPAYER_TYPE),
    text("rucReceptor", R, _RUC),
    text("digitoVerifRucReceptor", R, digits(1, 2)),
)

_DATOS_TRANSACCION: Final = (
    text("tipoEmision", R, "0[1-4]"),
    text("fechaInicioContingencia", C, INSTANT, when=conditions.in_contingency),
    text("motivoContingencia", C, length(15, 250), when=conditions.in_contingency),
    text("tipoDocumento", R, "0[1-9]|10"),
    text("numeroDocumentoFiscal", R, NUMBER),
    text("puntoFacturacionFiscal", R, POINT, path="billingPoint"),
    text("fechaEmision", R, INSTANT, path="issueDate"),
    text("fechaSalida", O, INSTANT),
    text("naturalezaOperacion", R, "0[1-4]|1[0-4]|2[01]"),
    text("tipoOperacion", R, "[12]"),
    text("destinoOperacion", R, "[12]"),
    text("formatoCAFE", R, "[1-3]"),
    text("entregaCAFE", R, "[1-3]"),
    text("envioContenedor", R, "[12]"),
    text("procesoGeneracion", R, "1"),
    text("tipoVenta", C, "[1-4]", when=conditions.unless_note),
    text("informacionInteres", O, _NOTE, path="notes"),
    group("cliente", R, *_CLIENTE, path="customer"),
    group("datosFacturaExportacion", C, *_EXPORT, when=conditions.to_abroad, path="export"),
    items("listaDocsFiscalReferenciados", "docFiscalReferenciado", C, *_REFERENCE, most=99),
    items("listaAutorizadosDescargaFEyEventos", "autorizadoDescargaFEyEventos", O, *_AUTHORISED, most=10),
)

_VEHICLE: Final = (
    text("modalidadOperacionVenta", R, "0[1-4]|99"),
    text("modalidadOperacionVentaNoDef", C, length(10, 50)),
    text("chasis", R, length(17, 17)),
    text("codigoColor", C, length(1, 4)),
    text("colorNombre", O, length(1, 40)),
    text("potenciaMotor", R, digits(1, 4)),
    text("capacidadMotor", C, length(1, 4)),
    text("pesoNeto", O, decimal(11, 0, 4)),
    text("pesoBruto", O, decimal(11, 0, 4)),
    text("tipoCombustible", R, "0[12389]|99"),
    text("tipoCombustibleNoDef", C, length(10, 50)),
    text("numeroMotor", R, length(1, 21)),
    text("capacidadTraccion", O, decimal(11, 0, 4)),
    text("distanciaEjes", O, decimal(11, 0, 4)),
    text("anoModelo", C, digits(4)),
    text("anoFabricacion", O, digits(4)),
    text("tipoPintura", O, "[12349]"),
    text("tipoPinturaNodef", C, length(10, 50)),
    text("tipoVehiculo", R, digits(1, 2)),
    text("usoVehiculo", R, "[1-5]"),
    text("condicionVehiculo", C, "[1-3]"),
    text("capacidadPasajeros", O, digits(1, 3)),
)

_ITEM: Final = (
    text("descripcion", R, length(2, 500), path="lines.*.description"),
    text("codigo", O, length(1, 20), path="lines.*.code"),
    text("unidadMedida", O, length(1, 20), path="lines.*.unit"),
    text("cantidad", R, _QUANTITY, path="lines.*.quantity"),
    text("fechaFabricacion", C, DAY),
    text("fechaCaducidad", C, DAY),
    text("codigoCPBSAbrev", C, digits(2), path="lines.*.cpbs"),
    text("codigoCPBS", C, digits(4), path="lines.*.cpbs"),
    text("unidadMedidaCPBS", C, length(1, 30), path="lines.*.unit"),
    text("infoItem", O, _NOTE),
    text("precioUnitario", R, _LINE, path="lines.*.unitPrice"),
    text("precioUnitarioDescuento", O, _LINE, path="lines.*.discount"),
    text("precioItem", R, _LINE, path="lines.*"),
    text("precioAcarreo", O, _LINE_EXTRA),
    text("precioSeguro", O, _LINE_EXTRA),
    text("valorTotal", R, _LINE, path="lines.*"),
    text("codigoGTIN", O, digits(1, 14)),
    text("cantGTINCom", O, decimal(9, 0, 6)),
    text("codigoGTINInv", O, digits(1, 14)),
    text("cantGTINComInv", O, decimal(9, 0, 6)),
    text("tasaITBMS", R, _ITBMS_RATES, path="lines.*.itbmsRate"),
    text("valorITBMS", R, _LINE, path="lines.*.itbmsRate"),
    text("tasaISC", C, decimal(11, 2, 4)),
    text("valorISC", C, _LINE),
    items("listaItemOTI", "oti", O, text("tasaOTI", R, _OTI), text("valorTasa", R, _LINE), most=11),
    group("vehiculo", O, *_VEHICLE),
    group("medicina", O, text("nroLote", R, length(5, 35)), text("cantProductosLote", R, digits(1, 9))),
    group(
        "pedidoComercialItem",
        O,
        text("nroPedidoCompraItem", R, digits(1, 9)),
        text("nroItem", R, length(1, 3)),
        text("infoItem", O, _NOTE),
    ),
)

_FORM: Final = (
    text("formaPagoFact", R, "0[1-9]|99", path="paymentForms.*.method"),
    text("descFormaPago", C, length(10, 100), when=conditions.with_other_form, path="paymentForms.*.description"),
    text("valorCuotaPagada", R, _TOTAL, path="paymentForms.*.amount"),
)

_INSTALMENT: Final = (
    text("fechaVenceCuota", R, INSTANT, path="instalments.*.dueDate"),
    text("valorCuota", R, _TOTAL, path="instalments.*.amount"),
    text("infoPagoCuota", O, length(15, 1000)),
)

_TOTALES: Final = (
    text("totalPrecioNeto", R, _TOTAL, path="lines"),
    text("totalITBMS", R, _TOTAL, path="lines"),
    # The wiki marks it as required, but without ISC it is answered "no debe ser informado".
    text("totalISC", C, _TOTAL, when=conditions.with_isc),
    text("totalMontoGravado", R, _TOTAL, path="lines"),
    text("totalDescuento", O, _TOTAL),
    text("totalAcarreoCobrado", O, _TOTAL),
    text("valorSeguroCobrado", O, _TOTAL),
    text("totalOtrosGastos", O, _TOTAL),
    text("totalFactura", R, _TOTAL, path="lines"),
    text("totalValorRecibido", R, _TOTAL, path="paymentForms"),
    text("vuelto", C, _TOTAL),
    text("tiempoPago", R, "[1-3]", path="dueDate"),
    text("nroItems", R, digits(1, 4), path="lines"),
    text("totalTodosItems", R, _TOTAL, path="lines"),
    items(
        "listaDescBonificacion",
        "descuentoBonificacion",
        O,
        text("descDescuento", R, length(1, 500)),
        text("montoDescuento", R, _TOTAL),
        most=5,
    ),
    items("listaFormaPago", "formaPago", R, *_FORM, most=10, path="paymentForms"),
    group(
        "retencion",
        O,
        text("codigoRetencion", R, "[123478]", path="withholding.code"),
        text("montoRetencion", R, _TOTAL, path="withholding.amount"),
        path="withholding",
    ),
    # Whether it must be there for tiempoPago 2 and 3 isn't known: published requests have it and don't have it.
    items("listaPagoPlazo", "pagoPlazo", C, *_INSTALMENT, most=99, path="instalments"),
    items(
        "listaTotalOTI",
        "totalOti",
        C,
        text("codigoTotalOTI", R, _OTI),
        text("valorTotalOTI", R, _TOTAL),
        most=11,
    ),
)

_ORDER: Final = (
    text("nroPedidoCompraGlobal", R, digits(1, 12), path="purchaseOrder"),
    text("codigoReceptor", O, length(1, 12)),
    text("nroAceptacion", O, length(1, 12)),
    text("codigoSistemaEmisor", O, length(1, 50)),
    text("InfoPedido", O, _NOTE),
)

_LOGISTICS: Final = (
    text("nroVolumenes", O, digits(1, 3)),
    text("pesoCarga", O, decimal(4, 2, 6)),
    text("unidadPesoTotal", O, "[1-4]"),
    text("licVehiculoCarga", O, length(1, 6)),
    text("razonSocialTransportista", R, length(2, 100)),
    text("tipoRucTransportista", R, _TAXPAYER_TYPE),
    text("rucTransportista", R, _RUC),
    text("digitoVerifRucTransportista", R, _DV),
    text("infoLogisticaEmisor", O, _NOTE),
)

_DELIVERY: Final = (
    text("tipoRucEntrega", R, _TAXPAYER_TYPE),
    text("numeroRucEntrega", R, _RUC),
    text("digitoVerifRucEntrega", R, _DV),
    text("razonSocialEntrega", R, length(2, 100)),
    text("direccionEntrega", R, length(1, 100)),
    text("codigoUbicacionEntrega", R, LOCATION),
    text("corregimientoEntrega", R, length(1, 50)),
    text("distritoEntrega", R, length(1, 50)),
    text("provinciaEntrega", R, length(1, 50)),
    text("telefonoEntrega", R, PHONE),
    text("telefonoEntregaAlt", O, PHONE),
)

_EXTRA: Final = tuple(text(name, O, _NOTE) for name in ("attribute", "enabled", "id", "orden", "value"))

DOCUMENTO: Final[Member] = group(
    "documento",
    R,
    text("codigoSucursalEmisor", R, BRANCH, path="branch"),
    text("tipoSucursal", O, "[12]"),
    group("datosTransaccion", R, *_DATOS_TRANSACCION),
    items("listaItems", "item", R, *_ITEM, most=1000, path="lines"),
    group("totalesSubTotales", R, *_TOTALES),
    group("pedidoComercialGlobal", O, *_ORDER, path="purchaseOrder"),
    group("infoLogistica", O, *_LOGISTICS),
    group("infoEntrega", O, *_DELIVERY),
    group("usoPosterior", O, text("cufe", R, CUFE)),
    items("listaExtras", "extra", O, *_EXTRA, most=100),
    text("serialDispositivo", O, length(1, 50)),
)
