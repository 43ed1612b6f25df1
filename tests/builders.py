"""What a client sends, as the dictionaries of a request's variables, and the two requests that send it."""

from typing import Any

import pytest

from db import models, tenant
from db.write_statement import Sql, WriteStatement
from tests.conftest import Answer, Api

Input = dict[str, Any]
Faults = set[tuple[str, str]]

# RUCs with the DVs that the rules compute for them; see tests/rules for where they come from.
COMPANY, COMPANY_DV = "155596713-2-2015", "59"
OTHER_COMPANY = "2588017-1-831938"
PERSON, PERSON_DV = "8-274-125", "91"
EITHER, EITHER_NATURAL_DV, EITHER_JURIDICAL_DV = "2-221-78", "42", "56"
FINCA = "8-30213562"


def taxpayer(**fields: Any) -> Input:
    """All that a customer needs while there is no electronic invoicing, and what is given."""
    return {"receiverType": "TAXPAYER", "name": "Hoteles Istmo, S.A.", **fields}


def company(**fields: Any) -> Input:
    """A company with all that electronic invoicing requires."""
    required = {"taxpayerType": "JURIDICAL", "ruc": COMPANY, "locationCode": "8-8-7", "address": "Calle 50, local 4"}
    return taxpayer(**{**required, **fields})


def foreigner(**document: Any) -> Input:
    passport = {"type": "PASSPORT", "number": "AB123456", "country": "CO", **document}
    return {"receiverType": "FOREIGN", "name": "Ana Ríos", "foreignId": passport}


def line(**fields: Any) -> Input:
    return {"description": "Consultoría", "quantity": "1", "unitPrice": "10.00", "itbmsRate": "RATE_7", **fields}


def invoice(*lines: Input, **fields: Any) -> Input:
    return {"lines": list(lines) or [line()], **fields}


_CUSTOMER = """
    id receiverType taxpayerType ruc dv foreignId { type number country } identification name location { code }
    address email phone mobile associatedPersons { name email phone notify } status version
"""

_CREATE_CUSTOMER = f"""
    mutation ($input: CustomerInput!, $onDuplicate: OnDuplicate! = FAIL, $dryRun: Boolean! = false,
              $idempotencyKey: String) {{
        createCustomer(input: $input, onDuplicate: $onDuplicate, dryRun: $dryRun, idempotencyKey: $idempotencyKey) {{
            created
            customer {{ {_CUSTOMER} }}
            userErrors {{ path code message expected relatedId }}
        }}
    }}
"""

_CREATE_INVOICE = f"""
    mutation ($input: InvoiceInput!, $customerId: ID, $newCustomer: CustomerInput, $onDuplicate: OnDuplicate! = FAIL,
              $dryRun: Boolean! = false, $idempotencyKey: String) {{
        createInvoice(input: $input, customerId: $customerId, newCustomer: $newCustomer, onDuplicate: $onDuplicate,
                      dryRun: $dryRun, idempotencyKey: $idempotencyKey) {{
            customerCreated
            customer {{ {_CUSTOMER} }}
            invoice {{
                id number branch billingPoint status issueDate dueDate currency notes version electronic purchaseOrder
                paymentForms {{ method amount description }} instalments {{ dueDate amount }}
                withholding {{ code amount }}
                customer {{ id name }}
                receiver {{
                    receiverType taxpayerType ruc dv foreignId {{ type number country }} identification name
                    location {{ code }} address email phone mobile
                }}
                receiverDrift {{ field issued current }}
                lines {{ position description code unit cpbs quantity unitPrice discount itbmsRate net itbms total }}
                subtotal discountTotal itbmsTotal total
                taxes {{ rate base amount }}
            }}
            warnings {{ path code }}
            userErrors {{ path code message expected relatedId }}
        }}
    }}
"""


async def create_customer(api: Api, input: Input, **arguments: Any) -> Answer:
    """The payload of createCustomer."""
    payload: Answer = (await api.ask(_CREATE_CUSTOMER, input=input, **arguments))["createCustomer"]
    return payload


async def create_invoice(api: Api, input: Input | None = None, **arguments: Any) -> Answer:
    """The payload of createInvoice; of an invoice with one line unless one is given."""
    payload: Answer = (await api.ask(_CREATE_INVOICE, input=input or invoice(), **arguments))["createInvoice"]
    return payload


async def try_customer(api: Api, input: Input, **arguments: Any) -> Answer:
    """The whole response to createCustomer, errors included."""
    return await api.execute(_CREATE_CUSTOMER, input=input, **arguments)


async def try_invoice(api: Api, input: Input | None = None, **arguments: Any) -> Answer:
    """The whole response to createInvoice, errors included."""
    return await api.execute(_CREATE_INVOICE, input=input or invoice(), **arguments)


async def customer_id(api: Api, input: Input | None = None) -> str:
    """The id of a customer just made."""
    payload = await create_customer(api, input or taxpayer())
    assert payload["userErrors"] == []
    id: str = payload["customer"]["id"]
    return id


def faults(payload: Answer) -> Faults:
    """Path and code of a payload's errors; paths as in "input.lines.0.quantity"."""
    return {(".".join(error["path"]), error["code"]) for error in payload["userErrors"]}


def codes(response: Answer) -> list[str]:
    """The codes of a response's errors."""
    return [error["extensions"]["code"] for error in response.get("errors", [])]


async def stored(api: Api) -> dict[str, int]:
    """How much of everything the account has, and the last number of its first billing point."""
    counted = (models.Customer, models.AssociatedPerson, models.Document, models.DocumentLine, models.IdempotencyKey)
    with tenant.acting_for(api.account_id):
        counts = {model.__name__: await model.all().count() for model in counted}
        sequence = await models.Sequence.get_or_none(billing_point="001")
    return {**counts, "last_number": sequence.last_number if sequence else 0}


async def change_customer(api: Api, id: str, **columns: Any) -> None:
    """Write to the customer's row, past the API."""
    with tenant.acting_for(api.account_id):
        assert await models.Customer.filter(id=id).update(**columns) == 1


async def set_last_number(api: Api, number: int) -> None:
    """Let billing point 001 have given this number last, past the API."""
    with tenant.acting_for(api.account_id):
        await models.Sequence.create(account_id=api.account_id, billing_point="001", last_number=number)


async def add_billing_point(api: Api, code: str, name: str | None = None) -> None:
    with tenant.acting_for(api.account_id):
        await models.BillingPoint.create(account_id=api.account_id, code=code, name=name)


def fail_at_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let statements that write fail in PostgreSQL after all their parts; the error tells what each changed."""
    run = WriteStatement.run

    async def run_and_fail(statement: WriteStatement) -> None:
        names = list(statement._parts)
        if statement._is_distributed:  # it comes to the last part only after all others
            changed = "'" + "".join(f"{name}: 1; " for name in names) + "'"
        else:
            changed = " || ".join(f"'{name}: ' || (SELECT count(*) FROM {name}) || '; '" for name in names)
        statement.insert("document_line", {"id": Sql(f"({changed} || 'the disk is full of secrets')::uuid")})
        await run(statement)

    monkeypatch.setattr(WriteStatement, "run", run_and_fail)
