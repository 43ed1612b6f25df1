"""Emission over SOAP, as The Factory HKA, EBI and others run it: the adapter of ``pac.emission``.

No call is ever repeated here. Our tokens are put into a request when it leaves, and taken out of everything that the
provider says.
"""

from collections.abc import Hashable
from typing import Final

import aiohttp

from pac.authorized_xml import read_contents
from pac.client import ProviderClient
from pac.emission import File, FileContents, Folios, LookOutcome, SendOutcome, Unavailable, VoidOutcome
from pac.failures import Unavailable as NoAnswer
from pac.hka import answer, answers, request
from pac.hka.answer import Answer, Secrets
from pac.http import Response
from pac.providers import Provider
from pac.soap import SoapService, write_fields
from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.fiscal.spelling import one_line

_MODEL: Final = "http://schemas.datacontract.org/2004/07/Services.Model"
_LARGEST_ANSWER: Final = 1024 * 1024  # bytes; a refusal may name each of a thousand lines
_LARGEST_FILE: Final = 32 * 1024 * 1024  # in base 64
_CONNECT_SECONDS: Final = 10.0


class HkaSoap:
    """One account's calls. ``client`` must make one attempt only; ``account`` is whose breaker counts."""

    def __init__(
        self, provider: Provider, session: aiohttp.ClientSession, client: ProviderClient, account: Hashable
    ) -> None:
        self._service = SoapService(provider, session)
        self._client = client
        self._account = account
        self._secrets = Secrets(self._service.tokens.values())

    def write(self, document: FiscalDocument) -> bytes:
        return request.write(document)

    def read_payload(self, payload: bytes) -> FileContents:
        return request.read(payload)

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome:
        return answers.read_send(await self._call("Enviar", payload.decode(), cufe_prefix, seconds), cufe_prefix)

    async def look(self, key: DocumentKey, seconds: float) -> LookOutcome:
        return answers.read_look(await self._call("EstadoDocumento", _write_key(key), key, seconds))

    async def void(self, key: DocumentKey, reason: str, seconds: float) -> VoidOutcome:
        asked = write_fields("tem", {"motivoAnulacion": one_line(reason)}) + _write_key(key)
        return answers.read_void(await self._call("AnulacionDocumento", asked, key, seconds))

    async def fetch_xml(self, key: DocumentKey, seconds: float) -> File | Unavailable:
        return answers.read_xml_file(await self._call("DescargaXML", _write_key(key), key, seconds, _LARGEST_FILE))

    def read_xml(self, content: bytes) -> FileContents | None:
        return read_contents(content)

    async def fetch_pdf(self, key: DocumentKey, seconds: float) -> File | Unavailable:
        return answers.read_pdf_file(await self._call("DescargaPDF", _write_key(key), key, seconds, _LARGEST_FILE))

    async def count_folios(self, seconds: float) -> Folios | Unavailable:
        return answers.read_folios(await self._call("FoliosRestantes", "", None, seconds))

    async def _call(
        self, method: str, members: str, subject: Hashable, seconds: float, largest: int = _LARGEST_ANSWER
    ) -> Answer:
        response: Response | None = None

        async def exchange() -> Response:
            nonlocal response
            tokens = write_fields("tem", self._service.tokens)
            response = await self._service.exchange(
                method, tokens + members, namespace=_MODEL, largest=largest, connect_seconds=_CONNECT_SECONDS
            )
            response.check()
            return response

        try:
            await self._client.call(exchange, seconds, caller=self._account, subject=(method, subject))
        except NoAnswer as failure:
            if response is None:
                return answer.no_answer(failure)
        assert response is not None
        return answer.read(method, response, self._secrets)


def _write_key(key: DocumentKey) -> str:
    return f"<tem:datosDocumento>{write_fields('ser', request.key_members(key))}</tem:datosDocumento>"
