"""The REST face of ConsultarRucDV at The Factory HKA: a token is fetched first and sent along.

The token, a JWT, comes as a JSON string, as plain text or as ``{"token": …}``. Clients in use keep
it for 55 minutes; a 401 says that it is out of date.
"""

import asyncio
import re
import time

import aiohttp
import orjson

from lookup import hka, http
from lookup.registry import Answer, Question, Reason, Unavailable
from lookup.settings import Provider
from rules.vocabulary import CODES

TOKEN_LIFETIME = 55 * 60.0  # seconds

_TOKEN = re.compile("[A-Za-z0-9._~+/=-]{1,8192}")


class HkaRest:
    def __init__(self, provider: Provider, session: aiohttp.ClientSession) -> None:
        self._provider = provider
        self._session = session
        self._token = ""
        self._token_until = 0.0
        self._signing_in = asyncio.Lock()

    async def ask(self, question: Question) -> Answer:
        token = await self._current_token()
        try:
            return await self._ask(question, token)
        except Unavailable as refused:
            if refused.reason is not Reason.CREDENTIALS:
                raise
        return await self._ask(question, await self._current_token(refused=token))

    async def _ask(self, question: Question, token: str) -> Answer:
        body = await self._post(
            "/api/ConsultaRucDv",
            {"tipoRuc": CODES[question.taxpayer_type], "ruc": question.ruc.dgi},
            authorization=f"Bearer {token}",
        )
        return read(question, body)

    async def _current_token(self, refused: str = "") -> str:
        """A token that is not the refused one; those who need it at the same time share it."""
        async with self._signing_in:
            if self._token == refused or time.monotonic() > self._token_until:
                user = self._provider.user.get_secret_value()
                credentials = {"usuario": user, "clave": self._provider.password.get_secret_value()}
                self._token = read_token(await self._post("/api/Autenticacion", credentials, authorization=user))
                self._token_until = time.monotonic() + TOKEN_LIFETIME
            return self._token

    async def _post(self, path: str, values: dict[str, str], *, authorization: str) -> bytes:
        headers = {"Content-Type": "application/json", "Authorization": authorization}
        return await http.post(self._session, self._provider.url + path, orjson.dumps(values), headers)


def read(question: Question, body: bytes) -> Answer:
    """The outcome of an answer's body; raises ``Unavailable``."""
    try:
        fields = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Unavailable(Reason.GARBLED) from None
    if not isinstance(fields, dict):
        raise Unavailable(Reason.GARBLED)
    info = fields.get("infoRuc")
    return hka.answer(question, {**fields, **info} if isinstance(info, dict) else fields)


def read_token(body: bytes) -> str:
    """The token of a sign-in's body; raises ``Unavailable``."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        said = body.decode("ascii", "replace").strip()
    if isinstance(said, dict):
        said = said.get("token")
        if said is None:
            raise Unavailable(Reason.CREDENTIALS)
    # It goes into a header, so it is looked at closely.
    if not isinstance(said, str) or not _TOKEN.fullmatch(said):
        raise Unavailable(Reason.GARBLED)
    return said
