"""Lists as tables: what is asked of the API for each list, and which columns people find in the file."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any, Final

from documents.formats import format_phone
from rules.calendar import PANAMA
from rules.faults import Text

Node = Mapping[str, Any]
Value = str | Decimal | date | None

_RECEIVER_TYPES: Final = {
    "TAXPAYER": Text("Contribuyente", "Taxpayer"),
    "FINAL_CONSUMER": Text("Consumidor final", "Final consumer"),
    "GOVERNMENT": Text("Gobierno", "Government"),
    "FOREIGN": Text("Extranjero", "Foreign"),
}
_TAXPAYER_TYPES: Final = {"NATURAL": Text("Natural", "Natural"), "JURIDICAL": Text("Jurídica", "Legal")}
_ID_TYPES: Final = {
    "PASSPORT": Text("Pasaporte", "Passport"),
    "TAX_ID": Text("Identificación fiscal", "Tax id"),
    "OTHER": Text("Otra", "Other"),
}
_LANGUAGES: Final = {"ES": Text("Español", "Spanish"), "EN": Text("Inglés", "English")}
_CUSTOMER_STATUSES: Final = {
    "ACTIVE": Text("Activo", "Active"),
    "ARCHIVED": Text("Archivado", "Archived"),
    "MERGED": Text("Unido a otro", "Merged"),
    "ERASED": Text("Datos eliminados", "Erased"),
}
_VERIFICATIONS: Final = {
    "VERIFIED": Text("Verificado", "Verified"),
    "PENDING": Text("Por verificar", "To be verified"),
    "NOT_FOUND": Text("No registrado", "Not registered"),
    "MISMATCH": Text("No coincide", "Does not match"),
    "UNAVAILABLE": Text("Registro sin respuesta", "Registry did not answer"),
    "UNVERIFIED": Text("Sin verificar", "Not verified"),
}
_DOCUMENT_TYPES: Final = {
    "INVOICE": Text("Factura", "Invoice"),
    "EXPORT_INVOICE": Text("Factura de exportación", "Export invoice"),
    "CREDIT_NOTE": Text("Nota de crédito", "Credit note"),
    "DEBIT_NOTE": Text("Nota de débito", "Debit note"),
}
_STATUSES: Final = {
    "DRAFT": Text("Borrador", "Draft"),
    "ISSUED": Text("Emitida", "Issued"),
    "VOID": Text("Anulada", "Void"),
}
_FISCAL_STATUSES: Final = {
    "NONE": Text("No electrónica", "Not electronic"),
    "QUEUED": Text("En camino", "On its way"),
    "CHECKING": Text("Por confirmar", "To be confirmed"),
    "ACCEPTED": Text("En trámite", "In progress"),
    "AUTHORIZED": Text("Autorizada", "Authorised"),
    "REJECTED": Text("Rechazada", "Rejected"),
    "BLOCKED": Text("Detenida", "Blocked"),
    "VOIDING": Text("Anulándose", "Being voided"),
    "VOIDED": Text("Anulada", "Void"),
    "WITHDRAWN": Text("Retirada", "Withdrawn"),
}
WORDS: Final = (
    _RECEIVER_TYPES,
    _TAXPAYER_TYPES,
    _ID_TYPES,
    _LANGUAGES,
    _CUSTOMER_STATUSES,
    _VERIFICATIONS,
    _DOCUMENT_TYPES,
    _STATUSES,
    _FISCAL_STATUSES,
)


@dataclass(frozen=True)
class Column:
    """A column of a table. ``path`` leads to its value; several paths, joined by "|", to the first that has one.

    ``words`` are what people read in place of the values of an enum. A credit note's amount is negative where
    ``signed``: so that amounts of invoices and notes can be added up.
    """

    es: str
    en: str
    path: str
    parse: Callable[[Any], Value] = str
    words: Mapping[str, Text] | None = None
    signed: bool = False

    def header(self, language: str) -> str:
        return self.en if language == "en" else self.es

    def read(self, node: Node, language: str) -> Value:
        value = next((found for path in self.path.split("|") if (found := _follow(node, path)) not in (None, "")), None)
        if value is None:
            return None
        if self.words:
            text = self.words[value]
            return text.en if language == "en" else text.es
        parsed = self.parse(value)
        if self.signed and node["documentType"] == "CREDIT_NOTE" and isinstance(parsed, Decimal):
            return 0 - parsed  # not -parsed, of which a 0 would have a sign
        return parsed


def _moment(text: str) -> str:
    """
    >>> _moment("2026-11-27T14:10:00+00:00")
    '2026-11-27 09:10'
    """
    return datetime.fromisoformat(text).astimezone(PANAMA).strftime("%Y-%m-%d %H:%M")


def _follow(node: Any, path: str) -> Any:
    for name in path.split("."):
        if node is None:
            return None
        node = node.get(name)
    if isinstance(node, list):
        if len(node) == 1 and isinstance(node[0], str) and re.search("[,|]", node[0]):
            return f"{node[0]};"  # one tag, and not several, for whoever reads it again
        return "; ".join(" ".join(filter(None, each.values())) if isinstance(each, dict) else each for each in node)
    return node


@dataclass(frozen=True)
class List:
    """A list of the API. ``table`` is asked of a page of it for a table, ``whole`` for lines of JSON."""

    name: str  # in the address
    field: str
    title: Text
    columns: Sequence[Column]
    table: str
    whole: str


CUSTOMER_COLUMNS: Final = (
    Column("Nombre o razón social", "Name", "name"),
    Column("Tipo de receptor", "Receiver type", "receiverType", words=_RECEIVER_TYPES),
    Column("Tipo de contribuyente", "Taxpayer type", "taxpayerType", words=_TAXPAYER_TYPES),
    Column("RUC", "RUC", "ruc"),
    Column("DV", "DV", "dv"),
    Column("Tipo de identificación", "Identification type", "foreignId.type", words=_ID_TYPES),
    Column("Identificación extranjera", "Foreign id", "foreignId.number"),
    Column("País", "Country", "foreignId.country"),
    Column("Código de ubicación", "Location code", "location.code"),
    Column("Provincia", "Province", "location.province"),
    Column("Distrito", "District", "location.district"),
    Column("Corregimiento", "Corregimiento", "location.corregimiento"),
    Column("Dirección", "Address", "address"),
    Column("Correo electrónico", "E-mail", "email"),
    Column("Teléfono", "Phone", "phone", format_phone),
    Column("Celular", "Mobile", "mobile", format_phone),
    Column("Plazo de pago", "Payment term days", "paymentTermDays"),
    Column("Idioma", "Language", "language", words=_LANGUAGES),
    Column("Personas asociadas", "Associated persons", "associatedPersons"),
    Column("Código de cliente", "Customer number", "externalId"),
    Column("Etiquetas", "Tags", "tags"),
    Column("Estado", "Status", "status", words=_CUSTOMER_STATUSES),
    Column("Verificación", "Verification", "verification.status", words=_VERIFICATIONS),
    Column("Registrado", "Registered", "createdAt", _moment),
    Column("Modificado", "Changed", "updatedAt", _moment),
)

_OF_ALL: Final = (
    Column("Tipo de documento", "Document type", "documentType", words=_DOCUMENT_TYPES),
    Column("Sucursal", "Branch", "branch"),
    Column("Punto de facturación", "Billing point", "billingPoint"),
    Column("Número", "Number", "number"),
    Column("Fecha", "Date", "issueDate", date.fromisoformat),
    Column("Estado", "Status", "status", words=_STATUSES),
    Column("Estado en la DGI", "Status at the DGI", "fiscal.status", words=_FISCAL_STATUSES),
    Column("CUFE", "CUFE", "fiscal.cufe"),
    Column("Autorizada", "Authorised", "fiscal.authorizedAt", _moment),
    Column("Cliente", "Customer", "receiver.name|customer.name"),
    Column("RUC o identificación", "RUC or identification", "receiver.identification|customer.identification"),
    Column("Moneda", "Currency", "currency"),
    Column("Subtotal", "Subtotal", "subtotal", Decimal),
    Column("Descuentos", "Discounts", "discountTotal", Decimal),
    Column("ITBMS", "ITBMS", "itbmsTotal", Decimal),
    Column("Total", "Total", "total", Decimal),
)
_OF_INVOICES: Final = (
    Column("Vencimiento", "Due date", "dueDate", date.fromisoformat),
    Column("Orden de compra", "Purchase order", "purchaseOrder"),
)
_OF_NOTES: Final = (
    Column("Factura: punto", "Invoice: billing point", "invoice.billingPoint"),
    Column("Factura: número", "Invoice: number", "invoice.number"),
    Column("Motivo", "Reason", "reason"),
)
_LAST: Final = (
    Column("Notas", "Notes", "notes"),
    Column("Motivo de anulación", "Reason of the void", "voidReason"),
    Column("Código en otro sistema", "External id", "externalId"),
    Column("Etiquetas", "Tags", "tags"),
    Column("Registrado", "Registered", "createdAt", _moment),
    Column("Modificado", "Changed", "updatedAt", _moment),
)

_PERSONS: Final = "associatedPersons { name email phone }"
_CUSTOMER: Final = """
    id receiverType taxpayerType ruc dv foreignId { type number country } name
    location { code corregimiento district province } address email phone mobile paymentTermDays language
    externalId tags status verification { status } createdAt updatedAt
"""
_DOCUMENT: Final = """
    id documentType branch billingPoint number issueDate status currency subtotal discountTotal itbmsTotal total
    fiscal { status cufe authorizedAt } receiver { name identification } customer { id name identification }
    notes voidReason externalId tags createdAt updatedAt
"""
_LINES: Final = """
    metadata { key value }
    lines { position code description unit cpbs quantity unitPrice discount itbmsRate net itbms total }
"""
_INVOICE: Final = "dueDate purchaseOrder"
_NOTE: Final = "invoice { id billingPoint number } reason"


def _query(field: str, filter: str, order: str, selection: str) -> str:
    arguments = f"$search: String, $filter: {filter}, $orderBy: {order}, $first: Int, $after: String"
    passed = "search: $search, filter: $filter, orderBy: $orderBy, first: $first, after: $after"
    page = f"edges {{ node {{ {' '.join(selection.split())} }} }} pageInfo {{ hasNextPage endCursor }}"
    return f"query Export({arguments}) {{ {field}({passed}) {{ {page} }} }}"


def _documents(name: str, field: str, filter: str, title: Text, columns: Sequence[Column], own: str) -> List:
    return List(
        name,
        field,
        title,
        [replace(each, signed=field == "documents") for each in (*_OF_ALL, *columns, *_LAST)],
        _query(field, filter, "InvoiceOrder", _DOCUMENT + own),
        _query(field, filter, "InvoiceOrder", _DOCUMENT + own + _LINES),
    )


_OF_EACH_TYPE: Final = f"... on Invoice {{ {_INVOICE} }} ... on CreditNote {{ {_NOTE} }} ... on DebitNote {{ {_NOTE} }}"
LISTS: Final = {
    each.name: each
    for each in (
        List(
            "customers",
            "customers",
            Text("Clientes", "Customers"),
            CUSTOMER_COLUMNS,
            _query("customers", "CustomerFilter", "CustomerOrder", _CUSTOMER + _PERSONS),
            _query(
                "customers",
                "CustomerFilter",
                "CustomerOrder",
                _CUSTOMER + "associatedPersons { name email phone notify } metadata { key value } mergedInto { id }",
            ),
        ),
        _documents("invoices", "invoices", "InvoiceFilter", Text("Facturas", "Invoices"), _OF_INVOICES, _INVOICE),
        _documents(
            "credit-notes", "creditNotes", "DocumentFilter", Text("Notas de crédito", "Credit notes"), _OF_NOTES, _NOTE
        ),
        _documents(
            "debit-notes", "debitNotes", "DocumentFilter", Text("Notas de débito", "Debit notes"), _OF_NOTES, _NOTE
        ),
        _documents(
            "documents",
            "documents",
            "DocumentFilter",
            Text("Documentos", "Documents"),
            (*_OF_INVOICES, *_OF_NOTES),
            _OF_EACH_TYPE,
        ),
    )
}


def id_of(text: str) -> str:
    return sha256(text.encode()).hexdigest()


# As trusted documents they are executed where others are not.
DOCUMENTS: Final = {id_of(text): text for each in LISTS.values() for text in (each.table, each.whole)}
