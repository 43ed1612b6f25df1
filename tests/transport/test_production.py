"""The production profile: a client can't explore the schema."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, get_introspection_query

from db import tenant
from rules.vocabulary import Scope
from schema import schema
from schema.exports import LISTS
from service.settings import Settings, operation_limits
from tests.builders import codes
from tests.conftest import Api
from tests.service.test_server import keys
from tests.transport.test_rate_limit import site_with
from transport.limits import Limits
from transport.parameters import GraphQLRequest

__all__ = ["keys"]

SCHEMA = schema._schema


@pytest.fixture
def closed(api: Api) -> Api:
    return Api(api.account_id, limits=operation_limits(Settings(profile="production")))


INTROSPECTION = [
    get_introspection_query(),
    "{ __schema { queryType { name } } }",
    '{ __type(name: "Customer") { name } }',
    '{ viewer { scope } harmless: __type(name: "Customer") { name } }',
    "{ ...F } fragment F on Query { ... { __schema { types { name } } } }",
    "query ($no: Boolean = false) { __schema @include(if: $no) { types { name } } }",
    "query A { __typename } query B { __schema { types { name } } }",
    "mutation { __schema { types { name } } }",
    "{ viewer { __schema { types { name } } } }",
]


@pytest.mark.parametrize("query", INTROSPECTION)
async def test_nothing_is_told_of_the_schema(closed: Api, query: str) -> None:
    response = await closed.execute(query.replace("query A", "query"))
    assert codes(response) in (["FORBIDDEN"], ["BAD_USER_INPUT"])
    assert response["data"] is None


async def test_an_operation_beside_one_that_introspects_is_refused_too(closed: Api) -> None:
    request = GraphQLRequest(INTROSPECTION[6], operation_name="A")
    with tenant.acting_for(closed.account_id):
        (result,) = [each async for each in closed.runner.stream(request, closed.context)]
    assert [error.extensions for error in result.errors or ()] == [{"code": "FORBIDDEN"}]


async def test_types_are_told_by_name(closed: Api) -> None:
    data = await closed.ask(
        "{ __typename viewer { __typename } customers { __typename edges { __typename node { __typename } } } }"
    )
    assert data["customers"] == {"__typename": "CustomerConnection", "edges": []}
    assert (data["__typename"], data["viewer"]) == ("Query", {"__typename": "Viewer"})


# Close to the right word, everywhere where there is one: what graphql-core has suggestions for.
CLOSE: list[tuple[str, dict[str, Any]]] = [
    ("{ viewe { scope } }", {}),
    ("{ viewer { scop } }", {}),
    ("{ node(id: 1) { name } }", {}),
    ("{ node(id: 1) { invoiceCount } }", {}),
    ("{ customer(i: 1) { id } }", {}),
    ("{ customer { id } }", {}),
    ("{ viewer }", {}),
    ("{ viewer { scope { name } } }", {}),
    ("query ($id: I) { customer(id: $id) { id } }", {"id": "1"}),
    ("{ ... on Customr { id } }", {}),
    ("fragment F on Custome { id } { customer(id: 1) { ...F } }", {}),
    ("{ customer(id: 1) { ...Customer } }", {}),
    ("{ viewer { scope @includ(if: true) } }", {}),
    ("{ viewer { scope @include(i: true) } }", {}),
    ("{ customers(filter: {statu: ACTIVE}) { totalCount } }", {}),
    ("{ customers(filter: {status: ACTIV}) { totalCount } }", {}),
    ('{ customers(filter: {status: "ACTIVE"}) { totalCount } }', {}),
    ("{ customers(orderBy: {field: NAM}) { totalCount } }", {}),
    ("{ customers(orderBy: {}) { totalCount } }", {}),
    ("mutation { createCustomer(input: {receiverTyp: TAXPAYER}) { created } }", {}),
    ("mutation { createCustomer(input: {receiverType: TAXPAYE}) { created } }", {}),
    ("query ($f: CustomerFilte) { customers(filter: $f) { totalCount } }", {}),
    ("query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }", {"f": {"statu": "ACTIVE"}}),
    ("query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }", {"f": {"status": ["ACTIV"]}}),
    ("query ($o: CustomerOrder) { customers(orderBy: $o) { totalCount } }", {"o": {"field": "NAM"}}),
    ("query ($o: CustomerOrderField!) { customers(orderBy: {field: $o}) { totalCount } }", {"o": "NAM"}),
    ("mutation ($i: CustomerInput!) { createCustomer(input: $i) { created } }", {"i": {"receiverType": "TAXPAYE"}}),
    ("mutation ($i: CustomerInput!) { createCustomer(input: $i) { created } }", {"i": {"receiverTyp": "TAXPAYER"}}),
    ("mutation ($i: CustomerPatch!) { updateCustomer(id: 1, input: $i) { userErrors { code } } }", {"i": {"nam": "A"}}),
    ("subscription { customerChange { event { id } } }", {}),
]


@pytest.mark.parametrize(("query", "variables"), CLOSE)
async def test_nothing_is_suggested_in_any_profile(
    api: Api, closed: Api, query: str, variables: dict[str, Any]
) -> None:
    for client in (api, closed):
        response = await client.execute(query, **variables)
        assert set(codes(response)) <= {"GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"}
        for error in response["errors"]:
            # Where a selection is left out, graphql-core shows how to write one with the names that it was given.
            assert "did you mean" not in error["message"].lower() or query == "{ viewer }"


def guesses() -> Iterator[str]:
    """Documents with all names of the schema, right and wrong, as somebody would try them who has a list of words."""
    for type_ in SCHEMA.type_map.values():
        yield f"{{ ... on {type_.name}x {{ id }} }}"
        yield f"query ($x: {type_.name}) {{ viewer {{ scope }} }}"
        fields = getattr(type_, "fields", {})
        if fields:
            yield f"{{ {' '.join([*fields, 'nothing'])} }}"
            yield f"{{ {' '.join(f'{name[:-1]} {name}x' for name in fields)} }}"
            yield f"{{ viewer {{ {' '.join(f'{name} {{ {name} }}' for name in fields)} }} }}"
            yield f"{{ viewer({', '.join(f'{name}: 1' for name in fields)}) {{ scope }} }}"
        if isinstance(type_, GraphQLEnumType):
            yield f"{{ customers(filter: {{status: [{', '.join([*type_.values, 'NOTHING'])}]}}) {{ totalCount }} }}"


async def test_guessing_finds_nothing(api: Api) -> None:
    """Whatever is wrong, the answer is the same, so it can't be told which of many guesses was right."""
    limits = operation_limits(Settings(profile="production", max_root_fields=1000))
    closed, told = Api(api.account_id, limits=limits), set()
    for query in guesses():
        response = await closed.execute(query)
        if "errors" in response:
            told.add(
                str([(error["message"], error["extensions"], error.get("locations")) for error in response["errors"]])
            )
    answer = ("The document doesn't fit the schema.", {"code": "GRAPHQL_VALIDATION_FAILED"}, None)
    assert told == {str([answer])}


async def test_in_development_it_is_told_what_is_wrong(api: Api) -> None:
    (error,) = (await api.execute("{ viewe }"))["errors"]
    assert error["message"] == "Cannot query field 'viewe' on type 'Query'."
    assert error["locations"] == [{"line": 1, "column": 3}]
    assert (await api.ask("{ __schema { queryType { name } } }"))["__schema"] == {"queryType": {"name": "Query"}}


async def test_a_browser_finds_no_playground(database_url: str, keys: dict[Scope, str]) -> None:
    async with site_with(database_url, keys[Scope.ADMIN], profile="production") as site:
        assert (await site.get("/graphql", Accept="text/html")).status == 401
        # What is at no address, such as this one, is the pages' business.
        found, nothing = [await site.get(path, Accept="text/html") for path in ("/playground", "/nowhere")]
        assert (found.status, found.body) == (nothing.status, nothing.body)


async def test_lists_are_exported_where_only_trusted_documents_are_executed(
    database_url: str, keys: dict[Scope, str]
) -> None:
    closed = {"profile": "production", "trusted_documents": "only"}
    async with site_with(database_url, keys[Scope.READ], **closed) as site:
        for path in (f"/exports/{list}.{format}" for list in LISTS for format in ("csv", "jsonl")):
            assert (await site.request("GET", path)).status == 200


def test_the_profile_is_a_setting() -> None:
    assert operation_limits(Settings()) == Limits()
    assert operation_limits(Settings(profile="production")) == Limits(open_schema=False)
    assert operation_limits(Settings(trusted_documents="only")) == Limits(only_trusted=True)
    chosen: dict[str, Any] = {
        "tokens": 1,
        "values": 2,
        "depth": 3,
        "aliases": 4,
        "directives": 5,
        "root_fields": 6,
        "cost": 7,
    }
    settings = Settings(**{f"max_{name}": value for name, value in chosen.items()}, operation_timeout=8)
    assert operation_limits(settings) == Limits(**chosen, seconds=8)
