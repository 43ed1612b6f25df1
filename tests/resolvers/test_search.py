"""Searching customers and invoices: what is found, in whose account, and by which index."""

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from db import models, tenant
from projection import answer, statement
from resolvers import accounts
from resolvers.customer_rows import customer_columns
from rules.customer import CustomerDraft, ForeignId
from rules.keys import digits, search_column, sort_key
from rules.search import matches, search_terms
from rules.vocabulary import CustomerStatus, ForeignIdType, ReceiverType, TaxpayerType
from tests.builders import (
    COMPANY,
    OTHER_COMPANY,
    add_billing_point,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    taxpayer,
)
from tests.conftest import Answer, Api

# Customers


async def store(api: Api, *customers: CustomerDraft, status: CustomerStatus = CustomerStatus.ACTIVE) -> None:
    with tenant.acting_for(api.account_id):
        await models.Customer.bulk_create(
            [models.Customer(account_id=api.account_id, status=status, **customer_columns(data)) for data in customers]
        )


_CUSTOMERS = """
    query ($search: String, $filter: CustomerFilter, $orderBy: CustomerOrder,
           $first: Int, $after: String, $last: Int, $before: String) {
        customers(search: $search, filter: $filter, orderBy: $orderBy,
                  first: $first, after: $after, last: $last, before: $before) {
            totalCount
            edges { node { id name } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""


async def found(api: Api, search: str | None, **arguments: Any) -> list[str]:
    """The names on the first page of those found, which must be all of them."""
    page = (await api.ask(_CUSTOMERS, search=search, **{"first": 100, **arguments}))["customers"]
    names = [edge["node"]["name"] for edge in page["edges"]]
    assert page["totalCount"] == len(names)
    return names


def person(name: str, **fields: Any) -> CustomerDraft:
    return CustomerDraft(receiver_type=ReceiverType.TAXPAYER, name=name, **fields)


COCA, HIGGINS, NANDU = "Coca-Cola de Panamá, S. A.", "O'Higgins & Hijos", "El Ñandú Veloz"
NINO, PERCENT, PLAIN = "Niño Peña", "Todo al 100% \\ a_b", "Todo al 1000 axb"
CUSTOMERS = [
    person(COCA, ruc="155596713-2-2015", dv="59", phone="+5072001111"),
    person(HIGGINS, ruc="8-NT-1-13656", dv="43", taxpayer_type=TaxpayerType.JURIDICAL, mobile="+50766778899"),
    person(NANDU, ruc="8-769-1080", dv="12", taxpayer_type=TaxpayerType.NATURAL, phone="+573001234567"),
    CustomerDraft(
        receiver_type=ReceiverType.FOREIGN,
        name=NINO,
        foreign_id=ForeignId(type=ForeignIdType.PASSPORT, number="AB-123.456", country="CO"),
    ),
    person(PERCENT),
    person(PLAIN),
]
EVERYBODY = [COCA, NANDU, NINO, HIGGINS, PERCENT, PLAIN]

SEARCHES: dict[str, list[str]] = {
    # names: any part of a word from three letters on
    "nandu": [NANDU],
    "ÑANDÚ": [NANDU],
    "andu": [NANDU],
    "velo": [NANDU],
    "elo": [NANDU],
    "ñandu veloz": [NANDU],
    "veloz nandu": [NANDU],
    "nandu lento": [],
    "pena": [NINO],
    "peña niño": [NINO],
    "coca-cola": [COCA],
    "coca cola": [COCA],
    "cocacola": [COCA],
    "«coca-cola»": [COCA],
    "o'higgins": [HIGGINS],
    "ohiggins": [HIGGINS],
    "s.a.": [COCA],
    "SA": [COCA],
    # one or two letters: the beginning of a word
    "n": [NANDU, NINO, HIGGINS],
    "ñ": [NANDU, NINO, HIGGINS],
    "na": [NANDU],
    "ve": [NANDU],
    "oz": [],
    "lo": [],
    "h": [HIGGINS],
    "o": [HIGGINS],
    "8": [NANDU, HIGGINS],
    "pe ni": [NINO],
    # RUC and foreign documents
    "155596713-2-2015": [COCA],
    "15559671322015": [COCA],
    "155596713 2 2015": [COCA],
    "155596713-2-2015 DV 59": [COCA],
    "RUC: 155596713-2-2015 DV 59": [COCA],
    "5596713": [COCA],
    "8-nt-1-13656": [HIGGINS],
    "8NT113656": [HIGGINS],
    "8 nt 1 13656": [HIGGINS],
    "8-769-1080": [NANDU],
    "87691080": [NANDU],
    "769-108": [NANDU],
    "ab-123.456": [NINO],
    "AB123456": [NINO],
    "23.456": [NANDU, NINO],
    # phones
    "200-1111": [COCA],
    "+507 200-1111": [COCA],
    "5072001111": [COCA],
    "6677 8899": [HIGGINS],
    "(507) 6677.8899": [HIGGINS],
    "+507-6677-8899": [HIGGINS],
    "300 123 4567": [NANDU],
    "+57 300 123-4567": [NANDU],
    # marks are no wildcards
    "100%": [PERCENT, PLAIN],
    "100% \\ a_b": [PERCENT],
    "1%00": [PERCENT, PLAIN],
    "10%1": [],
    "a_b": [NINO, PERCENT],
    "a%b": [NINO, PERCENT],
    "%": [],
    "_": [],
    "\\": [],
    "%%%": [],
    "¡...!": [],
    "☕": [],
    "\0": [],
    "coca %": [COCA],
    "": EVERYBODY,
    " ": EVERYBODY,
    "\u200b": EVERYBODY,
    "' OR 1=1 --": [],
}


@pytest.fixture
async def catalogue(api: Api) -> Api:
    await store(api, *CUSTOMERS)
    return api


@pytest.mark.parametrize("search", SEARCHES)
async def test_a_search_finds_its_customers(catalogue: Api, search: str) -> None:
    assert await found(catalogue, search) == SEARCHES[search]


POLE = "Łukasz Øster"


async def test_letters_with_strokes_are_found_and_sorted_as_plain_ones(catalogue: Api) -> None:
    await store(catalogue, person(POLE), person("Maria"), person("Lukasz Z"))

    for search in ("lukasz", "ŁUKASZ", "łukasz"):
        assert await found(catalogue, search) == [POLE, "Lukasz Z"]
    assert await found(catalogue, "oster") == [POLE]
    names = await found(catalogue, None)
    assert names.index(POLE) + 1 == names.index("Lukasz Z") < names.index("Maria")


async def test_what_cannot_be_seen_does_not_count_in_the_order(catalogue: Api) -> None:
    names = ["Ho\u200bteles Abc", "Hotel\u200f Azul", "Hoteles Zeta", "Hozanna"]
    await store(catalogue, *map(person, names))
    found_names = [name for name in await found(catalogue, None) if name in names]
    assert found_names == [names[1], names[0], names[2], names[3]]


MAILED = "Con Correo, S.A."


@pytest.fixture
async def mailed(catalogue: Api) -> Api:
    await customer_id(
        catalogue,
        taxpayer(
            name=MAILED,
            ruc=OTHER_COMPANY,
            email="Pagos@example.com",
            associatedPersons=[{"name": "Eva", "email": "eva@otra.example.com"}],
        ),
    )
    return catalogue


@pytest.mark.parametrize("search", ["pagos@example.com", "PAGOS@", "pagos", "eva@otra.example.com", "correo pagos@"])
async def test_a_customer_is_found_by_its_addresses_and_those_of_its_persons(mailed: Api, search: str) -> None:
    assert await found(mailed, search) == [MAILED]


@pytest.mark.parametrize(
    ("email", "names"),
    [
        ("pagos@example.com", [MAILED]),
        (" PAGOS@EXAMPLE.COM ", [MAILED]),
        ("pagos@example.org", []),
        ("eva@otra.example.com", []),
        ("pagos", []),
        ("", []),
        ("\0", []),
    ],
)
async def test_a_filter_finds_the_customers_with_an_address(mailed: Api, email: str, names: list[str]) -> None:
    assert await found(mailed, None, filter={"email": email}) == names


async def test_a_changed_address_is_the_one_that_is_found(mailed: Api) -> None:
    [id] = [edge["node"]["id"] for edge in (await mailed.ask(_CUSTOMERS, search="pagos@"))["customers"]["edges"]]
    await done(mailed, _RENAME, id=id, input={"email": "caja@example.com", "associatedPersons": []})
    assert await found(mailed, "pagos@example.com") == await found(mailed, "eva@") == []
    assert await found(mailed, None, filter={"email": "caja@example.com"}) == [MAILED]


async def test_a_search_keeps_to_the_filter(catalogue: Api) -> None:
    await store(catalogue, person("Ñandú Archivado"), status=CustomerStatus.ARCHIVED)

    assert await found(catalogue, "nandu") == [NANDU]
    assert await found(catalogue, "nandu", filter={"status": None}) == [NANDU, "Ñandú Archivado"]
    assert await found(catalogue, "n", filter={"receiverType": ["FOREIGN"]}) == [NINO]
    assert await found(catalogue, "nandu", filter={"receiverType": ["FOREIGN"]}) == []


async def test_a_search_never_finds_another_accounts_customers(catalogue: Api, electronic: Api) -> None:
    await store(electronic, person("Ñandú Ajeno"))

    for search in ("nandu", "n", "%", "ajeno"):
        assert "Ñandú Ajeno" not in await found(catalogue, search)
    assert await found(electronic, "nandu") == ["Ñandú Ajeno"]


@pytest.mark.parametrize("kind", ["customers", "invoices"])
@pytest.mark.parametrize(
    ("search", "refusals"),
    [
        ("x" * 200, []),
        ("x" * 201, ["BAD_USER_INPUT"]),
        ("%" * 201, ["BAD_USER_INPUT"]),
        (" ".join(f"a{n}" for n in range(20)), []),
        (" ".join(f"a{n}" for n in range(21)), ["BAD_USER_INPUT"]),
        (" ".join(["igual"] * 21), []),
    ],
)
async def test_a_search_has_200_characters_and_20_words_at_most(
    api: Api, kind: str, search: str, refusals: list[str]
) -> None:
    document = f"query ($search: String) {{ {kind}(search: $search) {{ totalCount edges {{ node {{ id }} }} }} }}"

    response = await api.execute(document, search=search)

    assert [error["extensions"]["code"] for error in response.get("errors", [])] == refusals


# Customers, compared with the rule in plain Python

_PIECES = ["Ñandú", "Nandu", "Ferretería", "S.A.", "S. A.", "Coca-Cola", "O'Higgins", "de", "El", "100%", "a_b", "c\\d"]
_PIECES += ["Güira", "José", "3M", "x", "ßen", "Łódź", "ﬁn", "８", "Iſla", "8-769-1080", "66778899"]
pieces = st.sampled_from(_PIECES) | st.text("aábcnñoóuü .-'%_\\", min_size=1, max_size=6)
names = st.lists(pieces, min_size=1, max_size=4).map(lambda parts: f"Na {' '.join(parts)}".strip()[:60])
rucs = st.from_regex(r"8-[1-9]\d{0,2}-[1-9]\d{0,3}|155\d{6}-2-201\d|8-NT-1-\d{4}|PE-\d-\d{3}|E-8-\d{5}", fullmatch=True)
phones = st.from_regex(r"\+5076\d{7}|\+5072\d{6}|\+573\d{9}", fullmatch=True)


@st.composite
def customers(draw: st.DrawFn) -> CustomerDraft:
    data = CustomerDraft(
        receiver_type=draw(st.sampled_from([ReceiverType.TAXPAYER, ReceiverType.FINAL_CONSUMER])),
        name=draw(names),
        ruc=draw(st.none() | rucs),
        phone=draw(st.none() | phones),
        mobile=draw(st.none() | phones),
    )
    if draw(st.integers(0, 4)) == 0:
        number = draw(st.sampled_from(["AB-12", "x_1", "0 7"]))
        document = ForeignId(type=ForeignIdType.PASSPORT, number=number, country="CO")
        return replace(data, receiver_type=ReceiverType.FOREIGN, ruc=None, foreign_id=document)
    return data


def without_marks(text: str) -> str:
    return re.sub("[-.']", " ", text)


@st.composite
def spelled(draw: st.DrawFn, text: str) -> str:
    """A text, or a part of it, as people would type it."""
    start = draw(st.integers(0, len(text) - 1))
    parts = [text, text[start:], text[: start + 1], text[start : start + 3], text[start : start + 2]]
    spellings: list[Callable[[str], str]] = [str, str.upper, str.lower, sort_key, digits, without_marks]
    return draw(st.sampled_from(spellings))(draw(st.sampled_from(parts)))


@st.composite
def books_and_searches(draw: st.DrawFn) -> tuple[list[CustomerDraft], list[str]]:
    """Customers of an account, and searches that have something to do with them."""
    book = draw(st.lists(customers(), min_size=1, max_size=9, unique_by=lambda c: c.ruc or c.foreign_id or id(c)))
    searches = [draw(st.text(max_size=4).filter(str.isprintable))]
    for _ in range(4):
        row = draw(st.sampled_from(book))
        texts = st.sampled_from([text for text in (row.name, row.ruc, number_of(row), row.phone, row.mobile) if text])
        searches.append(" ".join(draw(st.lists(texts.flatmap(spelled), min_size=1, max_size=2)))[:200])
    return book, searches


@given(books_and_searches(), st.sampled_from(["ASC", "DESC"]), st.sampled_from([None, ["TAXPAYER"], ["FOREIGN"]]))
@settings(max_examples=25, deadline=None)
async def test_the_database_finds_what_the_rule_finds(
    service: Any, case: tuple[list[CustomerDraft], list[str]], direction: str, types: list[str] | None
) -> None:
    book, searches = case
    mine, other = [Api(await accounts.create("Prueba", None, None, electronic_invoicing=False)) for _ in range(2)]
    await store(mine, *book)
    await store(other, *book)
    ids = {str(id) for id in await stored_ids(mine)}

    for search in searches:
        terms = search_terms(search)
        expected = [
            data.name or ""
            for data in sorted(book, key=lambda data: sort_key(data.name or ""), reverse=direction == "DESC")
            if (types is None or data.receiver_type in types) and matches(column_of(data), terms)
        ]
        order = {"field": "NAME", "direction": direction}
        arguments: Answer = {"search": search, "filter": {"receiverType": types}, "orderBy": order}

        for backward in (False, True):
            pages = await walked(mine, backward=backward, **arguments)
            assert [sort_key(node["name"]) for node in pages] == [sort_key(name) for name in expected], search
            assert sorted(node["name"] for node in pages) == sorted(expected), search
            assert {node["id"] for node in pages} <= ids


def number_of(data: CustomerDraft) -> str | None:
    return data.foreign_id.number if data.foreign_id else None


def column_of(data: CustomerDraft) -> str:
    return search_column(data.name or "", data.ruc, number_of(data), [data.phone, data.mobile])


async def stored_ids(api: Api) -> list[UUID]:
    with tenant.acting_for(api.account_id):
        ids: list[Any] = await models.Customer.all().values_list("id", flat=True)
    return ids


async def walked(api: Api, *, backward: bool, **arguments: Any) -> list[Answer]:
    """The customers found, read three at a time from either end."""
    limit, bound, ahead, end = (
        ("last", "before", "hasPreviousPage", "startCursor")
        if backward
        else ("first", "after", "hasNextPage", "endCursor")
    )
    nodes: list[Answer] = []
    info: Answer = {ahead: True, end: None}
    while info[ahead]:
        page = (await api.ask(_CUSTOMERS, **arguments, **{limit: 3, bound: info[end]}))["customers"]
        here = [edge["node"] for edge in page["edges"]]
        nodes = here + nodes if backward else nodes + here
        info = page["pageInfo"]
        assert info[ahead] == (len(nodes) < page["totalCount"])
    return nodes


# Invoices

_INVOICES = """
    query ($search: String, $filter: InvoiceFilter) {
        invoices(search: $search, filter: $filter, orderBy: {field: CREATED_AT, direction: ASC}) {
            totalCount
            edges { node { id } }
        }
    }
"""
_UPDATE = """
    mutation ($id: ID!, $input: InvoicePatch!) { updateInvoice(id: $id, input: $input) { userErrors { code } } }
"""
_RENAME = """
    mutation ($id: ID!, $input: CustomerPatch!) { updateCustomer(id: $id, input: $input) { userErrors { code } } }
"""


async def invoices_found(api: Api, search: str, **arguments: Any) -> list[str]:
    connection = (await api.ask(_INVOICES, search=search, **arguments))["invoices"]
    ids = [edge["node"]["id"] for edge in connection["edges"]]
    assert connection["totalCount"] == len(ids)
    return ids


async def new_invoice(api: Api, customer: str, *, issue: bool = True, point: str | None = None) -> str:
    made = await create_invoice(api, invoice(issue=issue, billingPoint=point), customerId=customer)
    id: str = made["invoice"]["id"]
    return id


async def done(api: Api, document: str, **variables: Any) -> None:
    payload = next(iter((await api.ask(document, **variables)).values()))
    assert payload["userErrors"] == []


async def test_an_issued_invoice_is_found_by_its_number_with_zeros_and_without(api: Api) -> None:
    customer = await customer_id(api)
    ids = [await new_invoice(api, customer) for _ in range(12)]

    for search in ("0000000012", "12", "00012"):
        assert await invoices_found(api, search) == [ids[11]]
    assert await invoices_found(api, "0000000003") == [ids[2]]
    assert await invoices_found(api, "1") == [ids[0], *ids[9:]]
    assert await invoices_found(api, "13") == []


@pytest.mark.parametrize(
    "search",
    ["001-0000000003", "001-3", "0000-001-3", "001/3", "Factura 001-0000000003", "factura-001-0000000003.pdf"],
)
async def test_an_invoice_is_found_by_its_number_with_the_billing_point(api: Api, search: str) -> None:
    customer = await customer_id(api)
    await add_billing_point(api, "002")
    ids = {point: [await new_invoice(api, customer, point=point) for _ in range(13)] for point in ("001", "002")}

    assert await invoices_found(api, search) == [ids["001"][2]]
    assert await invoices_found(api, search.replace("001-", "002-").replace("001/", "002/")) == [ids["002"][2]]
    assert await invoices_found(api, search.replace("001-", "003-").replace("001/", "003/")) == []


@pytest.mark.parametrize("search", ["3", "N.º 3", "factura 3", "#3", "0000000003", "factura n.º 0000000003"])
async def test_an_invoice_is_found_by_its_number_however_it_is_called(api: Api, search: str) -> None:
    customer = await customer_id(api)
    ids = [await new_invoice(api, customer) for _ in range(4)]
    assert await invoices_found(api, search) == [ids[2]]


async def test_a_number_that_can_be_a_part_of_a_ruc_finds_both(api: Api) -> None:
    await add_billing_point(api, "769")
    person_ = await customer_id(api, taxpayer(name="Ana", ruc="8-769-1080", taxpayerType="NATURAL"))
    other = await customer_id(api)
    of_person = await new_invoice(api, person_, point="001")
    numbered = [await new_invoice(api, other, point="769") for _ in range(3)]

    assert await invoices_found(api, "769-1080") == [of_person]
    assert await invoices_found(api, "769-2") == [numbered[1]]
    assert await invoices_found(api, "769-1080 ana") == [of_person]


async def test_words_of_which_nothing_is_left_find_no_invoice(api: Api) -> None:
    id = await new_invoice(api, await customer_id(api))
    for search in ("%", "_", "☕", "-", "¡!"):
        assert await invoices_found(api, search) == []
    assert await invoices_found(api, "") == await invoices_found(api, "  ") == [id]


@pytest.mark.parametrize("search", ["ñandu", "veloz s.a.", COMPANY, "15559671322015", "155596713 DV 59"])
async def test_an_invoice_is_found_by_its_receivers_name_and_ruc(api: Api, search: str) -> None:
    customer = await customer_id(api, taxpayer(name="El Ñandú Veloz, S.A.", ruc=COMPANY, phone="6677-8899"))
    other = await customer_id(api, taxpayer(name="Otro", ruc=OTHER_COMPANY))
    wanted = [await new_invoice(api, customer), await new_invoice(api, customer, issue=False)]
    await new_invoice(api, other)

    assert await invoices_found(api, search) == wanted
    assert await invoices_found(api, search, filter={"status": ["DRAFT"]}) == wanted[1:]
    assert await invoices_found(api, f"{search} otro") == []


async def test_an_invoice_is_found_by_a_foreign_receivers_document_but_not_by_a_phone(api: Api) -> None:
    wanted = await new_invoice(api, await customer_id(api, {**foreigner(number="AB-123"), "phone": "6677-8899"}))

    assert await invoices_found(api, "ab123") == [wanted]
    assert await invoices_found(api, "66778899") == []


async def test_once_issued_an_invoice_is_found_by_what_its_receiver_was_and_a_draft_by_what_it_is(api: Api) -> None:
    customer = await customer_id(api, taxpayer(name="Ferretería Vieja", ruc=COMPANY))
    issued = await new_invoice(api, customer)
    void = await new_invoice(api, customer)
    await done(api, 'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Error") { userErrors { code } } }', id=void)
    draft = await new_invoice(api, customer, issue=False)
    assert await invoices_found(api, "vieja") == [issued, void, draft]

    await done(api, _RENAME, id=customer, input={"name": "Panadería Nueva", "ruc": OTHER_COMPANY})

    for old, new in (("ferreteria", "panaderia"), (COMPANY, OTHER_COMPANY)):
        assert await invoices_found(api, old) == [issued, void]
        assert await invoices_found(api, new) == [draft]

    await done(api, "mutation ($id: ID!) { issueInvoice(id: $id) { userErrors { code } } }", id=draft)
    await done(api, _RENAME, id=customer, input={"name": "Otra Más"})

    assert await invoices_found(api, "nueva") == [draft]
    assert await invoices_found(api, "otra") == []


async def test_a_draft_for_another_customer_is_found_by_that_one(api: Api) -> None:
    first = await customer_id(api, taxpayer(name="Ferretería Vieja"))
    second = await customer_id(api, taxpayer(name="Panadería Nueva"))
    draft = await new_invoice(api, first, issue=False)

    await done(api, _UPDATE, id=draft, input={"customerId": second})
    await done(api, _RENAME, id=first, input={"name": "Ferretería Otra"})

    assert await invoices_found(api, "ferreteria") == []
    assert await invoices_found(api, "panaderia") == [draft]


async def test_a_search_never_finds_another_accounts_invoices(api: Api, electronic: Api) -> None:
    await new_invoice(api, await customer_id(api, taxpayer(name="Ñandú")))

    for search in ("nandu", "1", "0000000001", "001-1", "%"):
        assert await invoices_found(electronic, search) == []


# Plans

ROWS = 20_000

_CROWD = """
    INSERT INTO customer (id, account_id, receiver_type, name, status, verification_status, name_key, search)
    SELECT gen_random_uuid(), $1, 'FINAL_CONSUMER', name, 'ACTIVE', 'UNVERIFIED', lower(name), ' ' || lower(name)
    FROM generate_series(1, $2) n, LATERAL (SELECT 'Comercial ' || md5(n::text) AS name) made
"""
_INVOICED = """
    INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, number, number_key, status,
        issue_date, currency, issuer_name, receiver_type, receiver_name, subtotal, discount_total, itbms_total, total,
        total_cents, search, issued_at)
    SELECT gen_random_uuid(), $1, 'INVOICE', c.id, '0000', '001', number, number, 'ISSUED', date '2026-01-01', 'PAB',
        'Grande', 'FINAL_CONSUMER', c.name, 1, 0, 0, 1, 100, ' ' || number || ' ' || n || c.search, now()
    FROM (SELECT id, name, search, row_number() OVER () AS n FROM customer WHERE account_id = $1) c,
        LATERAL (SELECT lpad(n::text, 10, '0') AS number) made
"""
RARE = "c4ca4238"  # how the name of number 1 goes on


@pytest.fixture(scope="session")
async def crowded(service: TortoiseContext, database_url: str) -> Api:
    """A client of an account of 20,000 customers, beside ten accounts that have as many together."""
    big, *others = [await accounts.create("Grande, S.A.", None, None, electronic_invoicing=False) for _ in range(11)]
    admin = await asyncpg.connect(database_url)
    async with admin.transaction():
        await admin.execute(_CROWD, big, ROWS)
        await admin.executemany(_CROWD, [(other, ROWS // 10) for other in others])
        await admin.executemany(_INVOICED, [(account,) for account in (big, *others)])
    await admin.execute("VACUUM ANALYZE customer, document")
    await admin.close()
    return Api(big)


async def plan(
    api: Api,
    caplog: pytest.LogCaptureFixture,
    arguments: str,
    fields: str,
    mode: str = "custom",
    *,
    of: str = "customers",
) -> str:
    """What PostgreSQL does for the statement that the service sends, told to the service's own role.

    ``mode`` is "custom" for a plan made for the statement's values, "generic" for one that does
    without them, as PostgreSQL makes it for a prepared statement that comes often.
    """
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        caplog.clear()
        await api.ask(f"{{ {of}({arguments}) {{ {fields} }} }}")
        sent: list[Any] = [record.args for record in caplog.records]
    sql, values = sent[-1]  # the one before asks how many hits are expected
    literals = ", ".join(f"'{value}'" for value in values)
    with tenant.acting_for(api.account_id):
        async with in_transaction() as transaction:
            assert (await transaction.execute_query_dict("SELECT current_user AS who")) == [{"who": "istmo_app"}]
            await transaction.execute_query(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
            await transaction.execute_query(f"PREPARE asked AS {sql}")
            lines = await transaction.execute_query_dict(
                f"EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF) EXECUTE asked({literals})"
            )
            await transaction.execute_query("DEALLOCATE asked")
    return "\n".join(text for line in lines for text in line.values())


def most_rows(explained: str) -> int:
    """The most rows that any step of the plan had, those that it threw away included."""
    read = r"(?:actual rows=|Removed by Filter: |Removed by Index Recheck: )(\d+)"
    return max(int(rows) for rows in re.findall(read, explained))


@pytest.mark.parametrize("search", [RARE, RARE[:4], f"comercial {RARE}", f"{RARE[:4]} comercial", "zzzz", "zzz", "zz"])
@pytest.mark.parametrize("order", ["NAME", "CREATED_AT"])
async def test_a_rare_word_is_found_by_the_search_index(
    crowded: Api, caplog: pytest.LogCaptureFixture, search: str, order: str
) -> None:
    arguments = f'search: "{search}", orderBy: {{field: {order}}}, filter: {{receiverType: [FINAL_CONSUMER]}}'

    explained = await plan(crowded, caplog, arguments, "totalCount edges { node { name } }")

    assert explained.count("Bitmap Index Scan on customer_search_idx") == 2, explained
    assert not re.search("Seq Scan|customer_name_idx|customer_created_at_idx", explained), explained
    assert most_rows(explained) < ROWS / 100, explained


@pytest.mark.parametrize("search", ["001-77", "0000-001-77", "769-1080", f"001-77 {RARE[:4]}", f"{RARE} 001-1"])
async def test_a_number_with_its_billing_point_is_found_by_an_index(
    crowded: Api, caplog: pytest.LogCaptureFixture, search: str
) -> None:
    fields = "totalCount edges { node { number } }"
    explained = await plan(crowded, caplog, f'search: "{search}"', fields, of="invoices")

    assert re.search("document_(number_idx|number_unique|search_idx)", explained), explained
    assert not re.search("Seq Scan|document_issue_date_idx", explained), explained
    assert most_rows(explained) < ROWS / 100, explained


async def test_a_common_word_that_comes_late_in_the_order_is_not_sought_through_all_others(
    crowded: Api, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answer, "_MANY", 0)
    monkeypatch.setattr(statement, "_NEAR", 100)
    explained = await plan(crowded, caplog, f'search: "{RARE[:4]}"', "edges { node { name } }")
    walked = re.search(r"customer_name_idx on customer(?: customer_\d+)? \(actual rows=(\d+)", explained)
    assert walked is not None, explained
    assert int(walked[1]) == 100, explained
    assert explained.count("Bitmap Index Scan on customer_search_idx") == 1, explained


@pytest.mark.parametrize("near", [1, 7, 1000])
@pytest.mark.parametrize("order", ["NAME", "IDENTIFICATION", "CREATED_AT"])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_a_search_with_many_hits_has_the_same_pages_as_one_with_few(
    api: Api, monkeypatch: pytest.MonkeyPatch, near: int, order: str, direction: str
) -> None:
    for number in range(12):
        await customer_id(api, taxpayer(name=f"{'Zapatería' if number % 3 else 'Hotel'} {number * 7 % 12:02}"))
    search = f'search: "zapateria", orderBy: {{field: {order}, direction: {direction}}}'

    async def pages(size: str, cursor: str, end: str) -> list[Any]:
        found, after = [], ""
        while True:
            page = (await api.ask(f"{{ customers({search}, {size}: 3{after}) {{ {_PAGE} }} }}"))["customers"]
            found.append(page)
            if not page["edges"] or len(found) > 5:
                return found
            after = f', {cursor}: "{page["pageInfo"][end]}"'

    few = await pages("first", "after", "endCursor"), await pages("last", "before", "startCursor")
    assert [len(page["edges"]) for page in few[0]] == [3, 3, 2, 0]
    monkeypatch.setattr(answer, "_MANY", -1)
    monkeypatch.setattr(statement, "_NEAR", near)
    assert (await pages("first", "after", "endCursor"), await pages("last", "before", "startCursor")) == few


_PAGE = "totalCount edges { cursor node { name } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }"


async def test_an_address_is_found_by_its_index(crowded: Api, caplog: pytest.LogCaptureFixture) -> None:
    explained = await plan(crowded, caplog, 'filter: {email: "ana@example.com"}', "totalCount edges { node { name } }")

    assert explained.count("customer_email_idx") == 2, explained
    assert most_rows(explained) < ROWS / 100, explained


async def test_a_search_is_planned_for_its_words_each_time(crowded: Api) -> None:
    prepared = "SELECT statement FROM pg_prepared_statements WHERE statement LIKE $1 AND statement NOT LIKE 'PREPARE%'"
    for search in ("comercial", RARE, "comercial"):
        await crowded.ask(f'{{ customers(search: "{search}", first: 1) {{ totalCount }} }}')
        assert await get_connection("default").execute_query_dict(prepared, ['%FROM "customer_search"%']) == []


@pytest.mark.parametrize("mode", ["custom", "generic"])
@pytest.mark.parametrize("arguments", ["first: 20", "last: 20", "first: 20, orderBy: {field: NAME, direction: DESC}"])
async def test_a_list_by_name_is_read_off_the_index_of_names(
    crowded: Api, caplog: pytest.LogCaptureFixture, arguments: str, mode: str
) -> None:
    explained = await plan(crowded, caplog, arguments, "edges { node { name } } pageInfo { hasNextPage }", mode)

    assert re.findall(r"Scan .*?using (\w+)", explained) == ["customer_name_idx"], explained
    assert most_rows(explained) in (20, 21), explained


@pytest.mark.parametrize("mode", ["custom", "generic"])
async def test_a_page_in_the_middle_begins_at_its_cursor(
    crowded: Api, caplog: pytest.LogCaptureFixture, mode: str
) -> None:
    info = "pageInfo { endCursor hasPreviousPage }"
    page = await crowded.ask(f'{{ customers(search: "{RARE}") {{ {info} }} }}')
    after = page["customers"]["pageInfo"]["endCursor"]

    explained = await plan(crowded, caplog, f'first: 20, after: "{after}"', f"edges {{ node {{ name }} }} {info}", mode)

    begun = r"customer_name_idx on customer \(actual rows=20\b.*\n *Index Cond: .*name_key, id\) > "
    assert re.search(begun, explained), explained
    assert most_rows(explained) in (20, 21), explained
