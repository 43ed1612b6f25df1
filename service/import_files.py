"""Files of customers over HTTP: one is uploaded into an import, and an import's rejected rows are downloaded."""

import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import cache
from pathlib import Path
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from db import tenant
from db.errors import UNAVAILABLE
from resolvers import import_files, imports
from resolvers.api_keys import Identity
from rules.faults import Refusal
from rules.vocabulary import Language, Scope
from spreadsheets.limits import MOST_BYTES
from spreadsheets.table import TOO_LARGE, Unreadable
from transport.authentication import Authenticator
from transport.errors import TooMany
from transport.headers import read_language

_READ_AT_ONCE: Final = 2  # files, by all accounts
_SENT_AT_ONCE: Final = 2  # files, by an account
_PATH: Final = "/imports"
UPLOADS: Final = {_PATH.encode(): 300.0}  # seconds within which a file must arrive, by the path that it is sent to
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class ImportFiles:
    """A key with the scope WRITE uploads; any key of the account downloads."""

    def __init__(self, authenticator: Authenticator) -> None:
        self._authenticator = authenticator
        self._reading = asyncio.Semaphore(_READ_AT_ONCE)
        self._sending = Counter[UUID]()  # files that are arriving or wait to be read, by account
        self._template = cache(import_files.make_template)  # it takes a moment and never changes

    def routes(self) -> list[Route]:
        return [
            Route(_PATH, self.take, methods=["POST"]),
            Route("/imports/template.xlsx", self.send_template, methods=["GET"]),
            Route("/imports/{id}/rejected.csv", self.send_rejected, methods=["GET"]),
        ]

    async def take(self, request: Request) -> Response:
        """Read the body, which is the file, into a new import."""
        identity = await self._authenticate(request, Scope.WRITE)
        if int(request.headers.get("content-length") or 0) > MOST_BYTES:
            raise HTTPException(413, " / ".join(TOO_LARGE))
        with self._one_of_few(identity.account_id):
            async with _received(request) as (path, size), self._reading:
                id = await self._read(path, size, request.query_params.get("name", ""), identity)
        return JSONResponse({"id": str(id)}, 201)

    @contextmanager
    def _one_of_few(self, owner: UUID) -> Iterator[None]:
        if self._sending[owner] >= _SENT_AT_ONCE:
            raise TooMany("files at once", 5)
        self._sending[owner] += 1
        try:
            yield
        finally:
            self._sending[owner] -= 1
            if not self._sending[owner]:
                del self._sending[owner]

    async def _read(self, path: Path, size: int, name: str, identity: Identity) -> UUID:
        try:
            with tenant.acting_for(identity.account_id, identity.key_id):
                return await imports.create(path, name, size)
        except Unreadable as error:
            raise HTTPException(422, " / ".join(error.message)) from None
        except Refusal as refusal:
            raise HTTPException(413, " / ".join(refusal.faults[0].message)) from None
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None

    async def send_template(self, request: Request) -> Response:
        content = await asyncio.to_thread(self._template)
        return Response(content, headers=_attachment("clientes.xlsx"), media_type=_XLSX)

    async def send_rejected(self, request: Request) -> Response:
        identity = await self._authenticate(request, Scope.READ)
        language = Language(read_language(request, request.query_params.get("language")).upper())
        try:
            with tenant.acting_for(identity.account_id, identity.key_id):
                row = await imports.find(request.path_params["id"])
        except UNAVAILABLE as error:
            raise self._authenticator.outages.refusal(error) from None
        if row is None:
            raise HTTPException(404, "There is no such import.")
        lines = import_files.rejected_rows(row, identity.account_id, language)
        return StreamingResponse(lines, headers=_attachment("rechazadas.csv"), media_type="text/csv; charset=utf-8")

    async def _authenticate(self, request: Request, scope: Scope) -> Identity:
        identity = await self._authenticator.authenticate(request)
        if not identity.scope.allows(scope):
            raise HTTPException(403, f"This needs a key with the scope {scope.value}.")
        return identity


@asynccontextmanager
async def _received(request: Request) -> AsyncIterator[tuple[Path, int]]:
    """The body in a file of its own, which is gone after this block, and how many bytes it has."""
    with tempfile.NamedTemporaryFile(prefix="istmo-import-") as file:
        size = 0
        try:
            async for chunk in request.stream():
                size += len(chunk)
                if size > MOST_BYTES:
                    raise HTTPException(413, " / ".join(TOO_LARGE))
                file.write(chunk)
        except ClientDisconnect:
            raise HTTPException(400, "The client went away.") from None  # only the log sees this
        file.flush()
        yield Path(file.name), size


def _attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
