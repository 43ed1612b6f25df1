"""What emission asks of a provider, and what its answers mean: the port that each provider's adapter implements.

An answer that is not understood is ``Unknown``, never a rejection: the document may have arrived, so the caller looks
for it before it does anything else.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.vocabulary import BlockedReason


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What the provider said, to be kept: its code, its message and its answer's text, without our credentials."""

    code: str | None = None
    message: str | None = None
    answer: str | None = None


@dataclass(frozen=True, kw_only=True)
class FiscalFault:
    """A rule that a document breaks, or a notice.

    ``code`` is the DGI's or the provider's, ``field`` their name of the field, ``path`` that of our input where it is
    known, such as ``("lines", "0", "cpbs")``; ``line`` counts from 1.
    """

    code: str
    message: str
    field: str | None = None
    path: tuple[str, ...] | None = None
    line: int | None = None
    is_notice: bool = False


@dataclass(frozen=True, kw_only=True)
class Authorized:
    """The DGI knows the document. Its CUFE begins as expected; ``protocol`` and ``qr`` may come later or never."""

    cufe: str
    evidence: Evidence
    qr: str | None = None
    protocol: str | None = None
    received_at: datetime | None = None
    notices: tuple[FiscalFault, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Accepted:
    """The provider has the document and waits for the DGI: looking for it will show what became of it."""

    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Rejected:
    """Somebody must correct the document, which keeps its number."""

    faults: tuple[FiscalFault, ...]
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Blocked:
    """The provider can't take the document until somebody puts something else right."""

    reason: BlockedReason
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Unknown:
    """The document may have arrived.

    ``is_generic_error`` is a provider's "error while processing" (code 201), ``is_duplicate`` that its number is used.
    """

    evidence: Evidence
    is_generic_error: bool = False
    is_duplicate: bool = False


@dataclass(frozen=True, kw_only=True)
class NotSent:
    """Nothing left this process, or the connection was refused before anything could."""

    evidence: Evidence


SendOutcome = Authorized | Accepted | Rejected | Blocked | Unknown | NotSent


@dataclass(frozen=True, kw_only=True)
class Found:
    """The provider has a document under this key. Whether it is ours, the caller finds out by its CUFE and XML."""

    cufe: str | None
    is_voided: bool
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class NotFound:
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class Unavailable:
    """There is no answer, or none that says whether the document is there."""

    evidence: Evidence
    reason: BlockedReason | None = None  # CREDENTIALS or CERTIFICATE, where that is why


# Rejected: the provider took the document, and the DGI refused it since. Nothing is registered under its key.
LookOutcome = Found | NotFound | Rejected | Unavailable


@dataclass(frozen=True, kw_only=True)
class Voided:
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class VoidRefusedOrUnknown:
    """The provider didn't confirm the void. Looking for the document may show that it is void all the same.

    ``is_refusal`` is an answer that says that the document won't be void; all else may come to be registered.
    """

    evidence: Evidence
    is_refusal: bool = False


VoidOutcome = Voided | VoidRefusedOrUnknown | NotSent


@dataclass(frozen=True, kw_only=True)
class File:
    """A downloaded XML or PDF."""

    content: bytes
    evidence: Evidence


@dataclass(frozen=True, kw_only=True)
class FileContents:
    """What the authorised XML says, as far as it says it; or what was sent."""

    cufe: str | None
    qr: str | None
    protocol: str | None
    authorized_at: datetime | None
    total: str | None  # two decimals
    receiver_ruc: str | None
    line_count: int
    lines: tuple[tuple[str | None, str | None], ...] = ()  # code and description of each


@dataclass(frozen=True, kw_only=True)
class Folios:
    """How many documents the account may still send; the licence's end as the provider writes it."""

    available: int | None
    used: int | None
    total: int | None
    licence_until: str | None
    evidence: Evidence = field(default_factory=Evidence)
    cycle: str | None = None  # the period of the counts, as the provider writes it


class Adapter(Protocol):
    """A provider, spoken to with the credentials of one account. ``seconds`` bound a call.

    No method raises for what a provider does: an outcome says it.
    """

    def write(self, document: FiscalDocument) -> bytes:
        """The document in the provider's words, without credentials: the same bytes are sent at each attempt."""
        ...

    def read_payload(self, payload: bytes) -> FileContents:
        """What a document that was written says, as far as an authorised XML says it, too."""
        ...

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome: ...

    async def look(self, key: DocumentKey, seconds: float) -> LookOutcome: ...

    async def void(self, key: DocumentKey, reason: str, seconds: float) -> VoidOutcome: ...

    async def fetch_xml(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        """``cufe`` is the document's, where it is known: some providers have files by it alone."""
        ...

    def read_xml(self, content: bytes) -> FileContents | None:
        """What a downloaded XML says; None for one that can't be read."""
        ...

    async def fetch_pdf(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable: ...

    async def count_folios(self, seconds: float) -> Folios | Unavailable: ...


Credentials = Mapping[str, str]
