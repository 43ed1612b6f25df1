"""Emission over SOAP, as The Factory HKA, EBI and others run it: the adapter of ``pac.emission``.

Our tokens are put into a request when it leaves, and taken out of everything that the provider says.
"""

from collections.abc import Hashable
from functools import partial
from typing import Final

import aiohttp

from pac.client import ProviderClient
from pac.emission import FileContents
from pac.hka import answer, request
from pac.hka.adapter import CONNECT_SECONDS, LARGEST_ANSWER, LARGEST_FILE, Call, HkaAdapter
from pac.hka.answer import Secrets
from pac.providers import Provider
from pac.soap import SoapService, write_fields
from rules.fiscal.document import DocumentKey, FiscalDocument

_MODEL: Final = "http://schemas.datacontract.org/2004/07/Services.Model"


class HkaSoap(HkaAdapter):
    def __init__(
        self, provider: Provider, session: aiohttp.ClientSession, client: ProviderClient, account: Hashable
    ) -> None:
        super().__init__(client, account)
        self._service = SoapService(provider, session)
        self._secrets = Secrets(self._service.tokens.values())

    def write(self, document: FiscalDocument) -> bytes:
        return request.write(document)

    def read_payload(self, payload: bytes) -> FileContents:
        return request.read(payload)

    def _to_send(self, payload: bytes) -> Call:
        return self._call("Enviar", payload.decode())

    def _to_look(self, key: DocumentKey) -> Call:
        return self._call("EstadoDocumento", _write_key(key))

    def _to_void(self, key: DocumentKey, reason: str) -> Call:
        return self._call("AnulacionDocumento", write_fields("tem", {"motivoAnulacion": reason}) + _write_key(key))

    def _to_fetch_xml(self, key: DocumentKey, cufe: str | None) -> Call:
        return self._call("DescargaXML", _write_key(key), LARGEST_FILE)

    def _to_fetch_pdf(self, key: DocumentKey, cufe: str | None) -> Call:
        return self._call("DescargaPDF", _write_key(key), LARGEST_FILE)

    def _to_count_folios(self) -> Call:
        return self._call("FoliosRestantes", "")

    def _call(self, method: str, members: str, largest: int = LARGEST_ANSWER) -> Call:
        exchange = partial(
            self._service.exchange,
            method,
            write_fields("tem", self._service.tokens) + members,
            namespace=_MODEL,
            largest=largest,
            connect_seconds=CONNECT_SECONDS,
        )
        return Call(method, exchange, partial(answer.read, method, secrets=self._secrets))


def _write_key(key: DocumentKey) -> str:
    return f"<tem:datosDocumento>{write_fields('ser', request.key_members(key))}</tem:datosDocumento>"
