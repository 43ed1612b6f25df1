"""What a business knows about a person, written out for the template of its PDF."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

import orjson

from documents import words
from documents.formats import format_day, format_moment, format_money
from resolvers.personal_data_export import PersonalData
from rules.customer import FIELDS
from rules.faults import Text
from rules.printing import Printable
from rules.vocabulary import DocumentType, Language

Record = Mapping[str, Any]
Row = list[str]

# What says nothing to the person, and isn't on paper; the JSON has it.
_HIDDEN: Final = {
    *("id", "version", "customer_id", "merged_into", "status", "verification_tries", "verification_next_at"),
    *("updated_at", "identification"),
}


def report_data(data: PersonalData, printable: Printable) -> dict[str, str]:
    """The ``sys.inputs`` of the template, in the customer's language."""
    customer = next(iter(data.sections["customer"]), {})
    language = Language(customer.get("language") or Language.ES)
    own = _WORDS[language]
    day = date.fromisoformat(data.request["received_on"])
    report = {
        "language": language.lower(),
        "title": own["title"],
        "business": " · ".join(filter(None, (data.business["name"], data.business["ruc"]))),
        "nothing": own["nothing"],
        "intro": [own["intro"].format(day=format_day(day, language), made=format_moment(data.exported_at, language))],
        "sections": [
            {"title": own[name], "header": own[f"{name}_header"].split("|"), "widths": widths, "rows": rows}
            for name, widths, rows in _sections(data, language)
        ],
    }
    return {"report": orjson.dumps(_map_texts(report, printable.replace)).decode()}


def _map_texts(value: Any, change: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, dict):
        return {key: _map_texts(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [_map_texts(item, change) for item in value]
    return value


def _sections(data: PersonalData, language: Language) -> Iterable[tuple[str, list[int], list[Row]]]:
    found = data.sections
    yield "customer", [1, 2], [row for customer in found["customer"] for row in _fields(customer, language)]
    persons = [[_text(each[name]) for name in ("name", "email", "phone")] for each in found["associatedPersons"]]
    yield "associatedPersons", [1, 1, 1], persons
    yield "documents", [2, 2, 3, 1], [_document(each, language) for each in found["documents"]]
    yield "mails", [2, 2], [[_text(each["to"]), _moment(each["at"], language)] for each in found["mails"]]
    answers = [
        [_text(each["ruc"]), _text(each["name"]), _moment(each["asked_at"], language)]
        for each in found["registryAnswers"]
    ]
    yield "registryAnswers", [1, 2, 2], answers
    files = [[_text(each["file"]), ", ".join(filter(None, each["cells"]))] for each in found["importedRows"]]
    yield "importedRows", [1, 3], files
    yield (
        "changes",
        [2, 4],
        [[_moment(each["at"], language), _changes(each["changes"], language)] for each in found["changes"]],
    )


def _fields(customer: Record, language: Language) -> Iterable[Row]:
    """The fields that have something, by their names in forms; those that aren't fields by their columns."""
    for name, value in customer.items():
        if name not in _HIDDEN and value not in (None, "", [], {}):
            yield [_label(name, language), _text(value)]


def _label(column: str, language: Language) -> str:
    """The name of a column's field in forms; that of the column where it is none."""
    label = _LABELS.get(column) or _LABELS.get(column.removeprefix("receiver_"))
    return column if label is None else label.en if language is Language.EN else label.es


def _document(document: Record, language: Language) -> Row:
    kind = words.TITLES[language][DocumentType(document["type"])]
    number = document["number"] and f"{document['billing_point']}-{document['number']}"
    receiver = (document["receiver_name"], document["receiver_identification"], document["receiver_address"])
    contact = (document["receiver_email"], document["receiver_phone"], document["receiver_mobile"])
    texts = (line["description"] for line in document["lines"] or ())
    return [
        f"{kind} {number or words.DRAFT_FILE[language]}",
        format_day(date.fromisoformat(document["issue_date"]), language),
        "; ".join(filter(None, (*receiver, *contact, *texts, document["notes"]))),
        format_money(Decimal(document["total"])),
    ]


def _moment(text: str, language: Language) -> str:
    return format_moment(datetime.fromisoformat(text), language)


def _changes(changes: Record, language: Language) -> str:
    """Fields with their values before and after; ids are left out."""
    pairs = ((name, *map(_text, values)) for name, values in changes.items() if name not in _HIDDEN - {"status"})
    return "; ".join(f"{_label(name, language)}: {before or '—'} → {after or '—'}" for name, before, after in pairs)


def _text(value: Any) -> str:
    """A value in one line."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return ", ".join(f"{key}: {_text(item)}" for key, item in value.items() if item not in (None, ""))
    if isinstance(value, list):
        return "; ".join(map(_text, value))
    return str(value)


_LABELS: Final = {
    **{field.attribute: field.label for field in FIELDS},
    "foreign_id_type": Text("Tipo de identificación", "Type of foreign id"),
    "foreign_id_number": Text("Número de identificación", "Number of foreign id"),
    "foreign_id_country": Text("País de la identificación", "Country of foreign id"),
    "receiver_type": Text("Tipo de receptor", "Receiver type"),
    "location_code": Text("Corregimiento", "Corregimiento"),
    "identification": Text("Identificación", "Identification"),
    "verification_status": Text("Verificación del RUC", "Verification of the RUC"),
    "verification_checked_at": Text("RUC consultado", "RUC looked up"),
    "verification_registry_name": Text("Nombre en el registro", "Name in the registry"),
    "created_at": Text("Registrado", "Registered"),
    "status": Text("Estado", "Status"),
    "number": Text("Número", "Number"),
    "total": Text("Total", "Total"),
    "notes": Text("Notas", "Notes"),
    "lines": Text("Líneas", "Lines"),
    "issue_date": Text("Fecha", "Day"),
    "billing_point": Text("Punto de facturación", "Billing point"),
    "to": Text("Enviado a", "Sent to"),
    "message": Text("Mensaje", "Message"),
}

_WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    Language.ES: {
        "title": "Tus datos personales",
        "intro": "Es todo lo que tenemos sobre ti, según tu solicitud del {day} (Ley 81 de 2019). Se hizo el {made}.",
        "nothing": "No hay nada.",
        "customer": "Datos del cliente",
        "customer_header": "Dato|Valor",
        "associatedPersons": "Personas asociadas",
        "associatedPersons_header": "Nombre|Correo|Teléfono",
        "documents": "Documentos",
        "documents_header": "Documento|Fecha|Contenido|Total",
        "mails": "Correos enviados",
        "mails_header": "Dirección|Fecha",
        "registryAnswers": "Consultas del RUC",
        "registryAnswers_header": "RUC|Nombre en el registro|Fecha",
        "importedRows": "Archivos importados",
        "importedRows_header": "Archivo|Fila",
        "changes": "Historial de cambios",
        "changes_header": "Fecha|Cambios",
    },
    Language.EN: {
        "title": "Your personal data",
        "intro": "This is all that we have about you, as you asked on {day} (Ley 81 of 2019). It was made on {made}.",
        "nothing": "There is nothing.",
        "customer": "The customer's data",
        "customer_header": "Field|Value",
        "associatedPersons": "Associated persons",
        "associatedPersons_header": "Name|E-mail|Phone",
        "documents": "Documents",
        "documents_header": "Document|Day|What it says|Total",
        "mails": "Mails sent",
        "mails_header": "Address|Time",
        "registryAnswers": "Look-ups of the RUC",
        "registryAnswers_header": "RUC|Name in the registry|Time",
        "importedRows": "Imported files",
        "importedRows_header": "File|Row",
        "changes": "History of changes",
        "changes_header": "Time|Changes",
    },
}
