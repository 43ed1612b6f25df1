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


def key_of(row: Any) -> DocumentKey:
    return DocumentKey(
        branch=row["branch"],
        billing_point=row["billing_point"],
        number=row["number"],
        type=DocumentType(row["type"]),
    )


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
