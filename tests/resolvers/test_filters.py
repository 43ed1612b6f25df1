"""Filters that are combined, and those for synchronising: by time of change, tags, metadata, external ids, lines."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

import pytest

from db import models, tenant
from tests.builders import codes, create_invoice, customer_id, invoice, line, taxpayer
from tests.conftest import Answer, Api
from tests.resolvers.test_customer_lists import statements

_CUSTOMERS = """
    query ($filter: CustomerFilter, $orderBy: CustomerOrder, $search: String) {
        customers(filter: $filter, orderBy: $orderBy, search: $search) { totalCount edges { node { name } } }
    }
"""
_DOCUMENTS = """
    query ($invoices: InvoiceFilter, $documents: DocumentFilter, $orderBy: InvoiceOrder) {
        invoices(filter: $invoices, orderBy: $orderBy) { edges { node { notes } } }
        documents(filter: $documents, orderBy: $orderBy) { edges { node { notes } } }
    }
"""


async def found(api: Api, filter: Answer | None, **arguments: Any) -> str:
    """The names of the customers, joined."""
    connection = (await api.ask(_CUSTOMERS, filter=filter, **arguments))["customers"]
    names = [edge["node"]["name"] for edge in connection["edges"]]
    assert connection["totalCount"] == len(names)
    return " ".join(names)


async def documents(api: Api, filter: Answer | None, **arguments: Any) -> str:
    """The notes of the invoices, joined; the list of all documents has the same."""
    data = await api.ask(_DOCUMENTS, invoices=filter, documents=filter, **arguments)
    invoices, all_documents = (
        " ".join(edge["node"]["notes"] for edge in data[name]["edges"]) for name in ("invoices", "documents")
    )
    assert invoices == all_documents
    return invoices


@pytest.fixture
async def people(api: Api) -> Api:
    """Ana, Beto and Caro, of whom Caro is archived."""
    await customer_id(api, taxpayer(name="Ana", tags=["Mayorista", "Colón"], externalId="A", email="ana@example.com"))
    await customer_id(api, taxpayer(name="Beto", tags=["Minorista"], metadata=[{"key": "ruta", "value": "7"}]))
    caro = await customer_id(api, taxpayer(name="Caro", tags=["colon"], externalId="C"))
    await api.ask("mutation ($id: ID!) { archiveCustomer(id: $id) { customer { id } } }", id=caro)
    return api


@pytest.mark.parametrize(
    ("filter", "names"),
    [
        ({"tags": ["COLON"]}, "Ana"),
        ({"tags": ["colón"], "status": None}, "Ana Caro"),
        ({"tags": ["mayorista", "minorista"]}, "Ana Beto"),
        ({"tags": []}, ""),
        ({"tags": [""]}, ""),
        ({"metadata": {"key": "ruta", "value": "7"}}, "Beto"),
        ({"metadata": {"key": "ruta", "value": "8"}}, ""),
        ({"metadata": {"key": "ruta' OR true --", "value": '"}'}}, ""),
        ({"externalId": ["A", "C", "Z"]}, "Ana"),
        ({"or": [{"email": "ana@example.com"}, {"metadata": {"key": "ruta", "value": "7"}}]}, "Ana Beto"),
        ({"or": [{"tags": ["colón"]}, {"status": ["ARCHIVED"]}]}, "Ana"),
        ({"status": None, "or": [{"tags": ["minorista"]}, {"status": ["ARCHIVED"]}]}, "Beto Caro"),
        ({"not": {"tags": ["mayorista"]}}, "Beto"),
        # A customer without an e-mail address or an external id doesn't have this one.
        ({"not": {"email": "ana@example.com"}}, "Beto"),
        ({"not": {"externalId": ["A"]}}, "Beto"),
        ({"not": {"not": {"externalId": ["A"]}}}, "Ana"),
        ({"and": [{"tags": ["mayorista"]}, {"tags": ["colon"]}]}, "Ana"),
        ({"and": [{"tags": ["mayorista"]}, {"tags": ["minorista"]}]}, ""),
        ({"and": []}, "Ana Beto"),
        ({"or": []}, ""),
        ({"or": [{}]}, "Ana Beto"),
        ({"or": [{}, {"externalId": ["A"]}]}, "Ana Beto"),
        ({"not": {}}, ""),
        ({"not": {"or": []}}, "Ana Beto"),
        ({"not": {"and": [{}]}}, ""),
        ({"and": None, "or": None, "not": None}, "Ana Beto"),
    ],
)
async def test_conditions_combine(people: Api, filter: Answer, names: str) -> None:
    assert await found(people, filter) == names


async def test_combined_conditions_hold_beside_a_search_and_in_any_order(people: Api) -> None:
    filter = {"status": None, "not": {"tags": ["mayorista"]}}
    assert await found(people, filter, search="car") == "Caro"
    order = {"field": "UPDATED_AT", "direction": "DESC"}
    assert await found(people, filter, orderBy=order) == "Caro Beto"


async def test_every_combination_of_two_conditions_is_what_its_parts_are(people: Api) -> None:
    """Each condition by itself says which customers meet it; combined ones are computed from that."""
    everybody = {"Ana", "Beto", "Caro"}
    parts: list[Answer] = [
        {"tags": ["colon"]},
        {"email": "ana@example.com"},
        {"metadata": {"key": "ruta", "value": "7"}},
        {"status": ["ARCHIVED"]},
        {"verification": ["VERIFIED"]},
    ]
    alone = [set((await found(people, {**part, "status": part.get("status")})).split()) for part in parts]
    for (a, one), (b, other) in product(zip(parts, alone, strict=True), repeat=2):
        for filter, expected in (
            ({"and": [a, b]}, one & other),
            ({"or": [a, b]}, one | other),
            ({"not": {"or": [a, b]}}, everybody - (one | other)),
            ({"or": [a, {"not": b}]}, one | (everybody - other)),
            ({"not": {"and": [a, {"not": b}]}}, everybody - (one - other)),
        ):
            assert set((await found(people, {"status": None, **filter})).split()) == expected, filter


async def test_a_list_is_one_statement_whatever_its_filter_combines(
    people: Api, caplog: pytest.LogCaptureFixture
) -> None:
    tags = {"or": [{"tags": ["colon"]}, {"not": {"metadata": {"key": "ruta", "value": "7"}}}]}
    with statements(caplog) as sent:
        assert await found(people, tags) == "Ana"
    assert len(sent) == 1, sent


async def test_filters_are_bounded_in_depth_and_number(people: Api) -> None:
    def deep(levels: int) -> Answer:
        return {"not": deep(levels - 1)} if levels else {"externalId": ["A"]}

    assert await found(people, deep(4)) == "Ana"
    too_large: list[Answer] = [deep(6), {"or": [{"tags": ["x"]}] * 51}, {"and": [{"or": [{}] * 10}] * 6}]
    for filter in too_large:
        assert codes(await people.execute(_CUSTOMERS, filter=filter)) == ["BAD_USER_INPUT"]
    assert await found(people, {"or": [{"tags": ["minorista"]}] * 50}) == "Beto"


async def test_the_list_of_what_changed_since_is_walked_by_the_time_of_the_change(people: Api) -> None:
    since = datetime.now(UTC) - timedelta(minutes=5)
    with tenant.acting_for(people.account_id):
        for days, name in enumerate(("Ana", "Beto", "Caro")):
            await models.Customer.filter(name=name).update(updated_at=since - timedelta(days=days))
    everybody = {"status": None, "updatedAt": {"from": (since - timedelta(days=1)).isoformat()}}
    order = {"field": "UPDATED_AT"}
    assert await found(people, everybody, orderBy=order) == "Beto Ana"
    await people.ask('mutation { upsertCustomer(externalId: "C", input: {phone: "6677-8899"}) { outcome } }')
    assert await found(people, everybody, orderBy=order) == "Beto Ana Caro"
    page = """
        query ($after: String) {
            customers(filter: {status: null}, orderBy: {field: UPDATED_AT}, first: 1, after: $after) {
                edges { cursor node { name } }
            }
        }
    """
    names, after = [], None
    while edges := (await people.ask(page, after=after))["customers"]["edges"]:
        names.append(edges[0]["node"]["name"])
        after = edges[0]["cursor"]
    assert names == ["Beto", "Ana", "Caro"]


# Documents


@pytest.fixture
async def papers(api: Api) -> Api:
    """Three invoices, called by their notes."""
    customer = await customer_id(api)
    today = datetime.now(UTC).date()
    later = str(today + timedelta(days=40))
    for fields in (
        invoice(
            line(description="Instalación de aire acondicionado", code="SRV-7"),
            line(description="Flete a Colón"),
            notes="uno",
            tags=["Obra"],
            externalId="F-1",
            dueDate=later,
        ),
        invoice(line(description="Flete"), notes="dos", currency="USD", metadata=[{"key": "obra", "value": "12"}]),
        invoice(line(description="Aire comprimido"), notes="tres", issue=False),
    ):
        made = await create_invoice(api, fields, customerId=customer)
        assert made["userErrors"] == []
    return api


@pytest.mark.parametrize(
    ("filter", "notes"),
    [
        ({"lineText": "instalacion AIRE"}, "uno"),
        ({"lineText": "flete"}, "uno dos"),
        ({"lineText": "srv-7"}, "uno"),
        # The words are looked for in one line.
        ({"lineText": "instalación flete"}, ""),
        ({"lineText": " "}, "uno dos tres"),
        ({"lineText": "%"}, ""),
        ({"currency": ["USD"]}, "dos"),
        ({"currency": ["USD", "PAB"], "status": ["ISSUED"]}, "uno dos"),
        ({"tags": ["OBRA"]}, "uno"),
        ({"metadata": {"key": "obra", "value": "12"}}, "dos"),
        ({"externalId": ["F-1", "F-2"]}, "uno"),
        ({"not": {"currency": ["USD"]}}, "uno tres"),
        ({"or": [{"tags": ["obra"]}, {"and": [{"lineText": "aire"}, {"status": ["DRAFT"]}]}]}, "uno tres"),
        ({"not": {"fiscalStatus": ["AUTHORIZED"]}}, "uno dos tres"),
    ],
)
async def test_documents_are_picked_by_what_they_have(papers: Api, filter: Answer, notes: str) -> None:
    order = {"field": "CREATED_AT", "direction": "ASC"}
    assert await documents(papers, filter, orderBy=order) == notes


async def test_documents_are_picked_by_due_date_and_those_without_one_are_not_before_any_day(papers: Api) -> None:
    today = datetime.now(UTC).date()
    order = {"field": "UPDATED_AT", "direction": "ASC"}
    late = {"dueDate": {"from": str(today + timedelta(days=39))}}
    assert await documents(papers, late, orderBy=order) == "uno"
    assert await documents(papers, {"not": late}, orderBy=order) == "dos tres"


async def test_words_that_are_too_many_are_told_as_such(papers: Api) -> None:
    response = await papers.execute(_DOCUMENTS, invoices={"lineText": "a " * 150})
    assert codes(response) == ["BAD_USER_INPUT"]


async def test_the_invoices_of_a_customer_take_combined_filters_too(papers: Api) -> None:
    query = """
        {
            customers(first: 1) { edges { node {
                invoices(filter: {or: [{currency: USD}, {tags: "obra"}], not: {lineText: "aire"}}) {
                    totalCount edges { node { notes } }
                }
            } } }
        }
    """
    [edge] = (await papers.ask(query))["customers"]["edges"]
    assert edge["node"]["invoices"] == {"totalCount": 1, "edges": [{"node": {"notes": "dos"}}]}
