"""GET /healthz and GET /readyz."""

import asyncio
from time import monotonic
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from db.migrate import pending
from transport.errors import error_response, response_of
from transport.outages import Outages

_REMEMBERED_FOR: Final = 1.0  # seconds


async def healthz(request: Request) -> Response:
    return JSONResponse({"status": "alive"})


class Readiness:
    """Ready when the database answers and is up to date. It is asked once a second at most, whoever asks us."""

    def __init__(self, outages: Outages) -> None:
        self._outages = outages
        self._looking = asyncio.Lock()
        self._response: Response | None = None
        self._until = 0.0

    async def answer(self, request: Request) -> Response:
        async with self._looking:
            if self._response is None or monotonic() >= self._until:
                self._response = await self._look()
                self._until = monotonic() + _REMEMBERED_FOR
            known = self._response
        return Response(known.body, known.status_code, dict(known.headers))

    async def _look(self) -> Response:
        try:
            missing = await pending()
        except Exception as error:
            return response_of(self._outages.refusal(error))
        if missing:
            return error_response(503, f"The database is not up to date; it lacks: {', '.join(missing)}.")
        # What only some requests meet, such as a full disk or a lock, is told here without taking the process away.
        causes = self._outages.recent
        return JSONResponse({"status": "ready", **({"unavailableLately": causes} if causes else {})})
