"""Customers that may be one, with the reasons why, page by page."""

from typing import Any

import pytest

from resolvers import duplicates
from tests.builders import change_customer, codes, company, customer_id, faults, foreigner, taxpayer
from tests.conftest import Answer, Api
from tests.merging import merged

_CANDIDATES = """
    query ($first: Int! = 20, $after: String) { duplicateCandidates(first: $first, after: $after) {
        edges { cursor node { customer { id name } matches { customer { id name } reasons } } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    } }
"""


async def page(api: Api, **arguments: Any) -> Answer:
    found: Answer = (await api.ask(_CANDIDATES, **arguments))["duplicateCandidates"]
    return found


async def pairs(api: Api) -> dict[tuple[str, str], list[str]]:
    """The names of each pair, with the reasons."""
    nodes = [edge["node"] for edge in (await page(api, first=100))["edges"]]
    return {
        (node["customer"]["name"], match["customer"]["name"]): match["reasons"]
        for node in nodes
        for match in node["matches"]
    }


async def test_the_same_digits_of_a_ruc_are_a_reason(api: Api) -> None:
    await customer_id(api, taxpayer(name="Ana Ríos", ruc="8-769-1080", taxpayerType="NATURAL"))
    await customer_id(api, taxpayer(name="Otra", ruc="8-76-91080", taxpayerType="NATURAL"))
    await customer_id(api, taxpayer(name="Zoé", ruc="8-769-1081", taxpayerType="NATURAL"))
    assert await pairs(api) == {("Ana Ríos", "Otra"): ["SAME_IDENTIFICATION"]}


async def test_the_same_document_of_a_foreigner_is_a_reason(api: Api) -> None:
    await customer_id(api, {**foreigner(number="AB-123"), "name": "Ana"})
    await customer_id(api, {**foreigner(number="ab123", country="VE"), "name": "Rosa"})
    assert await pairs(api) == {("Ana", "Rosa"): ["SAME_IDENTIFICATION"]}


@pytest.mark.parametrize(
    ("contact", "reason"),
    [({"phone": "6677-8899"}, "SAME_PHONE"), ({"email": "a@example.com"}, "SAME_EMAIL")],
)
async def test_a_name_with_the_same_contact_is_a_reason(api: Api, contact: dict[str, str], reason: str) -> None:
    await customer_id(api, company(name="Ferretería El Ñandú", **contact))
    await customer_id(api, taxpayer(name="FERRETERIA EL ÑANDU", ruc="2588017-1-831938", **contact))
    await customer_id(api, taxpayer(name="Zapatería", **contact))
    [(names, reasons)] = (await pairs(api)).items()
    assert (set(names), reasons) == ({"Ferretería El Ñandú", "FERRETERIA EL ÑANDU"}, ["SAME_NAME", reason])


async def test_similar_names_are_a_reason_if_nothing_tells_them_apart(api: Api) -> None:
    await customer_id(api, taxpayer(name="Inversiones Rodríguez, S.A."))
    await customer_id(api, taxpayer(name="Inversiones Rodriguez S A"))
    await customer_id(api, taxpayer(name="Inversiones Santos, S.A."))
    await customer_id(api, taxpayer(name="Finca 12"))
    await customer_id(api, taxpayer(name="Finca 13"))
    await customer_id(api, company(name="Hoteles del Istmo"))
    await customer_id(api, company(name="Hoteles del Itsmo", ruc="2588017-1-831938"))
    assert await pairs(api) == {("Inversiones Rodriguez S A", "Inversiones Rodríguez, S.A."): ["SIMILAR_NAME"]}


async def test_archived_and_merged_customers_are_no_candidates(api: Api) -> None:
    one, two, three = [await customer_id(api, taxpayer(name="Ana Ríos")) for _ in range(3)]
    assert len(await pairs(api)) == 1
    await change_customer(api, three, status="ARCHIVED")
    await merged(api, two, into=one)
    assert await pairs(api) == {}


async def test_the_likeliest_is_the_first(api: Api) -> None:
    await customer_id(api, taxpayer(name="Ana Ríos", ruc="8-769-1080", taxpayerType="NATURAL", phone="6677-8899"))
    await customer_id(api, taxpayer(name="Ana Ríos S"))
    await customer_id(api, taxpayer(name="Ana Ríos T", phone="6677-8899"))
    await customer_id(api, taxpayer(name="Zoé", ruc="8-76-91080", taxpayerType="NATURAL"))
    nodes = [edge["node"] for edge in (await page(api))["edges"]]
    assert [match["reasons"] for match in nodes[0]["matches"]] == [
        ["SAME_IDENTIFICATION"],
        ["SIMILAR_NAME", "SAME_PHONE"],
        ["SIMILAR_NAME"],
    ]


async def test_pages_lead_to_each_candidate_once(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(6):
        for _ in range(2):
            await customer_id(api, taxpayer(name=f"{'abcdef'[n] * 5} {'uvwxyz'[n] * 5}"))
        await customer_id(api, taxpayer(name=f"{'abcdef'[n] * 4} solo"))
    for examined, first in ((500, 2), (2, 20), (3, 1)):
        monkeypatch.setattr(duplicates, "EXAMINED", examined)
        seen: list[str] = []
        after = None
        while True:
            found = await page(api, first=first, after=after)
            assert len(found["edges"]) <= first
            seen += [edge["node"]["customer"]["name"][0] for edge in found["edges"]]
            if not found["pageInfo"]["hasNextPage"]:
                break
            after = found["pageInfo"]["endCursor"]
        assert seen == list("abcdef")


@pytest.mark.parametrize("after", ["", "x", "WyJDVVNUT01FUl9OQU1FIiwiYSIsIngiXQ=="])
async def test_a_foreign_cursor_is_refused(api: Api, after: str) -> None:
    assert codes(await api.execute(_CANDIDATES, after=after)) == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("first", [0, 101])
async def test_a_page_has_1_to_100_entries(api: Api, first: int) -> None:
    assert codes(await api.execute(_CANDIDATES, first=first)) == ["BAD_USER_INPUT"]


# Customers that somebody has told apart

_APART = """
    mutation ($ids: [ID!]!, $apart: Boolean! = true) { keepCustomersApart(ids: $ids, apart: $apart) {
        customer { id version } userErrors { path code } } }
"""


async def kept_apart(api: Api, *ids: str, **arguments: Any) -> Answer:
    payload: Answer = (await api.ask(_APART, ids=list(ids), **arguments))["keepCustomersApart"]
    return payload


async def test_customers_that_were_told_apart_are_no_pair_until_that_is_taken_back(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=f"Comercial Ancón {end}")) for end in ("Uno", "Uno", "Uno")]
    assert len(await _id_pairs(api)) == 3
    assert await kept_apart(api, ids[2], ids[0]) == {"customer": {"id": ids[2], "version": 1}, "userErrors": []}
    assert await _id_pairs(api) == {frozenset((ids[0], ids[1])), frozenset((ids[1], ids[2]))}
    await kept_apart(api, *ids)
    assert await _id_pairs(api) == set()
    await kept_apart(api, ids[0], ids[1], apart=False)
    assert await _id_pairs(api) == {frozenset((ids[0], ids[1]))}
    await merged(api, ids[2], into=ids[0])


async def _id_pairs(api: Api) -> set[frozenset[str]]:
    nodes = [edge["node"] for edge in (await page(api, first=100))["edges"]]
    return {frozenset((node["customer"]["id"], each["customer"]["id"])) for node in nodes for each in node["matches"]}


async def test_what_can_not_be_told_apart_is_refused(api: Api) -> None:
    id = await customer_id(api)
    nobody = "018c0000-0000-7000-8000-000000000001"
    assert faults(await kept_apart(api, id)) == {("ids", "REQUIRED")}
    assert faults(await kept_apart(api, *[id] * 21)) == {("ids", "TOO_MANY")}
    assert faults(await kept_apart(api, id, nobody, "x")) == {("ids.1", "NOT_FOUND"), ("ids.2", "NOT_FOUND")}
