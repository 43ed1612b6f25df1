"""The rule by which the statements of all tests are checked; tests/conftest.py applies it."""

import pytest

from db import models, tenant
from resolvers.scope import mine
from tests.conftest import Api
from tests.statements import Sent, nameless

GOOD = [
    "SELECT 1",
    'SELECT "id" FROM "customer" WHERE "account_id" = $1',
    'SELECT "customer"."id" FROM "customer_search" AS "customer" WHERE ("customer"."account_id" = $1)',
    "SELECT (SELECT count(*) FROM document d WHERE d.account_id = $2) FROM customer c WHERE c.account_id = $2",
    "UPDATE event SET data = $3 WHERE account_id = $1 AND id = $2",
    "INSERT INTO sequence (id, last_number) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET last_number = $2",
    "SELECT * FROM account WHERE id = $1 FOR NO KEY UPDATE",
    "SELECT * FROM location",
]
BAD = {
    'SELECT "id" FROM "customer" WHERE "id" = $1': ["customer"],
    "SELECT (SELECT count(*) FROM document d WHERE d.account_id = c.account_id) FROM customer c"
    " WHERE c.account_id = $1": ["d"],
    "SELECT * FROM event e JOIN webhook w ON w.account_id = e.account_id WHERE e.account_id = $1": ["w"],
    "SELECT * FROM event e, webhook w WHERE e.account_id = $1": ["w"],
    'DELETE FROM "webhook" WHERE "id" = $1': ["webhook"],
    'UPDATE "webhook" SET "url" = $1 WHERE "id" = $2': ["webhook"],
}


@pytest.mark.parametrize("sql", GOOD)
def test_a_statement_that_names_its_account_passes(sql: str) -> None:
    assert nameless(sql) == []


@pytest.mark.parametrize("sql", BAD)
def test_a_statement_that_names_no_account_is_found(sql: str) -> None:
    assert nameless(sql) == BAD[sql]


async def test_what_the_service_sends_is_recorded_and_what_a_test_sends_is_not(api: Api) -> None:
    sent = Sent()
    with sent.recording(), tenant.acting_for(api.account_id):
        await models.Customer.filter(name="of a test")
        assert sent.offending == {}
        await mine(models.Customer, name="of the service")
        await api.ask("{ customers { edges { node { id } } } }")
    assert sent.offending == {}
    assert len(sent._seen) >= 2
