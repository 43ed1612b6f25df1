"""Faults: why a request is refused, all reasons at once, each with its place and its code."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, StrEnum, auto
from typing import NamedTuple, Self
from uuid import UUID


class Text(NamedTuple):
    """One sentence in the two languages of the service."""

    es: str
    en: str

    def format(self, **values: object) -> "Text":
        """The sentence with its placeholders filled in.

        >>> Text("Hay {count}.", "There are {count}.").format(count=3).en
        'There are 3.'
        """
        return Text(self.es.format(**values), self.en.format(**values))


class Code(StrEnum):
    """The closed list of codes that client programs may switch on (``UserErrorCode`` in the API)."""

    REQUIRED = "REQUIRED"
    FORBIDDEN_FIELD = "FORBIDDEN_FIELD"
    INVALID_RUC = "INVALID_RUC"
    DV_MISMATCH = "DV_MISMATCH"
    DUPLICATE_CUSTOMER = "DUPLICATE_CUSTOMER"
    DUPLICATE_EXTERNAL_ID = "DUPLICATE_EXTERNAL_ID"
    UNKNOWN_LOCATION = "UNKNOWN_LOCATION"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    UNKNOWN_CPBS = "UNKNOWN_CPBS"
    INVALID_EMAIL = "INVALID_EMAIL"
    INVALID_PHONE = "INVALID_PHONE"
    INVALID_VALUE = "INVALID_VALUE"
    UNPRINTABLE = "UNPRINTABLE"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NOT_FOUND = "NOT_FOUND"
    NOT_ALLOWED = "NOT_ALLOWED"
    EXACTLY_ONE_CUSTOMER = "EXACTLY_ONE_CUSTOMER"
    EMISSION_PENDING = "EMISSION_PENDING"
    WINDOW_CLOSED = "WINDOW_CLOSED"
    CREDIT_EXCEEDED = "CREDIT_EXCEEDED"
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    REGISTRY_MISMATCH = "REGISTRY_MISMATCH"


class Record(Enum):
    """The record where a fault's path begins. Each mutation knows where these records stand in its arguments."""

    CUSTOMER = auto()
    INVOICE = auto()
    NOTE = auto()
    INVOICE_CUSTOMER = auto()  # the existing customer that an invoice refers to
    ACCOUNT = auto()
    BRANCH = auto()
    REFERENCES = auto()  # of a document: its external id, metadata and tags


@dataclass(frozen=True)
class Fault:
    """One reason for refusing a request.

    ``path`` names the field in the API's spelling, relative to ``record``: ``("dv",)`` of a
    customer. Without a record it is an argument of the mutation itself, such as ``("version",)``.
    ``expected`` holds the right values where they are known, ``related_id`` the id of the object in
    conflict.
    """

    path: tuple[str, ...]
    code: Code
    message: Text
    expected: tuple[str, ...] = ()
    related_id: UUID | None = None
    record: Record | None = None

    def of(self, record: Record) -> Self:
        """The same fault, with a path that begins at this record."""
        return replace(self, record=record)


class WarningCode(StrEnum):
    """The closed list of codes of warnings."""

    BACKDATED = "BACKDATED"
    LARGE_AMOUNT = "LARGE_AMOUNT"
    EMAIL_NOT_SENT = "EMAIL_NOT_SENT"
    RUC_NOT_FOUND = "RUC_NOT_FOUND"
    VOID_LATE = "VOID_LATE"
    ALL_CREDITED = "ALL_CREDITED"
    DIFFERENT_IDENTIFICATION = "DIFFERENT_IDENTIFICATION"


@dataclass(frozen=True)
class InputWarning:
    """What is allowed and worth a word. Its path is one like a fault's."""

    path: tuple[str, ...]
    code: WarningCode
    message: Text
    record: Record | None = None


def faults_of(record: Record, faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """The faults that a rule found, as those of the record that it was about."""
    return tuple(fault.of(record) for fault in faults)


class Refusal(Exception):
    """A request that the rules refuse, with all its faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults
