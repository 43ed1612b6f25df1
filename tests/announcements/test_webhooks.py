"""Webhooks get every event, in order and signed, and can't be used against other servers."""

import asyncio
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial
from typing import Any
from uuid import UUID

import aiohttp
import pytest
from aiohttp import web
from hypothesis import example, given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from announcements import deliveries, webhooks
from announcements.settings import Settings
from announcements.webhooks import WebhookSender
from db import models, tenant
from rules.networks import is_public
from rules.vocabulary import EventType, Scope
from tests.announcements.conftest import (
    Call,
    Receiver,
    always,
    dispatched,
    do,
    events,
    hurry,
    settled,
    types,
    until,
    void,
    working,
)
from tests.builders import company, create_invoice, customer_id, faults, invoice, taxpayer
from tests.conftest import Answer, Api

CREATE = """
    mutation ($url: String!, $types: [EventType!]) {
        createWebhook(url: $url, types: $types) {
            webhook { id url types failingSince disabledAt createdAt } secret userErrors { path code }
        }
    }
"""

DELIVERIES = """
    query ($id: ID!, $status: DeliveryStatus) {
        webhookDeliveries(webhookId: $id, status: $status) {
            edges { node {
                id status attempts error beganAt nextAttemptAt settledAt event { id type sequence objectId data }
            } }
        }
    }
"""

HOOKS = "{ webhooks { id url types failingSince disabledAt disabledReason } }"


async def hook(api: Api, url: str, *types: str) -> tuple[str, str]:
    """Id and secret of a new webhook."""
    payload = (await api.ask(CREATE, url=url, types=list(types) or None))["createWebhook"]
    assert payload["userErrors"] == []
    return payload["webhook"]["id"], payload["secret"]


async def sent(api: Api, id: str, status: str | None = None) -> list[Answer]:
    """The deliveries to a webhook, the newest first."""
    edges = (await api.ask(DELIVERIES, id=id, status=status))["webhookDeliveries"]["edges"]
    return [edge["node"] for edge in edges]


# Managing


async def test_a_webhook_is_made_with_a_secret_that_is_shown_once(api: Api) -> None:
    payload = (await api.ask(CREATE, url="https://example.com/hook"))["createWebhook"]
    every = [type for type in EventType if not type.of_draft and type is not EventType.WEBHOOK_TESTED]
    assert payload["webhook"] == {
        "id": payload["webhook"]["id"],
        "url": "https://example.com/hook",
        "types": [str(type) for type in every],
        "failingSince": None,
        "disabledAt": None,
        "createdAt": payload["webhook"]["createdAt"],
    }
    assert payload["secret"].startswith("whsec_")
    await hook(api, "https://example.com/other", "INVOICE_ISSUED", "INVOICE_ISSUED")
    assert [found["types"] for found in (await api.ask(HOOKS))["webhooks"]][1] == ["INVOICE_ISSUED"]


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "example.com",
            "ftp://example.com",
            "http://example.com",
            "https://",
            "https:///hook",
            "https://ana@x.com",
            "https://:x@x.com",
        ),
        *("https://example.com/#x", "https://example.com:99999", "https://exam ple.com", "https://example.com/\nx"),
        *(
            "https://a..b/",
            f"https://{'a' * 70}.com/",
            "https://.com/",
            "https://-a.com/",
            "https://a-.com/",
            "https://ñ..com",
        ),
        *(f"https://{'.'.join(['a' * 60] * 5)}/", "https://%61.com/", "https://a,b.com", f"https://{'ñ' * 63}.com"),
        *(
            "https://256.1.1.1/",
            "https://127.1/",
            "https://[v1.x]/",
            "https://example.com:0/",
            "https://xn--\u2488.com/",
        ),
        *("javascript:alert(1)", "https://[::1", f"https://example.com/{'x' * 2000}"),
    ],
)
async def test_an_address_must_be_https(api: Api, url: str) -> None:
    payload = (await api.ask(CREATE, url=url))["createWebhook"]
    assert (payload["webhook"], payload["secret"], faults(payload)) == (None, None, {("url", "INVALID_VALUE")})


@pytest.mark.parametrize(
    "host",
    ["peña.com", "☃.net", "my_host.example.com", "a.com.", "1.1.1.1", "[2606:4700::1111]", f"{'a' * 63}.com:8443"],
)
async def test_an_address_can_have_any_host_that_can_exist(api: Api, host: str) -> None:
    payload = (await api.ask(CREATE, url=f"https://{host}/hook"))["createWebhook"]
    assert (payload["webhook"]["url"], payload["userErrors"]) == (f"https://{host}/hook", [])


LOCAL = (
    *("127.0.0.1", "127.8.8.8", "[::1]", "[::ffff:127.0.0.1]", "localhost", "localhost.", "LocalHost", "x.localhost"),
    *("127。0。0。1", "ⓛocalhost", "[64:ff9b::7f00:1]"),
)
PRIVATE = (
    *("10.0.0.1", "192.168.1.1", "172.20.0.1", "169.254.169.254", "100.64.0.1", "168.63.129.16", "192.0.0.192"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "[::]", "[fe80::1]", "[fd00:ec2::254]", "[::ffff:10.0.0.1]"),
    *("[64:ff9b::a00:1]", "[2002:a00:1::]", "[2001:0:1:2:3:4:f5ff:fffe]", "[::7f00:1]"),
)
NUMBERS = ("2130706433", "0x7f000001", "0x7F.1", "127.0.0.0x1", "0177.0.0.1", "1.1.1.1.")


@pytest.mark.parametrize("host", [*LOCAL, *PRIVATE, *NUMBERS])
async def test_an_address_that_can_never_work_is_refused_at_once(api: Api, host: str) -> None:
    api.context.local_webhooks = False
    for scheme in ("https", "http"):
        payload = (await api.ask(CREATE, url=f"{scheme}://{host}:8443/hook"))["createWebhook"]
        assert (payload["webhook"], faults(payload)) == (None, {("url", "INVALID_VALUE")})


@pytest.mark.parametrize("host", LOCAL)
async def test_in_development_this_machine_is_allowed(api: Api, host: str) -> None:
    for scheme in ("https", "http"):
        payload = (await api.ask(CREATE, url=f"{scheme}://{host}:8443/hook"))["createWebhook"]
        assert payload["userErrors"] == []


@pytest.mark.parametrize("host", [*PRIVATE, *NUMBERS])
async def test_in_development_other_machines_must_be_public_all_the_same(api: Api, host: str) -> None:
    payload = (await api.ask(CREATE, url=f"https://{host}/hook"))["createWebhook"]
    assert faults(payload) == {("url", "INVALID_VALUE")}
    api.context.language = "en"
    if host in PRIVATE:
        query = CREATE.replace("path code", "message")
        [fault] = (await api.ask(query, url=f"https://{host}/hook"))["createWebhook"]["userErrors"]
        assert "not on the Internet" in fault["message"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (UnicodeError("label empty or too long"), "its address is not valid"),
        (aiohttp.InvalidURL("x"), "its address is not valid"),
        (aiohttp.ServerDisconnectedError(), "it closed the connection without a response"),
        (aiohttp.ClientOSError(104, "reset"), "the connection was interrupted"),
        (aiohttp.ClientPayloadError(), "the connection failed"),
    ],
)
def test_a_failed_delivery_says_why_in_words(error: Exception, words: str) -> None:
    assert webhooks._describe(error) == words


async def test_types_must_be_some_that_webhooks_are_told_of(api: Api) -> None:
    for wanted, fault in [
        ([], ("types", "REQUIRED")),
        (["INVOICE_ISSUED", "INVOICE_UPDATED"], ("types.1", "NOT_ALLOWED")),
    ]:
        payload = (await api.ask(CREATE, url="https://example.com", types=wanted))["createWebhook"]
        assert faults(payload) == {fault}


async def test_an_account_has_room_for_a_number_of_webhooks(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("resolvers.webhooks.MOST", 2)
    made = await asyncio.gather(*[api.ask(CREATE, url="https://example.com") for _ in range(4)])
    refused = [payload["createWebhook"] for payload in made if not payload["createWebhook"]["webhook"]]
    assert [faults(payload) for payload in refused] == [{("url", "TOO_MANY")}] * 2


async def test_only_an_admin_sees_and_changes_webhooks(api: Api) -> None:
    id, _ = await hook(api, "https://example.com")
    api.context.identity = type(api.context.identity)(api.account_id, UUID(int=1), Scope.WRITE)
    for query in (HOOKS, f'{{ webhookDeliveries(webhookId: "{id}") {{ totalCount }} }}'):
        assert await api.refused(query) == ["FORBIDDEN"]
    for name in ("rotateWebhookSecret", "enableWebhook", "deleteWebhook", "redeliver"):
        assert await api.refused(f'mutation {{ {name}(id: "{id}") {{ userErrors {{ code }} }} }}') == ["FORBIDDEN"]
    assert await api.refused(CREATE, url="https://example.com") == ["FORBIDDEN"]


async def test_another_accounts_webhook_does_not_exist(api: Api, electronic: Api, receiver: Receiver) -> None:
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    [delivery] = await sent(api, id)
    for name, of in [
        ("rotateWebhookSecret", id),
        ("enableWebhook", id),
        ("deleteWebhook", id),
        ("redeliver", delivery["id"]),
    ]:
        for other in (of, "nonsense"):
            assert faults(await do(electronic, name, other)) == {("id", "NOT_FOUND")}
    assert (await electronic.ask(HOOKS))["webhooks"] == await sent(electronic, id) == []


async def test_a_deleted_webhook_is_told_nothing_more(api: Api, receiver: Receiver, settings: Settings) -> None:
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    assert (await do(api, "deleteWebhook", id, "deletedId"))["deletedId"] == id
    async with working(settings):
        await customer_id(api)
        await until(lambda: settled(api))
    assert receiver.calls == []


# What is sent


async def test_an_event_is_sent_signed(api: Api, receiver: Receiver, settings: Settings) -> None:
    id, secret = await hook(api, f"{receiver.url}/hook?a=b")
    async with working(settings):
        made = await create_invoice(api, newCustomer=taxpayer())
        await until(lambda: len(receiver.calls) == 2)
        await until(lambda: settled(api))
    _, issued = await events(api)
    [call] = [call for call in receiver.calls if call.payload["type"] == "invoice.issued"]
    assert call.headers["content-type"] == "application/json"
    assert call.headers["webhook-id"] == str(issued.id)
    assert Webhook(secret).verify(call.body, call.headers) == {
        "version": 1,
        "id": str(issued.id),
        "type": "invoice.issued",
        "timestamp": issued.occurred_at.isoformat().replace("+00:00", "Z"),
        "accountId": str(api.account_id),
        "data": {
            "id": made["invoice"]["id"],
            "version": 1,
            "status": "ISSUED",
            "customerId": made["customer"]["id"],
            "billingPoint": "001",
            "number": "0000000001",
            "issueDate": made["invoice"]["issueDate"],
            "currency": "PAB",
            "total": "10.70",
        },
    }
    for tampered in (call.body.replace(b"10.70", b"10.71"), call.body + b" "):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(tampered, call.headers)
    delivery, _ = await sent(api, id)
    assert (delivery["status"], delivery["attempts"], delivery["error"]) == ("DELIVERED", 1, None)
    assert (delivery["nextAttemptAt"], delivery["event"]["id"]) == (None, str(issued.id))


async def test_only_what_was_asked_for_is_sent_and_nothing_of_drafts(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    await hook(api, f"{receiver.url}/all")
    await hook(api, f"{receiver.url}/voided", "INVOICE_VOIDED")
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    await do(api, "issueInvoice", draft)
    await void(api, draft)
    async with working(settings):
        await until(lambda: len(receiver.calls) >= 4)
        await until(lambda: settled(api))
    assert await types(api) == ["CUSTOMER_CREATED", "INVOICE_CREATED", "INVOICE_ISSUED", "INVOICE_VOIDED"]
    told = [call.payload["type"] for call in receiver.at("/all")]
    assert sorted(told) == ["customer.created", "invoice.issued", "invoice.voided"]
    assert told.index("invoice.issued") < told.index("invoice.voided")
    assert [call.payload["type"] for call in receiver.at("/voided")] == ["invoice.voided"]


async def test_a_rotated_secret_and_the_old_one_hold_for_a_day(
    api: Api, receiver: Receiver, settings: Settings, admin: Any
) -> None:
    id, old = await hook(api, receiver.url)
    new = (await do(api, "rotateWebhookSecret", id, "secret"))["secret"]
    assert old != new
    async with working(settings):
        await customer_id(api)
        await until(lambda: len(receiver.calls) == 1)
        await admin.execute(
            "UPDATE webhook SET old_secret_until = old_secret_until - interval '1 day' WHERE id = $1", id
        )
        await customer_id(api)
        await until(lambda: len(receiver.calls) == 2)
    first, second = receiver.calls
    for secret in (old, new):
        Webhook(secret).verify(first.body, first.headers)
    Webhook(new).verify(second.body, second.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(second.body, second.headers)


# Trouble


async def test_what_fails_is_repeated_the_same_and_what_follows_of_the_object_waits(
    api: Api, receiver: Receiver, settings: Settings, admin: Any
) -> None:
    refused = True

    async def answer(call: Call) -> web.StreamResponse:
        is_first = call.payload["data"]["id"] == first
        return web.Response(status=503 if is_first and refused else 200)

    receiver.answer = answer
    id, secret = await hook(api, receiver.url)
    first, second = await customer_id(api), await customer_id(api)
    for customer in (first, second):
        await do(api, "archiveCustomer", customer)
    async with working(settings):
        await until(lambda: len(receiver.calls) >= 3, seconds=30)

        async def was_repeated() -> bool:
            *_, oldest = await sent(api, id, "PENDING")
            if oldest["attempts"] >= 2 and oldest["error"]:
                return True
            await hurry(admin)
            return False

        await until(was_repeated)
        told = [(call.payload["type"], call.payload["data"]["id"]) for call in receiver.calls]
        assert [type for type, of in told if of == second] == ["customer.created", "customer.archived"]
        assert {type for type, of in told if of == first} == {"customer.created"}
        waiting = await sent(api, id, "PENDING")
        assert [(each["event"]["type"], each["error"]) for each in waiting] == [
            ("CUSTOMER_ARCHIVED", None),
            ("CUSTOMER_CREATED", "answered 503"),
        ]
        assert (await api.ask(HOOKS))["webhooks"][0]["failingSince"]
        refused = False
        await hurry(admin)
        await until(lambda: settled(api))
    repeated = [call for call in receiver.calls if call.payload["data"]["id"] == first]
    assert [call.payload["type"] for call in repeated[-2:]] == ["customer.created", "customer.archived"]
    assert len({(call.headers["webhook-id"], call.body) for call in repeated[:-1]}) == 1
    for call in repeated:
        Webhook(secret).verify(call.body, call.headers)
    assert (await api.ask(HOOKS))["webhooks"][0]["failingSince"] is None


async def test_pauses_double_and_end_after_three_days(
    api: Api, receiver: Receiver, settings: Settings, admin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    receiver.answer = always(500)
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    pauses = []
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            for age in (0, 60, 3600, 86_400, 2.99 * 86_400):
                await admin.execute(
                    "UPDATE delivery SET began_at = now() - make_interval(secs => $2), due_at = now()"
                    " WHERE webhook_id = $1",
                    UUID(id),
                    age,
                )
                await hurry(admin)
                assert await sender.send_due(UUID(id))
                [delivery] = await models.Delivery.filter(webhook_id=id)
                pauses.append((delivery.due_at - delivery.began_at).total_seconds() - age)
            assert pauses == [pytest.approx(pause, rel=0.11, abs=1) for pause in (5, 65, 3605, 14_400, 14_400)]
            assert delivery.status == "PENDING"
            await admin.execute(
                "UPDATE delivery SET began_at = now() - interval '3 days', due_at = now() WHERE webhook_id = $1",
                UUID(id),
            )
            await hurry(admin)
            assert await sender.send_due(UUID(id))
    [given_up] = await sent(api, id, "FAILED")
    assert (given_up["attempts"], given_up["error"], given_up["nextAttemptAt"]) == (6, "answered 500", None)
    [found] = (await api.ask(HOOKS))["webhooks"]
    assert found["disabledAt"] is None  # it hasn't failed for three days, says ``failing_since``


@pytest.mark.parametrize(
    ("status", "asked", "rest"),
    [
        (429, "120", 120),
        (503, "0120", 120),
        (503, "{date}", 120),
        (503, "Mon, 01 Jan 2024 00:00:00 GMT", 1),
        (429, "99999999999999999999", 3600),
        (429, "Fri, 31 Dec 9999 23:59:59 GMT", 3600),
        (429, "Fri, 31 Dec 9999 23:59:59 -1200", 3600),
        (429, "0", 1),
        (429, "-5", 1),
        (429, "soon", 1),
        (429, "٣٠", 1),
        (500, "120", 1),
    ],
)
async def test_a_receiver_that_is_too_busy_is_left_alone_for_as_long_as_it_asks(
    api: Api, receiver: Receiver, admin: Any, status: int, asked: str, rest: float
) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=121), usegmt=True)
    receiver.answer = always(status, **{"Retry-After": asked.format(date=date)})
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            assert await sender.send_due(UUID(id))
            left = "SELECT extract(epoch FROM rest_until - now())::float FROM webhook WHERE id = $1"
            assert await admin.fetchval(left, UUID(id)) == pytest.approx(rest, abs=2)
            assert await deliveries.find_due_lanes() == []
            assert not await sender.send_due(UUID(id))


async def test_a_receiver_that_takes_some_and_asks_for_a_pause_is_left_alone_but_is_not_failing(
    api: Api, receiver: Receiver, admin: Any
) -> None:
    taken = 3

    async def answer(call: Call) -> web.StreamResponse:
        busy = len(receiver.calls) > taken
        return web.Response(status=429 if busy else 204, headers={"Retry-After": "60"})

    receiver.answer = answer
    id, _ = await hook(api, receiver.url)
    for _ in range(5):
        await customer_id(api)
    await dispatched()
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            assert await sender.send_due(UUID(id))
            await admin.execute("UPDATE delivery SET due_at = now() WHERE status = 'PENDING'")
            assert await deliveries.find_due_lanes() == []
            assert (await api.ask(HOOKS))["webhooks"][0]["failingSince"] is None
            taken = 5 + 2
            await hurry(admin)
            assert await sender.send_due(UUID(id))
    assert [each["status"] for each in await sent(api, id)] == ["DELIVERED"] * 5


async def test_a_webhook_is_switched_off_with_notice_when_nothing_gets_through_for_three_days(
    api: Api, receiver: Receiver, settings: Settings, admin: Any
) -> None:
    broken = True

    async def answer(call: Call) -> web.StreamResponse:
        return web.Response(status=500 if broken and call.path == "/broken" else 200)

    receiver.answer = answer
    id, _ = await hook(api, f"{receiver.url}/broken")
    await hook(api, receiver.url, "WEBHOOK_DISABLED")
    customer = await customer_id(api)
    await do(api, "archiveCustomer", customer)
    async with working(settings):
        failing = "SELECT failing_since IS NOT NULL FROM webhook WHERE id = $1"
        await until(lambda: admin.fetchval(failing, UUID(id)))
        await admin.execute(
            "UPDATE delivery SET began_at = began_at - interval '3 days' WHERE webhook_id = $1", UUID(id)
        )
        await admin.execute(
            "UPDATE webhook SET failing_since = failing_since - interval '3 days' WHERE id = $1", UUID(id)
        )
        await hurry(admin)
        await until(lambda: receiver.at("/"))
        [notice] = receiver.at("/")
        assert notice.payload["type"] == "webhook.disabled"
        assert notice.payload["data"] == {"id": id, "reason": "answered 500"}
        off = (await api.ask(HOOKS))["webhooks"][0]
        assert off["disabledAt"]
        assert off["disabledReason"] == "answered 500"
        # Nothing is deleted, nothing more is tried.
        assert [each["status"] for each in await sent(api, id)] == ["PENDING", "FAILED"]
        await do(api, "restoreCustomer", customer)
        calls = len(receiver.at("/broken"))
        await asyncio.sleep(0.2)
        assert len(receiver.at("/broken")) == calls
        broken = False
        assert (await do(api, "enableWebhook", id, "webhook { disabledAt failingSince }"))["webhook"] == {
            "disabledAt": None,
            "failingSince": None,
        }
        await until(lambda: len(receiver.at("/broken")) > calls)
        [failed] = await sent(api, id, "FAILED")
        assert (await do(api, "redeliver", failed["id"], "deliveryId"))["deliveryId"] == failed["id"]
        await until(lambda: settled(api))
    told = [call.payload["type"] for call in receiver.at("/broken")[calls:]]
    assert told == ["customer.archived", "customer.created"]
    assert "WEBHOOK_DISABLED" in await types(api)


async def test_a_webhook_that_is_gone_is_switched_off_at_once(api: Api, receiver: Receiver, settings: Settings) -> None:
    receiver.answer = always(410)
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    async with working(settings):
        await until(lambda: settled(api))
    assert [(each["status"], each["attempts"]) for each in await sent(api, id)] == [("FAILED", 1)]
    assert (await api.ask(HOOKS))["webhooks"][0]["disabledReason"] == "answered 410"


async def test_a_delivery_that_is_pending_is_not_queued_twice(api: Api, receiver: Receiver, admin: Any) -> None:
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    [delivery] = await sent(api, id)
    with tenant.acting_for(api.account_id):
        [claim] = await deliveries.claim(UUID(id), 10)
        await do(api, "redeliver", delivery["id"])
        assert await deliveries.claim(UUID(id), 10) == []
        await deliveries.record_successes([claim])
        await do(api, "redeliver", delivery["id"])
        [again] = await deliveries.claim(UUID(id), 10)
    assert (again.id, again.event_id, again.attempts) == (claim.id, claim.event_id, 2)


async def test_redirections_are_not_followed(api: Api, receiver: Receiver, settings: Settings) -> None:
    receiver.answer = always(307, Location="/elsewhere")
    id, _ = await hook(api, f"{receiver.url}/here")
    await customer_id(api)
    async with working(settings):
        await until(lambda: receiver.calls)
        await asyncio.sleep(0.1)
    assert receiver.at("/elsewhere") == []
    assert [each["error"] for each in await sent(api, id)] == ["answered 307"]


async def test_a_slow_answer_is_not_waited_for(
    api: Api, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def answer(call: Call) -> web.StreamResponse:
        await asyncio.sleep(5)
        return web.Response()

    receiver.answer = answer
    monkeypatch.setattr(webhooks, "_TOTAL_TIMEOUT", 0.2)
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    async with working(settings):
        await until(lambda: _has_error(api, id))
    assert [each["error"] for each in await sent(api, id)] == ["no answer within 0 s"]


async def _has_error(api: Api, id: str) -> bool:
    return any(each["error"] for each in await sent(api, id))


async def test_of_an_endless_answer_only_the_head_is_read(api: Api, receiver: Receiver, settings: Settings) -> None:
    sizes: list[int] = []
    ended = asyncio.Event()

    async def answer(call: Call) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(call.request)
        try:
            for size in range(0, 200_000_000, 100_000):
                await response.write(b"x" * 100_000)
                sizes.append(size)
        finally:
            ended.set()
        return response

    receiver.answer = answer
    await hook(api, receiver.url)
    await customer_id(api)
    async with working(settings):
        await until(lambda: settled(api))
        await ended.wait()
    assert len(sizes) * 100_000 < 20_000_000


INTERIM = b"HTTP/1.1 102 Processing\r\n\r\n"


@asynccontextmanager
async def sending(before: bytes, repeated: int, after: bytes = b"") -> AsyncIterator[tuple[str, list[int]]]:
    """A server that sends such bytes in answer to anything; its address, and how many bytes were taken from it."""
    taken: list[int] = []

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        taken.append(0)
        place = len(taken) - 1
        with suppress(ConnectionError):
            for _ in range(repeated):
                writer.write(before)
                await writer.drain()
                taken[place] += len(before)
            writer.write(after)
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", taken


@pytest.mark.parametrize(
    "before", [INTERIM * 1000, b"HTTP/1.1 103 Early Hints\r\n" + b"Link: x\r\n" * 100 + b"\r\n"], ids=["102", "103"]
)
async def test_a_receiver_that_answers_for_now_without_end_is_cut(api: Api, settings: Settings, before: bytes) -> None:
    async with sending(before, 100_000) as (url, taken):
        id, _ = await hook(api, url)
        await customer_id(api)
        began = asyncio.get_running_loop().time()
        async with working(settings):
            await until(lambda: _has_error(api, id))
        assert asyncio.get_running_loop().time() - began < 5
        assert {each["error"] for each in await sent(api, id)} == {"it sent too much before its response"}
    assert sum(taken) < 10_000_000 * len(taken)


async def test_a_receiver_may_send_one_response_for_now(api: Api, settings: Settings) -> None:
    async with sending(INTERIM, 1, b"HTTP/1.1 204 No Content\r\n\r\n") as (url, _):
        await hook(api, url)
        await customer_id(api)
        async with working(settings):
            await until(lambda: settled(api))


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("x"),
        KeyError("x"),
        MemoryError(),
        UnicodeEncodeError("ascii", "ñ", 0, 1, "x"),
        OSError(),
    ],
    ids=lambda error: type(error).__name__,
)
async def test_whatever_is_raised_ends_in_a_failure_with_a_reason(
    api: Api, receiver: Receiver, admin: Any, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> Any:
        raise error

    monkeypatch.setattr(webhooks, "sign", fail)
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            assert await sender.send_due(UUID(id))
            [waiting] = await sent(api, id)
            assert (waiting["status"], waiting["attempts"]) == ("PENDING", 1)
            assert waiting["error"] == f"unexpected failure: {type(error).__name__}"
            await admin.execute("UPDATE delivery SET began_at = now() - interval '3 days' WHERE webhook_id = $1", id)
            await hurry(admin)
            assert await sender.send_due(UUID(id))
    [given_up] = await sent(api, id)
    assert (given_up["status"], given_up["error"]) == ("FAILED", waiting["error"])


async def test_a_delivery_that_ends_its_worker_each_time_is_given_up(api: Api, receiver: Receiver, admin: Any) -> None:
    """Of such attempts none ends in a failure, so neither their number nor three days would end them."""
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    query = "UPDATE delivery SET attempts = 300, began_at = now() - $2::interval, due_at = now() WHERE webhook_id = $1"
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            await admin.execute(query, id, timedelta(days=3, hours=1))
            assert await sender.send_due(UUID(id))
            [given_up] = await sent(api, id)
            assert (given_up["status"], given_up["error"], receiver.calls) == ("FAILED", "no attempt has ended", [])
            await do(api, "enableWebhook", id)
            await do(api, "redeliver", given_up["id"])  # repeated by somebody, it is tried again
            assert await sender.send_due(UUID(id))
    assert [each["status"] for each in await sent(api, id)] == ["DELIVERED"]


@given(st.text(st.characters(codec=None), max_size=2000))
@example("550 \udcff\x00\x1b[31m no\r\nsuch  user")
def test_a_reason_can_be_stored_and_printed_whatever_the_receiver_said(text: str) -> None:
    reason = deliveries.DeliveryFailed(text).reason
    assert reason.isprintable()
    assert len(reason.encode()) <= 4 * 500


# Names that are looked up slowly


class NameServer(asyncio.DatagramProtocol):
    """Answers with 127.0.0.1 to any name, except to those that begin with "slow": to these it never answers."""

    def __init__(self) -> None:
        self.asked: set[str] = set()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, address: Any) -> None:
        end = data.index(0, 12)
        name, place = [], 12
        while place < end:
            name.append(data[place + 1 : place + 1 + data[place]].decode().lower())
            place += 1 + data[place]
        self.asked.add(".".join(name))
        question, is_ipv4 = data[12 : end + 5], data[end + 1 : end + 3] == b"\0\1"
        if not name[0].startswith("slow"):
            answer = b"\xc0\x0c\0\1\0\1\0\0\0\0\0\4\x7f\0\0\1" if is_ipv4 else b""
            head = data[:2] + b"\x81\x80\0\1" + (b"\0\1" if answer else b"\0\0") + b"\0\0\0\0"
            self.transport.sendto(head + question + answer, address)


@pytest.fixture
async def name_server(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[NameServer]:
    loop = asyncio.get_running_loop()
    transport, server = await loop.create_datagram_endpoint(NameServer, local_addr=("127.0.0.1", 0))
    port = transport.get_extra_info("sockname")[1]
    resolver = partial(aiohttp.AsyncResolver, nameservers=[f"127.0.0.1:{port}"])
    monkeypatch.setattr(aiohttp, "AsyncResolver", resolver)
    yield server
    transport.close()


async def test_names_that_are_looked_up_slowly_delay_nobody_else(
    api: Api, electronic: Api, receiver: Receiver, settings: Settings, admin: Any, name_server: NameServer
) -> None:
    for number in range(20):
        await hook(api, f"https://slow{number}.example.com/")
    port = receiver.url.rpartition(":")[2]
    id, _ = await hook(electronic, "https://quick.example.com/")
    await admin.execute("UPDATE webhook SET url = $2 WHERE id = $1", id, f"http://quick.example.com:{port}/")
    for _ in range(20):
        await customer_id(api)
    loop = asyncio.get_running_loop()
    async with working(settings):
        await until(lambda: len(name_server.asked) == 20, seconds=10)
        await customer_id(electronic, company())
        began = loop.time()
        await until(lambda: receiver.calls, seconds=10)
        assert loop.time() - began < 3
        for _ in range(10):  # the loop's threads, which others need, are free
            await asyncio.wait_for(loop.run_in_executor(None, int), 1)
    assert name_server.asked >= {"slow0.example.com", "slow19.example.com", "quick.example.com"}


async def test_a_name_without_an_answer_ends_in_a_failure_with_a_reason(
    api: Api, name_server: NameServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "_LOOK_UP_TIMEOUT", 0.2)
    id, _ = await hook(api, "https://slow.example.com/")
    await customer_id(api)
    await dispatched()
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=True) as sender:
            assert await sender.send_due(UUID(id))
    assert [each["error"] for each in await sent(api, id)] == ["its name is not found"]


# Where it may go


@pytest.mark.parametrize(
    ("address", "public"),
    [
        *(("8.8.8.8", True), ("2606:4700::1111", True), ("::ffff:8.8.8.8", True), ("64:ff9b::808:808", True)),
        *(("127.0.0.1", False), ("10.0.0.1", False), ("172.16.0.1", False), ("192.168.1.1", False)),
        *(("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False)),
        *(("255.255.255.255", False), ("198.18.0.1", False), ("192.0.2.1", False), ("240.0.0.1", False)),
        *(("::1", False), ("::", False), ("fe80::1", False), ("fc00::1", False), ("ff02::1", False)),
        *(("::ffff:127.0.0.1", False), ("::ffff:10.0.0.1", False), ("64:ff9b::a00:1", False), ("2002:7f00:1::", False)),
        *(("2001:db8::1", False), ("fec0::1", False), ("::7f00:1", False)),
    ],
)
def test_only_public_addresses_are_reached(address: str, public: bool) -> None:
    assert WebhookSender(local=False)._may_reach(ipaddress.ip_address(address)) is public
    assert is_public(ipaddress.ip_address(address)) is public


def test_in_development_this_machine_is_reached_too_but_no_other_private_one() -> None:
    sender = WebhookSender(local=True)
    assert [
        sender._may_reach(ipaddress.ip_address(address))
        for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1")
    ] == [True, True, True, False, False, False]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0x7f000001", "2130706433", "[::ffff:127.0.0.1]"])
async def test_a_connection_to_a_private_address_is_refused_in_whatever_form(
    api: Api, receiver: Receiver, host: str
) -> None:
    port = receiver.url.rpartition(":")[2]
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=False) as sender:
            with pytest.raises(aiohttp.ClientError):
                await sender._session.post(f"http://{host}:{port}/", data=b"")
    assert receiver.calls == []


async def test_a_name_that_turns_to_a_private_address_is_refused_when_it_is_connected_to(
    api: Api, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """DNS rebinding: that the name was harmless a moment ago says nothing."""
    port = int(receiver.url.rpartition(":")[2])

    async def resolve(self: Any, host: str, port_: int, family: Any = 0) -> list[dict[str, Any]]:
        private = {
            "hostname": host,
            "host": "127.0.0.1",
            "port": port,
            "family": socket.AF_INET,
            "proto": 0,
            "flags": 0,
        }
        return [private]

    monkeypatch.setattr(aiohttp.AsyncResolver, "resolve", resolve)
    id, _ = await hook(api, "https://rebound.example.com/hook")
    await customer_id(api)
    await dispatched()
    with tenant.acting_for(api.account_id):
        async with WebhookSender(local=False) as sender:
            assert await sender.send_due(UUID(id))
    assert [each["error"] for each in await sent(api, id)] == ["127.0.0.1 is not a public address"]
    assert receiver.calls == []


# Many


async def test_an_account_has_a_bounded_number_of_requests_in_progress(
    api: Api,
    new_account: Callable[..., Awaitable[UUID]],
    receiver: Receiver,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(webhooks, "_MOST_OF_ACCOUNT", 20)
    hanging = asyncio.Event()

    async def answer(call: Call) -> web.StreamResponse:
        if call.path.startswith("/dead"):
            await hanging.wait()
        return web.Response()

    receiver.answer = answer
    for place in range(10):
        await hook(api, f"{receiver.url}/dead{place}")
    other = Api(await new_account())
    await hook(other, f"{receiver.url}/alive")
    for _ in range(30):
        await customer_id(api)
    for _ in range(5):
        await customer_id(other)
    async with working(settings):
        await until(lambda: len(receiver.at("/alive")) == 5, seconds=10)
        await asyncio.sleep(0.5)
        assert 20 <= len(receiver.calls) - 5 <= 20 + 10
        hanging.set()


async def test_a_dead_endpoint_delays_nobody_else(api: Api, receiver: Receiver, settings: Settings) -> None:
    hanging = asyncio.Event()

    async def answer(call: Call) -> web.StreamResponse:
        if call.path.startswith("/dead"):
            await hanging.wait()
        return web.Response()

    receiver.answer = answer
    for place in range(5):
        await hook(api, f"{receiver.url}/dead{place}")
    await hook(api, f"{receiver.url}/alive")
    for _ in range(40):
        await customer_id(api)
    async with working(settings):
        await until(lambda: len(receiver.at("/alive")) == 40, seconds=10)
        assert all(len(receiver.at(f"/dead{place}")) <= 16 for place in range(5))
        hanging.set()


async def test_workers_share_the_work_and_never_hold_one_delivery_together(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    under_way: set[tuple[str, str]] = set()
    objects: dict[str, list[int]] = {}
    together = 0

    async def answer(call: Call) -> web.StreamResponse:
        nonlocal together
        data = call.payload["data"]
        key = (call.path, data["id"])
        together += key in under_way  # the same delivery, or two of one object
        under_way.add(key)
        await asyncio.sleep(0.003)
        under_way.discard(key)
        objects.setdefault(f"{key}", []).append(data["version"])
        return web.Response()

    receiver.answer = answer
    for path in ("/a", "/b"):
        await hook(api, receiver.url + path)
    customers = [await customer_id(api) for _ in range(10)]
    for mutation in ("archiveCustomer", "restoreCustomer") * 2:
        for customer in customers:
            await do(api, mutation, customer)
    async with working(settings, workers=4):
        await until(lambda: settled(api), seconds=30)
    assert together == 0
    assert len(receiver.calls) == 2 * 10 * 5
    assert all(versions == [1, 2, 3, 4, 5] for versions in objects.values())
    assert len(objects) == 20


async def test_what_a_killed_worker_held_is_delivered_when_its_claim_is_over(
    api: Api, receiver: Receiver, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    await dispatched()
    monkeypatch.setattr(deliveries, "LEASE", 0.3)
    with tenant.acting_for(api.account_id):
        [lost] = await deliveries.claim(UUID(id), 10)
        async with working(settings):
            await asyncio.sleep(0.1)
            assert receiver.calls == []
            await until(lambda: settled(api))
        assert len(receiver.calls) == 1
        # Should it not be dead after all, it changes nothing any more.
        assert not await deliveries.record_failure(lost, deliveries.DeliveryFailed("late"))
        await deliveries.record_successes([lost])
    assert [(each["status"], each["attempts"], each["error"]) for each in await sent(api, id)] == [
        ("DELIVERED", 2, None)
    ]


async def test_a_worker_that_is_stopped_ends_what_is_under_way(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    async def answer(call: Call) -> web.StreamResponse:
        await asyncio.sleep(0.3)
        return web.Response()

    receiver.answer = answer
    id, _ = await hook(api, receiver.url)
    await customer_id(api)
    async with working(settings):
        await until(lambda: receiver.calls)
    assert [each["status"] for each in await sent(api, id)] == ["DELIVERED"]


async def test_events_of_many_accounts_reach_their_own_webhooks_only(
    receiver: Receiver, settings: Settings, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    apis = [Api(await new_account()) for _ in range(5)]
    for place, api in enumerate(apis):
        await hook(api, f"{receiver.url}/{place}")
        await customer_id(api)
    async with working(settings, workers=2):
        await until(lambda: len(receiver.calls) == 5)
        await asyncio.sleep(0.05)
    assert {call.path: call.payload["accountId"] for call in receiver.calls} == {
        f"/{place}": str(api.account_id) for place, api in enumerate(apis)
    }
