"""The rules by which the statements of all tests are checked; tests/conftest.py applies them."""

from uuid import uuid4

import pytest

from db import models, tenant
from tests.conftest import Api
from tests.db.conftest import Connection, rows_of
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
    "INSERT INTO branch (id, account_id, code) SELECT $2, a.id, '0001' FROM account a WHERE a.id = $1 RETURNING 1",
    "INSERT INTO branch (id, account_id, code) SELECT id, $1, '0001' FROM unnest($2::uuid[]) id RETURNING 1",
    "WITH new AS (INSERT INTO branch (id, account_id, code) VALUES ($1, $2, '0001') RETURNING id) SELECT * FROM new",
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
        "INSERT … SELECT by COPY, which policies refuse"
    ],
    "INSERT INTO webhook AS w (id, account_id, url, types, secret) VALUES ($1, $2, $3, '{}', '')"
    " ON CONFLICT (account_id, id) DO UPDATE SET disabled_at = now()": ["changing function in ON CONFLICT"],
    "WITH new AS (SELECT 1) INSERT INTO branch (id, account_id, code) VALUES ($1, $2, '0001')": [
        "INSERT … VALUES with a WITH"
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


CALLS = {
    "account_of_key": "SELECT * FROM account_of_key('', {owner}); SELECT * FROM account_of_key('', NULL)",
    "claim_pending_customer": "SELECT * FROM claim_pending_customer('{{1 hour}}')",
    "create_account": "SELECT create_account('{new}', 'Nueva', '8-1-1', '00', 'NATURAL', false, '{new}', '{new}')",
    "dispatch_events": "SELECT dispatch_events(500, {owner}); SELECT dispatch_events(500)",
    "document_of_link": "SELECT * FROM document_of_link('', {owner})",
    "due_emissions": "SELECT * FROM due_emissions(now() + interval '1 day')",
    "due_imports": "SELECT * FROM due_imports()",
    "due_lanes": "SELECT * FROM due_lanes()",
    "due_reconciliations": "SELECT * FROM due_reconciliations(now() + interval '1 day')",
    "emission_backlog": "SELECT * FROM emission_backlog()",
    "emission_figures": "SELECT * FROM emission_figures()",
    "erase_deleted": "SELECT erase_deleted({owner}, '{{{new}}}')",
    "erase_traces": "SELECT erase_traces({owner}, ARRAY[{customer}])",
    "forget_audit_events": "SELECT forget_audit_events(1, 100)",
    "forget_document_links": "SELECT forget_document_links(100)",
    "forget_erased_documents": "SELECT forget_erased_documents(5, 100)",
    "forget_events": "SELECT forget_events(now(), 100)",
    "forget_fiscal_files": "SELECT forget_fiscal_files(5, 100)",
    "forget_idempotency_keys": "SELECT forget_idempotency_keys(100)",
    "forget_imports": "SELECT forget_imports(100)",
    "forget_lookups": "SELECT forget_lookups('1 hour', 100)",
    "forget_merges": "SELECT forget_merges(100)",
    "forget_sessions": "SELECT forget_sessions(100)",
    "lost_deliveries": "SELECT lost_deliveries(ARRAY['{new}'::uuid])",
    "outbox_backlog": "SELECT * FROM outbox_backlog()",
    "take_link": "SELECT * FROM take_link('', {owner}); SELECT * FROM take_link('')",
}

# So that there is something to be done in each loop, and whatever else the rows must have then.
DUE = """
    ALTER TABLE document DROP CONSTRAINT document_draft_check, DROP CONSTRAINT document_issuer_check;
    UPDATE document SET issued_at = '2000-01-01', receiver_name = 'Ana', status = 'ISSUED' WHERE account_id = {owner};
    UPDATE customer SET verification_status = 'PENDING' WHERE account_id = {owner};
    UPDATE import SET columns = '[{{}}]' WHERE account_id = {owner};
    UPDATE emission SET files_due_at = now() WHERE account_id = {owner};
"""
OLD = """
    UPDATE customer SET status = 'ERASED' WHERE account_id = {owner};
    UPDATE fiscal_file SET fetched_at = '2000-01-01' WHERE account_id = {owner};
"""


async def test_what_functions_and_triggers_do_names_the_account_too_or_looks_for_it(
    admin: Connection, reader: tuple[Reader, Catalogue], api: Api
) -> None:
    """Triggers are called by the rows that are inserted here."""
    found = {}
    trees = []
    for name, (sql, values) in rows_of(api.account_id).items():
        await admin.execute("SELECT set_config('istmo.account', $1, true)", str(api.account_id))
        trees += [(name, tree) for tree in await reader[0].trees(sql, *values)]
    customer = await admin.fetchval("SELECT id FROM customer WHERE account_id = $1", api.account_id)
    names = {"owner": f"'{api.account_id}'::uuid", "customer": f"'{customer}'::uuid", "new": str(uuid4())}
    await admin.execute(DUE.format(**names))
    for name, calls in CALLS.items():
        if name == "forget_erased_documents":
            await admin.execute(OLD.format(**names))
        for call in calls.format(**names).split("; "):
            trees += [(name, tree) for tree in await reader[0].trees(call)]
    for name, tree in trees:
        if wrong := faults(tree, reader[1], may_look_across=True):
            found[name] = wrong
    assert found == {}
    read = {node["relid"] for _, tree in trees for node in tree.inner() if "relid" in node}
    assert {reader[1].tables[each][0] for each in read & set(reader[1].tables)} >= {"emission_payload", "import_row"}


async def test_each_function_of_the_service_is_called_there(admin: Connection) -> None:
    rows = await admin.fetch(
        """
        SELECT DISTINCT proname FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND prosecdef
            AND has_function_privilege('istmo_app', oid, 'EXECUTE')
        """
    )
    assert {name for (name,) in rows} == set(CALLS)


async def test_what_the_service_sends_is_recorded_and_what_a_test_sends_is_not(api: Api, database_url: str) -> None:
    sent = Sent()
    with sent.recording(), tenant.acting_for(api.account_id):
        await models.Customer.filter(name="of a test")
        assert sent.senders == {}
        await api.ask("{ customers { edges { node { id } } } }")
    assert len(sent.senders) >= 1
    assert await sent.faults(database_url) == {}
