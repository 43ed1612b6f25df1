"""sendDocument: an issued invoice goes by mail to any address, now and again."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from announcements.settings import Settings
from db import models, tenant
from rules.vocabulary import Scope
from tests.announcements.conftest import dispatched, events, settled, types, until, void, working
from tests.announcements.test_mail import Server, over, states, told
from tests.builders import create_invoice, customer_id, faults, invoice, taxpayer
from tests.conftest import Answer, Api

_SEND = """
    mutation ($id: ID!, $to: [String!]!, $message: String, $key: String) {
        sendDocument(id: $id, to: $to, message: $message, idempotencyKey: $key) {
            invoice { id number } userErrors { path code }
        }
    }
"""


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    async with Server().listening() as server:
        yield server


async def send(api: Api, id: str, *to: str, message: str | None = None, key: str | None = None) -> Answer:
    payload: Answer = (await api.ask(_SEND, id=id, to=list(to), message=message, key=key))["sendDocument"]
    return payload


async def issued(api: Api, **customer: Any) -> str:
    """The id of an invoice whose customer has no address, unless one is given."""
    payload = await create_invoice(api, newCustomer=taxpayer(**customer))
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


def text_of(message: Any) -> str:
    body = message.get_body(("plain",))
    text: str = body.get_content()
    return text.replace("\r\n", "\n")


async def test_an_invoice_is_sent_to_any_address_and_again(api: Api, server: Server, settings: Settings) -> None:
    id = await issued(api)
    async with working(over(settings, server)):
        payload = await send(
            api, id, " pagos@EXAMPLE.com ", "Pagos@example.com", "ana@example.com", message=" Hola\nAna "
        )
        assert (payload["userErrors"], payload["invoice"]["number"]) == ([], "0000000001")
        await until(lambda: settled(api))
        assert sorted(to for to, _ in server.mails) == ["ana@example.com", "pagos@example.com"]
        assert (await send(api, id, "ana@example.com"))["userErrors"] == []
        await until(lambda: settled(api))
    assert sorted(to for to, _ in server.mails) == ["ana@example.com", "ana@example.com", "pagos@example.com"]
    for _, message in server.mails[:2]:
        assert "Hola\nAna\n" in text_of(message)
        assert [part.get_filename() for part in message.iter_attachments()] == ["factura-001-0000000001.pdf"]
    assert "Hola" not in text_of(server.mails[2][1])
    ids = [message["Message-ID"] for _, message in server.mails]
    assert len(set(ids)) == 3
    assert await states(api, id) == {"ana@example.com": "DELIVERED", "pagos@example.com": "DELIVERED"}


async def test_the_right_address_does_not_wait_for_the_wrong_one(api: Api, server: Server, settings: Settings) -> None:
    server.to_recipient = lambda address: "451 later" if address == "wrong@example.com" else None
    id = await issued(api, email="wrong@example.com")
    async with working(over(settings, server)):
        await until(lambda: _is_tried(api))
        await send(api, id, "right@example.com")
        await until(lambda: any(to == "right@example.com" for to, _ in server.mails))
    assert await states(api, id) == {"wrong@example.com": "PENDING", "right@example.com": "DELIVERED"}


async def _is_tried(api: Api) -> bool:
    with tenant.acting_for(api.account_id):
        return await models.Delivery.filter(attempts__gt=0, error__isnull=False).exists()


async def test_a_void_invoice_can_be_sent_and_says_that_it_is_void(
    api: Api, server: Server, settings: Settings
) -> None:
    id = await issued(api)
    await void(api, id)
    async with working(over(settings, server)):
        assert (await send(api, id, "ana@example.com"))["userErrors"] == []
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    assert "Esta factura fue anulada: Precio equivocado" in text_of(message)


async def test_replies_go_to_the_business(api: Api, server: Server, settings: Settings) -> None:
    await api.ask(
        """
        mutation {
            updateAccount(
                input: {name: "Peña, \\"Cía\\" <x@example.org>", email: "cobros@peña.com", phone: "223-4567"}
            ) { userErrors { code } }
        }
        """
    )
    id = await issued(api)
    async with working(over(settings, server)):
        await send(api, id, "ana@example.com")
        await until(lambda: settled(api))
    [(_, message)] = server.mails
    [reply_to] = message["Reply-To"].addresses
    assert reply_to.addr_spec == "cobros@xn--pea-8ma.com"
    assert reply_to.display_name == 'Peña, "Cía" <x@example.org>'
    assert "Tel. 223-4567" in text_of(message)
    assert "cobros@peña.com" in text_of(message)


async def test_without_an_address_of_the_business_there_is_no_reply_to(
    api: Api, server: Server, settings: Settings
) -> None:
    id = await issued(api)
    async with working(over(settings, server)):
        await send(api, id, "ana@example.com")
        await until(lambda: settled(api))
    assert server.mails[0][1]["Reply-To"] is None


@pytest.mark.parametrize(
    ("to", "message", "fault"),
    [
        ([], None, ("to", "REQUIRED")),
        (["ana"], None, ("to.0", "INVALID_EMAIL")),
        (["ana@example.com", "a@example.com\r\nBcc: b@example.com"], None, ("to.1", "INVALID_EMAIL")),
        ([f"a{n}@example.com" for n in range(21)], None, ("to", "TOO_MANY")),
        (["ana@example.com"], "x" * 2001, ("message", "TOO_LONG")),
        (["ana@example.com"], "a\0b", ("message", "INVALID_VALUE")),
    ],
)
async def test_addresses_and_message_are_bounded(
    api: Api, to: list[str], message: str | None, fault: tuple[str, str]
) -> None:
    id = await issued(api)
    assert faults(await send(api, id, *to, message=message)) == {fault}
    assert "INVOICE_SENT" not in await types(api)


async def test_twenty_addresses_can_be_sent_to(api: Api) -> None:
    id = await issued(api)
    assert (await send(api, id, *[f"a{n}@example.com" for n in range(20)]))["userErrors"] == []
    await dispatched()
    assert len(await states(api, id)) == 20


async def test_of_many_deliveries_the_last_hundred_are_shown(api: Api) -> None:
    id = await issued(api)
    for round in range(6):
        assert (await send(api, id, *[f"a{n}@r{round}.example.com" for n in range(20)]))["userErrors"] == []
    await dispatched()
    shown = await told(api, id)
    assert [each["email"].partition("@")[2] for each in shown] == [
        f"r{round}.example.com" for round in range(1, 6) for _ in range(20)
    ]


async def test_a_draft_and_another_accounts_invoice_are_not_sent(api: Api, electronic: Api) -> None:
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    assert faults(await send(api, draft, "ana@example.com")) == {("id", "NOT_ALLOWED")}
    assert faults(await send(electronic, await issued(api), "ana@example.com")) == {("id", "NOT_FOUND")}
    reader = Api(api.account_id, Scope.READ)
    assert await reader.refused(_SEND, id=draft, to=["ana@example.com"]) == ["FORBIDDEN"]


async def test_a_repeated_request_sends_once(api: Api) -> None:
    id = await issued(api)
    for _ in range(2):
        assert (await send(api, id, "ana@example.com", key="k"))["userErrors"] == []
    assert (await types(api)).count("INVOICE_SENT") == 1


async def test_a_sent_invoice_is_announced_audited_and_stands_in_its_history(api: Api) -> None:
    id = await issued(api)
    await send(api, id, "ana@example.com", message="Hola")
    event = (await events(api))[-1]
    assert event.type == "INVOICE_SENT"
    assert (event.data["id"], event.data["to"], event.data["message"]) == (id, ["ana@example.com"], "Hola")
    found = await api.ask(
        """
        query ($id: ID!) {
            auditEvents(filter: {objectId: $id, action: [SENT]}) { edges { node { changes { field after } } } }
            invoice(id: $id) { history { kind sentTo message } }
        }
        """,
        id=id,
    )
    assert found["auditEvents"]["edges"] == [
        {"node": {"changes": [{"field": "message", "after": "Hola"}, {"field": "to", "after": ["ana@example.com"]}]}}
    ]
    assert found["invoice"]["history"] == [
        {"kind": "ISSUED", "sentTo": None, "message": None},
        {"kind": "SENT", "sentTo": ["ana@example.com"], "message": "Hola"},
    ]
