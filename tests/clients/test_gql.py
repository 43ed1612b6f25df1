"""The Python client gql, over HTTP and WebSocket."""

import asyncio

import pytest
from gql import Client, GraphQLRequest, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError
from gql.transport.websockets import WebsocketsTransport

from tests.builders import create_customer, create_invoice, invoice, taxpayer
from tests.conftest import Api
from tests.service.test_commands import Started

CREATE = "mutation ($input: CustomerInput!) { createCustomer(input: $input) { customer { name } userErrors { code } } }"


def over_http(server: Started, key: str) -> Client:
    transport = AIOHTTPTransport(f"{server.url}/graphql", headers={"Authorization": f"Bearer {key}"})
    return Client(transport=transport, fetch_schema_from_transport=True)


async def test_it_checks_and_sends_requests_over_http(server: Started, key: str) -> None:
    async with over_http(server, key) as session:
        assert session.client.schema is not None  # by introspection
        created = await session.execute(GraphQLRequest(CREATE, variable_values={"input": taxpayer(name="Ñandú, S.A.")}))
        assert created == {"createCustomer": {"customer": {"name": "Ñandú, S.A."}, "userErrors": []}}
        listed = await session.execute(gql('{ customers(search: "nandu") { edges { node { name } } } }'))
        assert listed == {"customers": {"edges": [{"node": {"name": "Ñandú, S.A."}}]}}


async def test_it_tells_errors_by_their_codes(server: Started, key: str) -> None:
    async with over_http(server, key) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(gql("{ customers(first: 101) { totalCount } }"))
    assert [error["extensions"]["code"] for error in refused.value.errors or []] == ["BAD_USER_INPUT"]


async def test_it_tells_that_a_key_is_wrong(server: Started) -> None:
    with pytest.raises(TransportQueryError) as refused:
        async with over_http(server, "istmo_wrong"):
            pass
    assert [error["extensions"]["code"] for error in refused.value.errors or []] == ["UNAUTHENTICATED"]


async def test_it_subscribes_over_a_websocket(server: Started, key: str, api: Api) -> None:
    address = server.url.replace("http", "ws") + "/graphql"
    transport = WebsocketsTransport(
        address, init_payload={"Authorization": f"Bearer {key}"}, subprotocols=["graphql-transport-ws"]
    )
    async with asyncio.timeout(30), Client(transport=transport) as session:
        changes = session.subscribe(gql("subscription { invoiceChanged { event { type } invoice { number } } }"))
        first = asyncio.ensure_future(anext(changes))
        customer = (await create_customer(api, taxpayer()))["customer"]["id"]
        while not first.done():  # it begins to watch at a moment of its own
            await create_invoice(api, invoice(), customerId=customer)
            await asyncio.wait([first], timeout=0.5)
        change = first.result()["invoiceChanged"]
        await changes.aclose()
    assert change["event"]["type"] == "INVOICE_ISSUED"
    assert len(change["invoice"]["number"]) == 10
