"""How often a mutation goes to the database, and that a counter's row is locked as briefly as can be."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from db.asyncpg_engine import Session
from tests.builders import company, create_customer, create_invoice, customer_id, invoice, taxpayer
from tests.conftest import ON_ONE_NODE, Api
from tests.noting import credited, invoiced

pytestmark = ON_ONE_NODE

ISSUE = "mutation ($id: ID!) { issueInvoice(id: $id) { invoice { number } userErrors { code } } }"
UPDATE = """
    mutation ($id: ID!, $input: CustomerPatch!) {
        updateCustomer(id: $id, input: $input) { customer { version } userErrors { code } }
    }
"""
ALICE = {"name": "Alicia", "email": "alicia@example.com"}


@pytest.fixture
def trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was sent, one word for each round trip."""
    found: list[str] = []
    execute, get_statement = Session.execute, Session._get_statement

    async def executed(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
        if not arguments:
            found.append(query.strip("; ").lower())
        return await execute(session, query, *arguments, **options)

    async def prepared(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
        if word := kind_of(query.strip()):
            found.append(word)
        return await get_statement(session, query, *arguments, **options)

    monkeypatch.setattr(Session, "execute", executed)
    monkeypatch.setattr(Session, "_get_statement", prepared)
    return found


def kind_of(query: str) -> str | None:
    """A word for the statement; None for what asyncpg and the engine ask once for each connection."""
    if "set_config" in query or "current_setting" in query or "typeinfo" in query:
        return None
    if query.startswith("WITH answer"):
        return "answer"
    if query.startswith("WITH") and "INSERT INTO event" in query:
        return "write"
    return "claim" if "INSERT INTO idempotency_key" in query else "read"


async def new_customer(api: Api, id: str) -> None:
    await create_invoice(api, newCustomer=company(associatedPersons=[ALICE]))


async def new_customer_under_a_key(api: Api, id: str) -> None:
    await create_invoice(api, newCustomer=company(), idempotencyKey="k")


async def new_customer_or_an_existing_one(api: Api, id: str) -> None:
    await create_invoice(api, newCustomer=company(), onDuplicate="UPDATE_EMPTY")


async def existing_customer(api: Api, id: str) -> None:
    await create_invoice(api, customerId=id)


async def draft(api: Api, id: str) -> None:
    await create_invoice(api, invoice(issue=False), customerId=id)


async def customer_alone(api: Api, id: str) -> None:
    await create_customer(api, company())


async def change_of_a_customer(api: Api, id: str) -> None:
    await api.ask(UPDATE, id=id, input={"phone": "6677-8899", "associatedPersons": [ALICE]})


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (new_customer, "read write answer answer"),
        (existing_customer, "read write answer answer"),
        (new_customer_under_a_key, "begin claim read write commit answer answer"),
        (new_customer_or_an_existing_one, "begin read write commit answer answer"),
        (draft, "begin read write commit answer answer"),
        (customer_alone, "read write answer"),
        (change_of_a_customer, "begin read read write commit answer"),
    ],
)
async def test_a_mutation_writes_by_one_statement(
    api: Api, trips: list[str], act: Callable[[Api, str], Awaitable[None]], expected: str
) -> None:
    id = await customer_id(api, taxpayer())
    trips.clear()
    await act(api, id)
    assert " ".join(trips) == expected


async def test_a_draft_gets_its_number_by_the_statement_before_the_commit(api: Api, trips: list[str]) -> None:
    made = await create_invoice(api, invoice(issue=False), newCustomer=taxpayer())
    trips.clear()
    issued = await api.ask(ISSUE, id=made["invoice"]["id"])
    assert issued["issueInvoice"]["invoice"]["number"] == "0000000001"
    assert " ".join(trips) == "begin read read read write commit answer"


async def test_a_dry_run_stores_by_the_same_statement_and_takes_it_back(api: Api, trips: list[str]) -> None:
    await create_invoice(api, newCustomer=company(), dryRun=True)
    words = [trip.split()[0] for trip in trips]
    assert " ".join(words) == "begin savepoint read write release answer answer rollback"


async def test_a_credit_note_writes_by_one_statement_and_locks_its_invoice(api: Api, trips: list[str]) -> None:
    id = await invoiced(api)
    trips.clear()
    await credited(api, id)
    assert " ".join(trips) == "begin read read read read write commit answer"


async def test_an_invoice_with_its_notes_and_what_is_left_is_one_statement(api: Api, trips: list[str]) -> None:
    id = await invoiced(api)
    await credited(api, id, {"position": 2})
    trips.clear()
    found = await api.ask(
        """query ($id: ID!) { invoice(id: $id) {
            creditableTotal creditNotes { number lines { invoicePosition } fiscal { status } } debitNotes { number }
            lines { creditableQuantity creditableNet }
        } }""",
        id=id,
    )
    assert found["invoice"]["creditableTotal"] == "32.10"
    assert trips == ["answer"]
