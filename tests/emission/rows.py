"""Rows of documents on their way, made up."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from emission.progress import Emission
from rules.vocabulary import Environment, FiscalStatus

NOON: Final = datetime(2026, 11, 27, 17, tzinfo=UTC)


def after(**time: float) -> datetime:
    return NOON + timedelta(**time)


def row(status: FiscalStatus = FiscalStatus.QUEUED, **columns: Any) -> Emission:
    nothing: dict[str, Any] = dict.fromkeys(
        ("provider", "due_at", "failing_since", "sent_until", "not_found_at", "cufe", "qr", "protocol", "authorized_at")
    )
    nothing |= dict.fromkeys(
        ("blocked_reason", "blocked_message", "void_reason", "void_asked_at", "void_refusal", "voided_at")
    )
    rest: dict[str, Any] = {
        "document_id": UUID(int=1),
        "status": status,
        "environment": Environment.TEST,
        "attempts": 0,
        "open_since": NOON,
        "payload": 1,
        "generic_errors": 0,
        "faults": (),
        "files_due_at": None,
    }
    return Emission(**nothing | rest | columns)
