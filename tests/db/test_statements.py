"""The rules by which the statements of all tests are checked; tests/conftest.py applies them."""

import pytest

from db import models, tenant
from tests.conftest import Api
from tests.db.conftest import Connection
from tests.parse_tree import Reader
from tests.statements import Catalogue, Sent, faults

GOOD = [
    "SELECT 1",
    'SELECT "id" FROM "customer" WHERE "account_id" = $1',
    'SELECT "customer"."id" FROM "customer_search" AS "customer" WHERE ("customer"."account_id" = $1)',
    "SELECT (SELECT count(*) FROM document d WHERE d.account_id = $1) FROM customer c WHERE c.account_id = $1",
    "SELECT * FROM event e JOIN webhook w ON w.account_id = $1 WHERE e.account_id = $1",
    "WITH done AS (UPDATE event SET data = $3 WHERE account_id = $1 AND id = $2 RETURNING id) SELECT * FROM done",
    "UPDATE webhook SET rest_until = now() + interval '1 hour' WHERE account_id = $1 AND id = $2",
    "UPDATE document SET metadata = (SELECT jsonb_agg(t) FROM unnest(tags) t) WHERE account_id = $1 AND id = $2",
    "INSERT INTO sequence AS s (id, account_id, last_number) VALUES ($1, $2, 1), ($3, $2, 1)"
    " ON CONFLICT (account_id, id) DO UPDATE SET last_number = s.last_number + 1 RETURNING last_number::text",
    "INSERT INTO branch (id, account_id, code) SELECT $2, a.id, '0001' FROM account a WHERE a.id = $1",
    "SELECT * FROM account WHERE id = $1 FOR NO KEY UPDATE",
    "SELECT * FROM location",
    "SELECT c.name, l.search FROM customer c JOIN location l ON l.code = c.location_code WHERE c.account_id = $1",
]
BAD = {
    'SELECT "id" FROM "customer" WHERE "id" = $1': ["customer without its account"],
    "SELECT (SELECT count(*) FROM document d WHERE d.account_id = c.account_id) FROM customer c"
    " WHERE c.account_id = $1": ["document without its account"],
    "SELECT * FROM event e JOIN webhook w ON w.account_id = e.account_id WHERE e.account_id = $1": [
        "webhook without its account"
    ],
    "SELECT * FROM event e, webhook w WHERE e.account_id = $1": ["webhook without its account"],
    "SELECT * FROM event WHERE account_id = $1 OR id = $2": ["event without its account"],
    "SELECT * FROM event WHERE account_id = current_setting('istmo.account')::uuid": ["event without its account"],
    "SELECT * FROM event e, request_count r WHERE e.account_id = $1": ["joins a table of the coordinator"],
    'DELETE FROM "webhook" WHERE "id" = $1': ["webhook without its account"],
    'UPDATE "webhook" SET "url" = $1 WHERE "id" = $2': ["webhook without its account"],
    "UPDATE webhook SET account_id = $1 WHERE account_id = $1": ["UPDATE of the account"],
    "UPDATE webhook SET rest_until = now() + interval '1 hour' * random() WHERE account_id = $1": [
        "volatile function in UPDATE"
    ],
    "UPDATE webhook SET rest_until = failing_since + interval '1 hour' WHERE account_id = $1": [
        "stable function of a column in UPDATE"
    ],
    "DELETE FROM webhook WHERE account_id = $1 AND failing_since + interval '1 hour' < $2": [
        "stable function of a column in DELETE"
    ],
    "UPDATE webhook SET rest_until = coalesce(rest_until, now()) WHERE account_id = $1": [
        "changing function in CASE or coalesce in UPDATE"
    ],
    "UPDATE webhook SET rest_until = now(), version = CASE version WHEN 1 THEN 2 ELSE version END"
    " WHERE account_id = $1": ["CASE x WHEN y beside a changing function"],
    "UPDATE webhook SET version = 2 WHERE account_id = $1 RETURNING concat(url, id)": [
        "changing function in RETURNING"
    ],
    "INSERT INTO branch (id, account_id, code) VALUES ($1, $2, (SELECT max(code) FROM branch WHERE account_id = $2))": [
        "subquery in VALUES"
    ],
    "INSERT INTO branch (id, account_id, code) SELECT id, $1::uuid, '0001' FROM unnest($2::uuid[]) id": [
        "INSERT … SELECT without a table"
    ],
    "INSERT INTO webhook AS w (id, account_id, url, types, secret) VALUES ($1, $2, $3, '{}', '')"
    " ON CONFLICT (account_id, id) DO UPDATE SET disabled_at = now()": ["changing function in ON CONFLICT"],
    "WITH new AS (INSERT INTO branch (id, account_id, code) VALUES ($1, $2, '0001') RETURNING id) SELECT * FROM new": [
        "INSERT in a WITH"
    ],
}


@pytest.fixture
async def reader(admin: Connection) -> tuple[Reader, Catalogue]:
    catalogue = await Catalogue.read(admin)
    reader = Reader(admin)
    await reader.begin()
    return reader, catalogue


@pytest.mark.parametrize("sql", GOOD)
async def test_a_statement_that_names_its_account_passes(reader: tuple[Reader, Catalogue], sql: str) -> None:
    assert faults(await reader[0].tree(sql), reader[1]) == []


@pytest.mark.parametrize("sql", BAD)
async def test_a_statement_that_names_no_account_or_would_be_refused_is_found(
    reader: tuple[Reader, Catalogue], sql: str
) -> None:
    found = faults(await reader[0].tree(sql), reader[1])
    assert found == BAD[sql]


async def test_what_the_service_sends_is_recorded_and_what_a_test_sends_is_not(api: Api, database_url: str) -> None:
    sent = Sent()
    with sent.recording(), tenant.acting_for(api.account_id):
        await models.Customer.filter(name="of a test")
        assert sent.senders == {}
        await api.ask("{ customers { edges { node { id } } } }")
    assert len(sent.senders) >= 1
    assert await sent.faults(database_url, is_distributed=True) == {}
