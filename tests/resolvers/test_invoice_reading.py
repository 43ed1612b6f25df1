"""What people read beside an invoice and its list: history, sums, and lines that were used before."""

from typing import Any

import pytest

from db import models, tenant
from resolvers import accounts
from resolvers.api_keys import Identity
from rules.vocabulary import Scope
from tests.builders import create_invoice, customer_id, invoice, line, taxpayer
from tests.conftest import Answer, Api


async def made(api: Api, customer: str, *lines: Any, **fields: Any) -> str:
    payload = await create_invoice(api, invoice(*lines, **fields), customerId=customer)
    assert payload["userErrors"] == []
    id: str = payload["invoice"]["id"]
    return id


async def void(api: Api, id: str) -> None:
    query = 'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { userErrors { code } } }'
    assert (await api.ask(query, id=id))["voidInvoice"]["userErrors"] == []


# History

_HISTORY = """
    query ($id: ID!) {
        invoice(id: $id) { history { id kind occurredAt source keyName sentTo message } }
    }
"""


async def with_key(api: Api, name: str) -> Api:
    """A client of the same account with a key of this name."""
    with tenant.acting_for(api.account_id):
        key, _ = await accounts.create_key(name, Scope.ADMIN, None)
    client = Api(api.account_id)
    client.context.identity = Identity(api.account_id, key.id, Scope.ADMIN)
    return client


async def test_a_history_says_what_was_done_when_and_with_which_key(api: Api) -> None:
    ana, luis = await with_key(api, "Ana"), await with_key(api, "Luis")
    id = await made(ana, await customer_id(ana), issue=False)
    await ana.ask('mutation ($id: ID!) { updateInvoice(id: $id, input: {notes: "x"}) { userErrors { code } } }', id=id)
    await luis.ask("mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=id)
    await ana.ask('mutation ($id: ID!) { sendDocument(id: $id, to: ["z@example.com"]) { userErrors { code } } }', id=id)
    await void(luis, id)
    reader = Api(api.account_id, Scope.READ)
    history = (await reader.ask(_HISTORY, id=id))["invoice"]["history"]
    assert [(entry["kind"], entry["keyName"], entry["sentTo"]) for entry in history] == [
        ("CREATED", "Ana", None),
        ("ISSUED", "Luis", None),
        ("SENT", "Ana", ["z@example.com"]),
        ("VOIDED", "Luis", None),
    ]
    assert {entry["source"] for entry in history} == {"API"}
    assert [entry["occurredAt"] for entry in history] == sorted(entry["occurredAt"] for entry in history)


async def test_an_invoice_that_was_issued_at_once_begins_as_issued(api: Api) -> None:
    id = await made(api, await customer_id(api))
    [entry] = (await api.ask(_HISTORY, id=id))["invoice"]["history"]
    assert (entry["kind"], entry["source"], entry["keyName"]) == ("ISSUED", "API", None)


# Sums

_TOTALS = """
    query ($filter: InvoiceFilter, $search: String) {
        invoices(first: 1, filter: $filter, search: $search) {
            totals { currency status count net itbms total }
            totalCount
        }
    }
"""


async def totals(api: Api, **arguments: Any) -> list[tuple[Any, ...]]:
    found = (await api.ask(_TOTALS, **arguments))["invoices"]
    assert sum(each["count"] for each in found["totals"]) == found["totalCount"]
    return [tuple(each.values()) for each in found["totals"]]


async def test_a_list_has_its_sums_by_currency_and_status(api: Api) -> None:
    customer, other = await customer_id(api), await customer_id(api, taxpayer(name="Otra"))
    for _ in range(3):
        await made(api, customer, line(unitPrice="10"))
    await made(api, other, line(unitPrice="0.5", itbmsRate="EXEMPT"), currency="USD")
    await made(api, other, line(unitPrice="7"), issue=False)
    await void(api, await made(api, other, line(unitPrice="100")))
    assert await totals(api) == [
        ("PAB", "DRAFT", 1, "7.00", "0.49", "7.49"),
        ("PAB", "ISSUED", 3, "30.00", "2.10", "32.10"),
        ("PAB", "VOID", 1, "100.00", "7.00", "107.00"),
        ("USD", "ISSUED", 1, "0.50", "0.00", "0.50"),
    ]
    assert await totals(api, filter={"status": ["ISSUED"], "customerId": other}) == [
        ("USD", "ISSUED", 1, "0.50", "0.00", "0.50")
    ]
    assert await totals(api, search="otra", filter={"total": {"from": "50"}}) == [
        ("PAB", "VOID", 1, "100.00", "7.00", "107.00")
    ]
    assert await totals(api, search="nadie") == []
    of_customers = await api.ask("{ customers { edges { node { name invoices { totals { count total } } } } } }")
    assert [edge["node"] for edge in of_customers["customers"]["edges"]] == [
        {"name": "Hoteles Istmo, S.A.", "invoices": {"totals": [{"count": 3, "total": "32.10"}]}},
        {
            "name": "Otra",
            "invoices": {
                "totals": [
                    {"count": 1, "total": "7.49"},
                    {"count": 1, "total": "107.00"},
                    {"count": 1, "total": "0.50"},
                ]
            },
        },
    ]


async def test_sums_cost_as_counts_do(api: Api) -> None:
    def cost(response: Answer) -> int:
        requested: int = response["extensions"]["cost"]["requested"]
        return requested

    without = await api.execute("{ invoices(first: 1) { edges { node { id } } } }")
    counted = await api.execute("{ invoices(first: 1) { edges { node { id } } totalCount } }")
    summed = await api.execute("{ invoices(first: 1) { edges { node { id } } totals { total } } }")
    assert cost(summed) > cost(counted) > cost(without)


# Suggestions

_SUGGEST = """
    query ($search: String, $customer: ID, $first: Int! = 10) {
        lineSuggestions(search: $search, customerId: $customer, first: $first) {
            description code unit cpbs unitPrice discount itbmsRate uses lastUsed
        }
    }
"""


async def suggested(api: Api, search: str | None = None, **arguments: Any) -> list[str]:
    found = await api.ask(_SUGGEST, search=search, **arguments)
    return [each["description"] for each in found["lineSuggestions"]]


@pytest.fixture
async def shop(api: Api) -> tuple[Api, str, str]:
    """An account with two customers that bought something."""
    one, two = await customer_id(api), await customer_id(api, taxpayer(name="Otra"))
    for day in ("2026-01-05", "2026-01-06", "2026-01-07"):
        await made(api, one, line(description="Café molido", unitPrice=f"{day[-1]}.25"), issueDate=day)
    tea = line(description="Té de manzanilla", unitPrice="2", discount="0.5", itbmsRate="EXEMPT")
    await made(api, two, tea, tea, issueDate="2026-01-08")
    await made(api, two, line(description="Ñame, libra", unitPrice="0.90"), issueDate="2026-01-09")
    await made(api, two, line(description="Borrador"), issue=False)
    await void(api, await made(api, two, line(description="Anulado")))
    return api, one, two


async def test_what_is_used_most_comes_first_with_its_last_price_and_rate(shop: tuple[Api, str, str]) -> None:
    api, _, two = shop
    assert await suggested(api) == ["Café molido", "Té de manzanilla", "Ñame, libra"]
    found = (await api.ask(_SUGGEST))["lineSuggestions"]
    assert found[0] == {
        **{"description": "Café molido", "unitPrice": "7.25", "discount": "0", "itbmsRate": "RATE_7", "uses": 3},
        **{"lastUsed": "2026-01-07", "code": None, "unit": "und", "cpbs": None},
    }
    assert found[1]["discount"] == "0.5"
    assert await suggested(api, customer=two) == ["Té de manzanilla", "Ñame, libra", "Café molido"]
    assert await suggested(api, customer=two, first=1) == ["Té de manzanilla"]
    assert await suggested(api, customer="no") == await suggested(api)


async def test_the_price_is_the_last_one_of_this_customer(shop: tuple[Api, str, str]) -> None:
    api, one, two = shop
    await made(api, two, line(description="Café molido", unitPrice="99"))
    prices = {
        customer: (await api.ask(_SUGGEST, search="café", customer=customer))["lineSuggestions"][0]["unitPrice"]
        for customer in (one, two, None)
    }
    assert prices == {one: "7.25", two: "99", None: "99"}


async def test_the_codes_are_those_of_the_line_that_has_the_price(shop: tuple[Api, str, str]) -> None:
    api, one, two = shop
    coffee = line(description="Café molido", unitPrice="3", code="CAF-1", unit="kg", cpbs="5020")
    await made(api, two, line(**{**coffee, "unitPrice": "8"}))
    await made(api, one, line(**{**coffee, "code": None, "unit": "lb"}))

    async def codes(customer: str | None) -> list[Any]:
        [found] = (await api.ask(_SUGGEST, search="café", customer=customer))["lineSuggestions"]
        return [found[name] for name in ("code", "unit", "cpbs", "unitPrice")]

    assert await codes(two) == ["CAF-1", "kg", "5020", "8"]
    assert await codes(one) == await codes(None) == [None, "lb", "5020", "3"]


@pytest.mark.parametrize(
    ("search", "found"),
    [
        ("cafe", ["Café molido"]),
        ("MOLIDO, Café", ["Café molido"]),
        ("zani", ["Té de manzanilla"]),
        ("ñame", ["Ñame, libra"]),
        ("name-libra", ["Ñame, libra"]),
        ("café té", []),
        ("%", []),
        ("__", []),
        (" ", ["Café molido", "Té de manzanilla", "Ñame, libra"]),
    ],
)
async def test_suggestions_have_all_words_of_the_search(
    shop: tuple[Api, str, str], search: str, found: list[str]
) -> None:
    assert await suggested(shop[0], search) == found


async def test_of_long_descriptions_the_first_200_letters_are_searched(shop: tuple[Api, str, str]) -> None:
    api, one, _ = shop
    long = f"{'Ñandúes ' * 24}blancos grises".ljust(500, "x")
    await made(api, one, line(description=long))
    assert await suggested(api, "nandues blan") == [long]
    assert await suggested(api, "nandues grises") == []


@pytest.mark.parametrize("arguments", [{"first": 0}, {"first": 101}, {"search": "x" * 201}])
async def test_suggestions_are_bounded(api: Api, arguments: dict[str, Any]) -> None:
    assert await api.refused(_SUGGEST, **arguments) == ["BAD_USER_INPUT"]


async def test_suggestions_are_of_the_own_account(shop: tuple[Api, str, str], electronic: Api) -> None:
    api, one, _ = shop
    assert await suggested(electronic, customer=one) == []
    with tenant.acting_for(electronic.account_id):
        assert await models.DocumentLine.all().count() == 0
    assert await suggested(api)
