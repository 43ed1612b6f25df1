"""An electronic invoice is queued by the statement that issues it, and nothing else is."""

from typing import Any

import pytest

from db import models, tenant
from tests.builders import company, create_invoice, invoice
from tests.conftest import Answer, Api

_ISSUE = "mutation ($id: ID!) { issueInvoice(id: $id) { invoice { id fiscal { status } } userErrors { code } } }"


async def queued(api: Api) -> list[Answer]:
    with tenant.acting_for(api.account_id):
        rows: Any = await models.Emission.filter(account_id=api.account_id).values(
            "document_id", "status", "environment", "attempts", "provider"
        )
    return [{**row, "document_id": str(row["document_id"])} for row in rows]


def first(id: str) -> Answer:
    return {"document_id": id, "status": "QUEUED", "environment": "TEST", "attempts": 0, "provider": None}


async def test_an_invoice_that_is_issued_at_once_is_queued(electronic: Api) -> None:
    made = await create_invoice(electronic, newCustomer=company())
    assert made["userErrors"] == []
    assert await queued(electronic) == [first(made["invoice"]["id"])]


async def test_a_draft_is_queued_when_it_is_issued(electronic: Api) -> None:
    made = await create_invoice(electronic, invoice(issue=False), newCustomer=company())
    id = made["invoice"]["id"]
    assert await queued(electronic) == []
    for _ in range(2):
        issued = (await electronic.ask(_ISSUE, id=id))["issueInvoice"]
        assert issued == {"invoice": {"id": id, "fiscal": {"status": "QUEUED"}}, "userErrors": []}
    assert await queued(electronic) == [first(id)]


async def test_a_repeated_request_queues_once(electronic: Api) -> None:
    for _ in range(2):
        await create_invoice(electronic, newCustomer=company(), idempotencyKey="once", onDuplicate="USE_EXISTING")
    assert len(await queued(electronic)) == 1


@pytest.mark.parametrize("case", [{"dryRun": True}, {"newCustomer": company(ruc="8")}])
async def test_what_is_refused_or_only_tried_is_not_queued(electronic: Api, case: Any) -> None:
    await create_invoice(electronic, **{"newCustomer": company(), **case})
    assert await queued(electronic) == []


async def test_an_invoice_on_paper_is_not_queued(api: Api) -> None:
    await create_invoice(api, newCustomer=company())
    assert await queued(api) == []
