"""How the rules say no: every fault of a request at once, each with its place and code."""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import NamedTuple, Self
from uuid import UUID


class Text(NamedTuple):
    """One sentence in the two languages of the service."""

    es: str
    en: str


class Code(StrEnum):
    """The closed list of codes an integrator may switch on (``UserErrorCode`` in the API)."""

    REQUIRED = "REQUIRED"
    FORBIDDEN_FIELD = "FORBIDDEN_FIELD"
    INVALID_RUC = "INVALID_RUC"
    DV_MISMATCH = "DV_MISMATCH"
    DUPLICATE_CUSTOMER = "DUPLICATE_CUSTOMER"
    UNKNOWN_LOCATION = "UNKNOWN_LOCATION"
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
    CONFLICT = "CONFLICT"
    IDEMPOTENCY_MISMATCH = "IDEMPOTENCY_MISMATCH"
    REGISTRY_MISMATCH = "REGISTRY_MISMATCH"


@dataclass(frozen=True)
class Fault:
    """One reason for refusing a request.

    ``path`` names the argument in the API's spelling, ``("newCustomer", "dv")``; the rules give it
    relative to their own subject and callers prefix it with ``under``. ``expected`` holds the
    right values where they are known, ``related_id`` the object that stands in the way.
    """

    path: tuple[str, ...]
    code: Code
    message: Text
    expected: tuple[str, ...] = ()
    related_id: UUID | None = None

    def under(self, *prefix: str) -> Self:
        return replace(self, path=prefix + self.path)


class Refusal(Exception):
    """A request that the rules refuse, with all its faults."""

    def __init__(self, *faults: Fault) -> None:
        super().__init__(*faults)
        self.faults = faults

    def under(self, *prefix: str) -> "Refusal":
        return Refusal(*(fault.under(*prefix) for fault in self.faults))
