"""What the adapters for HKA's contracts share: how a call is made once, and what its answer means.

No call is ever repeated here. An adapter says how a question is put and how its answer is read.
"""

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Final

from pac.authorized_xml import read_contents
from pac.client import ProviderClient
from pac.emission import Evidence, File, FileContents, Folios, LookOutcome, SendOutcome, Unavailable, VoidOutcome
from pac.failures import Unavailable as NoAnswer
from pac.hka import answer, answers
from pac.hka.answer import Answer
from pac.http import Response
from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.fiscal.spelling import one_line

LARGEST_ANSWER: Final = 1024 * 1024  # bytes; a refusal may name each of a thousand lines
LARGEST_FILE: Final = 32 * 1024 * 1024  # in base 64
CONNECT_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Call:
    """A call of the provider: its method, how it is made and how its answer is read."""

    method: str
    exchange: Callable[[], Awaitable[Response]]
    read: Callable[[Response], Answer]


class HkaAdapter(ABC):
    """One account's calls. ``client`` must make one attempt only; ``account`` is whose breaker counts."""

    def __init__(self, client: ProviderClient, account: Hashable) -> None:
        self._client = client
        self._account = account

    @abstractmethod
    def write(self, document: FiscalDocument) -> bytes: ...

    @abstractmethod
    def read_payload(self, payload: bytes) -> FileContents: ...

    @abstractmethod
    def _to_send(self, payload: bytes) -> Call: ...

    @abstractmethod
    def _to_look(self, key: DocumentKey) -> Call: ...

    @abstractmethod
    def _to_void(self, key: DocumentKey, reason: str) -> Call: ...

    @abstractmethod
    def _to_fetch_xml(self, key: DocumentKey, cufe: str | None) -> Call | None:
        """None where the file can't be asked for."""

    @abstractmethod
    def _to_fetch_pdf(self, key: DocumentKey, cufe: str | None) -> Call | None: ...

    @abstractmethod
    def _to_count_folios(self) -> Call: ...

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome:
        return answers.read_send(await self._make(self._to_send(payload), cufe_prefix, seconds), cufe_prefix)

    async def look(self, key: DocumentKey, seconds: float) -> LookOutcome:
        return answers.read_look(await self._make(self._to_look(key), key, seconds))

    async def void(self, key: DocumentKey, reason: str, seconds: float) -> VoidOutcome:
        return answers.read_void(await self._make(self._to_void(key, one_line(reason)), key, seconds))

    async def fetch_xml(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        call = self._to_fetch_xml(key, cufe)
        return answers.read_xml_file(await self._make(call, key, seconds)) if call else _NO_CUFE

    def read_xml(self, content: bytes) -> FileContents | None:
        return read_contents(content)

    async def fetch_pdf(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        call = self._to_fetch_pdf(key, cufe)
        return answers.read_pdf_file(await self._make(call, key, seconds)) if call else _NO_CUFE

    async def count_folios(self, seconds: float) -> Folios | Unavailable:
        return answers.read_folios(await self._make(self._to_count_folios(), None, seconds))

    async def _make(self, call: Call, subject: Hashable, seconds: float) -> Answer:
        answered: Answer | None = None

        async def exchange() -> Response:
            nonlocal answered
            response = await call.exchange()
            answered = call.read(response)
            if answered.code is None:  # a refusal with a code says nothing about the provider's health
                response.check()
            return response

        try:
            await self._client.call(exchange, seconds, caller=self._account, subject=(call.method, subject))
        except NoAnswer as failure:
            if answered is None:
                return answer.no_answer(failure)
        assert answered is not None
        return answered


_NO_CUFE: Final = Unavailable(evidence=Evidence(message="without its CUFE the provider has no file of it"))
