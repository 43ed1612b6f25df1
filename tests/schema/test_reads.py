"""Reading: objects by id and RUC, locations, forms, pages in both directions, and what a read costs."""

import asyncio
import base64
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.context import TortoiseContext

from projection import answer
from resolvers import accounts
from rules.vocabulary import Scope
from tests.builders import (
    COMPANY,
    EITHER,
    PERSON,
    PERSON_DV,
    Input,
    change_customer,
    codes,
    company,
    create_customer,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import Answer, Api

NOBODY = "01a20b70-54d9-72ac-92c1-719dbc762067"
MALFORMED = ["", "x", "8-8-7", "01a20b70", "\0", "ñ" * 36, "'; DROP TABLE customer; --", f"{NOBODY}0"]


# One object


@pytest.mark.parametrize("scope", list(Scope))
async def test_viewer_tells_the_account_and_the_keys_scope(api: Api, scope: Scope) -> None:
    data = await Api(api.account_id, scope).ask(
        "{ viewer { scope account { id name ruc dv electronicInvoicing billingPoints { code name lastNumber } } } }"
    )
    assert data["viewer"] == {
        "scope": scope.value,
        "account": {
            "id": str(api.account_id),
            "name": "Prueba, S.A.",
            "ruc": None,
            "dv": None,
            "electronicInvoicing": False,
            "billingPoints": [{"code": "001", "name": None, "lastNumber": None}],
        },
    }


async def test_a_customer_is_read_by_its_id(api: Api) -> None:
    made = await create_customer(api, company(associatedPersons=[{"name": "Ana Ríos"}]))
    data = await api.ask(
        """
        query ($id: ID!) { customer(id: $id) {
            __typename name location { code corregimiento district province districtCode provinceCode }
            verification { status checkedAt registryName } associatedPersons { name }
            invoiceCount invoicedTotal createdAt updatedAt
        } }
        """,
        id=made["customer"]["id"],
    )
    customer = data["customer"]
    moment = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
    assert moment.fullmatch(customer.pop("createdAt"))
    assert moment.fullmatch(customer.pop("updatedAt"))
    assert customer == {
        "__typename": "Customer",
        "name": "Hoteles Istmo, S.A.",
        "location": {
            "code": "8-8-7",
            "corregimiento": "Bella Vista",
            "district": "Panamá",
            "province": "Panamá",
            "districtCode": "8-8",
            "provinceCode": "8",
        },
        "verification": {"status": "UNVERIFIED", "checkedAt": None, "registryName": None},
        "associatedPersons": [{"name": "Ana Ríos"}],
        "invoiceCount": 0,
        "invoicedTotal": "0.00",
    }


async def test_customers_and_invoices_lead_to_each_other(api: Api) -> None:
    id = await customer_id(api, company())
    issued = (await create_invoice(api, invoice(line(unitPrice="10")), customerId=id))["invoice"]["id"]
    draft = (await create_invoice(api, invoice(issue=False), customerId=id))["invoice"]["id"]
    await create_invoice(api, newCustomer=taxpayer())
    data = await api.ask(
        """
        query ($customer: ID!, $invoice: ID!) {
            customer(id: $customer) {
                invoiceCount invoicedTotal
                invoices(orderBy: {field: CREATED_AT, direction: ASC}) {
                    totalCount edges { node { id customer { id invoices(first: 1) { totalCount } } } }
                }
                drafts: invoices(filter: {status: [DRAFT]}) { edges { node { id } } }
            }
            invoice(id: $invoice) { number customer { id invoices { totalCount } } }
        }
        """,
        customer=id,
        invoice=issued,
    )
    back = {"id": id, "invoices": {"totalCount": 2}}
    assert data["customer"] == {
        "invoiceCount": 1,
        "invoicedTotal": "10.70",
        "invoices": {"totalCount": 2, "edges": [{"node": {"id": each, "customer": back}} for each in (issued, draft)]},
        "drafts": {"edges": [{"node": {"id": draft}}]},
    }
    assert data["invoice"] == {"number": "0000000001", "customer": back}


NODE = "... on Customer { name } ... on Invoice { number }"


async def test_a_node_is_of_whatever_type_its_id_has(api: Api) -> None:
    made = await create_invoice(api, newCustomer=taxpayer())
    invoice_id, customer_id = made["invoice"]["id"], made["customer"]["id"]
    data = await api.ask(
        f"""
        query ($a: ID!, $b: ID!, $ids: [ID!]!) {{
            a: node(id: $a) {{ __typename id {NODE} }}
            b: node(id: $b) {{ __typename id {NODE} }}
            nodes(ids: $ids) {{ __typename id {NODE} }}
        }}
        """,
        a=invoice_id,
        b=customer_id,
        ids=[customer_id, NOBODY, invoice_id, "x", customer_id, str(api.account_id)],
    )
    an_invoice = {"__typename": "Invoice", "id": invoice_id, "number": "0000000001"}
    a_customer = {"__typename": "Customer", "id": customer_id, "name": "Hoteles Istmo, S.A."}
    assert (data["a"], data["b"]) == (an_invoice, a_customer)
    assert data["nodes"] == [a_customer, None, an_invoice, None, a_customer, None]


@pytest.mark.parametrize("id", [NOBODY, *MALFORMED])
async def test_an_id_that_is_nobodys_or_malformed_finds_nothing(api: Api, id: str) -> None:
    data = await api.ask(
        """
        query ($id: ID!) {
            node(id: $id) { id } nodes(ids: [$id]) { id } customer(id: $id) { id } invoice(id: $id) { id }
            invoices(filter: {customerId: $id}) { totalCount edges { node { id } } }
        }
        """,
        id=id,
    )
    nothing = {"totalCount": 0, "edges": []}
    assert data == {"node": None, "nodes": [None], "customer": None, "invoice": None, "invoices": nothing}


async def test_nodes_takes_up_to_100_ids(api: Api) -> None:
    nodes = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert (await api.ask(nodes, ids=[]))["nodes"] == []
    assert (await api.ask(nodes, ids=[NOBODY] * 100))["nodes"] == [None] * 100
    assert await api.refused(nodes, ids=[NOBODY] * 101) == ["BAD_USER_INPUT"]


BY_RUC = "query ($ruc: String!, $type: TaxpayerType) { customerByRuc(ruc: $ruc, taxpayerType: $type) { id } }"


@pytest.mark.parametrize(
    ("stored", "spelling"),
    [
        (COMPANY, COMPANY),
        (COMPANY, " 0155596713 - 2 - 2015 "),
        (COMPANY, "155596713–2–2015"),
        (COMPANY, "155596713/2/2015"),
        (COMPANY, "155596713-2-2015 D.V. 59"),
        (PERSON, "08-0274-00125"),
        ("8-NT-1-13656", "8 nt-1-13656"),
        ("8AV-1-196", "08-av-001-0196"),
        ("E-8-127702", "e 8 127702"),
    ],
)
async def test_a_customer_is_found_by_its_ruc_in_any_spelling(api: Api, stored: str, spelling: str) -> None:
    dv = {PERSON: PERSON_DV, "8-NT-1-13656": "43"}.get(stored)
    id = await customer_id(api, taxpayer(ruc=stored, dv=dv))
    assert (await api.ask(BY_RUC, ruc=spelling))["customerByRuc"] == {"id": id}


async def test_a_ruc_finds_active_customers_of_the_type_only(api: Api) -> None:
    id = await customer_id(api, taxpayer(ruc=EITHER, taxpayerType="JURIDICAL"))
    assert (await api.ask(BY_RUC, ruc=EITHER))["customerByRuc"] == {"id": id}
    assert (await api.ask(BY_RUC, ruc=EITHER, type="NATURAL"))["customerByRuc"] is None
    assert (await api.ask(BY_RUC, ruc=COMPANY))["customerByRuc"] is None
    await change_customer(api, id, status="ARCHIVED")
    assert (await api.ask(BY_RUC, ruc=EITHER))["customerByRuc"] is None


@pytest.mark.parametrize("text", ["", "hola", "155596713", "8-769\0-1080", "8" * 51])
async def test_a_text_that_is_no_ruc_is_bad_input(api: Api, text: str) -> None:
    assert await api.refused(BY_RUC, ruc=text) == ["BAD_USER_INPUT"]


# Locations


async def test_a_location_is_read_by_its_code(api: Api) -> None:
    location = "query ($code: String!) { location(code: $code) { corregimiento district province } }"
    assert (await api.ask(location, code="8-8-7"))["location"] == {
        "corregimiento": "Bella Vista",
        "district": "Panamá",
        "province": "Panamá",
    }
    for unknown in ("8-8-99", "8-8", "", "8-8-7 ", "%"):
        assert (await api.ask(location, code=unknown))["location"] is None


async def test_provinces_hold_all_districts_and_corregimientos_in_order(api: Api) -> None:
    data = await api.ask("{ provinces { code name kind districts { code name corregimientos { code } } } }")
    provinces = data["provinces"]
    districts = [district for province in provinces for district in province["districts"]]
    codes = [location["code"] for district in districts for location in district["corregimientos"]]
    assert (len(provinces), len(districts), len(codes)) == (13, 81, 651)
    assert [province["code"] for province in provinces] == [str(number) for number in range(1, 14)]
    assert {province["kind"] for province in provinces} == {"PROVINCIA", "COMARCA"}
    assert codes == sorted(codes, key=lambda code: [int(part) for part in code.split("-")])
    assert len(set(codes)) == 651
    for province in provinces:
        for district in province["districts"]:
            assert district["code"].startswith(f"{province['code']}-")
            assert all(each["code"].startswith(f"{district['code']}-") for each in district["corregimientos"])


@pytest.mark.parametrize(
    ("arguments", "codes"),
    [
        pytest.param({"search": "bella vista", "province": "8"}, ["8-8-7"], id="words"),
        pytest.param(
            {"search": "BELLA  Vísta", "province": "8"}, ["8-8-7"], id="case, accents and blanks don't matter"
        ),
        pytest.param({"search": "ella vist", "district": "8-8"}, ["8-8-7"], id="parts of words"),
        pytest.param({"search": "vista panama bella", "district": "8-8"}, ["8-8-7"], id="with district and province"),
        pytest.param({"district": "8-8", "first": 3}, ["8-8-1", "8-8-2", "8-8-3"], id="a district in the DGI's order"),
        pytest.param({"province": "13", "first": 2}, ["13-1-1", "13-1-2"], id="a province"),
        pytest.param({"province": "4", "district": "8-8"}, [], id="a district of another province"),
        pytest.param({"province": "_"}, [], id="no patterns"),
        pytest.param({"search": "xyzzy"}, [], id="nothing"),
    ],
)
async def test_locations_are_searched(api: Api, arguments: Input, codes: list[str]) -> None:
    data = await api.ask(
        """
        query ($search: String, $province: String, $district: String, $first: Int! = 20) {
            locations(search: $search, province: $province, district: $district, first: $first) { code }
        }
        """,
        **arguments,
    )
    assert [location["code"] for location in data["locations"]] == codes


@pytest.mark.parametrize(
    ("search", "first"),
    [
        ("bella vista", "8-8-7"),
        ("juan diaz", "8-8-12"),
        ("san francisco", "8-8-9"),
        ("san martin", "8-8-18"),
        ("guna yala", "10-1-1"),
        ("kuna yala", "10-1-1"),
        ("ngobe", "12-1-1"),
        ("el cangrejo", "8-8-7"),
        ("obarrio", "8-8-7"),
        ("paitilla", "8-8-9"),
        ("punta pacifica", "8-8-9"),
        ("casco viejo", "8-8-1"),
        ("costa del este", "8-8-10"),
    ],
)
async def test_the_place_that_is_usually_meant_comes_first(api: Api, search: str, first: str) -> None:
    found = await api.ask("query ($search: String) { locations(search: $search) { code } }", search=search)
    assert found["locations"][0]["code"] == first


async def test_places_where_the_account_has_customers_come_first(api: Api, electronic: Api) -> None:
    async def search(client: Api) -> list[str]:
        found = await client.ask('{ locations(search: "bella vista") { code } }')
        return [location["code"] for location in found["locations"]]

    small = next(code for code in await search(api) if code != "8-8-7")
    await customer_id(api, taxpayer(locationCode=small))
    assert (await search(api))[:2] == [small, "8-8-7"]
    assert (await search(electronic))[0] == "8-8-7"


async def test_locations_are_20_unless_asked_and_100_at_most(api: Api) -> None:
    locations = "query ($first: Int!) { locations(first: $first) { code } }"
    assert len((await api.ask("{ locations { code } }"))["locations"]) == 20
    for size in (1, 100):
        assert len((await api.ask(locations, first=size))["locations"]) == size
    for size in (-1, 0, 101):
        assert await api.refused(locations, first=size) == ["BAD_USER_INPUT"]


async def test_too_long_a_search_is_bad_input(api: Api) -> None:
    for text in ("a" * 201, " ".join(map(str, range(21)))):
        assert await api.refused("query ($t: String!) { locations(search: $t) { code } }", t=text) == ["BAD_USER_INPUT"]
        assert await api.refused("query ($t: String!) { customers(search: $t) { totalCount } }", t=text) == [
            "BAD_USER_INPUT"
        ]


@pytest.mark.parametrize(
    "query",
    [
        "location(code: $text) { code }",
        "locations(province: $text) { code }",
        "locations(district: $text) { code }",
        "customers(filter: {locationCode: $text}) { totalCount }",
        "customers(filter: {district: $text}) { totalCount }",
        "customers(filter: {province: $text}) { totalCount }",
        "customers(filter: {email: $text}) { totalCount }",
        "invoices(filter: {billingPoint: $text}) { totalCount }",
        "customerByRuc(ruc: $text) { id }",
        "customers(after: $text) { totalCount }",
        "numberingAudit(billingPoint: $text) { lastNumber }",
    ],
)
async def test_text_that_no_column_holds_is_no_surprise(api: Api, query: str) -> None:
    for text in ("\0", "a\0b", "8" * 60):
        response = await api.execute(f"query ($text: String!) {{ {query} }}", text=text)
        assert codes(response) == ["BAD_USER_INPUT"] or is_empty(response)


def is_empty(response: Answer) -> bool:
    [found] = response["data"].values()
    return "errors" not in response and found in (None, [], {"totalCount": 0})


# Forms


FORM = """
    query ($receiver: ReceiverType!, $taxpayer: TaxpayerType) {
        customerForm(receiverType: $receiver, taxpayerType: $taxpayer) {
            name label required forbidden maxLength pattern
        }
    }
"""


async def form(api: Api, receiver: str, taxpayer: str | None = None) -> dict[str, Answer]:
    fields = (await api.ask(FORM, receiver=receiver, taxpayer=taxpayer))["customerForm"]
    return {field["name"]: field for field in fields}


async def test_a_form_is_labelled_in_both_languages(api: Api) -> None:
    in_spanish = await form(api, "TAXPAYER")
    in_english = await form(Api(api.account_id, language="en"), "TAXPAYER")
    assert list(in_spanish) == list(in_english)
    for name, field in in_spanish.items():
        assert field["label"]
        assert {**field, "label": ""} == {**in_english[name], "label": ""}
        assert field["label"] != in_english[name]["label"] or name in ("ruc", "dv", "locationCode")


@pytest.mark.parametrize(
    ("receiver", "taxpayer", "required", "forbidden"),
    [
        ("TAXPAYER", None, {"name"}, {"foreignId"}),
        ("TAXPAYER", "NATURAL", {"name"}, {"foreignId", "associatedPersons"}),
        ("FINAL_CONSUMER", None, {"name"}, {"foreignId", "associatedPersons"}),
        ("GOVERNMENT", "JURIDICAL", {"name"}, {"foreignId"}),
        ("FOREIGN", None, {"name"}, {"taxpayerType", "ruc", "dv", "locationCode"}),
    ],
)
async def test_a_form_tells_what_is_required_and_forbidden(
    api: Api, electronic: Api, receiver: str, taxpayer: str | None, required: set[str], forbidden: set[str]
) -> None:
    more = {"FOREIGN": {"foreignId"}, "FINAL_CONSUMER": set()}
    by_electronic = more.get(receiver, {"taxpayerType", "ruc", "locationCode", "address"})
    for client, wanted in ((api, required), (electronic, required | by_electronic)):
        fields = await form(client, receiver, taxpayer)
        assert {name for name, field in fields.items() if field["required"]} == wanted
        assert {name for name, field in fields.items() if field["forbidden"]} == forbidden


# Pages

NAMES = ["Ñandú", "nube", "Nz", "Óscar", "Oca", "Ana", "ana", "Zoe", "Ávila", "Peña", "Pena", "Penz"]
IN_ORDER = ["Ana", "ana", "Ávila", "nube", "Nz", "Ñandú", "Oca", "Óscar", "Pena", "Penz", "Peña", "Zoe"]
CROWD = 50


@pytest.fixture(scope="module")
async def crowd(service: TortoiseContext) -> Api:
    """A client whose account has 50 customers with an invoice each, one of them with 6 more; and many alike."""
    api = Api(await accounts.create("Multitud, S.A.", None, None, electronic_invoicing=False))

    async def one(n: int) -> Answer:
        phone = f"6677-88{n:02}" if n % 3 else None
        customer = {**foreigner(number=f"X{n % 40:03}{n}"), "name": NAMES[n % len(NAMES)], "phone": phone}
        if n % 2:
            customer = company(ruc=f"1555{n % 7}67{n:02}-2-2015", name=NAMES[n % len(NAMES)], phone=phone)
        lines = [line(quantity=str(n % 5 + 1)), line(itbmsRate="EXEMPT"), line(itbmsRate="RATE_15")]
        input = invoice(*lines, issueDate=f"2026-01-{n % 9 + 1:02}", issue=n % 4 > 0)
        payload = await create_invoice(api, input, newCustomer=customer)
        assert payload["userErrors"] == []
        return payload

    first, *_ = await asyncio.gather(*(one(n) for n in range(CROWD)))
    for _ in range(6):
        await create_invoice(api, customerId=first["customer"]["id"])
    return api


Walk = Callable[[str], Awaitable[Answer]]

PAGE = """
    edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount
"""


async def forwards(api: Api, connection: str, order: Input | None, size: int) -> list[str]:
    """The ids of all pages of this size, from the first on."""
    ids: list[str] = []
    cursor = None
    while True:
        page = await page_of(api, connection, orderBy=order, first=size, after=cursor)
        assert page["pageInfo"]["hasPreviousPage"] == bool(ids)
        ids += [edge["node"]["id"] for edge in page["edges"]]
        assert page["pageInfo"]["hasNextPage"] == (len(ids) < page["totalCount"])
        if not page["pageInfo"]["hasNextPage"]:
            return ids
        assert len(page["edges"]) == size
        cursor = page["pageInfo"]["endCursor"]


async def backwards(api: Api, connection: str, order: Input | None, size: int) -> list[str]:
    """The ids of all pages of this size, from the last on, put in the list's order."""
    ids: list[str] = []
    cursor = None
    while True:
        page = await page_of(api, connection, orderBy=order, last=size, before=cursor)
        assert page["pageInfo"]["hasNextPage"] == bool(ids)
        ids = [edge["node"]["id"] for edge in page["edges"]] + ids
        assert page["pageInfo"]["hasPreviousPage"] == (len(ids) < page["totalCount"])
        if not page["pageInfo"]["hasPreviousPage"]:
            return ids
        assert len(page["edges"]) == size
        cursor = page["pageInfo"]["startCursor"]


async def page_of(api: Api, connection: str, **arguments: Any) -> Answer:
    types = "$orderBy: %sOrder, $first: Int, $last: Int, $after: String, $before: String"
    declared = types % connection.capitalize()[:-1]
    given = ", ".join(f"{name}: ${name}" for name in ("orderBy", "first", "last", "after", "before"))
    data = await api.ask(f"query ({declared}) {{ {connection}({given}) {{ {PAGE} }} }}", **arguments)
    page: Answer = data[connection]
    cursors = [edge["cursor"] for edge in page["edges"]]
    ends = (page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"])
    assert ends == ((cursors[0], cursors[-1]) if cursors else (None, None))
    return page


ORDERS = [
    (connection, {"field": field, "direction": direction})
    for connection, fields in {
        "customers": ("NAME", "IDENTIFICATION", "PHONE", "CREATED_AT"),
        "invoices": ("NUMBER", "ISSUE_DATE", "TOTAL", "CREATED_AT"),
    }.items()
    for field in fields
    for direction in ("ASC", "DESC")
]


@pytest.mark.parametrize(("connection", "order"), ORDERS)
async def test_every_order_reads_the_same_forwards_and_backwards(crowd: Api, connection: str, order: Input) -> None:
    whole = await forwards(crowd, connection, order, 100)
    assert len(set(whole)) == len(whole) == {"customers": CROWD, "invoices": CROWD + 6}[connection]
    for size in (7, 25):
        assert await forwards(crowd, connection, order, size) == whole
        assert await backwards(crowd, connection, order, size) == whole
    opposite = {**order, "direction": "DESC" if order["direction"] == "ASC" else "ASC"}
    assert await forwards(crowd, connection, opposite, 100) == whole[::-1]


@pytest.mark.parametrize("connection", ["customers", "invoices"])
async def test_pages_of_one_row_are_as_good_as_others(crowd: Api, connection: str) -> None:
    whole = await forwards(crowd, connection, None, 100)
    assert await forwards(crowd, connection, None, 1) == await backwards(crowd, connection, None, 1) == whole


async def test_customers_come_by_name_in_spanish_order_and_invoices_by_day_the_latest_first(crowd: Api) -> None:
    data = await crowd.ask("{ customers(first: 100) { edges { node { name } } } }")
    names = list(dict.fromkeys(edge["node"]["name"] for edge in data["customers"]["edges"]))
    assert [name.lower() for name in names if name != "ana"] == [name.lower() for name in IN_ORDER if name != "ana"]
    data = await crowd.ask("{ invoices(first: 100) { edges { node { issueDate } } } }")
    days = [edge["node"]["issueDate"] for edge in data["invoices"]["edges"]]
    assert days == sorted(days, reverse=True)


async def test_a_page_has_20_rows_unless_asked(crowd: Api) -> None:
    for connection in ("customers", "invoices"):
        data = await crowd.ask(f"{{ {connection} {{ edges {{ node {{ id }} }} pageInfo {{ hasNextPage }} }} }}")
        assert len(data[connection]["edges"]) == 20
        assert data[connection]["pageInfo"]["hasNextPage"]


@pytest.mark.parametrize("count", [0, 1, 2])
@pytest.mark.parametrize("connection", ["customers", "invoices"])
async def test_parts_of_a_page_can_be_asked_alone(api: Api, connection: str, count: int) -> None:
    for _ in range(count):
        await create_invoice(api, newCustomer=taxpayer())
    data = await api.ask(
        f"""
        {{
            total: {connection} {{ totalCount }}
            type: {connection} {{ __typename }}
            info: {connection} {{ pageInfo {{ hasNextPage hasPreviousPage }} }}
            previous: {connection} {{ pageInfo {{ hasPreviousPage }} }}
            edges: {connection} {{ edges {{ __typename }} }}
            searched: {connection}(search: "xyzzy") {{ totalCount }}
        }}
        """
    )
    named = connection.capitalize()[:-1]
    assert data == {
        "total": {"totalCount": count},
        "type": {"__typename": f"{named}Connection"},
        "info": {"pageInfo": {"hasNextPage": False, "hasPreviousPage": False}},
        "previous": {"pageInfo": {"hasPreviousPage": False}},
        "edges": {"edges": [{"__typename": f"{named}Edge"}] * count},
        "searched": {"totalCount": 0},
    }


async def test_after_and_before_together_cut_out_the_middle(crowd: Api) -> None:
    cursors = [edge["cursor"] for edge in (await page_of(crowd, "customers", first=10))["edges"]]
    middle = await page_of(crowd, "customers", first=100, after=cursors[2], before=cursors[6])
    assert [edge["cursor"] for edge in middle["edges"]] == cursors[3:6]
    assert middle["pageInfo"]["hasPreviousPage"]
    last = await page_of(crowd, "customers", last=2, after=cursors[2], before=cursors[6])
    assert [edge["cursor"] for edge in last["edges"]] == cursors[4:6]
    assert (await page_of(crowd, "customers", first=5, after=cursors[6], before=cursors[2]))["edges"] == []


async def test_a_cursor_holds_its_place_when_its_row_is_gone(api: Api) -> None:
    ids = [await customer_id(api, taxpayer(name=name)) for name in ("Ana", "Berta", "Carla")]
    [_, berta, _] = (await page_of(api, "customers"))["edges"]
    await change_customer(api, ids[1], status="ARCHIVED")
    after = await page_of(api, "customers", first=5, after=berta["cursor"])
    assert [edge["node"]["id"] for edge in after["edges"]] == ids[2:]


def cursor(*parts: Any) -> str:
    return base64.b64encode(orjson.dumps(parts)).decode()


@pytest.mark.parametrize(
    "arguments",
    [
        *({"first": size} for size in (-1, 0, 101, 2**31 - 1)),
        *({"last": size} for size in (-1, 0, 101)),
        {"first": 2**31},
        {"first": "2"},
        {"first": 5, "last": 5},
        *({"after": text} for text in ("", "x", "====", "ñ", "bnVsbA==", "W10=", "e30=", "\0")),
        {"before": "x"},
        {"first": 5, "before": "x"},
    ],
)
@pytest.mark.parametrize("connection", ["customers", "invoices"])
async def test_sizes_and_cursors_that_are_none_are_bad_input(api: Api, connection: str, arguments: Input) -> None:
    types = {"first": "Int", "last": "Int", "after": "String", "before": "String"}
    declared = ", ".join(f"${name}: {types[name]}" for name in arguments)
    given = ", ".join(f"{name}: ${name}" for name in arguments)
    query = f"query ({declared}) {{ {connection}({given}) {{ totalCount }} }}"
    assert await api.refused(query, **arguments) == ["BAD_USER_INPUT"]
    id = await customer_id(api)
    nested = f'query ({declared}) {{ customer(id: "{id}") {{ invoices({given}) {{ totalCount }} }} }}'
    assert await api.refused(nested, **arguments) == ["BAD_USER_INPUT"]


async def test_a_cursor_is_refused_by_every_other_list_and_order(crowd: Api) -> None:
    cursors = []
    for connection, order in ORDERS:
        page = await page_of(crowd, connection, orderBy=order, first=1)
        cursors.append(page["pageInfo"]["endCursor"])
    for connection, order in ORDERS:
        kind = connection.capitalize()[:-1]
        query = f"query ($o: {kind}Order, $c: String) {{ {connection}(orderBy: $o, after: $c) {{ totalCount }} }}"
        taken = [each for each in cursors if "errors" not in await crowd.execute(query, o=order, c=each)]
        assert taken == [cursors[ORDERS.index((connection, order))]]


async def test_a_forged_cursor_is_bad_input_and_no_surprise(crowd: Api) -> None:
    for connection, order in ORDERS:
        kind = connection.capitalize()[:-1]
        query = f"query ($o: {kind}Order, $c: String) {{ {connection}(orderBy: $o, after: $c) {{ totalCount }} }}"
        real = (await page_of(crowd, connection, orderBy=order, first=1))["pageInfo"]["endCursor"]
        name, descending, key, id = orjson.loads(base64.b64decode(real))
        forged = [
            cursor(name, descending, key, "x"),
            cursor(name, descending, key, 5),
            cursor(name, descending, None, id),
            cursor(name, descending, [key], id),
            cursor(name, descending, 5, id),
            cursor(name, descending, key),
            cursor(name, descending, key, id, id),
            cursor(name, descending, "\0", id),
            cursor(name, not descending, key, id),
            cursor("X", descending, key, id),
        ]
        if order["field"] in ("ISSUE_DATE", "TOTAL", "CREATED_AT"):
            keys = ["", "x", "9" * 30, "-" + "9" * 30, "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
            forged += [cursor(name, descending, each, id) for each in keys]
        for each in forged:
            assert await crowd.refused(query, o=order, c=each) == ["BAD_USER_INPUT"], each


# What it costs


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQL sent to the database so far."""
    sent: list[str] = []
    for name in ("execute_query", "execute_query_dict", "execute_insert", "execute_many", "execute_script"):
        original = getattr(AsyncpgDBClient, name)

        def counted(self: Any, query: str, *args: Any, original: Any = original) -> Any:
            sent.append(query)
            return original(self, query, *args)

        monkeypatch.setattr(AsyncpgDBClient, name, counted)
    fetch: Any = answer._fetch

    def noted(connection: Any, sql: str, *args: Any, **options: Any) -> Any:
        sent.append(sql)
        return fetch(connection, sql, *args, **options)

    monkeypatch.setattr(answer, "_fetch", noted)
    return sent


@pytest.mark.parametrize(
    ("connection", "rows"),
    [
        pytest.param(
            "invoices",
            "number total customer { name location { province } } lines { description total }",
            id="50 invoices with customer, location and lines",
        ),
        pytest.param(
            "customers",
            "name invoices(first: 3) { totalCount edges { node { number lines { total } } } }",
            id="50 customers with their first 3 invoices",
        ),
    ],
)
async def test_one_row_and_fifty_cost_one_statement(
    crowd: Api, statements: list[str], connection: str, rows: str
) -> None:
    query = f"query ($first: Int!) {{ {connection}(first: $first) {{ totalCount edges {{ node {{ {rows} }} }} }} }}"
    for size in (1, CROWD):
        statements.clear()
        edges = (await crowd.ask(query, first=size))[connection]["edges"]
        assert len(edges) == size
        assert len(statements) == 1
    nodes = [edge["node"] for edge in edges]
    if connection == "invoices":
        assert all(len(node["lines"]) in (1, 3) for node in nodes)
        assert all(node["customer"]["name"] for node in nodes)
    else:
        pages = sorted((node["invoices"]["totalCount"], len(node["invoices"]["edges"])) for node in nodes)
        assert pages == [(1, 1)] * (CROWD - 1) + [(7, 3)]


@pytest.mark.parametrize(
    "query",
    [
        "viewer { account { billingPoints { code } } scope }",
        "provinces { districts { corregimientos { code } } }",
        f'node(id: "{NOBODY}") {{ id {NODE} }}',
        f'nodes(ids: ["{NOBODY}", "x"]) {{ id {NODE} }}',
        f'customer(id: "{NOBODY}") {{ invoices {{ edges {{ node {{ customer {{ name }} }} }} }} }}',
    ],
)
async def test_other_reads_cost_one_statement_too(api: Api, statements: list[str], query: str) -> None:
    await api.ask(f"{{ {query} }}")
    assert len(statements) == 1
