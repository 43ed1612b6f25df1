"""Reading the body of a request, up to a limit. Every function here raises ``HTTPException``."""

from codecs import BOM_UTF8
from typing import Any

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Receive, Scope

from transport.headers import JSON, IndexedHeaders, read_media_type


class BoundedRequest(Request):
    """A request whose body is read up to a limit, in bytes. (Starlette's own limit doesn't answer in JSON.)"""

    def __init__(self, scope: Scope, receive: Receive, max_body_size: int) -> None:
        super().__init__(scope, receive)
        self._headers = IndexedHeaders(scope=scope)  # where Starlette keeps its own
        self.max_body_size = max_body_size

    async def body(self) -> bytes:
        self._check_size(int(self.headers.get("content-length", "0")))  # before the client sends it
        chunks, size, is_complete = [], 0, False
        while not is_complete:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            chunk = message.get("body", b"")
            size += len(chunk)
            self._check_size(size)
            chunks.append(chunk)
            is_complete = not message.get("more_body", False)
        return b"".join(chunks)

    def _check_size(self, size: int) -> None:
        if size > self.max_body_size:
            raise HTTPException(413, f"The body may have at most {self.max_body_size} bytes.")


async def read_json_body(request: Request) -> bytes:
    if read_media_type(request.headers.get("content-type", "")) != JSON:
        raise HTTPException(415, "Send the request as application/json.")
    if request.headers.get("content-encoding", "identity").strip().lower() != "identity":
        # RFC 9110 tells such a client by this header what it may send.
        raise HTTPException(415, "Send the body without Content-Encoding.", {"Accept-Encoding": "identity"})
    try:
        return await request.body()
    except ClientDisconnect:
        raise HTTPException(400, "The client went away.") from None  # only the log sees this


def parse_json(text: str | bytes) -> Any:
    text = text.removeprefix(BOM_UTF8) if isinstance(text, bytes) else text.removeprefix("\ufeff")
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError as error:
        raise HTTPException(400, _explain(error)) from None


def _explain(error: orjson.JSONDecodeError) -> str:
    if error.msg.startswith("str is not valid UTF-8"):
        return "The request is not in UTF-8."
    if "surrogate" in error.msg:
        return (
            f"At character {error.pos} of the request is half of an emoji or the like, such as \\ud83c alone: "
            "a text was cut within it."
        )
    return f"The request is not well-formed JSON: see its character {error.pos}."


def parse_json_object(body: bytes) -> dict[str, Any]:
    data = parse_json(body)
    if not isinstance(data, dict):
        batch = " Send each operation in a request of its own." if isinstance(data, list) else ""
        raise HTTPException(400, f"The request must be one JSON object.{batch}")
    return data
