"""The list of customers: which ones, in which order, page by page; and what each list costs in statements."""

import logging
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from itertools import combinations, product
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db import models, tenant
from resolvers import accounts
from resolvers.customer_rows import customer_columns
from rules.customer import CustomerDraft, ForeignId
from rules.customer_check import check_customer, clean_customer
from rules.vocabulary import CustomerStatus, ForeignIdType, ReceiverType, TaxpayerType, VerificationStatus
from tests.builders import COMPANY, FINCA, PERSON, codes, create_invoice, customer_id, invoice, line, taxpayer
from tests.conftest import Answer, Api

TAXPAYER, CONSUMER, GOVERNMENT, FOREIGN = ReceiverType
NATURAL, JURIDICAL = TaxpayerType
ARCHIVED = CustomerStatus.ARCHIVED

FIELDS = {field.name for field in fields(CustomerDraft)}

Names = list[str]


def customer(name: str, **values: Any) -> models.Customer:
    """An unsaved row of a taxpayer: fields of ``CustomerDraft``, and columns beside them."""
    written = {field: values.pop(field) for field in list(values) if field in FIELDS}
    data = CustomerDraft(**{"receiver_type": TAXPAYER, "name": name, **written})
    return models.Customer(**customer_columns(data) | values)


async def store(api: Api, *rows: models.Customer) -> None:
    for row in rows:
        row.account_id = api.account_id
    with tenant.acting_for(api.account_id):
        await models.Customer.bulk_create(rows)


_LIST = """
    query ($filter: CustomerFilter, $orderBy: CustomerOrder, $first: Int, $after: String, $last: Int, $before: String) {
        customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
            totalCount
            edges { cursor node { id name } }
            pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        }
    }
"""


async def listed(api: Api, **arguments: Any) -> Answer:
    connection: Answer = (await api.ask(_LIST, **arguments))["customers"]
    return connection


def names(connection: Answer) -> Names:
    return [edge["node"]["name"] for edge in connection["edges"]]


async def walked(api: Api, size: int, *, backward: bool = False, **arguments: Any) -> Names:
    """The names of the whole list, asked for page by page from either end; each page is checked by itself."""
    limit, bound, ahead, behind, end = FROM_THE_END if backward else FROM_THE_FRONT
    found: Names = []
    info: Answer = {ahead: True, end: None}
    while info[ahead]:
        page = await listed(api, **arguments, **{limit: size, bound: info[end]})
        info, here = page["pageInfo"], names(page)
        cursors = [edge["cursor"] for edge in page["edges"]]
        assert (info["startCursor"], info["endCursor"]) == ((cursors[0], cursors[-1]) if cursors else (None, None))
        assert info[behind] == bool(found)
        found = here + found if backward else found + here
        assert info[ahead] == (len(found) < page["totalCount"])
        assert len(here) == size or not info[ahead]
    return found


FROM_THE_FRONT = ("first", "after", "hasNextPage", "hasPreviousPage", "endCursor")
FROM_THE_END = ("last", "before", "hasPreviousPage", "hasNextPage", "startCursor")


# Filters

DAY = datetime(2026, 3, 1, tzinfo=UTC)

CATALOGUE: dict[str, dict[str, Any]] = {
    "Ana": {"taxpayer_type": NATURAL, "ruc": PERSON, "location_code": "1-1-1", "created_at": DAY},
    "Beto": {"taxpayer_type": JURIDICAL, "ruc": COMPANY, "location_code": "10-1-1", "created_at": DAY},
    "Ciro": {"taxpayer_type": NATURAL, "location_code": "8-10-1", "created_at": DAY + timedelta(days=1)},
    "Dora": {"receiver_type": CONSUMER, "location_code": "8-8-7", "created_at": DAY + timedelta(days=2)},
    "Edil": {"receiver_type": GOVERNMENT, "taxpayer_type": JURIDICAL, "location_code": "8-8-1"},
    "Fran": {"receiver_type": FOREIGN},
    "Gina": {"receiver_type": FOREIGN, "status": ARCHIVED},
    "Hugo": {"taxpayer_type": NATURAL, "ruc": PERSON, "status": ARCHIVED, "location_code": "8-8-7"},
}
VERIFICATION = {"Ana": "VERIFIED", "Beto": "MISMATCH", "Ciro": "VERIFIED", "Dora": "NOT_FOUND", "Edil": "PENDING"}
ALL = set(CATALOGUE)
ACTIVE = ALL - {"Gina", "Hugo"}

# A field of the filter, its value, and whom it lets through of the whole catalogue.
FILTERS: list[tuple[str, Any, set[str]]] = [
    ("receiverType", ["TAXPAYER"], {"Ana", "Beto", "Ciro", "Hugo"}),
    ("receiverType", ["FOREIGN", "GOVERNMENT"], {"Edil", "Fran", "Gina"}),
    ("receiverType", [], set()),
    ("receiverType", None, ALL),
    ("taxpayerType", ["NATURAL"], {"Ana", "Ciro", "Hugo"}),
    ("taxpayerType", ["JURIDICAL", "NATURAL"], {"Ana", "Beto", "Ciro", "Edil", "Hugo"}),
    ("status", ["ACTIVE"], ACTIVE),
    ("status", ["ARCHIVED"], {"Gina", "Hugo"}),
    ("status", ["ARCHIVED", "ACTIVE"], ALL),
    ("status", None, ALL),
    ("status", [], set()),
    ("locationCode", "8-8-7", {"Dora", "Hugo"}),
    ("locationCode", "8-8", set()),
    ("locationCode", "8-8-_", set()),
    ("locationCode", "8-8-%", set()),
    ("locationCode", "", set()),
    ("district", "8-8", {"Dora", "Edil", "Hugo"}),
    ("district", "8-1", set()),
    ("district", "8-%", set()),
    ("district", "8-_", set()),
    ("district", "8", set()),
    ("district", "8-8-7", set()),
    ("province", "8", {"Ciro", "Dora", "Edil", "Hugo"}),
    ("province", "1", {"Ana"}),
    ("province", "10", {"Beto"}),
    ("province", "8-8", set()),
    ("province", "_", set()),
    ("province", "%", set()),
    ("province", "\\8", set()),
    ("province", "", set()),
    ("verification", ["VERIFIED"], {"Ana", "Ciro"}),
    ("verification", ["MISMATCH", "NOT_FOUND"], {"Beto", "Dora"}),
    ("createdAt", {"from": "2026-03-02T00:00:00Z"}, ALL - {"Ana", "Beto"}),
    ("createdAt", {"to": "2026-03-01T00:00:00Z"}, {"Ana", "Beto"}),
    ("createdAt", {"from": "2026-02-28T19:00:00-05:00", "to": "2026-03-02T00:00:00Z"}, {"Ana", "Beto", "Ciro"}),
    ("createdAt", {"from": "2026-03-01T00:00:00.000001Z", "to": "2026-03-02T23:59:59Z"}, {"Ciro"}),
    ("createdAt", {"from": "2026-03-02T00:00:00Z", "to": "2026-03-01T00:00:00Z"}, set()),
    ("createdAt", {}, ALL),
    ("incomplete", True, ALL - {"Dora"}),
    ("incomplete", False, {"Dora"}),
    ("incomplete", None, ALL),
]


@pytest.fixture
async def catalogue(api: Api) -> Api:
    statuses = {name: VerificationStatus(VERIFICATION.get(name, "UNVERIFIED")) for name in CATALOGUE}
    rows = [customer(name, **values, verification_status=statuses[name]) for name, values in CATALOGUE.items()]
    await store(api, *rows)
    return api


async def test_without_a_filter_the_active_customers_are_listed(catalogue: Api) -> None:
    unfiltered: list[Answer] = [{}, {"filter": None}, {"filter": {}}]

    for arguments in unfiltered:
        assert names(await listed(catalogue, **arguments)) == sorted(ACTIVE)


@pytest.mark.parametrize(("field", "value", "expected"), FILTERS)
async def test_a_filter_lets_its_customers_through(catalogue: Api, field: str, value: Any, expected: set[str]) -> None:
    of_all = await listed(catalogue, filter={"status": None, field: value})
    unless_asked = await listed(catalogue, filter={field: value})

    assert names(of_all) == sorted(expected)
    assert names(unless_asked) == sorted(expected if field == "status" else expected & ACTIVE)


async def test_filters_combine_and_the_total_counts_the_matching_customers(catalogue: Api) -> None:
    for (field, value, passed), (other, its_value, its_passed) in combinations(FILTERS, 2):
        if field != other and passed and its_passed:
            connection = await listed(catalogue, filter={field: value, other: its_value}, first=1)
            expected = sorted(passed & its_passed & (ALL if "status" in (field, other) else ACTIVE))
            assert (connection["totalCount"], names(connection)) == (len(expected), expected[:1]), (field, other)


async def test_all_filters_at_once_add_up(catalogue: Api) -> None:
    filter = {
        "receiverType": ["TAXPAYER", "GOVERNMENT"],
        "taxpayerType": ["NATURAL"],
        "status": ["ACTIVE"],
        "locationCode": "8-10-1",
        "district": "8-10",
        "province": "8",
        "verification": ["VERIFIED"],
        "createdAt": {"from": "2026-03-01T00:00:00Z", "to": "2026-03-31T00:00:00Z"},
        "incomplete": True,
    }

    assert names(await listed(catalogue, filter=filter)) == ["Ciro"]


@pytest.mark.parametrize(
    "filter",
    [{"province": "8\0"}, {"receiverType": ["OTHER"]}, {"createdAt": {"from": "2026-03-01"}}, {"createdAt": "2026"}],
    ids=str,
)
async def test_a_filter_that_is_none_is_refused(api: Api, filter: Answer) -> None:
    assert await api.refused(_LIST, filter=filter) == ["BAD_USER_INPUT"]


def storable() -> Iterator[tuple[str, CustomerDraft]]:
    """Customers that lack this and that, such as an account without electronic invoicing may have."""
    choices = product(
        ReceiverType,
        (None, *TaxpayerType),
        (None, COMPANY, PERSON, "8-NT-1-13656", FINCA),
        (None, "11"),
        (None, ForeignId(type=ForeignIdType.PASSPORT, number="AB1", country="CO")),
        (None, "8-8-7"),
        (None, "Calle 50, local 4"),
    )
    for place, (receiver_type, taxpayer_type, ruc, dv, foreign_id, location, address) in enumerate(choices):
        data = CustomerDraft(
            receiver_type=receiver_type,
            taxpayer_type=taxpayer_type,
            ruc=ruc,
            dv=dv,
            foreign_id=foreign_id,
            name=f"Cliente {place}",
            location_code=location,
            address=address,
        )
        check = check_customer(clean_customer(data), electronic=False)
        if not check.faults:
            yield data.name or "", check.derived.as_draft()


async def test_customers_that_electronic_invoicing_would_refuse_are_incomplete(api: Api, electronic: Api) -> None:
    rows = dict(storable())
    refused = {name for name, data in rows.items() if check_customer(clean_customer(data), electronic=True).faults}
    assert min(len(refused), len(rows) - len(refused)) > 30

    for client in (api, electronic):  # whatever the account's own setting is
        # Archived, so that several can have one RUC.
        await store(client, *(models.Customer(**customer_columns(data), status=ARCHIVED) for data in rows.values()))
        for incomplete, expected in ((True, refused), (False, rows.keys() - refused)):
            filter = {"status": ["ARCHIVED"], "incomplete": incomplete}
            assert set(await walked(client, 100, filter=filter)) == expected


# Order

# As Spanish has it: accents and case don't count, ñ stands between n and o.
SPANISH = ["abanico", "Ábrego", "Ábrego", "Acuña", "Añil", "CANAL", "Cañazas", "nube", "Núñez", "nz", "ñandú", "Ñopo"]
SPANISH += ["Oca", "Óscar", "Úrsula", "zeta"]

# Identification and phone of customers in rising order; some have none, some the same.
NUMBERS = [(None, None), (None, None), (None, None), ("10-1-1", "+5072001111"), ("10-1-1", "+50760000001")]
NUMBERS += [("2-1-1", "+50760000001"), ("8-769-1080", "+573001234567"), ("N-19-473", "+573001234568")]
EIGHT = [f"n{n}" for n in range(8)]

ORDERS = [("NAME", SPANISH), ("IDENTIFICATION", EIGHT), ("PHONE", EIGHT), ("CREATED_AT", EIGHT)]


async def store_in_order(api: Api, field: str) -> None:
    if field == "NAME":
        rows = [customer(name) for name in SPANISH]
    elif field == "CREATED_AT":  # three at a moment
        rows = [customer(name, created_at=DAY + timedelta(microseconds=n // 3)) for n, name in enumerate(EIGHT)]
    else:
        rows = []
        for n, (ruc, phone) in enumerate(NUMBERS):
            # Of two types, so that a RUC may be there twice; a mobile phone stands in for one that is missing.
            type_, device = ((NATURAL, "phone"), (JURIDICAL, "mobile"))[n % 2]
            rows.append(customer(EIGHT[n], ruc=ruc, taxpayer_type=type_, **{device: phone}))
    await store(api, *rows)


def order_by(field: str, direction: str) -> dict[str, str]:
    return {"field": field, "direction": direction}


@pytest.mark.parametrize(("field", "ascending"), ORDERS, ids=[field for field, _ in ORDERS])
async def test_each_order_is_the_same_page_by_page_from_either_end(api: Api, field: str, ascending: Names) -> None:
    await store_in_order(api, field)

    for direction, expected in (("ASC", ascending), ("DESC", ascending[::-1])):
        for size, backward in product(range(1, 8), (False, True)):
            order = order_by(field, direction)
            assert await walked(api, size, backward=backward, orderBy=order) == expected, (size, backward)


async def test_a_list_is_by_name_unless_asked(api: Api) -> None:
    await store_in_order(api, "NAME")

    assert names(await listed(api)) == SPANISH
    assert names(await listed(api, orderBy={"field": "NAME"})) == SPANISH


@pytest.mark.parametrize("limit", ["first", "last"])
async def test_a_window_between_two_cursors_pages_by_the_relay_specification(api: Api, limit: str) -> None:
    order = ["Ana", "Ana", "Beto", "Ciro", "Ñato", "Óscar"]
    await store(api, *map(customer, order))
    cursors = [edge["cursor"] for edge in (await listed(api))["edges"]]
    places = [None, *range(len(order))]

    for after, before, size in product(places, places, (1, 2, 6, 7)):
        window = order[0 if after is None else after + 1 : before]
        arguments: Answer = {limit: size}
        arguments |= {} if after is None else {"after": cursors[after]}
        arguments |= {} if before is None else {"before": cursors[before]}

        page = await listed(api, **arguments)

        beyond = len(window) > size
        assert names(page) == (window[:size] if limit == "first" else window[-size:]), arguments
        assert page["pageInfo"]["hasNextPage"] == (beyond if limit == "first" else before is not None), arguments
        assert page["pageInfo"]["hasPreviousPage"] == (beyond if limit == "last" else after is not None), arguments
        assert page["totalCount"] == len(order)


@pytest.mark.parametrize("filter", [{"province": "8"}, {"province": "1"}, {"status": None}], ids=str)
async def test_what_is_ahead_and_behind_is_told_of_the_filtered_list(catalogue: Api, filter: Answer) -> None:
    expected = names(await listed(catalogue, filter=filter))

    for size, backward in product((1, 2, 3), (False, True)):
        assert await walked(catalogue, size, backward=backward, filter=filter) == expected


async def test_an_empty_list_has_an_empty_page(api: Api) -> None:
    for limit in ("first", "last"):
        assert await listed(api, **{limit: 5}) == {
            "totalCount": 0,
            "edges": [],
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }


async def test_a_page_has_twenty_customers_unless_asked_and_a_hundred_at_most(api: Api) -> None:
    await store(api, *(customer(f"{n:03}") for n in range(120)))

    assert names(await listed(api)) == [f"{n:03}" for n in range(20)]
    assert names(await listed(api, first=100)) == [f"{n:03}" for n in range(100)]
    assert names(await listed(api, last=100)) == [f"{n:03}" for n in range(20, 120)]


@pytest.mark.parametrize(
    "arguments",
    [{"first": 0}, {"first": 101}, {"first": -1}, {"last": 0}, {"last": 101}, {"first": 1, "last": 1}],
    ids=str,
)
async def test_a_size_out_of_range_is_refused(api: Api, arguments: Answer) -> None:
    assert await api.refused(_LIST, **arguments) == ["BAD_USER_INPUT"]


# Pages while the list changes: see docs/paging.md


async def change(api: Api, customer_name: str, **values: Any) -> None:
    with tenant.acting_for(api.account_id):
        assert await models.Customer.filter(name=customer_name).update(**values) == 1


async def happens(api: Api, action: str, name: str, new_name: str = "") -> None:
    if action == "add":
        await store(api, customer(name))
    elif action == "archive":
        await change(api, name, status=ARCHIVED)
    else:
        await change(api, name, **customer_columns(CustomerDraft(receiver_type=TAXPAYER, name=new_name)))


# What happens after somebody read the page B, D, F of the list B, D, F, H, J, L; and what the rest of it is then.
CHANGES: list[tuple[str, list[tuple[str, ...]], Names]] = [
    ("nothing happens", [], ["H1", "J1", "L1"]),
    ("one comes in ahead: shown", [("add", "I1")], ["H1", "I1", "J1", "L1"]),
    ("one comes in behind: skipped", [("add", "C1")], ["H1", "J1", "L1"]),
    ("one ahead goes: not shown", [("archive", "J1")], ["H1", "L1"]),
    ("one behind goes", [("archive", "B1")], ["H1", "J1", "L1"]),
    ("the page's last one goes: its cursor still holds", [("archive", "F1")], ["H1", "J1", "L1"]),
    ("one behind moves ahead: shown again", [("rename", "B1", "K1")], ["H1", "J1", "K1", "L1"]),
    ("one ahead moves behind: skipped", [("rename", "J1", "A1")], ["H1", "L1"]),
    ("one moves within what is ahead", [("rename", "H1", "M1")], ["J1", "L1", "M1"]),
    ("the page's last one moves ahead: shown again", [("rename", "F1", "Z1")], ["H1", "J1", "L1", "Z1"]),
    ("the page's last one moves behind", [("rename", "F1", "A1")], ["H1", "J1", "L1"]),
    ("all ahead go", [("archive", "H1"), ("archive", "J1"), ("archive", "L1")], []),
]


@pytest.mark.parametrize(("changes", "rest"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
async def test_a_list_goes_on_from_the_place_of_its_cursor(
    api: Api, changes: list[tuple[str, ...]], rest: Names
) -> None:
    await store(api, *map(customer, ["B1", "D1", "F1", "H1", "J1", "L1"]))
    page = await listed(api, first=3)
    assert names(page) == ["B1", "D1", "F1"]

    for event in changes:
        await happens(api, *event)

    following = await listed(api, first=10, after=page["pageInfo"]["endCursor"])
    assert names(following) == rest
    assert following["pageInfo"]["hasNextPage"] is False
    assert following["pageInfo"]["hasPreviousPage"] is True


STAYING = ["B", "D", "F", "H", "J", "L"]
MOVING = ["A", "C", "E", "G", "I", "K", "M"]
events = st.tuples(st.sampled_from(["add", "archive", "rename"]), st.sampled_from(MOVING), st.sampled_from("ADGJMZ"))


@given(
    size=st.integers(1, 3),
    direction=st.sampled_from(["ASC", "DESC"]),
    backward=st.booleans(),
    happening=st.lists(events, min_size=1, max_size=7, unique_by=lambda event: event[1]),
)
@settings(max_examples=25, deadline=None)
async def test_an_unchanged_row_is_shown_exactly_once_whatever_happens_to_others(
    service: Any, size: int, direction: str, backward: bool, happening: list[tuple[str, str, str]]
) -> None:
    api = Api(await accounts.create("Prueba, S.A.", None, None, electronic_invoicing=False))
    await store(api, *(customer(f"{letter}1") for letter in STAYING + MOVING))
    limit, bound, ahead, _, end = FROM_THE_END if backward else FROM_THE_FRONT
    seen: Names = []
    info: Answer = {ahead: True, end: None}
    waiting = iter(happening)
    while info[ahead]:
        page = await listed(api, orderBy=order_by("NAME", direction), **{limit: size, bound: info[end]})
        seen += names(page)
        info = page["pageInfo"]
        for action, letter, elsewhere in waiting:
            await happens(api, action, f"{elsewhere}2" if action == "add" else f"{letter}1", f"{elsewhere}3")
            break

    assert sorted(name for name in seen if name[0] in STAYING and name[1] == "1") == [f"{n}1" for n in STAYING]


async def test_by_time_of_registration_nobody_moves(api: Api) -> None:
    order = order_by("CREATED_AT", "ASC")
    await store(api, *(customer(name, created_at=DAY + timedelta(hours=n)) for n, name in enumerate(EIGHT[:4])))
    page = await listed(api, first=2, orderBy=order)

    await happens(api, "rename", "n0", "zz")
    await happens(api, "rename", "n3", "aa")
    await happens(api, "add", "new")

    rest = await listed(api, first=9, after=page["pageInfo"]["endCursor"], orderBy=order)
    assert names(page) + names(rest) == ["n0", "n1", "n2", "aa", "new"]


# Cursors

_INVOICES = """
    query ($orderBy: InvoiceOrder, $after: String) {
        invoices(orderBy: $orderBy, after: $after) { pageInfo { endCursor } }
    }
"""


def packed(*parts: Any) -> str:
    return b64encode(orjson.dumps(parts)).decode()


async def parts_of_a_cursor(api: Api, **arguments: Any) -> list[Any]:
    """Order, direction, key and id, as the cursor of the only customer has them."""
    await store(api, customer("Ana"))
    parts: list[Any] = orjson.loads(b64decode((await listed(api, **arguments))["pageInfo"]["endCursor"]))
    return parts


@pytest.mark.parametrize("cursor", ["", "x", "ñ", "\0", "e30=", packed(), b64encode(b"\xff").decode()])
async def test_a_text_that_is_no_cursor_is_refused(api: Api, cursor: str) -> None:
    for bound in ("after", "before"):
        assert await api.refused(_LIST, **{bound: cursor}) == ["BAD_USER_INPUT"]


async def test_a_cursor_with_other_things_in_it_is_refused(api: Api) -> None:
    order, direction, key, id = await parts_of_a_cursor(api)
    forged = [
        packed(order, direction, key),
        packed(order, direction, key, id, 1),
        packed(order, direction, key, "nobody"),
        packed(order, direction, key, None),
        packed(order, direction, None, id),
        packed(order, direction, 1, id),
        packed(order, direction, "a\0", id),
        packed(order, None, key, id),
        packed("", direction, key, id),
        b64encode(orjson.dumps([order, direction, "X", id]).replace(b'"X"', b'"\\ud800"')).decode(),
        b64encode(b"[" * 5000).decode(),
    ]

    for cursor in forged:
        assert await api.refused(_LIST, after=cursor) == ["BAD_USER_INPUT"], b64decode(cursor)[:100]


@pytest.mark.parametrize("key", ["", "yesterday", "2026-13-01T00:00:00Z", "0001-01-01 00:00:00+23:59", "9" * 40])
async def test_a_cursor_with_an_impossible_time_is_refused(api: Api, key: str) -> None:
    order = order_by("CREATED_AT", "ASC")
    name, direction, _, id = await parts_of_a_cursor(api, orderBy=order)

    assert await api.refused(_LIST, orderBy=order, after=packed(name, direction, key, id)) == ["BAD_USER_INPUT"]


async def test_a_cursor_that_was_cut_is_refused(api: Api) -> None:
    cursor = packed(*await parts_of_a_cursor(api))

    for cut in (cursor[:-1], cursor[1:], cursor[:-4], cursor[4:], f" {cursor}", f"{cursor}A"):
        assert await api.refused(_LIST, after=cut) == ["BAD_USER_INPUT"], cut


async def test_a_cursor_holds_for_its_own_order_and_direction_only(api: Api) -> None:
    await store(api, customer("Ana"), customer("Beto"))
    orders = [order_by(field, direction) for field, _ in ORDERS for direction in ("ASC", "DESC")]

    for made, used in product(orders, orders):
        cursor = (await listed(api, orderBy=made, first=1))["pageInfo"]["endCursor"]
        response = await api.execute(_LIST, orderBy=used, after=cursor)
        assert codes(response) == ([] if made == used else ["BAD_USER_INPUT"]), (made, used)


async def test_a_cursor_holds_under_another_filter(catalogue: Api) -> None:
    cursor = (await listed(catalogue, first=2, filter={"receiverType": ["TAXPAYER"]}))["pageInfo"]["endCursor"]

    assert names(await listed(catalogue, filter={"status": None}, after=cursor)) == sorted(ALL)[2:]


async def test_a_cursor_of_another_list_is_refused(api: Api) -> None:
    await create_invoice(api, customerId=await customer_id(api))
    order = order_by("CREATED_AT", "DESC")
    of_invoices = (await api.ask(_INVOICES, orderBy=order))["invoices"]["pageInfo"]["endCursor"]
    of_customers = (await listed(api, orderBy=order))["pageInfo"]["endCursor"]

    assert await api.refused(_LIST, after=of_invoices, orderBy=order) == ["BAD_USER_INPUT"]
    assert await api.refused(_INVOICES, after=of_customers, orderBy=order) == ["BAD_USER_INPUT"]


# What a list costs


@contextmanager
def statements(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """The statements that are sent within the block: Tortoise's client logs each of them."""
    sent: list[str] = []
    with caplog.at_level(logging.DEBUG, "tortoise.db_client"):
        caplog.clear()
        yield sent
        sent += [str(record.args[0]) for record in caplog.records if isinstance(record.args, tuple)]
        caplog.clear()


_CUSTOMER = """
    id receiverType ruc foreignId { number } name location { code corregimiento } associatedPersons { name notify }
    verification { status } invoiceCount invoicedTotal createdAt
"""
_INVOICE = """
    id number receiver { name location { code } } receiverDrift { field } lines { position description net }
    taxes { rate base amount } overdue total
"""
_PAGE = "totalCount pageInfo { hasNextPage } edges { cursor node"

# All lists, and the statements that each may cost. A search asks first how many hits are expected.
DOCUMENTS = {
    "customers": (f"{{ customers {{ {_PAGE} {{ {_CUSTOMER} }} }} }} }}", 1),
    "customers found": (f'{{ customers(search: "hoteles") {{ {_PAGE} {{ {_CUSTOMER} }} }} }} }}', 2),
    "invoices": (f"{{ invoices {{ {_PAGE} {{ {_INVOICE} customer {{ {_CUSTOMER} }} }} }} }} }}", 1),
    "invoices found": (f'{{ invoices(search: "hoteles") {{ {_PAGE} {{ {_INVOICE} }} }} }} }}', 2),
    "invoices of customers": (
        f"""{{ customers {{ edges {{ node {{ name invoices(first: 2) {{ {_PAGE} {{
            {_INVOICE} customer {{ invoices(last: 1) {{ {_PAGE} {{ id }} }} }} }}
        }} }} }} }} }} }} }}""",
        1,
    ),
    "numbers": (
        f"""{{ numberingAudit(billingPoint: "001") {{
            lastNumber gaps {{ first last }} voids {{ {_PAGE} {{ number voidReason customer {{ name }} }} }} }}
        }} }}""",
        2,
    ),
    "billing points": ("{ viewer { account { name billingPoints { code name lastNumber } } } }", 1),
    "keys": ("{ apiKeys { id name scope } }", 1),
    "locations": ("query ($rows: Int!) { locations(first: $rows) { code district province } }", 1),
    "provinces": ("{ provinces { code districts { code corregimientos { code } } } }", 1),
    "nodes": (
        f"""query ($ids: [ID!]!) {{ nodes(ids: $ids) {{
            id ... on Customer {{ {_CUSTOMER} }} ... on Invoice {{ {_INVOICE} }}
        }} }}""",
        1,
    ),
}


async def grow(api: Api) -> list[str]:
    """One more of everything."""
    made = await create_invoice(
        api,
        invoice(line(), line(itbmsRate="EXEMPT"), billingPoint="001"),
        newCustomer=taxpayer(locationCode="8-8-7", associatedPersons=[{"name": "Eva"}, {"name": "Ida"}]),
    )
    invoice_id, customer = made["invoice"]["id"], made["customer"]["id"]
    other = (await create_invoice(api, invoice(billingPoint="001"), customerId=customer))["invoice"]
    await api.ask('mutation ($id: ID!) { voidInvoice(id: $id, reason: "Error") { invoice { id } } }', id=other["id"])
    code = f"{int(other['number']) + 100}"
    await api.ask("mutation ($code: String!) { createBillingPoint(code: $code) { userErrors { code } } }", code=code)
    await api.ask('mutation { createApiKey(name: "Clave", scope: READ) { secret } }')
    return [invoice_id, customer]


async def test_a_list_costs_as_many_statements_for_four_rows_as_for_one(
    api: Api, caplog: pytest.LogCaptureFixture
) -> None:
    ids: list[str] = []
    sizes: list[dict[str, int]] = []
    for rows in (1, 4):
        while len(ids) < 2 * rows:
            ids += await grow(api)
        sizes.append({})
        for name, (document, cost) in DOCUMENTS.items():
            with statements(caplog) as sent:
                answer = await api.ask(document, rows=rows, ids=ids)
            assert len(sent) == cost, name
            sizes[-1][name] = len(str(answer))

    assert all(sizes[1][name] > 2 * sizes[0][name] for name in DOCUMENTS if name not in ("provinces", "billing points"))
