"""Changing a webhook that exists, and trying it out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from standardwebhooks import Webhook

from announcements.settings import Settings
from db import models, tenant
from tests.announcements.conftest import Receiver, dispatched, settled, types, until, working
from tests.builders import customer_id, faults
from tests.conftest import Answer, Api

_CREATE = """
    mutation ($url: String!, $types: [EventType!]) {
        createWebhook(url: $url, types: $types) { webhook { id types version } secret userErrors { path code } }
    }
"""
_UPDATE = """
    mutation ($id: ID!, $url: String, $types: [EventType!], $version: Int) {
        updateWebhook(id: $id, url: $url, types: $types, version: $version) {
            webhook { url types version } userErrors { path code }
        }
    }
"""
_TEST = "mutation ($id: ID!) { sendTestEvent(id: $id) { webhook { id } userErrors { path code } } }"


async def do(api: Api, document: str, **variables: Any) -> Answer:
    payload: Answer = next(iter((await api.ask(document, **variables)).values()))
    return payload


async def test_a_webhook_gets_another_address_and_keeps_its_secret(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    made = await do(api, _CREATE, url=f"{receiver.url}/old", types=["CUSTOMER_ARCHIVED"])
    id, secret = made["webhook"]["id"], made["secret"]
    await customer_id(api)
    changed = await do(api, _UPDATE, id=id, url=f"{receiver.url}/new", types=["CUSTOMER_CREATED"])
    assert changed["userErrors"] == []
    assert changed["webhook"] == {"url": f"{receiver.url}/new", "types": ["CUSTOMER_CREATED"], "version": 2}
    await customer_id(api)
    async with working(settings):
        await until(lambda: settled(api))
    assert receiver.at("/old") == []
    for call in receiver.at("/new"):
        assert Webhook(secret).verify(call.body, call.headers)["type"] == "customer.created"
    assert len(receiver.at("/new")) == 2  # both were dispatched after the change


async def test_what_is_left_out_of_a_webhook_stays(api: Api) -> None:
    made = await do(api, _CREATE, url="https://example.com/a", types=["INVOICE_VOIDED"])
    id = made["webhook"]["id"]
    changed = await do(api, _UPDATE, id=id, url="https://example.com/b")
    assert changed["webhook"] == {"url": "https://example.com/b", "types": ["INVOICE_VOIDED"], "version": 2}
    changed = await do(api, _UPDATE, id=id, types=["INVOICE_ISSUED", "INVOICE_SENT"])
    assert changed["webhook"]["url"] == "https://example.com/b"
    assert changed["webhook"]["types"] == ["INVOICE_ISSUED", "INVOICE_SENT"]


async def test_a_new_address_is_not_left_alone_for_what_the_old_one_did(
    api: Api, receiver: Receiver, settings: Settings
) -> None:
    made = await do(api, _CREATE, url=f"{receiver.url}/old", types=["CUSTOMER_CREATED"])
    long_ago = datetime.now(UTC) - timedelta(days=2)
    with tenant.acting_for(api.account_id):
        resting = {"failing_since": long_ago, "rest_until": datetime.now(UTC) + timedelta(hours=1)}
        await models.Webhook.all().update(**resting)
    await customer_id(api)
    await do(api, _UPDATE, id=made["webhook"]["id"], url=f"{receiver.url}/new")
    async with working(settings):
        await until(lambda: settled(api))
    assert len(receiver.at("/new")) == 1
    assert (await api.ask("{ webhooks { failingSince } }"))["webhooks"] == [{"failingSince": None}]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"url": "http://example.com"}, ("url", "INVALID_VALUE")),
        ({"url": ""}, ("url", "INVALID_VALUE")),
        ({"types": []}, ("types", "REQUIRED")),
        ({"types": ["INVOICE_CREATED"]}, ("types.0", "NOT_ALLOWED")),
        ({"version": 7}, ("version", "CONFLICT")),
    ],
)
async def test_a_change_of_a_webhook_is_checked_as_a_new_one(api: Api, change: Any, fault: tuple[str, str]) -> None:
    made = await do(api, _CREATE, url="https://example.com/a", types=["INVOICE_VOIDED"])
    assert faults(await do(api, _UPDATE, id=made["webhook"]["id"], **change)) == {fault}
    webhooks = await api.ask("{ webhooks { url types version } }")
    assert webhooks["webhooks"] == [{"url": "https://example.com/a", "types": ["INVOICE_VOIDED"], "version": 1}]


async def test_a_test_event_goes_to_its_webhook_alone(api: Api, receiver: Receiver, settings: Settings) -> None:
    tested = await do(api, _CREATE, url=f"{receiver.url}/tested", types=["INVOICE_VOIDED"])
    other = await do(api, _CREATE, url=f"{receiver.url}/other")  # all types
    assert "WEBHOOK_TESTED" not in other["webhook"]["types"]
    async with working(settings):
        payload = await do(api, _TEST, id=tested["webhook"]["id"])
        assert payload == {"webhook": {"id": tested["webhook"]["id"]}, "userErrors": []}
        await until(lambda: settled(api))
    [call] = receiver.calls
    assert call.path == "/tested"
    event = Webhook(tested["secret"]).verify(call.body, call.headers)
    assert (event["type"], event["data"]["id"]) == ("webhook.tested", tested["webhook"]["id"])
    assert await types(api) == ["WEBHOOK_TESTED"]


async def test_a_disabled_webhook_is_not_tested(api: Api, electronic: Api) -> None:
    id = (await do(api, _CREATE, url="https://example.com/a"))["webhook"]["id"]
    assert faults(await do(electronic, _TEST, id=id)) == {("id", "NOT_FOUND")}
    with tenant.acting_for(api.account_id):
        await models.Webhook.all().update(disabled_at=datetime.now(UTC), disabled_reason="answered 410")
    assert faults(await do(api, _TEST, id=id)) == {("id", "NOT_ALLOWED")}
    await dispatched()
    assert await types(api) == []
