"""The words of printed documents in both languages. The templates have none of their own.

What the law calls the paper of an electronic document stays Spanish in an English one, beside its translation.
"""

from collections.abc import Mapping
from typing import Final

from rules.vocabulary import Currency, DocumentType, ForeignIdType, Language, ReceiverType, TaxpayerType

ES, EN = Language.ES, Language.EN

TITLES: Final[Mapping[Language, Mapping[DocumentType, str]]] = {
    ES: {
        DocumentType.INVOICE: "Factura",
        DocumentType.EXPORT_INVOICE: "Factura de exportación",
        DocumentType.CREDIT_NOTE: "Nota de crédito",
        DocumentType.DEBIT_NOTE: "Nota de débito",
    },
    EN: {
        DocumentType.INVOICE: "Invoice",
        DocumentType.EXPORT_INVOICE: "Export invoice",
        DocumentType.CREDIT_NOTE: "Credit note",
        DocumentType.DEBIT_NOTE: "Debit note",
    },
}

# What the DGI calls an electronic document.
KINDS: Final[Mapping[Language, Mapping[DocumentType, str]]] = {
    ES: {
        DocumentType.INVOICE: "Factura de operación interna",
        DocumentType.EXPORT_INVOICE: "Factura de exportación",
        DocumentType.CREDIT_NOTE: "Nota de crédito referente a FE",
        DocumentType.DEBIT_NOTE: "Nota de débito referente a FE",
    },
    EN: {
        DocumentType.INVOICE: "Factura de operación interna (domestic invoice)",
        DocumentType.EXPORT_INVOICE: "Factura de exportación (export invoice)",
        DocumentType.CREDIT_NOTE: "Nota de crédito referente a FE (credit note)",
        DocumentType.DEBIT_NOTE: "Nota de débito referente a FE (debit note)",
    },
}

DRAFT: Final = {ES: "Factura en borrador", EN: "Draft invoice"}
DRAFT_FILE: Final = {ES: "borrador", EN: "draft"}
FILE_NAMES: Final[Mapping[Language, Mapping[DocumentType, str]]] = {
    ES: {
        DocumentType.INVOICE: "factura",
        DocumentType.EXPORT_INVOICE: "factura-de-exportacion",
        DocumentType.CREDIT_NOTE: "nota-de-credito",
        DocumentType.DEBIT_NOTE: "nota-de-debito",
    },
    EN: {
        DocumentType.INVOICE: "invoice",
        DocumentType.EXPORT_INVOICE: "export-invoice",
        DocumentType.CREDIT_NOTE: "credit-note",
        DocumentType.DEBIT_NOTE: "debit-note",
    },
}

RECEIVERS: Final[Mapping[Language, Mapping[ReceiverType, str]]] = {
    ES: {
        ReceiverType.TAXPAYER: "Contribuyente",
        ReceiverType.FINAL_CONSUMER: "Consumidor final",
        ReceiverType.GOVERNMENT: "Gobierno",
        ReceiverType.FOREIGN: "Extranjero",
    },
    EN: {
        ReceiverType.TAXPAYER: "Taxpayer",
        ReceiverType.FINAL_CONSUMER: "Final consumer",
        ReceiverType.GOVERNMENT: "Government",
        ReceiverType.FOREIGN: "Foreign customer",
    },
}
TAXPAYERS: Final[Mapping[Language, Mapping[TaxpayerType, str]]] = {
    ES: {TaxpayerType.NATURAL: "persona natural", TaxpayerType.JURIDICAL: "persona jurídica"},
    EN: {TaxpayerType.NATURAL: "natural person", TaxpayerType.JURIDICAL: "legal entity"},
}
FOREIGN_IDS: Final[Mapping[Language, Mapping[ForeignIdType, str]]] = {
    ES: {
        ForeignIdType.PASSPORT: "Pasaporte",
        ForeignIdType.TAX_ID: "Identificación tributaria",
        ForeignIdType.OTHER: "Documento",
    },
    EN: {ForeignIdType.PASSPORT: "Passport", ForeignIdType.TAX_ID: "Tax id", ForeignIdType.OTHER: "Document"},
}
PHONE: Final = {ES: "Tel.", EN: "Tel."}

CURRENCIES: Final[Mapping[Language, Mapping[Currency, str]]] = {
    ES: {Currency.PAB: "Balboas (B/.)", Currency.USD: "Dólares (US$)"},
    EN: {Currency.PAB: "Balboas (B/.)", Currency.USD: "US dollars (US$)"},
}

# In English; rules.fiscal.withholding has them in Spanish.
WITHHOLDINGS: Final[Mapping[str, str]] = {
    "1": "Professional service to the State, 100 %",
    "2": "Sale of goods or services to the State, 50 %",
    "3": "Not domiciled in Panama, 100 %",
    "4": "Purchase of goods or services, 50 %",
    "7": "Merchant affiliated to cards, 50 %",
    "8": "Other",
}

DATE: Final = {ES: "{day} de {month} de {year}", EN: "{day} {month} {year}"}
MONTHS: Final = {
    ES: (
        *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
        *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
    ),
    EN: (
        *("January", "February", "March", "April", "May", "June"),
        *("July", "August", "September", "October", "November", "December"),
    ),
}
EXEMPT: Final = {ES: "Exento", EN: "Exempt"}
AT_ISSUE: Final = {ES: "Al emitirla", EN: "When issued"}
VOIDED_ON: Final = {ES: "ANULADA el {day}", EN: "VOIDED on {day}"}
REFERENCE: Final = {ES: "{title} del {day}", EN: "{title} of {day}"}
AUTHORIZED_AT: Final = {ES: "{protocol} del {moment}", EN: "{protocol} of {moment}"}
VALIDATED: Final = {
    ES: "Documento validado por {name}{ruc}, Proveedor Autorizado Calificado{resolution}.",
    EN: "Validated by {name}{ruc}, Proveedor Autorizado Calificado{resolution}.",
}
RESOLUTION: Final = {ES: ", Resolución N.º {number}", EN: ", Resolución N.º {number}"}
RESOLVED_ON: Final = {ES: " de {day}", EN: " of {day}"}

# By the names that the templates use.
LABELS: Final[Mapping[Language, Mapping[str, str]]] = {
    ES: {
        "draft": "BORRADOR",
        "draft_title": "Factura en BORRADOR",
        "draft_notice": "Sin número: no se ha emitido.",
        "test": "PRUEBA",
        "test_notice": "Emitida en el ambiente de pruebas: no tiene valor fiscal.",
        "void": "ANULADA",
        "reason": "Motivo:",
        "number": "N.º",
        "heading": "Comprobante Auxiliar de Factura Electrónica",
        "dgi": "DGI – Dirección General de Ingresos",
        "customer": "Cliente",
        "issue_date": "Fecha de emisión",
        "due_date": "Vencimiento",
        "branch": "Sucursal",
        "billing_point": "Punto de facturación",
        "currency": "Moneda",
        "purchase_order": "Orden de compra",
        "destination": "País de destino",
        "incoterm": "Condiciones de entrega",
        "port": "Puerto de embarque",
        "refers_to": "Se refiere a",
        "position": "N.º",
        "code": "Código",
        "description": "Descripción",
        "quantity": "Cantidad",
        "unit": "Unidad",
        "price": "Precio",
        "discount": "Desc. unit.",
        "rate": "ITBMS",
        "net": "Monto",
        "total": "Total",
        "carried": "Viene de la página anterior",
        "carry": "Suma y sigue",
        "base": "Base",
        "tax": "Impuesto",
        "subtotal": "Subtotal",
        "itbms": "ITBMS",
        "discounts": "Descuentos ya aplicados",
        "payment": "Formas de pago",
        "instalments": "Plazos de pago",
        "withholding": "Retención de ITBMS",
        "withholding_note": "No se resta del total.",
        "bank": "Cómo pagar",
        "consult": "Consulte en",
        "by_cufe": "usando el CUFE:",
        "protocol": "Protocolo de autorización:",
        "qr": "Código QR para consultar el documento en la DGI",
        "logo": "Logotipo",
        "xml": "El documento electrónico que la DGI autorizó",
        "notes": "Notas",
        "terms": "Condiciones",
        "page": "Página",
        "of": "de",
        "fiscal": "Documento electrónico autorizado. Se consulta en la DGI con su CUFE.",
        "fiscal_test": "Documento de prueba, sin valor fiscal.",
        "pending": "Documento no fiscal, pendiente de autorización.",
        "commercial": "Este documento no es un documento fiscal.",
        "commercial_head": "Documento no fiscal",
        "pending_head": "Documento no fiscal, \npendiente de autorización",
    },
    EN: {
        "draft": "DRAFT",
        "draft_title": "DRAFT invoice",
        "draft_notice": "Without a number: it has not been issued.",
        "test": "TEST",
        "test_notice": "Issued in the test environment: it has no fiscal value.",
        "void": "VOID",
        "reason": "Reason:",
        "number": "No.",
        "heading": "Comprobante Auxiliar de Factura Electrónica",
        "dgi": "DGI – Dirección General de Ingresos",
        "customer": "Customer",
        "issue_date": "Issue date",
        "due_date": "Due date",
        "branch": "Branch",
        "billing_point": "Billing point",
        "currency": "Currency",
        "purchase_order": "Purchase order",
        "destination": "Destination",
        "incoterm": "Delivery terms",
        "port": "Port of loading",
        "refers_to": "Refers to",
        "position": "No.",
        "code": "Code",
        "description": "Description",
        "quantity": "Quantity",
        "unit": "Unit",
        "price": "Price",
        "discount": "Unit disc.",
        "rate": "ITBMS",
        "net": "Amount",
        "total": "Total",
        "carried": "Brought forward",
        "carry": "Carried forward",
        "base": "Base",
        "tax": "Tax",
        "subtotal": "Subtotal",
        "itbms": "ITBMS",
        "discounts": "Discounts already applied",
        "payment": "Payment",
        "instalments": "Payment dates",
        "withholding": "ITBMS withheld",
        "withholding_note": "It is not taken off the total.",
        "bank": "How to pay",
        "consult": "Look it up at",
        "by_cufe": "by its CUFE:",
        "protocol": "Authorisation protocol:",
        "qr": "QR code to look the document up at the DGI",
        "logo": "Logo",
        "xml": "The electronic document that the DGI has authorised",
        "notes": "Notes",
        "terms": "Terms",
        "page": "Page",
        "of": "of",
        "fiscal": "Authorised electronic document. It can be looked up at the DGI by its CUFE.",
        "fiscal_test": "Test document, without fiscal value.",
        "pending": "Not a fiscal document, authorisation pending.",
        "commercial": "This document is not a fiscal document.",
        "commercial_head": "Not a fiscal document",
        "pending_head": "Not a fiscal document, \nauthorisation pending",
    },
}
