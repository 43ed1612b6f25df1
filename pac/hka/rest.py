"""Emission over REST, as The Factory HKA runs it: the adapter of ``pac.emission``.

Names and values are those of the SOAP contract. A document is found by four parts of its key, since the type of
emission isn't asked for, and its files by its CUFE.

Sources: HKA's page of the method Enviar, and clients in use. Where these differ (a file as it is or in base 64, names
with a capital, a code as a number), either is read.
"""

from collections.abc import Hashable, Mapping
from functools import partial
from typing import Any, Final

import aiohttp
import orjson

from pac.client import ProviderClient
from pac.emission import FileContents
from pac.hka import answer, request
from pac.hka.adapter import CONNECT_SECONDS, LARGEST_ANSWER, LARGEST_FILE, Call, HkaAdapter
from pac.hka.answer import Answer, Secrets
from pac.http import Response
from pac.providers import Provider
from pac.rest import RestService
from rules.fiscal.document import DocumentKey, FiscalDocument

_LOOKED_FOR_BY: Final = (
    "codigoSucursalEmisor",
    "puntoFacturacionFiscal",
    "numeroDocumentoFiscal",
    "tipoDocumento",
)
_NO_SUCH_PATH: Final = 404


class HkaRest(HkaAdapter):
    def __init__(
        self, provider: Provider, session: aiohttp.ClientSession, client: ProviderClient, account: Hashable
    ) -> None:
        super().__init__(client, account)
        self._service = RestService(provider, session)
        self._credentials = (provider.user.get_secret_value(), provider.password.get_secret_value())

    def write(self, document: FiscalDocument) -> bytes:
        return request.write_json(document)

    def read_payload(self, payload: bytes) -> FileContents:
        return request.read_json(payload)

    def _to_send(self, payload: bytes) -> Call:
        return self._call("Enviar", payload)

    def _to_look(self, key: DocumentKey) -> Call:
        members = request.key_members(key)
        return self._post("EstadoDocumento", {name: members[name] for name in _LOOKED_FOR_BY})

    def _to_void(self, key: DocumentKey, reason: str) -> Call:
        return self._post("Anulacion", {"motivoAnulacion": reason, "datosDocumento": request.key_members(key)})

    def _to_fetch_xml(self, key: DocumentKey, cufe: str | None) -> Call | None:
        return self._to_fetch(cufe, "xml") if cufe else None

    def _to_fetch_pdf(self, key: DocumentKey, cufe: str | None) -> Call | None:
        return self._to_fetch(cufe, "pdf") if cufe else None

    def _to_count_folios(self) -> Call:
        return self._call("FoliosRestantes", None)

    def _to_fetch(self, cufe: str, kind: str) -> Call:
        asked = orjson.dumps({"cufe": cufe, "tipoArchivo": kind})

        async def exchange() -> Response:
            response = await self._exchange("Descarga", asked, LARGEST_FILE)
            if response.status == _NO_SUCH_PATH:
                # Other releases of the service have a method for each kind of file.
                response = await self._exchange(f"Descarga{kind.upper()}", asked, LARGEST_FILE)
            return response

        return Call(f"Descarga{kind.upper()}", exchange, self._read)

    def _post(self, method: str, values: Mapping[str, Any]) -> Call:
        return self._call(method, orjson.dumps(values))

    def _call(self, method: str, body: bytes | None) -> Call:
        return Call(method, partial(self._exchange, method, body, LARGEST_ANSWER), self._read)

    async def _exchange(self, method: str, body: bytes | None, largest: int) -> Response:
        path = f"/api/{method}"
        return await self._service.exchange(path, body, largest=largest, connect_seconds=CONNECT_SECONDS)

    def _read(self, response: Response) -> Answer:
        return answer.read_json(response, Secrets((*self._credentials, *self._service.tokens)))
