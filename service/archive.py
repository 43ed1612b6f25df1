"""The archive of an account over HTTP."""

import asyncio
from contextlib import aclosing
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from db import tenant
from db.archive import write_archive
from resolvers.api_keys import Identity
from rules.calendar import today
from rules.vocabulary import Scope as KeyScope
from spreadsheets.streams import PackedFiles
from transport.authentication import Authenticator
from transport.errors import TooMany

AT_ONCE: Final = 3  # archives that a process sends
LONGEST: Final = 900.0  # seconds


class ArchiveFile:
    """Served to keys with the scope ADMIN. An archive is of one moment, for which it keeps a connection to the database
    while it is sent: so a process sends few at once, an account's one after another, and each for a limited time.
    """

    def __init__(self, authenticator: Authenticator, longest: float = LONGEST) -> None:
        self._authenticator = authenticator
        self._longest = longest
        self._sending: set[UUID] = set()  # accounts

    def routes(self) -> list[Route]:
        return [Route("/account/archive.zip", self.send, methods=["GET"])]

    async def send(self, request: Request) -> Response:
        identity = await self._authenticator.authenticate(request)
        if not identity.scope.allows(KeyScope.ADMIN):
            raise HTTPException(403, "This needs a key with the scope ADMIN.")
        if identity.account_id in self._sending or len(self._sending) >= AT_ONCE:
            raise TooMany("archives at once", 60)
        return _Archive(identity, self._sending, self._longest)


class _Archive(Response):
    """Sends the archive while it is written. What goes wrong ends the connection, so that no part is taken for all."""

    def __init__(self, identity: Identity, sending: set[UUID], longest: float) -> None:
        super().__init__(media_type="application/zip", headers={"Content-Disposition": _DISPOSITION.format(today())})
        del self.headers["content-length"]
        self._identity = identity
        self._sending = sending
        self._longest = longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        account = self._identity.account_id
        self._sending.add(account)
        try:
            with tenant.acting_for(account, self._identity.key_id):
                async with asyncio.timeout(self._longest):
                    await self._send(Request(scope, receive), send)
        finally:
            self._sending.discard(account)

    async def _send(self, request: Request, send: Send) -> None:
        packed = PackedFiles()
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        async with aclosing(write_archive(packed, self._identity.account_id)) as batches:
            async for _ in batches:
                if await request.is_disconnected():
                    return
                if part := packed.take():
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        await send({"type": "http.response.body", "body": packed.take()})


_DISPOSITION: Final = 'attachment; filename="istmo-{}.zip"'
