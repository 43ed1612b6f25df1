"""Null in inputs, which typed clients send for what they don't touch, is a fault at the field or means left out."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLField, GraphQLInputObjectType, get_named_type, is_non_null_type
from strawberry.types.base import StrawberryMaybe, StrawberryOptional

from db import models, tenant
from schema import schema
from tests.builders import Input, create_invoice, customer_id, invoice
from tests.conftest import Api
from tests.schema.test_idempotency import value

SCHEMA = schema._schema
ROOTS = [root for root in (SCHEMA.query_type, SCHEMA.mutation_type) if root]
FIELDS: dict[str, tuple[str, GraphQLField]] = {
    name: ("mutation" if root is SCHEMA.mutation_type else "query", field)
    for root in ROOTS
    for name, field in root.fields.items()
}

Path = tuple[str, ...]


def nullable_places(type_: Any, path: Path, within: tuple[Any, ...] = ()) -> Iterator[Path]:
    """The paths at which a value of the type may have a null, without the entries of lists.

    Within an object of a type there is none of the same; see ``test_idempotency.value``.
    """
    if not is_non_null_type(type_):
        yield path
    named = get_named_type(type_)
    if isinstance(named, GraphQLInputObjectType) and named not in within:
        for name, field in named.fields.items():
            if get_named_type(field.type) not in (*within, named):
                yield from nullable_places(field.type, (*path, name), (*within, named))


PLACES = [
    pytest.param(name, path, id=f"{name}-{'.'.join(path)}")
    for name, (_, field) in FIELDS.items()
    for argument, definition in field.args.items()
    for path in nullable_places(definition.type, (argument,))
]


def with_null(values: Any, path: Path) -> Any:
    if isinstance(values, list):
        return [with_null(item, path) for item in values]
    if not path:
        return None
    return {**values, path[0]: with_null(values[path[0]], path[1:]) if path[1:] else None}


@pytest.mark.parametrize(("name", "path"), PLACES)
async def test_a_null_that_the_schema_allows_is_no_error_of_the_request(api: Api, name: str, path: Path) -> None:
    operation, field = FIELDS[name]
    values: Input = {argument: value(each.type, None) for argument, each in field.args.items()}
    for page in ("last", "after", "before"):
        values.pop(page, None)
    if path[0] not in values:
        return
    values = with_null(values, path)
    declared = ", ".join(f"${argument}: {field.args[argument].type}" for argument in values)
    passed = ", ".join(f"{argument}: ${argument}" for argument in values)
    response = await api.execute(f"{operation} ({declared}) {{ {name}({passed}) {{ __typename }} }}", **values)
    for error in response.get("errors", []):
        # Values that this test makes up may be refused, but none for its null.
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert "null" not in error["message"]
        assert "strawberry" not in error["message"]


# Patches


def never_null(type_: Any) -> list[str]:
    """The fields of a patch that can be changed but not emptied."""
    return [
        name
        for name, field in type_.fields.items()
        for type in [field.extensions["strawberry-definition"].type]
        if isinstance(type, StrawberryMaybe) and not isinstance(type.of_type, StrawberryOptional)
    ]


PATCHED = {
    name: field.args["input"].type
    for name, (_, field) in FIELDS.items()
    if "input" in field.args and any(never_null(type_) for type_ in [get_named_type(field.args["input"].type)])
}
NEVER_NULL = [(name, field) for name, type_ in PATCHED.items() for field in never_null(get_named_type(type_))]


def test_these_can_be_changed_but_not_emptied() -> None:
    assert NEVER_NULL == [
        ("updateCustomer", "receiverType"),
        ("upsertCustomer", "receiverType"),
        ("updateInvoice", "customerId"),
        ("updateInvoice", "lines"),
        ("updateInvoice", "branch"),
        ("updateInvoice", "billingPoint"),
        ("updateInvoice", "currency"),
        ("correctDocument", "customerId"),
        ("correctDocument", "lines"),
        ("updateAccount", "name"),
        ("updateAccount", "paymentMethod"),
        ("updateAccount", "saleType"),
        ("updateAccount", "electronicInvoicing"),
        ("updateAccount", "mailLink"),
    ]


@pytest.mark.parametrize(("name", "field"), NEVER_NULL)
@pytest.mark.parametrize("is_literal", [True, False])
async def test_what_can_not_be_emptied_is_required(api: Api, name: str, field: str, is_literal: bool) -> None:
    customer = await customer_id(api)
    draft = (await create_invoice(api, invoice(issue=False), customerId=customer))["invoice"]["id"]
    ids = {"updateCustomer": customer, "updateInvoice": draft, "correctDocument": draft}
    id = ids.get(name)
    target = f'id: "{id}", ' if id else ""
    if name == "upsertCustomer":
        target = 'externalId: "A", '
    if is_literal:
        document, variables = (
            f"mutation {{ {name}({target}input: {{{field}: null}}) {{ userErrors {{ path code }} }} }}",
            {},
        )
    else:
        type_ = PATCHED[name]
        document = f"mutation ($input: {type_}) {{ {name}({target}input: $input) {{ userErrors {{ path code }} }} }}"
        variables = {"input": {field: None}}
    payload = (await api.ask(document, **variables))[name]
    assert payload["userErrors"] == [{"path": ["input", field], "code": "REQUIRED"}]


async def test_all_nulls_that_can_not_be_are_told_at_once(api: Api) -> None:
    payload = await api.ask(
        "mutation { updateAccount(input: {name: null, electronicInvoicing: null, terms: null}) { userErrors { path }}}"
    )
    assert payload["updateAccount"]["userErrors"] == [
        {"path": ["input", "name"]},
        {"path": ["input", "electronicInvoicing"]},
    ]


# What changes nothing

STATE = """
    query ($customer: ID!, $draft: ID!) {
        customer(id: $customer) { version updatedAt }
        invoice(id: $draft) { version updatedAt lines { description } }
        viewer { account { version billingPoints { version nextNumber } } }
        webhooks { version url types }
        auditEvents(first: 100) { totalCount }
    }
"""

SAME = {
    "nothing": [
        'updateCustomer(id: "{customer}", input: {{}})',
        'updateInvoice(id: "{draft}", input: {{}})',
        'updateCustomers(inputs: [{{id: "{customer}", input: {{}}}}], errorPolicy: REJECT_ALL)',
        'updateDocumentReferences(id: "{draft}", input: {{}})',
        "updateAccount(input: {{}})",
        'updateBillingPoint(code: "001")',
        'updateBranch(code: "0000", input: {{}})',
        'updateWebhook(id: "{webhook}")',
    ],
    "the same in another spelling": [
        'updateCustomer(id: "{customer}", input: {{name: " Ana Ríos ", phone: "6677 8899", paymentTermDays: 15}})',
        'updateInvoice(id: "{draft}", input: {{notes: " Gracias ", issueDate: null, customerId: "{customer}",'
        ' lines: [{{description: "Té ", quantity: 1.0, unitPrice: "2.000", itbmsRate: RATE_7}}]}})',
        'updateCustomers(errorPolicy: KEEP_GOOD, inputs: [{{id: "{customer}", input: {{tags: "VIP", metadata: []}}}}])',
        'updateDocumentReferences(id: "{draft}", input: {{externalId: " F-1 ", tags: [], metadata: null}})',
        'updateAccount(input: {{name: "Prueba, S.A. ", phone: "+507 223 4567", terms: null, paymentTermDays: 30}})',
        'updateBillingPoint(code: "001", name: " Caja ", nextNumber: "41")',
        'updateBranch(code: "0000", input: {{name: null, phone: null}})',
        'updateWebhook(id: "{webhook}", url: "https://example.com/", types: [INVOICE_ISSUED, INVOICE_ISSUED])',
    ],
}


@pytest.mark.parametrize("what", SAME)
async def test_a_change_that_changes_nothing_leaves_no_trace(api: Api, what: str) -> None:
    ana = {
        "receiverType": "FINAL_CONSUMER",
        "name": "Ana Ríos",
        "phone": "+507 6677-8899",
        "paymentTermDays": 15,
        "tags": ["VIP"],
    }
    customer = await customer_id(api, {**ana, "tags": ["VIP"]})
    tea = {"description": "Té", "quantity": "1", "unitPrice": "2", "itbmsRate": "RATE_7"}
    draft = await create_invoice(api, invoice(tea, issue=False, notes="Gracias", externalId="F-1"), customerId=customer)
    made = await api.ask(
        """
        mutation {
            createWebhook(url: "https://example.com/", types: [INVOICE_ISSUED]) { webhook { id } }
            updateAccount(input: {phone: "223-4567", paymentTermDays: 30}) { userErrors { code } }
            updateBillingPoint(code: "001", name: "Caja", nextNumber: "0000000041") { userErrors { code } }
        }
        """
    )
    webhook = made["createWebhook"]["webhook"]["id"]
    ids = {"customer": customer, "draft": draft["invoice"]["id"], "webhook": webhook}
    before = await api.ask(STATE, customer=customer, draft=ids["draft"])
    assert before["viewer"]["account"] == {
        "version": 2,
        "billingPoints": [{"version": 2, "nextNumber": "0000000041"}],
    }
    events = await count_events(api)
    for call in SAME[what]:
        response = await api.ask(f"mutation {{ it: {call.format(**ids)} {{ userErrors {{ path code }} }} }}")
        assert response["it"] == {"userErrors": []}
    assert await api.ask(STATE, customer=customer, draft=ids["draft"]) == before
    assert await count_events(api) == events


def test_every_mutation_that_changes_a_part_is_among_them() -> None:
    assert SCHEMA.mutation_type is not None
    updating = {name for name in SCHEMA.mutation_type.fields if name.startswith("update")}
    for calls in SAME.values():
        assert {call.partition("(")[0] for call in calls} == updating


async def count_events(api: Api) -> int:
    with tenant.acting_for(api.account_id):
        return await models.Event.all().count()
