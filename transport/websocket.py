"""GraphQL over a WebSocket: https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md

A connection belongs to a key, given with the handshake or in the first message, or by a session. The key is checked
again while the connection is open; when it is revoked the connection is closed. So is that of a client that doesn't
read what it asked for.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import aclosing, contextmanager, suppress
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import orjson
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect

from announcements.feed import LiveFeed
from announcements.results import FiscalResults
from db import tenant
from db.errors import UNAVAILABLE, AccountMoved
from lookup.service import Consultar
from pac.cipher import Cipher
from resolvers.api_keys import Identity
from resolvers.document_links import LIFETIME
from resolvers.pac_connection import PacConnections
from rules.printing import Printable
from schema.context import Context
from transport.authentication import Authenticator, read_session
from transport.errors import TooMany
from transport.execution import OperationRunner
from transport.headers import choose_language, is_same_origin, read_bearer_token
from transport.metrics import WEBSOCKETS
from transport.parameters import GraphQLRequest, Malformed

PROTOCOL: Final = "graphql-transport-ws"
ADMIT: Final = "istmo.admit"  # of the scope's extensions: tells the server that the client has given a key
MOST: Final = 100  # operations at once
SOCKETS: Final = 100  # of an account, open in this process

_INIT_TIMEOUT: Final = 5.0  # seconds until the client must have sent connection_init
_PATIENCE: Final = 10.0  # seconds for the client to take what is sent
_CHECK_EVERY: Final = 5.0  # seconds between two looks at the key
_MOVED: Final = (4421, "The account is on another server now")


class Closed(Exception):
    """The connection must end, and what the client is told."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


class GraphQLWebSocket:
    """Pages of other sites may connect from ``origins``; ``*`` allows any. ``local_webhooks`` is for the context."""

    def __init__(
        self,
        authenticator: Authenticator,
        consultar: Consultar,
        feed: LiveFeed,
        printable: Printable,
        runner: OperationRunner,
        *,
        backdating_days: int,
        cipher: Cipher | None = None,
        results: FiscalResults | None = None,
        connections: PacConnections | None = None,
        link_lifetime: timedelta = LIFETIME,
        local_webhooks: bool = False,
        origins: Collection[str] = (),
    ) -> None:
        self.authenticator = authenticator
        self.consultar = consultar
        self.feed = feed
        self.printable = printable
        self.backdating_days = backdating_days
        self.link_lifetime = link_lifetime
        self.cipher = cipher
        self.results = results
        self.connections = connections
        self.runner = runner
        self.local_webhooks = local_webhooks
        self._origins = origins
        self._open: Counter[UUID] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        # A browser would let pages of any site in.
        if not is_same_origin(websocket) and {"*", websocket.headers.get("origin")}.isdisjoint(self._origins):
            await websocket.close(1008)  # before it is accepted: a 403
            return
        with WEBSOCKETS.track_inprogress():
            await _Connection(websocket, self, self._open).serve()


class _Connection:
    def __init__(self, websocket: WebSocket, endpoint: GraphQLWebSocket, open: Counter[UUID]) -> None:
        self._websocket = websocket
        self._endpoint = endpoint
        self._authenticator = endpoint.authenticator
        self._open = open
        self._secret = read_bearer_token(websocket.headers.get("authorization", ""))
        self._operations: dict[str, asyncio.Task[None]] = {}

    async def serve(self) -> None:
        offered = self._websocket.scope["subprotocols"]
        await self._websocket.accept(PROTOCOL if PROTOCOL in offered else None)
        try:
            if PROTOCOL not in offered:
                raise Closed(4406, "Subprotocol not acceptable")
            identity = await self._authenticate()
            with self._count_connection(identity.account_id):
                self._websocket.scope["extensions"].get(ADMIT, lambda: None)()
                await self._send({"type": "connection_ack"})
                # The first of them to end, which is always by an exception, ends the others.
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._watch_key())
                    tasks.create_task(self._receive(identity, tasks))
        except* WebSocketDisconnect:
            pass
        except* Closed as group:
            closed = group.exceptions[0]
            assert isinstance(closed, Closed)
            with suppress(RuntimeError, WebSocketDisconnect, TimeoutError):
                async with asyncio.timeout(_PATIENCE):
                    await self._websocket.close(closed.code, closed.reason)

    async def _authenticate(self) -> Identity:
        try:
            async with asyncio.timeout(_INIT_TIMEOUT):
                while (message := await self._next())["type"] == "ping":
                    await self._send({"type": "pong"})
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        if message["type"] == "subscribe":
            raise Closed(4401, "Unauthorized")
        payload = message.get("payload") or {}
        if message["type"] != "connection_init" or not isinstance(payload, dict):
            raise Closed(4400, "Send connection_init first")
        given = payload.get("Authorization", payload.get("authorization"))
        named = read_bearer_token(given if isinstance(given, str) else "")
        self._secret = self._secret or named or read_session(self._websocket)
        try:
            identity = await self._authenticator.try_secret(
                self._websocket, self._authenticator.keys.identify, self._secret
            )
            if identity is None:
                raise Closed(4403, "Forbidden")
            self._authenticator.count_request(self._websocket, identity)
        except UNAVAILABLE as error:
            self._authenticator.outages.note(error)
            raise Closed(1013, "Try again later") from None
        except TooMany as error:
            raise Closed(1013, error.detail) from None
        except HTTPException:
            raise Closed(*_MOVED) from None
        return identity

    @contextmanager
    def _count_connection(self, account_id: UUID) -> Iterator[None]:
        """Count one more connection of the account within the block; raises ``Closed`` if there are too many."""
        if self._open[account_id] >= SOCKETS:
            raise Closed(1013, f"At most {SOCKETS} connections of an account")
        self._open[account_id] += 1
        try:
            yield
        finally:
            self._open[account_id] -= 1
            if not self._open[account_id]:
                del self._open[account_id]

    async def _watch_key(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_EVERY)
            try:
                if await self._authenticator.keys.identify(self._secret) is None:
                    raise Closed(4403, "Forbidden")
            except AccountMoved:
                raise Closed(*_MOVED) from None
            except UNAVAILABLE:
                pass  # asked again later

    async def _receive(self, identity: Identity, tasks: asyncio.TaskGroup) -> None:
        language = choose_language(self._websocket.headers.get("accept-language", ""))
        endpoint = self._endpoint
        context = Context(
            identity,
            endpoint.consultar,
            self._authenticator.keys,
            endpoint.printable,
            language,
            endpoint.feed,
            endpoint.local_webhooks,
            endpoint.backdating_days,
            endpoint.cipher,
            endpoint.results,
            endpoint.connections,
            endpoint.link_lifetime,
        )
        while True:
            message = await self._next()
            match message:
                case {"type": "ping"}:
                    await self._send({"type": "pong"})
                case {"type": "pong"}:
                    pass
                case {"type": "subscribe", "id": str(id), "payload": dict(payload)}:
                    try:
                        request = GraphQLRequest.of(payload)
                    except Malformed:
                        raise Closed(4400, "Malformed payload") from None
                    if id in self._operations:
                        raise Closed(4409, f"Subscriber for {id[:100]} already exists")
                    if len(self._operations) >= MOST:
                        await self._refuse(id, f"At most {MOST} operations at once.", "LIMIT_EXCEEDED")
                        continue
                    try:
                        self._authenticator.count_request(self._websocket, identity)
                    except TooMany as error:
                        await self._refuse(id, error.detail, "RATE_LIMITED")
                        continue
                    with tenant.acting_for(identity.account_id, identity.key_id):
                        task = tasks.create_task(self._operate(id, context, request))
                    self._operations[id] = task
                case {"type": "complete", "id": str(id)}:
                    if id in self._operations:
                        self._operations.pop(id).cancel()
                case {"type": "connection_init"}:
                    raise Closed(4429, "Too many initialisation requests")
                case _:
                    raise Closed(4400, "Unknown message")

    async def _refuse(self, id: str, message: str, code: str) -> None:
        error = GraphQLError(message, extensions={"code": code})
        await self._send({"type": "error", "id": id, "payload": [error.formatted]})

    async def _operate(self, id: str, context: Context, request: GraphQLRequest) -> None:
        ended: dict[str, Any] = {"type": "complete", "id": id}
        async with aclosing(self._endpoint.runner.stream(request, context)) as results:
            async for result in results:
                errors = [error.formatted for error in result.errors or ()]
                # An error without a path kept the operation from being executed, or ended a subscription.
                if result.data is None and not any(error.path for error in result.errors or ()):
                    ended = {"type": "error", "id": id, "payload": errors}
                    break
                payload = {
                    "data": result.data,
                    "extensions": result.extensions,
                    **({"errors": errors} if errors else {}),
                }
                await self._send({"type": "next", "id": id, "payload": payload})
        # Free before the client hears of it, so that it may use the id again.
        self._operations.pop(id, None)
        await self._send(ended)

    async def _next(self) -> dict[str, Any]:
        await asyncio.sleep(0)  # other connections go on between two messages of this one
        message = await self._websocket.receive()
        if message["type"] == "websocket.disconnect":
            raise WebSocketDisconnect
        text = message.get("text")
        if text is None:
            raise Closed(4400, "Messages must be text")
        try:
            content = orjson.loads(text)
        except orjson.JSONDecodeError:
            raise Closed(4400, "Messages must be JSON") from None
        if not isinstance(content, dict) or not isinstance(content.get("type"), str):
            raise Closed(4400, "Messages must have a type")
        return content

    async def _send(self, message: dict[str, Any]) -> None:
        """Send it as text: browsers' clients can't read bytes, which orjson writes."""
        try:
            async with asyncio.timeout(_PATIENCE):
                await self._websocket.send_text(orjson.dumps(message).decode())
        except TimeoutError:
            raise Closed(1008, "Too slow") from None
        except RuntimeError:  # closed meanwhile
            raise WebSocketDisconnect from None
