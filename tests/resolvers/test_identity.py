"""Which customers are the same: foreign documents in any spelling, and the customer who stands for any consumer."""

import asyncio
from typing import Any

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

from db import models, tenant
from rules.keys import document_key
from tests.builders import create_customer, create_invoice, customer_id, faults, foreigner, stored
from tests.conftest import Answer, Api

ANYBODY = {"receiverType": "FINAL_CONSUMER", "name": "CONSUMIDOR FINAL"}
_UPDATE = """
    mutation ($id: ID!, $input: CustomerPatch!) {
        updateCustomer(id: $id, input: $input) { customer { phone } userErrors { path code relatedId } }
    }
"""

# Foreign documents


@pytest.mark.parametrize(
    "number", ["ab123456", "AB 123456", "AB-123456", " ab.123.456 ", "ＡＢ１２３４５６", "AB\u200b123456"]
)
async def test_a_foreign_document_is_the_same_in_any_spelling(api: Api, number: str) -> None:
    id = await customer_id(api, foreigner())

    refused = await create_customer(api, foreigner(number=number))
    assert faults(refused) == {("input.foreignId", "DUPLICATE_CUSTOMER")}
    assert refused["userErrors"][0]["relatedId"] == id
    used = await create_customer(api, foreigner(number=number), onDuplicate="USE_EXISTING")
    assert (used["customer"]["id"], used["created"]) == (id, False)
    assert used["customer"]["foreignId"]["number"] == "AB123456"
    assert (await stored(api))["Customer"] == 1


async def test_another_number_country_or_type_is_another_document(api: Api) -> None:
    await customer_id(api, foreigner())
    for other in ({"number": "AB123457"}, {"country": "VE"}, {"type": "OTHER"}):
        assert (await create_customer(api, foreigner(**other)))["created"]


async def test_the_database_itself_keeps_spellings_of_one_document_apart(api: Api) -> None:
    first, second = await customer_id(api, foreigner()), await customer_id(api, foreigner(number="XY-9"))
    with tenant.acting_for(api.account_id):
        row = await models.Customer.get(id=first)
        assert row.foreign_id_key == document_key("ab 123456")
        with pytest.raises(IntegrityError) as error:
            await models.Customer.filter(id=second).update(foreign_id_key=row.foreign_id_key)
    assert isinstance(error.value.args[0], asyncpg.UniqueViolationError)


async def test_many_at_once_with_spellings_of_one_document_share_the_customer(api: Api) -> None:
    spellings = ["AB123456", "ab123456", "AB 123456", "AB-123456"] * 4
    made = await asyncio.gather(
        *(create_customer(api, foreigner(number=each), onDuplicate="USE_EXISTING") for each in spellings)
    )
    assert [payload["created"] for payload in made].count(True) == 1
    assert len({payload["customer"]["id"] for payload in made}) == 1


async def test_a_customer_that_duplicates_another_from_before_can_be_changed_but_not_into_a_third(api: Api) -> None:
    first = await customer_id(api, foreigner())
    second = await customer_id(api, foreigner(number="XY-9"))
    with tenant.acting_for(api.account_id):  # as the migration leaves it
        key = f"{document_key('AB123456')} {second}"
        await models.Customer.filter(id=second).update(foreign_id_number="ab-123456", foreign_id_key=key)

    async def update(**changes: Any) -> Answer:
        answer: Answer = (await api.ask(_UPDATE, id=second, input=changes))["updateCustomer"]
        return answer

    changed = await update(phone="6677-8899")
    assert (changed["userErrors"], changed["customer"]["phone"]) == ([], "+50766778899")
    refused = await update(foreignId={"type": "PASSPORT", "number": "AB 123456", "country": "CO"})
    assert refused["userErrors"] == [{"path": ["input", "foreignId"], "code": "DUPLICATE_CUSTOMER", "relatedId": first}]
    assert (await update(foreignId={"type": "PASSPORT", "number": "ZZ 1", "country": "CO"}))["userErrors"] == []


# The customer that stands for any consumer


async def test_the_consumer_without_data_is_found_again(api: Api) -> None:
    made = [await create_invoice(api, newCustomer=ANYBODY, onDuplicate="USE_EXISTING") for _ in range(3)]
    assert [payload["customerCreated"] for payload in made] == [True, False, False]
    assert len({payload["customer"]["id"] for payload in made}) == 1
    again = await create_customer(api, {**ANYBODY, "name": " Consumidor  final "}, onDuplicate="UPDATE_EMPTY")
    assert (again["created"], again["customer"]["id"]) == (False, made[0]["customer"]["id"])


async def test_many_at_once_share_the_consumer_without_data(api: Api) -> None:
    made = await asyncio.gather(
        *(create_invoice(api, newCustomer=ANYBODY, onDuplicate="USE_EXISTING") for _ in range(30))
    )
    assert [payload["customerCreated"] for payload in made].count(True) == 1
    assert len({payload["customer"]["id"] for payload in made}) == 1
    assert (await stored(api))["Customer"] == 1


async def test_a_consumer_of_whom_more_is_known_is_another(api: Api) -> None:
    first = await create_customer(api, ANYBODY, onDuplicate="USE_EXISTING")
    for more in ({"email": "ana@example.com"}, {"phone": "6677-8899"}, {"name": "Consumidor Ana"}):
        other = await create_customer(api, {**ANYBODY, **more}, onDuplicate="USE_EXISTING")
        assert other["created"], more
    assert (await create_customer(api, ANYBODY, onDuplicate="USE_EXISTING"))["customer"] == first["customer"]


async def test_without_use_existing_there_can_be_several_and_the_oldest_is_used(api: Api) -> None:
    made = [await create_customer(api, ANYBODY) for _ in range(2)]
    assert [payload["created"] for payload in made] == [True, True]
    used = await create_customer(api, ANYBODY, onDuplicate="USE_EXISTING")
    assert used["customer"]["id"] == made[0]["customer"]["id"]
