"""Between rows of ``emission`` and what the rules know of them."""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from emission.progress import Emission
from pac.emission import Evidence, FiscalFault
from rules.fiscal.document import DocumentKey
from rules.vocabulary import BlockedReason, DocumentType, Environment, FiscalStatus

MOST_OF_ANSWER: Final = 16384  # characters that are kept of an answer

# What an event may change. The rest of the row is its key and its number of attempts.
CHANGING: Final = (
    *("status", "provider", "due_at", "open_since", "failing_since", "payload", "sent_until", "not_found_at"),
    *("generic_errors", "cufe", "qr", "protocol", "authorized_at", "faults", "blocked_reason", "blocked_message"),
    *("void_reason", "void_asked_at", "void_refusal", "voided_at", "files_due_at"),
)
COLUMNS: Final = ("document_id", "environment", "attempts", *CHANGING)
READ: Final = ", ".join(f"e.{column}" for column in COLUMNS)
KEY: Final = "d.branch, d.billing_point, d.number, d.type"

# How people name a document "d", as `name_of` does; several types have the same numbers.
NAME: Final = "concat(nullif(d.type, 'INVOICE') || ' ', concat_ws('-', d.branch, d.billing_point, d.number))"


def key_of(row: Any) -> DocumentKey:
    return DocumentKey(
        branch=row["branch"],
        billing_point=row["billing_point"],
        number=row["number"],
        type=DocumentType(row["type"]),
    )


def name_of(key: DocumentKey) -> str:
    """
    >>> key = DocumentKey(branch="0000", billing_point="001", number="0000000012", type=DocumentType.CREDIT_NOTE)
    >>> name_of(key)
    'CREDIT_NOTE 0000-001-0000000012'
    """
    number = f"{key.branch}-{key.billing_point}-{key.number}"
    return number if key.type is DocumentType.INVOICE else f"{key.type} {number}"


def row_of(row: Any) -> Emission:
    reason = row["blocked_reason"]
    typed = {
        "status": FiscalStatus(row["status"]),
        "environment": Environment(row["environment"]),
        "blocked_reason": reason and BlockedReason(reason),
        "faults": tuple([_fault(fault) for fault in orjson.loads(row["faults"])]),
    }
    return Emission(**{column: row[column] for column in COLUMNS} | typed)


def _fault(fault: dict[str, Any]) -> FiscalFault:
    path = fault["path"]
    return FiscalFault(
        code=fault["code"],
        message=fault["message"],
        field=fault["field"],
        path=None if path is None else tuple(path),
        line=fault["line"],
        is_notice=fault["notice"],
    )


def faults_json(faults: Sequence[FiscalFault]) -> str:
    names = ("code", "message", "field", "path", "line")
    listed = [{**{name: getattr(fault, name) for name in names}, "notice": fault.is_notice} for fault in faults]
    return orjson.dumps(listed).decode()


def evidence_columns(evidence: Evidence) -> tuple[str | None, str | None, str | None]:
    """Code, message and answer, as far as they can be stored."""
    kept = [
        text and text.replace("\0", "").encode(errors="replace").decode()
        for text in (evidence.code, evidence.message, evidence.answer)
    ]
    return kept[0], kept[1] and kept[1][:MOST_OF_ANSWER], kept[2] and kept[2][:MOST_OF_ANSWER]
