"""A provider that is made up: documents by key in a dictionary, answers by a script, calls in a list."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

import orjson

from pac.emission import (
    Adapter,
    Authorized,
    Evidence,
    File,
    FileContents,
    Folios,
    Found,
    LookOutcome,
    NotFound,
    SendOutcome,
    Unavailable,
    Unknown,
    Voided,
    VoidOutcome,
)
from rules.fiscal import cufe
from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.vocabulary import DocumentType

SAID: Final = Evidence(code="200", message="ok", answer="<ok/>")
DUPLICATE: Final = Evidence(code="102", message="El documento ya existe")


@dataclass
class Stored:
    """A document that the provider has."""

    cufe: str
    total: str
    lines: int
    receiver: str | None
    payload: bytes
    texts: list[list[str | None]]
    is_voided: bool = False


@dataclass
class FakeProvider:
    """``sending`` has what happens to the next sends, ``looking`` and so on likewise; without, all goes well."""

    documents: dict[DocumentKey, Stored] = field(default_factory=dict)
    calls: list[tuple[str, DocumentKey]] = field(default_factory=list)
    sending: deque[Any] = field(default_factory=deque)
    looking: deque[Any] = field(default_factory=deque)
    voiding: deque[Any] = field(default_factory=deque)
    fetching: deque[Any] = field(default_factory=deque)
    under_way: dict[DocumentKey, int] = field(default_factory=dict)
    most_at_once: int = 0
    sent: list[bytes] = field(default_factory=list)
    voids: int = 0
    counted: int = 0
    folios: Folios | Unavailable = Unavailable(evidence=Evidence())
    hold: Callable[[], Awaitable[None]] | None = None

    def write(self, document: FiscalDocument) -> bytes:
        key = document.key
        return orjson.dumps(
            {
                "key": [key.branch, key.billing_point, key.number, key.type],
                "total": f"{document.total:.2f}",
                "lines": len(document.lines),
                "receiver": document.receiver.ruc,
                "texts": [[line.code, line.description] for line in document.lines],
            }
        )

    def read_payload(self, payload: bytes) -> FileContents:
        return _contents({**orjson.loads(payload), "cufe": None})

    def arrive(self, payload: bytes, prefix: str) -> SendOutcome:
        """Take a document, or say that there is one under its key."""
        content = orjson.loads(payload)
        key = key_of(payload)
        if key in self.documents:
            return Unknown(evidence=DUPLICATE)
        number = cufe.complete(prefix, f"{len(self.documents) + 1:09}")
        self.documents[key] = Stored(
            number, content["total"], content["lines"], content["receiver"], payload, content["texts"]
        )
        return Authorized(cufe=number, qr="qr", protocol="2026", evidence=SAID)

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome:
        key = key_of(payload)
        self.calls.append(("SEND", key))
        self.sent.append(payload)
        self.under_way[key] = self.under_way.get(key, 0) + 1
        self.most_at_once = max(self.most_at_once, *self.under_way.values())
        try:
            if self.hold is not None:
                await self.hold()
            step = self.sending.popleft() if self.sending else self.arrive
            await asyncio.sleep(0)
            if callable(step):
                outcome = step(payload, cufe_prefix)
                return await outcome if isinstance(outcome, Awaitable) else outcome
            return step  # type: ignore[no-any-return]
        finally:
            self.under_way[key] -= 1

    async def look(self, key: DocumentKey, seconds: float) -> LookOutcome:
        self.calls.append(("LOOK", key))
        if self.looking:
            step = self.looking.popleft()
            return step() if callable(step) else step  # type: ignore[no-any-return]
        stored = self.documents.get(key)
        if stored is None:
            return NotFound(evidence=Evidence(code="102", message="no existe"))
        return Found(cufe=stored.cufe, is_voided=stored.is_voided, evidence=SAID)

    def register_void(self, key: DocumentKey) -> VoidOutcome:
        self.voids += 1
        self.documents[key] = replace(self.documents[key], is_voided=True)
        return Voided(evidence=SAID)

    async def void(self, key: DocumentKey, reason: str, seconds: float) -> VoidOutcome:
        self.calls.append(("VOID", key))
        step = self.voiding.popleft() if self.voiding else self.register_void
        return step(key) if callable(step) else step

    async def fetch_xml(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        self.calls.append(("XML", key))
        if self.fetching:
            return self.fetching.popleft()  # type: ignore[no-any-return]
        stored = self.documents.get(key)
        if stored is None:
            return Unavailable(evidence=Evidence(code="102"))
        fields = {name: getattr(stored, name) for name in ("cufe", "total", "lines", "receiver", "texts")}
        return File(content=orjson.dumps(fields), evidence=SAID)

    async def fetch_pdf(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        self.calls.append(("PDF", key))
        if self.fetching:
            return self.fetching.popleft()  # type: ignore[no-any-return]
        return File(content=b"%PDF", evidence=SAID)

    def read_xml(self, content: bytes) -> FileContents | None:
        if not content.startswith(b"{"):
            return None
        return _contents(orjson.loads(content))

    async def count_folios(self, seconds: float) -> Folios | Unavailable:
        self.counted += 1
        return self.folios

    def made(self, kind: str) -> int:
        return sum(1 for each, _ in self.calls if each == kind)


def _contents(fields: dict[str, Any]) -> FileContents:
    return FileContents(
        cufe=fields["cufe"],
        qr="qr of the file",
        protocol="protocol of the file",
        authorized_at=None,
        total=fields["total"],
        receiver_ruc=fields["receiver"],
        line_count=fields["lines"],
        lines=tuple([(code, description) for code, description in fields["texts"]]),
    )


def key_of(payload: bytes) -> DocumentKey:
    branch, point, number, type_ = orjson.loads(payload)["key"]
    return DocumentKey(branch=branch, billing_point=point, number=number, type=DocumentType(type_))


def _is_an_adapter(provider: FakeProvider) -> Adapter:
    return provider
