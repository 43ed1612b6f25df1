"""Size and cost of requests are measured before anything is executed, for any kind of document."""

import asyncio
import gc
import random
import time
import tracemalloc
import weakref
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

import orjson
import pytest
from graphql import (
    OperationDefinitionNode,
    build_schema,
    get_introspection_query,
    get_named_type,
    get_nullable_type,
    get_operation_ast,
    is_composite_type,
    is_input_object_type,
    is_introspection_type,
    is_list_type,
    is_required_argument,
    parse,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import Phase as Phases
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from resolvers import accounts, outbox
from resolvers.paging import DEFAULT_SIZE
from schema import Executor, schema
from tests.builders import (
    Input,
    change_customer,
    codes,
    company,
    create_invoice,
    customer_id,
    foreigner,
    invoice,
    line,
    taxpayer,
)
from tests.conftest import Answer, Api
from tests.projection.documents import Embellisher
from transport import execution, operations
from transport.cost import COUNT, DOCUMENTS, MUTATION, PER_INPUT, SIZES, WEIGHTS, compile_cost
from transport.filter_cost import CONDITION, SEARCH
from transport.limits import Limits
from transport.sizes import count_values, measure_document

SCHEMA = schema._schema

PAGE = """
    query ($first: Int) {
        invoices(first: $first) {
            edges { node { number total customer { name location { province } } lines { description net } } }
        }
    }
"""
NESTED = """
    query ($customers: Int, $invoices: Int) {
        customers(first: $customers) {
            edges { node { name invoices(first: $invoices) { edges { node { number lines { net } } } } } }
        }
    }
"""


def cost(text: str, **variables: Any) -> int:
    document = parse(text)
    operation = get_operation_ast(document)
    assert operation
    return compile_cost(SCHEMA, document, operation)(variables)


def objects(value: Any) -> int:
    """How many objects a response's data has in it."""
    if isinstance(value, dict):
        return 1 + sum(map(objects, value.values()))
    return sum(map(objects, value)) if isinstance(value, list) else 0


async def refusal(api: Api, query: str, **variables: Any) -> Answer:
    """The extensions of the one error of a request that is over a limit, which was found quickly."""
    begin = time.process_time()
    response = await api.execute(query, **variables)
    assert time.process_time() - begin < 1
    assert response["data"] is None
    (error,) = response["errors"]
    assert error["extensions"].pop("code") == "LIMIT_EXCEEDED"
    extensions: Answer = error["extensions"]
    assert f"{extensions['requested']:,}" in error["message"]
    assert f"{extensions['maximum']:,}" in error["message"]
    return extensions


# Prices


@pytest.mark.parametrize(
    ("text", "variables", "price"),
    [
        ("{ __typename }", {}, 0),
        ("{ viewer { scope account { name } } }", {}, 2),
        ("{ invoices { edges { cursor } } }", {}, 1 + 20),
        ("{ invoices(first: 100) { edges { cursor } } }", {}, 1 + 100),
        ("{ invoices(last: 7) { edges { node { id } } } }", {}, 1 + 7 * 2),
        ("{ invoices(first: null, last: 7) { edges { node { id } } } }", {}, 1 + 7 * 2),
        ("{ invoices(first: 0) { edges { node { id } } } }", {}, 1),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {}, 1 + 20),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": None}, 1 + 20),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": 50}, 1 + 50),
        ("query ($n: Int = 30) { invoices(first: $n) { edges { cursor } } }", {}, 1 + 30),
        ("query ($n: Int = 30) { invoices(first: $n) { edges { cursor } } }", {"n": 50}, 1 + 50),
        ("query ($n: Int = 30) { invoices(first: $n) { edges { cursor } } }", {"n": None}, 1 + 20),
        ("query ($n: Int, $m: Int) { invoices(first: $n, last: $m) { edges { cursor } } }", {"m": 4}, 1 + 4),
        # What isn't executed for its size, or is no size, is as much as the most.
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": 10**9}, 1 + 100),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": -1}, 1 + 100),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": "5"}, 1 + 100),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": 5.0}, 1 + 100),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": [1]}, 1 + 100),
        ("query ($n: Int) { invoices(first: $n) { edges { cursor } } }", {"n": True}, 1 + 100),
        ("{ invoices(first: 9) { pageInfo { endCursor } } }", {}, 2),
        ("{ invoices(first: 9) { totalCount } }", {}, 1 + COUNT),
        ('{ invoices(first: 9, search: "té") { totalCount } }', {}, 1 + COUNT + SEARCH),
        (PAGE, {"first": 100}, 1 + 100 * (1 + 1 + 2 + 20)),
        (NESTED, {"customers": 100, "invoices": 10}, 1 + 100 * (2 + 1 + 10 * (2 + 20))),
        ("{ locations(first: 30) { code } }", {}, 30),
        ("{ locations { code } }", {}, 20),
        ("{ provinces { districts { corregimientos { code } } } }", {}, 13 + 13 * 7 + 13 * 7 * 9),
        ("{ nodes(ids: [1, 2, 3]) { id } }", {}, 3),
        ("{ nodes(ids: 1) { id } }", {}, 1),
        ("query ($id: ID!) { nodes(ids: [$id, $id]) { id } }", {"id": "x"}, 2),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 7}, 7),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ["x"] * 5000}, 100),
        ("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": "x"}, 1),
        ("query ($b: Boolean!) { viewer { scope } provinces @skip(if: $b) { code } }", {"b": True}, 1),
        ("query ($b: Boolean!) { viewer { scope } provinces @skip(if: $b) { code } }", {"b": False}, 14),
        ("query ($b: Boolean!) { viewer { scope } ... @include(if: $b) { provinces { code } } }", {"b": False}, 1),
        ("query ($b: Boolean = false) { ...P @include(if: $b) } fragment P on Query { provinces { code } }", {}, 0),
        ("{ viewer { scope } provinces @include(if: false) { code } }", {}, 1),
        ("{ viewer { scope } provinces @include(if: true) @skip(if: false) { code } }", {}, 14),
        ("{ a: viewer { scope } b: viewer { scope } }", {}, 2),
        ("{ ...V ...V } fragment V on Query { viewer { scope } }", {}, 2),
        ("query ($n: Int) { invoices(first: $n) { ...C } } fragment C on InvoiceConnection { edges { node { id } } }",
         {"n": 9}, 1 + 9 * 2),
        ("mutation { archiveCustomer(id: 1) { customer { id } userErrors { code } } }", {}, MUTATION + 2 + 20),
        ("subscription { customerChanged { event { id } customer { id } } }", {}, 3),
        ('{ lookupRuc(ruc: "8") { ruc } }', {}, 1 + WEIGHTS["Query.lookupRuc"]),
        ("{ customer(id: 1) { invoiceCount invoicedTotal } }", {}, 3),
        ("{ invoices(first: 9, filter: {currency: PAB}) { pageInfo { endCursor } } }", {}, 2),
        ("{ invoices(first: 9, filter: {or: [{currency: PAB}, {not: {currency: USD}}]}) { pageInfo { endCursor } } }",
         {}, 2 + 3 * CONDITION),
        ("query ($f: InvoiceFilter) { invoices(first: 9, filter: $f) { pageInfo { endCursor } } }",
         {"f": {"and": {"lineText": "flete"}, "not": {"or": [{}, {}]}}}, 2 + 4 * CONDITION + SEARCH),
        ("query ($f: InvoiceFilter) { invoices(first: 9, filter: {not: $f}) { pageInfo { endCursor } } }",
         {"f": {"and": 5, "or": ["x"]}}, 2 + CONDITION),
        ("mutation ($i: [CustomerInput!]!) {createCustomers(inputs: $i, errorPolicy: KEEP_GOOD) { rows { index } } }",
         {"i": [{}] * 7}, 1 + 7 * (MUTATION + 1)),
        ("mutation ($i: [CustomerInput!]!) {createCustomers(inputs: $i, errorPolicy: KEEP_GOOD) { userErrors {path} }}",
         {"i": [{}]}, 1 + MUTATION + 20),
    ],
)  # fmt: skip
def test_an_operation_costs_its_objects(text: str, variables: dict[str, Any], price: int) -> None:
    assert cost(text, **variables) == price


def test_sizes_and_weights_are_those_of_fields_that_there_are() -> None:
    fields = {
        f"{type_.name}.{name}": field
        for type_ in SCHEMA.type_map.values()
        for name, field in getattr(type_, "fields", {}).items()
    }
    for coordinate in SIZES:
        assert is_list_type(get_nullable_type(fields[coordinate].type)), coordinate
        assert is_composite_type(get_named_type(fields[coordinate].type)), coordinate
    assert fields.keys() > WEIGHTS.keys()


def test_lists_without_a_size_of_their_own_are_few() -> None:
    """They count as 20; where there are more or much fewer, that is said in ``SIZES``."""
    unsized = {
        f"{type_.name}.{name}"
        for type_ in SCHEMA.type_map.values()
        if not is_introspection_type(type_) and not is_input_object_type(type_)
        for name, field in getattr(type_, "fields", {}).items()
        if is_list_type(get_nullable_type(field.type)) and is_composite_type(get_named_type(field.type))
        if name not in ("edges", "userErrors", "warnings") and field.args.keys().isdisjoint(("first", "ids"))
    }
    assert unsized - SIZES.keys() - PER_INPUT == {
        "AuditEvent.changes",
        "Fiscal.faults",
        "Import.columns",
        "Query.apiKeys",
        "Query.sessions",
        "Query.webhooks",
        *(f"{type_}.{name}" for type_ in DOCUMENTS for name in ("lines", "links")),
    }
    assert DEFAULT_SIZE == 20


async def test_introspection_costs_no_less_than_its_objects_and_is_allowed(api: Api) -> None:
    query = get_introspection_query(schema_description=True, specified_by_url=True, directive_is_repeatable=True,
                                    input_value_deprecation=True)  # fmt: skip
    assert objects(await api.ask(query)) - 1 <= cost(query) < Limits().cost


# Limits


async def test_the_answer_tells_the_cost_and_the_most_that_it_may_be(api: Api) -> None:
    for query, requested in (("{ viewer { scope } }", 1), ("{ customers(first: 200) { totalCount } }", 11)):
        response = await api.execute(query)
        assert response["extensions"] == {"cost": {"requested": requested, "maximum": 10_000}}


async def test_a_page_of_a_hundred_with_all_that_belongs_to_it_is_within_the_limits(api: Api) -> None:
    assert await api.ask(PAGE, first=100) == {"invoices": {"edges": []}}


async def test_pages_within_pages_are_not(api: Api) -> None:
    assert await refusal(api, NESTED, customers=100, invoices=100) == {
        "limit": "cost", "requested": 1 + 100 * (3 + 100 * 22), "maximum": 10_000,
    }  # fmt: skip
    response = await api.execute(NESTED, customers=100, invoices=100)
    assert response["extensions"] == {"cost": {"requested": 220_301, "maximum": 10_000}}
    assert await api.ask(NESTED, customers=10, invoices=10) == {"customers": {"edges": []}}


async def test_a_size_that_no_page_has_is_told_as_such(api: Api) -> None:
    for size in (0, -1, 101, 2**31 - 1, 2**31, 2**64, "5", 1.5, [5]):
        query = "query ($n: Int) { invoices(first: $n) { edges { cursor } } }"
        assert await api.refused(query, n=size) == ["BAD_USER_INPUT"]
    ids = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert await api.refused(ids, ids=["x"] * 5_000) == ["BAD_USER_INPUT"]


async def test_documents_and_variables_are_not_read_to_an_end_that_is_too_far(api: Api) -> None:
    assert await refusal(api, "{ viewer { scope } }" + " " * 100_000) == {
        "limit": "characters", "requested": 100_020, "maximum": 100_000,
    }  # fmt: skip
    ids = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    assert (await refusal(api, ids, ids=["x"] * 50_000))["limit"] == "values in variables"
    lines = [{"description": "Café", "quantity": "1", "unitPrice": "5", "itbmsRate": "RATE_7", "discount": "1"}] * 1000
    assert count_values({"input": {"lines": lines, "issue": True}}, 10_000) == 4 + 6 * 1000


@pytest.mark.parametrize("place", ["customers(first: {})", "invoices(filter: {{total: {{from: {}}}}})"])
async def test_a_number_too_long_for_python_is_told_as_wrong(api: Api, place: str) -> None:
    query = f"{{ {place.format('9' * 5_000)} {{ totalCount }} }}"
    assert await api.refused(query) == ["GRAPHQL_VALIDATION_FAILED"]


async def test_a_repeated_value_filters_once(api: Api) -> None:
    id = await customer_id(api)
    await create_invoice(api, customerId=id)
    query = """
        query ($types: [ReceiverType!], $statuses: [InvoiceStatus!], $events: [EventType!]) {
            customers(filter: {receiverType: $types}) { totalCount }
            invoices(filter: {status: $statuses}) { totalCount }
            events(types: $events) { edges { cursor } }
        }
    """
    times = 3_000
    variables = {"types": ["TAXPAYER"] * times, "statuses": ["ISSUED"] * times, "events": ["INVOICE_VOIDED"] * times}
    assert await api.ask(query, **variables) == {
        "customers": {"totalCount": 1}, "invoices": {"totalCount": 1}, "events": {"edges": []},
    }  # fmt: skip


LEVEL = "invoices(first: $n) {{ edges {{ node {{ customer {{ ...F{} }} }} }} }}"


def bomb(levels: int, *, twice: str = "a: {0} b: {0}") -> str:
    """Fragments that each spread the next one twice, under another alias."""
    fragments = [f"fragment F{n} on Customer {{ {twice.format(LEVEL.format(n + 1))} }}" for n in range(levels)]
    last = f"fragment F{levels} on Customer {{ id }}"
    return f"query ($n: Int) {{ customer(id: 1) {{ ...F0 }} }} {' '.join(fragments)} {last}"


def spreading(levels: int, times: int = 2) -> str:
    """Fragments that each spread the next one twice, without a field in between."""
    fragments = [f"fragment F{n} on Query {{ {f'...F{n + 1} ' * times} }}" for n in range(levels)]
    return f"{{ ...F0 }} {' '.join(fragments)} fragment F{levels} on Query {{ viewer {{ scope }} }}"


def within(*names: str, times: int) -> str:
    """A selection in which these fields stand in each other over and over."""
    return closed("{ " + " { ".join(names * times) + " { id }")


def closed(text: str) -> str:
    return text + " }" * (text.count("{") - text.count("}"))


def many(piece: str, times: int) -> str:
    """``piece`` over and over, each with a number in the place of #."""
    return " ".join(piece.replace("#", str(number)) for number in range(times))


DIRECTIVES = "directives on one field"
TYPES = "{ __schema { types { ...A } } }"
OVER: dict[str, tuple[str, str]] = {
    "deep": ("depth", f"{{ customer(id: 1) {within('invoices', 'edges', 'node', 'customer', times=9)} }}"),
    "deep in inline fragments": ("depth", f"{{ customer(id: 1) {within('... { invoices', 'edges { node', times=9)} }}"),
    "deep in fragments": ("depth", bomb(4, twice="{0}")),
    "wide at the root": ("root fields", f"{{ {many('__typename', 500)} }}"),
    "wide by fragments": ("root fields", spreading(40)),
    "wide by many fragments": ("root fields", spreading(4, times=100)),
    "many mutations": ("root fields", f"mutation {{ {many('archiveCustomer(id: 1) { userErrors { code } }', 21)} }}"),
    "aliases": ("aliases", f"{{ viewer {{ {many('a#: scope', 51)} }} }}"),
    "aliases in a fragment": ("aliases", f"{{ ...F }} fragment F on Query {{ {many('a#: __typename', 101)} }}"),
    "directives that there are": (DIRECTIVES, f"{{ viewer {{ scope {many('@skip(if: true)', 500)} }} }}"),
    "directives that there are not": (DIRECTIVES, f"{{ viewer {{ scope {many('@aa', 10)} }} }}"),
    "directives of an operation": (DIRECTIVES, f"query {many('@aa', 6)} {{ __typename }}"),
    "a bomb": ("depth", bomb(40)),
    "a small bomb": ("cost", bomb(3)),
    "introspection of wrapped types": ("depth", closed(f"{{ __schema {{ types {within('ofType', times=20)}")),
    "introspection by aliases": ("cost", f"{{ __schema {{ {many('a#: types { fields { args { name } } }', 20)} }} }}"),
    "introspection by fragments": (
        "cost",
        f"{TYPES} fragment A on __Type {{ {many('a#: fields { type { ...B } }', 6)} }}"
        f" fragment B on __Type {{ {many('b#: fields { name }', 6)} }}",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OVER)
async def test_what_is_over_a_limit_is_refused_before_it_is_executed(api: Api, case: str) -> None:
    limit, query = OVER[case]
    told = await refusal(api, query, n=100)
    assert told["limit"] == limit
    assert told["requested"] > told["maximum"]


async def test_introspection_does_not_go_round(api: Api) -> None:
    for query in (
        closed("{ __schema { types { fields { type { fields { type { fields { name"),
        '{ __type(name: "Query") { ...A } } fragment A on __Type { fields { type { ...B } } }'
        " fragment B on __Type { fields { type { ...C } } } fragment C on __Type { fields { name } }",
    ):
        assert await api.refused(query) == ["LIMIT_EXCEEDED"]


async def test_at_the_limit_is_within_it(api: Api) -> None:
    query = "{ viewer { a: scope @include(if: true) @skip(if: false) account { id } } __typename }"
    size = measure_document(parse(query), _operation(query))
    assert (size.tokens, size.depth, size.aliases, size.directives, size.root_fields) == (27, 3, 1, 2, 2)
    assert cost(query) == 2
    exact: dict[str, Any] = {"tokens": 27, "depth": 3, "aliases": 1, "directives": 2, "root_fields": 2, "cost": 2}
    await Api(api.account_id, limits=Limits(**exact)).ask(query)
    for name, value in exact.items():
        less = Api(api.account_id, limits=Limits(**{**exact, name: value - 1}))
        assert await less.refused(query) == ["LIMIT_EXCEEDED"]


def _operation(text: str) -> OperationDefinitionNode:
    operation = get_operation_ast(parse(text))
    assert operation
    return operation


async def test_a_bomb_of_forty_levels_is_priced_in_milliseconds() -> None:
    text = bomb(40)
    document, operation = parse(text), _operation(text)
    begin = time.process_time()
    size = measure_document(document, operation)
    price = compile_cost(SCHEMA, document, operation)
    paid = price({"n": 100})
    assert time.process_time() - begin < 0.5
    assert size.depth == 2 + 40 * 4
    assert paid > (2 * 100) ** 40


UNEXECUTABLE = {
    "a fragment within itself": "{ viewer { ...F } } fragment F on Viewer { account { id } ...F }",
    "fragments within each other": "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
    "a fragment that there is not": "{ ...F }",
    "two fragments of a name": "{ ...F } fragment F on Query { __typename } fragment F on Query { viewer { scope } }",
    "a field that there is not": "{ nothing { something } }",
    "a type that there is not": "{ ... on Nothing { id } }",
}


@pytest.mark.parametrize("case", UNEXECUTABLE)
async def test_what_is_not_valid_is_told_as_that(api: Api, case: str) -> None:
    assert set(await api.refused(UNEXECUTABLE[case])) == {"GRAPHQL_VALIDATION_FAILED"}


ABSURD = {
    "a chain of fragments": spreading(480, times=1),
    "selections within each other": "{ viewer" * 1600 + "}" * 1600,
    "fragments that overlap": "{ viewer {" + "".join(f" ...F{n}" for n in range(300)) + " } }"
    + "".join(f" fragment F{n} on Viewer {{ account {{ id }} }}" for n in range(300)),
    "a field many times": "{ viewer {" + " scope" * 4900 + " } }",
    "too many tokens": "{ viewer {" + " scope" * 5000 + " } }",
    "a long list": "{ nodes(ids: [" + "1 " * 6000 + "]) { id } }",
}  # fmt: skip


@pytest.mark.parametrize("case", ABSURD)
async def test_what_is_absurd_is_refused_too(api: Api, case: str) -> None:
    begin = time.process_time()
    response = await api.execute(ABSURD[case])
    assert time.process_time() - begin < 2
    assert set(codes(response)) == {"LIMIT_EXCEEDED"}
    assert response["data"] is None


async def test_errors_are_told_up_to_a_number(api: Api) -> None:
    response = await api.execute("{" + " ".join(f"f{n}" for n in range(20)) + " }")
    assert len(response["errors"]) == 20
    response = await api.execute("{ viewer {" + " ".join(f"f{n}" for n in range(1000)) + " } }")
    assert len(response["errors"]) == 21
    assert codes(response)[-1] == "LIMIT_EXCEEDED"


async def test_each_operation_of_a_document_has_its_own_depth_and_cost(api: Api) -> None:
    query = f"query Small {{ viewer {{ scope }} }} {NESTED.replace('query', 'query Large')}"
    document = parse(query)
    small, large = (get_operation_ast(document, name) for name in ("Small", "Large"))
    assert small
    assert large
    assert (measure_document(document, small).depth, measure_document(document, large).depth) == (2, 8)
    assert compile_cost(SCHEMA, document, small)({}) == 1
    assert compile_cost(SCHEMA, document, large)({"customers": 1, "invoices": 1}) == 1 + 3 + 22


# The cost is no less than what is answered


class Asking(Embellisher):
    """Asks for what there is, so that there is something to count."""

    def arguments(self, definition: Any) -> str:
        given = []
        sized = self.dice.choice(["first", "last"])
        for name, argument in definition.args.items():
            if is_required_argument(argument) or name == sized or (name in ("search", "types") and self.chance(0.2)):
                given.append(f"{name}: {self.argument(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def value(self, type_: Any) -> Any:
        named = get_named_type(type_).name
        if named == "Int":
            return self.dice.randint(1, 6)
        if named == "String":
            return self.dice.choice(["hotel", "001", "8-8-7"])
        return super().value(type_)


@pytest.fixture(scope="module")
async def inhabited(service: Any) -> Api:
    """An account with something in every list, which is nowhere longer than it counts."""
    any_number = Limits(tokens=10**6, depth=99, aliases=10**6, directives=99, root_fields=10**6, cost=10**12)
    api = Api(await accounts.create("Cuenta", None, None, electronic_invoicing=False), limits=any_number)
    customers: list[Input] = [
        company(associatedPersons=[{"name": f"Ana {n}"} for n in range(5)]),
        taxpayer(),
        foreigner(),
    ]
    for customer in customers:
        id = await customer_id(api, customer)
        for lines in (1, 3, 20):
            await create_invoice(api, invoice(*[line()] * lines), customerId=id)
        await create_invoice(api, invoice(issue=False), customerId=id)
    await change_customer(api, id, status="ARCHIVED")
    while await outbox.dispatch_missed(1000):
        pass
    return api


@pytest.fixture(scope="module")
async def known_ids(inhabited: Api) -> list[str]:
    data = await inhabited.ask("{ customers { edges { node { id } } } invoices { edges { node { id } } } }")
    return [edge["node"]["id"] for page in data.values() for edge in page["edges"]]


def _countable() -> Any:
    """The schema without its fields of JSON, whose objects aren't the schema's."""
    kept: Any = build_schema(schema.as_str())
    for type_ in kept.type_map.values():
        for name, field in list(getattr(type_, "fields", {}).items()):
            if get_named_type(field.type).name == "JSON":
                del type_.fields[name]
    return kept


COUNTABLE = _countable()
SCALARS: dict[str, Any] = {
    "Decimal": st.just(nodes.String("1")),
    "DateTime": st.just(nodes.String("2026-01-01T00:00:00Z")),
    "Date": st.just(nodes.String("2026-01-01")),
}


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    phases=[Phases.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(text=queries(COUNTABLE, custom_scalars=SCALARS), throws=st.lists(st.integers(0, 2**32), min_size=4, max_size=4))
async def test_the_cost_is_never_below_the_number_of_objects_answered(
    inhabited: Api, known_ids: list[str], text: str, throws: list[int]
) -> None:
    for throw in throws:
        document, variables = Asking(COUNTABLE, random.Random(throw), known_ids, []).document(text)
        response = await inhabited.execute(document, **variables)
        assert set(codes(response)) <= {"BAD_USER_INPUT"}, (document, variables, response["errors"])
        answered = objects(response["data"]) - 1
        assert answered <= response["extensions"]["cost"]["requested"], (document, variables)


async def test_an_operation_that_left_the_cache_meanwhile_is_prepared_again(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.runner.operations = operations.OperationCache()
    prepare = api.runner._prepare_unless_known
    known = [True, False]  # the first time it is there, but no longer when the request looks for it
    monkeypatch.setattr(api.runner, "_prepare_unless_known", lambda key: None if known.pop(0) else prepare(key))
    assert await api.ask("{ viewer { scope } }") == {"viewer": {"scope": "ADMIN"}}
    assert known == []


async def test_an_operation_larger_than_the_cache_is_executed(api: Api) -> None:
    api.runner.operations = operations.OperationCache(3)
    for _ in range(2):
        assert await api.ask("{ viewer { scope } }") == {"viewer": {"scope": "ADMIN"}}


async def test_many_documents_take_no_more_memory_than_the_cache_may_have(api: Api) -> None:
    """Parsed, compiled for several shapes, and with the texts of several statements."""
    api.runner.operations = operations.OperationCache(20_000)
    first: weakref.ref[Any] | None = None
    taken: list[int] = []
    fields = "customer { name ruc location { province } } lines { description net }"
    try:
        for number in range(600):
            query = f"""query Q{number}($n: Int!, $a: Boolean!, $b: Boolean!) {{
                invoices(first: $n) {{ edges {{ node {{ id @skip(if: $a) number @skip(if: $b) {fields} }} }} }}
            }}"""
            for n, a in ((1, True), (1, False), (40, False)):
                await api.ask(query, n=n, a=a, b=True)
            assert api.runner.operations.currsize <= 20_000
            if first is None:
                first = weakref.ref(next(iter(api.runner.operations.values())).compiled)
            if number == 200:
                tracemalloc.start()
            if number in (300, 599):
                gc.collect()
                taken.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert first is not None
    assert first() is None  # it has left the cache, and memory
    assert taken[1] - taken[0] < 2_000_000, taken


async def test_between_the_documents_of_one_account_others_have_their_turn(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    happened = []
    prepared = operations.prepare_operation

    def noted(*arguments: Any) -> Any:
        happened.append("judged")
        return prepared(*arguments)

    async def somebody_else() -> None:
        while True:
            happened.append("else")
            await asyncio.sleep(0)

    monkeypatch.setattr(execution, "prepare_operation", noted)
    other = asyncio.create_task(somebody_else())
    try:
        fields = " ".join([f"f{n}: __typename" for n in range(20)])
        await asyncio.gather(*[api.execute(f"query Q{random.getrandbits(64)} {{ {fields} }}") for _ in range(8)])
    finally:
        other.cancel()
    assert happened.count("judged") == 8
    assert all(pair != ("judged", "judged") for pair in zip(happened, happened[1:], strict=False))


async def test_of_an_accounts_costly_operations_one_is_executed_at_a_time(
    api: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    costly = "{ customers(first: 100) { edges { node { invoices(first: 30) { edges { node { id } } } } } } }"
    limiter = api.runner.limiter

    async def ask(client: Api, query: str) -> Any:
        async with limiter.admit(client.account_id):
            return await client.ask(query)

    async with limiter.admit(api.account_id), limiter.admit_costly():
        waiting = asyncio.create_task(ask(api, costly))
        await ask(api, "{ customers { totalCount } }")
        await ask(Api(await new_account()), costly)
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting == {"customers": {"edges": []}}


# The answer


@pytest.mark.parametrize("spare", [-1, 0])
async def test_an_answer_has_a_limit_in_bytes_which_postgresql_keeps(
    api: Api, monkeypatch: pytest.MonkeyPatch, spare: int
) -> None:
    lines = [line(description="Ñ" * 400) for _ in range(30)]
    id = (await create_invoice(api, invoice(lines=lines), newCustomer=taxpayer()))["invoice"]["id"]
    query = "query ($id: ID!) { invoice(id: $id) { lines { description } } }"
    whole = await api.ask(query, id=id)
    size = len(orjson.dumps(whole["invoice"]))
    monkeypatch.setattr(Executor, "largest_answer", size + spare)
    response = await api.execute(f"{query} # {spare}", id=id)  # a document that isn't compiled yet
    if spare < 0:
        assert (response["data"], codes(response)) == ({"invoice": None}, ["LIMIT_EXCEEDED"])
    else:
        assert response["data"] == whole


async def test_a_hundred_invoices_of_a_thousand_long_lines_are_too_large_an_answer(api: Api) -> None:
    lines = [line(description="x" * 500) for _ in range(1000)]
    customer = await customer_id(api)
    await create_invoice(api, invoice(lines=lines), customerId=customer)
    page = "{ invoices(first: 100) { edges { node { lines { description net } } } } }"
    assert len((await api.ask(page))["invoices"]["edges"][0]["node"]["lines"]) == 1000
    for _ in range(20):
        await create_invoice(api, invoice(lines=lines), customerId=customer)
    response = await api.execute(page)
    assert (response["data"], codes(response)) == (None, ["LIMIT_EXCEEDED"])
