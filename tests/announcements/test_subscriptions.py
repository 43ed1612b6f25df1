"""Subscriptions over a WebSocket."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

import aiohttp
import graphql
import orjson
import pytest
import uvicorn
from aiohttp import WSMsgType
from starlette.applications import Starlette
from starlette.routing import WebSocketRoute

from announcements import feed
from announcements.feed import LiveFeed
from announcements.settings import Settings
from db import models, tenant
from resolvers import accounts, api_keys, outbox
from rules.vocabulary import EventType, Scope
from tests.announcements.conftest import dispatched, do, events, until, working
from tests.builders import company, create_invoice, customer_id, invoice, taxpayer
from tests.conftest import Answer, Api
from tests.noting import REASON, credited, invoiced
from transport import execution, websocket
from transport.authentication import Authenticator
from transport.websocket import PROTOCOL, GraphQLWebSocket
from transport.websocket_protocol import LimitedWebSocketProtocol

CUSTOMERS = "subscription { customerChanged { event { id type sequence } customer { id name status } } }"
DOCUMENTS = """
    subscription ($id: ID) { documentChanged(id: $id) {
        event { type } document { __typename id number ... on CreditNote { reason } }
    } }
"""
INVOICES = """
    subscription ($id: ID) {
        invoiceChanged(id: $id) { event { type data occurredAt } invoice { number lines { total } customer { name } } }
    }
"""


@pytest.fixture
async def url(database_url: str, api: Api) -> AsyncIterator[str]:
    """A server of WebSockets that hears of new events."""
    assert api.context.feed
    authenticator = Authenticator(api.context.keys, quota=None)
    endpoint = GraphQLWebSocket(
        authenticator,
        api.context.consultar,
        api.context.feed,
        api.context.printable,
        api.runner,
        local_webhooks=False,
        backdating_days=31,
    )
    app = Starlette(routes=[WebSocketRoute("/graphql", endpoint)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(
            app,
            ws=LimitedWebSocketProtocol,
            ws_max_size=100_000,
            ws_per_message_deflate=False,
            log_config=None,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        server = uvicorn.Server(config)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        listening = asyncio.create_task(api.context.feed.listen(database_url))
        await until(lambda: server.started)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/graphql"
        server.should_exit = True
        await serving
        listening.cancel()
        await asyncio.wait([listening])


def readers_of(api: Api) -> dict[UUID, Any]:
    """Of the accounts that are watched in this process."""
    assert api.context.feed
    return api.context.feed._readers


async def key_of(api: Api, scope: Scope = Scope.READ) -> tuple[str, str]:
    """Id and secret of a new key."""
    with tenant.acting_for(api.account_id):
        key, secret = await accounts.create_key("Key", scope, None)
    return str(key.id), secret


@dataclass
class Client:
    """A client that speaks the protocol."""

    socket: aiohttp.ClientWebSocketResponse
    ids: Any

    async def send(self, **message: Any) -> None:
        await self.socket.send_str(orjson.dumps(message).decode())

    async def receive(self) -> Answer:
        message = await self.socket.receive(timeout=20)
        assert message.type is WSMsgType.TEXT, (message, self.socket.close_code)
        decoded: Answer = orjson.loads(message.data)
        return decoded

    async def subscribe(self, query: str, **variables: Any) -> str:
        id = str(next(self.ids))
        await self.send(type="subscribe", id=id, payload={"query": query, "variables": variables})
        return id

    async def watch(self, api: Api, query: str, **variables: Any) -> str:
        """Subscribe, and wait until that has begun, which the protocol doesn't tell."""
        readers = readers_of(api)
        before = len(readers[api.account_id].watchers) if api.account_id in readers else 0
        id = await self.subscribe(query, **variables)

        def has_begun() -> bool:
            reader = readers.get(api.account_id)
            return reader is not None and reader.last is not None and len(reader.watchers) > before

        await until(has_begun)
        return id

    async def data(self) -> Answer:
        message = await self.receive()
        assert message["type"] == "next", message
        data: Answer = message["payload"]["data"]
        return data

    async def closed(self) -> int | None:
        """The code that the server closes with."""
        while True:
            message = await self.socket.receive(timeout=20)
            if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED, WSMsgType.CLOSING, WSMsgType.ERROR):
                return self.socket.close_code


@asynccontextmanager
async def connected(url: str, **options: Any) -> AsyncIterator[Client]:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, protocols=[PROTOCOL], **options) as socket,
    ):
        yield Client(socket, count())


@asynccontextmanager
async def client(url: str, api: Api, secret: str | None = None) -> AsyncIterator[Client]:
    """A client that has said who it is."""
    secret = secret or (await key_of(api))[1]
    async with connected(url) as client:
        await client.send(type="connection_init", payload={"Authorization": f"Bearer {secret}"})
        assert await client.receive() == {"type": "connection_ack"}
        yield client


# Watching


async def test_changes_of_customers_are_told_as_they_are_dispatched(url: str, api: Api, settings: Settings) -> None:
    async with client(url, api) as watcher, working(settings):
        id = await watcher.watch(api, CUSTOMERS)
        customer = await customer_id(api, taxpayer())
        message = await watcher.receive()
        [stored] = await events(api)
        assert message == {
            "type": "next",
            "id": id,
            "payload": {
                "data": {
                    "customerChanged": {
                        "event": {"id": str(stored.id), "type": "CUSTOMER_CREATED", "sequence": 1},
                        "customer": {"id": customer, "name": "Hoteles Istmo, S.A.", "status": "ACTIVE"},
                    }
                },
                "extensions": {"cost": {"requested": 3, "maximum": 10_000}},
            },
        }
        for mutation, status in (("archiveCustomer", "ARCHIVED"), ("restoreCustomer", "ACTIVE")):
            await do(api, mutation, customer)
            assert (await watcher.data())["customerChanged"]["customer"]["status"] == status


async def test_changes_of_invoices_are_told_with_what_is_asked_for(url: str, api: Api, settings: Settings) -> None:
    async with client(url, api) as watcher, working(settings):
        await watcher.watch(api, INVOICES)
        await create_invoice(api, newCustomer=taxpayer())
        change = (await watcher.data())["invoiceChanged"]
        assert change["invoice"] == {
            "number": "0000000001",
            "lines": [{"total": "10.70"}],
            "customer": {"name": "Hoteles Istmo, S.A."},
        }
        assert (change["event"]["type"], change["event"]["data"]["total"]) == ("INVOICE_ISSUED", "10.70")
        draft = (await create_invoice(api, invoice(issue=False), newCustomer=company()))["invoice"]["id"]
        assert (await watcher.data())["invoiceChanged"]["event"]["type"] == "INVOICE_CREATED"
        await do(api, "deleteDraft", draft)
        deleted = (await watcher.data())["invoiceChanged"]
        assert (deleted["event"]["data"]["id"], deleted["invoice"]) == (draft, None)


async def test_every_event_about_an_invoice_is_told(url: str, api: Api, settings: Settings) -> None:
    made = await create_invoice(api, newCustomer=taxpayer())
    about = [type for type in EventType if type.name.startswith(("INVOICE_", "EMISSION_"))]
    assert EventType.EMISSION_BLOCKED in about
    with tenant.acting_for(api.account_id):
        document = await models.Document.get(id=made["invoice"]["id"])
    async with client(url, api) as watcher, working(settings):
        await watcher.watch(api, INVOICES, id=made["invoice"]["id"])
        with tenant.acting_for(api.account_id):
            await outbox.announce(*((type, document) for type in about))
        waiting = {type.value for type in about}
        while waiting:  # it may have been issued twice by now
            waiting.discard((await watcher.data())["invoiceChanged"]["event"]["type"])


async def test_every_event_about_a_document_is_told_with_the_document(url: str, api: Api, settings: Settings) -> None:
    note = await credited(api, await invoiced(api))
    about = [type for type in EventType if not type.name.startswith(("CUSTOMER_", "IMPORT_", "WEBHOOK_"))]
    with tenant.acting_for(api.account_id):
        document = await models.Document.get(id=note["id"])
    async with client(url, api) as watcher, working(settings):
        await watcher.watch(api, DOCUMENTS, id=note["id"])
        with tenant.acting_for(api.account_id):
            await outbox.announce(*((type, document) for type in about))
        waiting = {type.value for type in about}
        shown = {"__typename": "CreditNote", "id": note["id"], "number": "0000000001", "reason": REASON}
        while waiting:
            change = (await watcher.data())["documentChanged"]
            waiting.discard(change["event"]["type"])
            assert change["document"] == shown


async def test_the_same_subscription_is_executed_once_for_an_event_and_within_the_accounts_permits(
    url: str, api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    executed, admitted = list[str](), list[UUID]()
    execute, admit = graphql.execute_subscription_event, api.runner.limiter.admit

    def count_executed(executor: Any) -> Any:
        executed.append(executor.operation.name.value)
        return execute(executor)

    def count_admitted(account_id: UUID) -> Any:
        admitted.append(account_id)
        return admit(account_id)

    monkeypatch.setattr(execution, "execute_subscription_event", count_executed)
    monkeypatch.setattr(api.runner.limiter, "admit", count_admitted)
    query = "subscription %s { customerChanged { event { sequence } customer { id name } } }"
    async with client(url, api) as first, client(url, api) as second, working(settings):
        for watcher in (first, first, second):
            await watcher.watch(api, query % "Same")
        await second.watch(api, query % "Other")
        id = await customer_id(api)
        answers = [(await watcher.data())["customerChanged"] for watcher in (first, first, second, second)]
    assert sorted(executed) == ["Other", "Same"]
    assert admitted == [api.account_id] * 2
    assert answers == [{"event": {"sequence": 1}, "customer": {"id": id, "name": answers[0]["customer"]["name"]}}] * 4


async def test_one_object_can_be_watched(url: str, api: Api, settings: Settings) -> None:
    drafts = [
        (await create_invoice(api, invoice(issue=False), newCustomer=taxpayer()))["invoice"]["id"] for _ in range(2)
    ]
    await dispatched()
    async with client(url, api) as watcher, working(settings):
        id = await watcher.watch(api, INVOICES, id=drafts[1])
        await watcher.watch(api, INVOICES, id="nonsense")
        for draft in drafts:
            await do(api, "issueInvoice", draft)
        message = await watcher.receive()
        assert (message["id"], message["payload"]["data"]["invoiceChanged"]["invoice"]["number"]) == (id, "0000000002")


async def test_each_account_is_told_its_own(url: str, api: Api, electronic: Api, settings: Settings) -> None:
    electronic.context.feed = api.context.feed
    async with client(url, api) as mine, client(url, electronic) as theirs, working(settings):
        await mine.watch(api, CUSTOMERS)
        await theirs.watch(electronic, CUSTOMERS)
        ids = {await customer_id(api, company()): mine, await customer_id(electronic, company()): theirs}
        for id, watcher in ids.items():
            assert (await watcher.data())["customerChanged"]["customer"]["id"] == id


async def test_nothing_is_lost_with_the_notifications(url: str, api: Api, settings: Settings, admin: Any) -> None:
    listening = "FROM pg_stat_activity WHERE application_name = 'istmo feed' AND datname = current_database()"
    async with client(url, api) as watcher, working(settings):
        await watcher.watch(api, CUSTOMERS)
        for _ in range(3):
            assert await admin.fetch(f"SELECT pg_terminate_backend(pid) {listening}")
            made = [await customer_id(api) for _ in range(3)]
            assert [(await watcher.data())["customerChanged"]["customer"]["id"] for _ in range(3)] == made
            await until(lambda: admin.fetch(f"SELECT {listening}"))


async def test_without_a_direct_connection_the_feed_is_looked_at_from_time_to_time(
    api: Api, settings: Settings
) -> None:
    live = LiveFeed(pause=0.05)
    listening = asyncio.create_task(live.listen(None))
    with tenant.acting_for(api.account_id), live.watch([EventType.CUSTOMER_CREATED]) as watcher:
        await until(lambda: live._readers[api.account_id].last is not None)
        id = await customer_id(api)
        await dispatched()
        assert str((await watcher.next()).object_id) == id
    listening.cancel()
    await asyncio.wait([listening])


async def test_what_is_no_longer_watched_costs_nothing(url: str, api: Api) -> None:
    async with client(url, api) as watcher:
        ids = [await watcher.watch(api, CUSTOMERS) for _ in range(2)]
        await watcher.send(type="complete", id=ids[0])
        await until(lambda: len(readers_of(api)[api.account_id].watchers) == 1)
        again = await watcher.subscribe(CUSTOMERS)
        await until(lambda: len(readers_of(api)[api.account_id].watchers) == 2)
        assert again not in ids
    await until(lambda: api.account_id not in readers_of(api))


# Permissions


async def test_a_key_may_come_with_the_handshake(url: str, api: Api) -> None:
    _, secret = await key_of(api)
    async with connected(url, headers={"Authorization": f"Bearer {secret}"}) as client:
        await client.send(type="connection_init")
        assert await client.receive() == {"type": "connection_ack"}
        await client.subscribe("{ viewer { scope } }")
        assert await client.data() == {"viewer": {"scope": "READ"}}


@pytest.mark.parametrize(
    "payload",
    [None, {}, {"Authorization": "Bearer istmo_nobody"}, {"Authorization": "istmo_nobody"}, {"authorization": 1}],
)
async def test_a_connection_without_a_key_is_refused(url: str, payload: Any) -> None:
    async with connected(url) as client:
        await client.send(type="connection_init", payload=payload)
        assert await client.closed() == 4403


async def test_a_websocket_must_authenticate_first_and_soon(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with connected(url) as client:
        await client.subscribe(CUSTOMERS)
        assert await client.closed() == 4401
    monkeypatch.setattr(websocket, "_INIT_TIMEOUT", 0.2)
    async with connected(url) as client:
        await client.send(type="ping")
        assert await client.receive() == {"type": "pong"}
        assert await client.closed() == 4408


@pytest.mark.parametrize("way", ["revoked", "expired"])
async def test_a_connection_is_cut_when_its_key_ends(
    url: str, api: Api, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(websocket, "_CHECK_EVERY", 0.05)
    monkeypatch.setattr(api_keys, "CACHED_FOR", 0)
    id, secret = await key_of(api)
    async with client(url, api) as other, client(url, api, secret) as watcher:
        await other.watch(api, CUSTOMERS)
        await watcher.watch(api, CUSTOMERS)
        if way == "revoked":
            await api.ask("mutation ($id: ID!) { revokeApiKey(id: $id) { userErrors { code } } }", id=id)
        else:
            await admin.execute("UPDATE api_key SET expires_at = now() WHERE id = $1", id)

        assert await watcher.closed() == 4403
        async with working(settings):
            await customer_id(api)
            assert await other.data()


async def test_an_account_has_a_number_of_connections_at_once_with_all_its_keys(
    url: str, api: Api, electronic: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "SOCKETS", 2)
    _, secret = await key_of(api)
    async with client(url, api), client(url, electronic):  # the second one's account is another
        async with client(url, api, secret), connected(url) as one_more:
            await one_more.send(type="connection_init", payload={"Authorization": f"Bearer {secret}"})
            assert await one_more.closed() == 1013

        async def is_let_in() -> bool:
            async with connected(url) as again:
                await again.send(type="connection_init", payload={"Authorization": f"Bearer {secret}"})
                return (await again.socket.receive(timeout=20)).type is WSMsgType.TEXT

        await until(is_let_in)  # as soon as the server has noticed that one is gone


async def test_a_page_of_another_site_is_refused(url: str) -> None:
    for origin in ("https://evil.example", "null", url.replace("127.0.0.1", "localhost")):
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            async with connected(url, headers={"Origin": origin}):
                pass
        assert refused.value.status == 403
    async with connected(url, headers={"Origin": url.removesuffix("/graphql")}) as client:
        assert client.socket.protocol == PROTOCOL


# The protocol


async def test_queries_and_mutations_go_over_a_websocket_too(url: str, api: Api) -> None:
    _, secret = await key_of(api, Scope.WRITE)
    async with client(url, api, secret) as user:
        create = 'mutation { createCustomer(input: {receiverType: FINAL_CONSUMER, name: "Ana"}) { customer { name } } }'
        for query, answer in [
            (create, {"createCustomer": {"customer": {"name": "Ana"}}}),
            ("{ customers { totalCount } }", {"customers": {"totalCount": 1}}),
        ]:
            id = await user.subscribe(query)
            assert await user.data() == answer
            assert await user.receive() == {"type": "complete", "id": id}


async def test_an_operation_that_is_refused_says_why(url: str, api: Api) -> None:
    async with client(url, api) as user:
        for query, code in [
            ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
            ("subscription {", "GRAPHQL_PARSE_FAILED"),
            ("subscription ($id: ID!) { customerChanged(id: $id) { event { id } } }", "BAD_USER_INPUT"),
        ]:
            id = await user.subscribe(query)
            message = await user.receive()
            assert (message["type"], message["id"]) == ("error", id)
            assert [error["extensions"]["code"] for error in message["payload"]] == [code]
        id = await user.subscribe("{ events(first: 1000) { totalCount } }")
        message = await user.receive()
        assert message["payload"]["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
        assert await user.receive() == {"type": "complete", "id": id}
        await user.subscribe('mutation { archiveCustomer(id: "1") { userErrors { code } } }')
        assert (await user.receive())["payload"]["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("no json", 4400),
        ("[]", 4400),
        ('{"type": 1}', 4400),
        ('{"type": "unknown"}', 4400),
        ('{"type": "subscribe", "id": "x"}', 4400),
        ('{"type": "subscribe", "id": "x", "payload": {"query": 1}}', 4400),
        ('{"type": "subscribe", "id": "x", "payload": {"query": "{a}", "variables": []}}', 4400),
        ('{"type": "subscribe", "id": 1, "payload": {"query": "{a}"}}', 4400),
        ('{"type": "complete"}', 4400),
        ('{"type": "connection_init"}', 4429),
        (f'{{"type": "ping", "payload": "{"x" * 200_000}"}}', 1009),
    ],
)
async def test_a_malformed_message_ends_the_connection(url: str, api: Api, message: str, code: int) -> None:
    async with client(url, api) as user:
        await user.socket.send_str(message)
        assert await user.closed() == code


async def test_messages_are_text_and_the_protocol_is_the_one(url: str, api: Api) -> None:
    async with client(url, api) as user:
        await user.socket.send_bytes(b'{"type": "ping"}')
        assert await user.closed() == 4400
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=["graphql-ws"]) as other:
        assert await Client(other, count()).closed() == 4406


async def test_an_id_is_used_for_one_operation_at_a_time_and_there_is_room_for_some(
    url: str, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "MOST", 2)
    async with client(url, api) as user:
        for _ in range(2):
            await user.watch(api, CUSTOMERS)
        await user.subscribe(CUSTOMERS)
        message = await user.receive()
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "LIMIT_EXCEEDED")
        await user.send(type="subscribe", id="0", payload={"query": CUSTOMERS})
        assert await user.closed() == 4409


# Slow ones


async def test_a_subscriber_that_reads_too_slowly_is_disconnected_and_others_go_on(
    api: Api, monkeypatch: pytest.MonkeyPatch, database_url: str
) -> None:
    monkeypatch.setattr(feed, "_MOST_WAITING", 5)
    types = [EventType.CUSTOMER_CREATED]
    live = LiveFeed()
    listening = asyncio.create_task(live.listen(database_url))
    with tenant.acting_for(api.account_id), live.watch(types) as slow, live.watch(types) as quick:
        await until(lambda: live._readers[api.account_id].last is not None)
        for number in range(1, 9):
            await customer_id(api)
            await dispatched()
            assert (await quick.next()).sequence == number
        assert [(await slow.next()).sequence for _ in range(5)] == [1, 2, 3, 4, 5]
        with pytest.raises(feed.TooSlow):
            await slow.next()
    listening.cancel()
    await asyncio.wait([listening])


async def test_a_subscription_that_fell_behind_ends_with_an_error(
    url: str, api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "_MOST_WAITING", 2)
    async with client(url, api) as user:
        id = await user.watch(api, CUSTOMERS)
        for _ in range(50):
            await customer_id(api)
        await outbox.dispatch_missed(100)  # all at once
        while (message := await user.receive())["type"] == "next":
            pass
        assert (message["type"], message["id"]) == ("error", id)
        assert message["payload"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"
        # The connection goes on.
        await user.watch(api, CUSTOMERS)


async def test_a_client_that_does_not_read_is_disconnected(
    url: str, api: Api, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(websocket, "_PATIENCE", 0.5)
    _, secret = await key_of(api)
    host, _, port = url.removeprefix("http://").removesuffix("/graphql").partition(":")
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.setblocking(False)
    loop = asyncio.get_running_loop()
    await loop.sock_connect(deaf, (host, int(port)))
    await loop.sock_sendall(
        deaf,
        (
            f"GET /graphql HTTP/1.1\r\nHost: {host}:{port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: {PROTOCOL}\r\nAuthorization: Bearer {secret}\r\n\r\n"
        ).encode(),
    )

    assert b" 101 " in await loop.sock_recv(deaf, 4096)

    async def say(**message: Any) -> None:
        data = orjson.dumps(message).ljust(200)
        await loop.sock_sendall(deaf, b"\x81\xfe" + len(data).to_bytes(2, "big") + bytes(4) + data)

    await say(type="connection_init")
    await say(type="subscribe", id="changes", payload={"query": CUSTOMERS})
    await until(lambda: api.account_id in readers_of(api))
    query = "{ provinces { districts { corregimientos { code corregimiento district province } } } }"
    for number in range(90):  # of which each answer has some 50 kB
        await say(type="subscribe", id=str(number), payload={"query": query})
    await until(lambda: api.account_id not in readers_of(api))
    deaf.close()
