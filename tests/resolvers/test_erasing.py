"""Erasing a person's data: afterwards the whole database is searched for what was known of them."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from announcements import worker
from db import tenant
from emission import worker as emission_worker
from resolvers import import_work, imports
from rules.vocabulary import ErrorPolicy, OnDuplicate
from tests.builders import company, create_customer, create_invoice, customer_id, faults, invoice, line, taxpayer
from tests.conftest import Answer, Api
from tests.db.conftest import Connection, acting_as
from tests.db.test_row_security import account_tables
from tests.merging import merged, try_merge

# What becomes of each account table. Those that are erased are named by erase_traces, or by resolvers/personal_data.py.
ERASED = {
    "associated_person": "deleted",
    "audit_event": "values taken out",
    "customer": "emptied",
    "customer_merge": "deleted",
    "delivery": "mails deleted, answers emptied",
    "document": "drafts deleted; metadata and tags of issued ones emptied",
    "document_line": "deleted with the drafts",
    "document_link": "revoked",
    "event": "values taken out",
    "idempotency_key": "deleted, but those of issued documents",
    "import": "samples emptied",
    "import_row": "emptied",
    "mail_count": "deleted",
    "registry_answer": "deleted",
}
KEPT = {
    "account": "the business itself",
    "account_logo": "the business itself",
    "api_key": "the business's own people and programs",
    "billing_point": "the business itself",
    "branch": "the business itself",
    "emission": "an issued document",
    "emission_attempt": "evidence of an issued document",
    "emission_difference": "numbers of issued documents",
    "emission_payload": "an issued document",
    "emission_reconciliation": "counts",
    "fiscal_file": "an issued document",
    "lookup_count": "counts",
    "pac_setting": "the business itself",
    "personal_data_request": "proof of the answer, without a name",
    "sequence": "counts",
    "webhook": "the business itself",
}

# Nothing else in the tests' database is spelled like these.
PERSON = {
    "name": "Zoraida Quintanilla",
    "receiverType": "FOREIGN",
    "foreignId": {"type": "PASSPORT", "number": "ZQ998877", "country": "CO"},
    "address": "Vereda Xochimilco 7",
    "email": "zoraida@quintanilla.example",
    "phone": "+50761112233",
    "mobile": "+50764445566",
    "externalId": "EXT-ZQ-1",
    "tags": ["zqetiqueta"],
    "metadata": [{"key": "zqclave", "value": "zqvalor"}],
    "associatedPersons": [
        {"name": "Eulalia Zq", "email": "eulalia@zq.example", "phone": "+50767778899", "notify": True}
    ],
}
VALUES = [
    *("zoraida", "quintanilla", "zq998877", "xochimilco", "61112233", "64445566", "ext-zq", "zqetiqueta", "zqclave"),
    *("zqvalor", "eulalia", "67778899", "8-769-1080", "antigua zq", "zqborrador", "zqmensaje", "zqimport", "zqclave-1"),
]
REGISTER = """
    mutation ($id: ID!, $kind: PersonalDataRequestKind!, $day: Date) {
        registerPersonalDataRequest(customerId: $id, kind: $kind, receivedOn: $day) {
            request { id kind receivedOn dueOn status overdue } userErrors { path code }
        }
    }
"""
ERASE = """
    mutation ($id: ID!, $reason: String!, $version: Int, $key: String) {
        erasePersonalData(customerId: $id, reason: $reason, version: $version, idempotencyKey: $key) {
            request { id status reason answeredAt customer { id name status ruc email externalId version } }
            userErrors { path code relatedId }
        }
    }
"""


async def erase(api: Api, id: str, **variables: Any) -> Answer:
    data = await api.ask(ERASE, **{"id": id, "reason": "Lo pidió el titular.", **variables})
    answer: Answer = data["erasePersonalData"]
    return answer


async def erased(api: Api, id: str) -> Answer:
    answer = await erase(api, id)
    assert answer["userErrors"] == []
    customer: Answer = answer["request"]["customer"]
    return customer


async def found(admin: Connection, account: UUID) -> dict[str, set[str]]:
    """In which tables which of the values are, in whatever column."""
    places: dict[str, set[str]] = {}
    for table in await account_tables(admin):
        owner = "id" if table == "account" else "account_id"
        rows = await admin.fetch(f'SELECT lower(to_jsonb(t)::text) FROM "{table}" t WHERE {owner} = $1', account)
        for (row,) in rows:
            for value in VALUES:
                if value in row or value.encode().hex() in row:
                    places.setdefault(table, set()).add(value)
    return places


@pytest.fixture
async def admin(database_url: str) -> Any:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


UPDATE = (
    "mutation ($id: ID!, $patch: CustomerPatch!) { updateCustomer(id: $id, input: $patch) { userErrors { path } } }"
)


async def send(api: Api, id: str) -> None:
    sent = await api.ask(
        """mutation ($id: ID!) { sendDocument(id: $id, to: ["otra@zoraida.example"], message: "zqmensaje") {
               userErrors { path } } }""",
        id=id,
    )
    assert sent["sendDocument"]["userErrors"] == []


async def upload(api: Api, folder: Path, *, stores: bool) -> None:
    path = folder / "clientes.csv"
    rows = "zqimport;;zoraida@quintanilla.example\nZoraida Quintanilla;;\nOtra Gente;;gente@example.com\n"
    path.write_text(f"Nombre;RUC;Correo\n{rows}")
    with tenant.acting_for(api.account_id, api.context.identity.key_id):
        id = await imports.create(path, "clientes.csv", path.stat().st_size)
        await imports.start(str(id), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.USE_EXISTING, checks_only=not stores)
        while await import_work.advance(id):
            pass


async def with_history(api: Api, admin: Connection, folder: Path) -> tuple[str, str]:
    """A person with traces in all tables, and their issued invoice."""
    id = str((await create_customer(api, PERSON, idempotencyKey="zqclave-1"))["customer"]["id"])
    patches: list[Answer] = [{"address": "Casa Antigua Zq"}, {"address": PERSON["address"]}]
    for patch in patches:
        assert (await api.ask(UPDATE, id=id, patch=patch))["updateCustomer"]["userErrors"] == []
    twin = taxpayer(
        name="Zoraida Q. de Quintanilla", receiverType="FINAL_CONSUMER", ruc="8-769-1080", tags=["zqetiqueta 2"]
    )
    await merged(api, await customer_id(api, twin), into=id)
    fields: Answer = {"tags": ["zqetiqueta"], "metadata": [{"key": "zqclave", "value": "zqvalor"}]}
    issued = await create_invoice(api, invoice(issue=True, **fields), customerId=id)
    issued_id = str(issued["invoice"]["id"])
    await send(api, issued_id)
    for _ in range(2):
        draft = await create_invoice(
            api, invoice(line(description="zqborrador"), notes="zqborrador", issue=False), customerId=id
        )
    await api.ask("mutation ($id: ID!) { deleteDraft(id: $id) { userErrors { path } } }", id=draft["invoice"]["id"])
    await upload(api, folder, stores=False)
    await admin.execute(
        """INSERT INTO registry_answer (account_id, ruc, taxpayer_type, sandbox, status, dv, name, asked_at)
           VALUES ($1, '8-769-1080', 'NATURAL', true, 'FOUND', '12', 'ZORAIDA QUINTANILLA', now())""",
        api.account_id,
    )
    await admin.execute("SELECT dispatch_events(500, $1)", api.account_id)
    await admin.execute(
        "INSERT INTO mail_count VALUES ($1, '2026-11-27', 'zoraida@quintanilla.example', 1)", api.account_id
    )
    await admin.execute(
        """UPDATE delivery SET status = 'FAILED', settled_at = now(), error = '550 no such user zoraida'
           WHERE account_id = $1 AND email LIKE '%example'""",
        api.account_id,
    )
    return id, issued_id


async def test_after_an_erasure_the_person_is_only_where_the_law_keeps_them(
    api: Api, admin: Connection, tmp_path: Path
) -> None:
    id, _ = await with_history(api, admin, tmp_path)
    before = await found(admin, api.account_id)
    assert {"zqborrador", "zqmensaje", "8-769-1080"} < before["audit_event"]
    assert set(before) >= {
        *("associated_person", "audit_event", "customer", "customer_merge", "delivery", "document", "document_line"),
        *("event", "idempotency_key", "import", "import_row", "mail_count", "registry_answer"),
    }
    customer = await erased(api, id)
    assert customer == {
        **{"id": id, "name": "Datos eliminados", "status": "ERASED", "ruc": None, "email": None, "externalId": None},
        "version": customer["version"],
    }
    after = await found(admin, api.account_id)
    assert set(after) == {"document", "event"}
    assert after["event"] == {"ext-zq"}
    told = await admin.fetch(
        "SELECT type, data FROM event WHERE account_id = $1 AND data ? 'externalId'", api.account_id
    )
    assert [(type, json.loads(data)["externalId"]) for type, data in told] == [("CUSTOMER_ERASED", "EXT-ZQ-1")]
    leftover = await admin.fetch(
        """SELECT DISTINCT name FROM document d, jsonb_each(to_jsonb(d)) AS each (name, value)
           WHERE account_id = $1 AND lower(value::text) ~ $2""",
        api.account_id,
        "|".join(VALUES),
    )
    assert {name for (name,) in leftover} <= {
        *("receiver_name", "receiver_address", "receiver_email", "receiver_phone", "receiver_mobile", "search"),
        *("receiver_foreign_id_number", "receiver_identification"),
    }


async def test_every_account_table_with_text_is_listed(admin: Connection) -> None:
    rows = await admin.fetch(
        """SELECT DISTINCT table_name FROM information_schema.columns WHERE table_schema = 'public'
               AND (data_type IN ('text', 'jsonb', 'bytea', 'ARRAY') OR data_type = 'character varying')"""
    )
    with_text = {name for (name,) in rows} & set(await account_tables(admin))
    assert with_text - set(ERASED) - set(KEPT) == set()
    assert set(ERASED) & set(KEPT) == set()
    functions = await admin.fetchval("SELECT prosrc FROM pg_proc WHERE proname = 'erase_traces'")
    rows_of_service = {"associated_person", "customer", "document_line", "audit_event"}
    assert {table for table in ERASED if f"public.{table} " not in functions} <= rows_of_service


async def test_the_trail_keeps_when_by_whom_and_which_field_and_says_so(
    api: Api, admin: Connection, tmp_path: Path
) -> None:
    id, invoice_id = await with_history(api, admin, tmp_path)
    entries = "SELECT id, occurred_at, source, key_id, action, object_id FROM audit_event WHERE account_id = $1"
    before = {tuple(row) for row in await admin.fetch(entries, api.account_id)}
    await erased(api, id)
    assert before < {tuple(row) for row in await admin.fetch(entries, api.account_id)}
    query = """query ($id: ID!) { auditEvents(filter: {objectId: $id}, first: 100) { edges { node {
        action keyId redactedAt changes { field before after } } } } }"""
    trail = [edge["node"] for edge in (await api.ask(query, id=id))["auditEvents"]["edges"]]
    assert trail[0]["action"] == "ERASED"
    assert trail[0]["keyId"] == str(api.context.identity.key_id)
    assert all(entry["redactedAt"] for entry in trail[1:])
    changes = [change for entry in trail[1:] for change in entry["changes"]]
    assert {"address", "associatedPersons", "email", "name", "tags"} < {change["field"] for change in changes}
    assert {change["field"] for change in changes if change["before"] or change["after"]} == {"status"}
    of_invoice = [edge["node"] for edge in (await api.ask(query, id=invoice_id))["auditEvents"]["edges"]]
    assert {"INVOICE", "SENT", "CREATED", "UPDATED"} & {entry["action"] for entry in of_invoice}
    known = {change["field"] for entry in of_invoice for change in entry["changes"] if change["after"]}
    assert {"number", "total", "customerId"} <= known


async def test_the_service_can_erase_traces_only_in_its_own_account(api: Api, database_url: str) -> None:
    id = UUID(await customer_id(api))
    async with acting_as("istmo_app", database_url, uuid4()) as stranger:
        with pytest.raises(asyncpg.RaiseError, match="current account"):
            await stranger.execute("SELECT erase_traces($1, $2)", api.account_id, [id])
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await stranger.execute("SELECT redact_audit($1, $2)", api.account_id, [id])


async def test_an_erasure_tells_other_systems_their_ids_of_all_that_is_erased(api: Api, admin: Connection) -> None:
    id = await customer_id(api, taxpayer(name="Ana", externalId="A-1"))
    twin = await customer_id(api, taxpayer(name="Anna", externalId="A-2"))
    await merged(api, twin, into=id)
    await erased(api, id)
    rows = await admin.fetch(
        "SELECT object_id, data FROM event WHERE account_id = $1 AND type = 'CUSTOMER_ERASED'", api.account_id
    )
    told = {str(object_id): json.loads(data) for object_id, data in rows}
    assert {key: (data["externalId"], data["name"]) for key, data in told.items()} == {
        id: ("A-1", "Datos eliminados"),
        twin: ("A-2", "Datos eliminados"),
    }


async def test_the_id_of_a_customer_that_was_merged_a_moment_ago_erases_nobody(api: Api) -> None:
    survivor, other = [await customer_id(api, taxpayer(name=name)) for name in ("Ana", "Anna")]
    await merged(api, other, into=survivor)
    refused = await erase(api, other)
    assert refused["request"] is None
    assert refused["userErrors"] == [{"path": ["customerId"], "code": "NOT_ALLOWED", "relatedId": survivor}]
    assert (await erased(api, survivor))["status"] == "ERASED"


async def test_customers_that_an_undone_import_deleted_leave_nothing_behind(
    api: Api, admin: Connection, tmp_path: Path
) -> None:
    path = tmp_path / "clientes.csv"
    path.write_text("Nombre;Correo;Código\nZoraida Quintanilla;zoraida@quintanilla.example;EXT-ZQ-1\nOtra;;\n")
    with tenant.acting_for(api.account_id, api.context.identity.key_id):
        id = await imports.create(path, "clientes.csv", path.stat().st_size)
        await imports.start(str(id), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.USE_EXISTING, checks_only=False)
        while await import_work.advance(id):
            pass
        assert (await found(admin, api.account_id)).keys() > {"audit_event", "customer", "event"}
        await imports.undo(str(id))
        while await import_work.advance(id):
            pass
    after = await found(admin, api.account_id)
    assert set(after) == {"event", "import", "import_row"}  # the file is kept for seven days
    assert after["event"] == {"ext-zq"}
    told = await admin.fetch("SELECT type FROM event WHERE account_id = $1 AND data ? 'externalId'", api.account_id)
    assert [type for (type,) in told] == ["CUSTOMER_DELETED"]


async def test_values_of_a_customer_that_is_there_are_not_taken_out_as_if_it_were_deleted(
    api: Api, database_url: str
) -> None:
    id = UUID(await customer_id(api))
    async with acting_as("istmo_app", database_url, api.account_id) as service:
        with pytest.raises(asyncpg.RaiseError, match="no deleted customers"):
            await service.execute("SELECT erase_deleted($1, $2)", api.account_id, [id])


async def test_an_erased_customer_takes_no_change_and_no_invoice(api: Api, admin: Connection, tmp_path: Path) -> None:
    id, invoice_id = await with_history(api, admin, tmp_path)
    await erased(api, id)
    for mutation in (
        "archiveCustomer(id: $id)",
        "restoreCustomer(id: $id)",
        'updateCustomer(id: $id, input: {email: "otra@example.com"})',
        "registerPersonalDataRequest(customerId: $id, kind: ERASURE)",
        'erasePersonalData(customerId: $id, reason: "Otra vez")',
    ):
        data = await api.ask(f"mutation ($id: ID!) {{ answer: {mutation} {{ userErrors {{ code }} }} }}", id=id)
        assert data["answer"]["userErrors"] == [{"code": "NOT_ALLOWED"}], mutation
    refused = await create_invoice(api, invoice(), customerId=id)
    assert faults(refused) == {("customerId", "NOT_ALLOWED")}
    other = await customer_id(api, taxpayer(name="Otro Cliente"))
    for into, others in ((other, [id]), (id, [other])):
        answer = await try_merge(api, *others, into=into)
        assert [error["code"] for error in answer["userErrors"]] == ["NOT_ALLOWED"]
    # The issued invoice is as it was; what concerns it alone still works.
    query = "query ($id: ID!) { invoice(id: $id) { status receiver { name } customer { name status } tags } }"
    assert (await api.ask(query, id=invoice_id))["invoice"] == {
        "status": "ISSUED",
        "receiver": {"name": "Zoraida Quintanilla"},
        "customer": {"name": "Datos eliminados", "status": "ERASED"},
        "tags": [],
    }
    voided = await api.ask(
        'mutation ($id: ID!) { voidInvoice(id: $id, reason: "Precio equivocado") { userErrors { code } } }',
        id=invoice_id,
    )
    assert voided["voidInvoice"]["userErrors"] == []
    await admin.execute("SELECT dispatch_events(500, $1)", api.account_id)
    assert await admin.fetchval("SELECT count(*) FROM delivery WHERE account_id = $1", api.account_id) == 0


async def test_an_erasure_leaves_other_customers_as_they_are(api: Api, admin: Connection, tmp_path: Path) -> None:
    id, _ = await with_history(api, admin, tmp_path)
    other = await customer_id(api, taxpayer(name="Otro Cliente", email="otro@example.com", tags=["vip"]))
    await create_invoice(api, invoice(), customerId=other)
    await create_invoice(api, invoice(notes="Mañana", issue=False), customerId=other)
    await admin.execute("SELECT dispatch_events(500, $1)", api.account_id)
    tables = ("customer", "document", "event", "delivery", "audit_event", "import_row")

    async def rows() -> set[str]:
        texts: set[str] = set()
        for table in tables:
            found = await admin.fetch(f"SELECT to_jsonb(t)::text FROM {table} t WHERE account_id = $1", api.account_id)
            texts |= {text for (text,) in found if "otro@" in text.lower() or other in text or "Otra Gente" in text}
        return texts

    before = await rows()
    assert len(before) > len(tables)
    await erased(api, id)
    assert await rows() >= before


@pytest.mark.parametrize(
    ("cells", "is_emptied"),
    [
        (["8-769-1080 DV 12"], True),
        (["8-769-1080 D.V. 12"], True),
        ([" 8-769-1080dv12"], True),
        (["8-769-1080-12"], True),
        (["8-769-1080 12"], True),
        (["ZORAIDA  Quintanilla "], True),
        (["8-769-10801"], False),
        (["18-769-1080"], False),
        (["8-769-1080 oficina 12"], False),
    ],
)
async def test_rows_of_a_file_are_emptied_that_have_the_ruc_with_its_dv_or_the_name_with_other_spaces(
    api: Api, admin: Connection, tmp_path: Path, cells: list[str], is_emptied: bool
) -> None:
    id, _ = await with_history(api, admin, tmp_path)
    await admin.execute(
        """INSERT INTO import_row (account_id, import_id, number, cells)
           SELECT account_id, id, 1000, $2 FROM import WHERE account_id = $1 LIMIT 1""",
        *(api.account_id, cells),
    )
    await erased(api, id)
    statement = "SELECT cells FROM import_row WHERE account_id = $1 AND number = 1000"
    assert await admin.fetchval(statement, api.account_id) == ([""] if is_emptied else cells)


async def test_the_feed_tells_of_the_erasure_and_keeps_its_numbers(api: Api, admin: Connection, tmp_path: Path) -> None:
    id, _ = await with_history(api, admin, tmp_path)
    await erased(api, id)
    await admin.execute("SELECT dispatch_events(500, $1)", api.account_id)
    page = await api.ask("{ events(first: 100) { edges { node { sequence type objectId data } } } }")
    events = [edge["node"] for edge in page["events"]["edges"]]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert [event["type"] for event in events[-3:]] == ["INVOICE_DELETED", *["CUSTOMER_ERASED"] * 2]
    last = events[-1]
    assert (last["objectId"], last["data"]["status"], last["data"]["name"]) == (id, "ERASED", "Datos eliminados")
    names = {event["data"]["name"] for event in events if event["objectId"] == id}
    assert names == {"Datos eliminados"}


async def test_documents_on_their_way_to_the_dgi_come_first(electronic: Api) -> None:
    id = await customer_id(electronic, company())
    issued = await create_invoice(electronic, invoice(), customerId=id)
    answer = await erase(electronic, id)
    [error] = answer["userErrors"]
    assert (error["code"], error["relatedId"]) == ("EMISSION_PENDING", issued["invoice"]["id"])


async def test_a_request_is_due_after_ten_business_days_and_the_erasure_answers_it(api: Api) -> None:
    id = await customer_id(api)
    made = (await api.ask(REGISTER, id=id, kind="ERASURE", day="2026-10-30"))["registerPersonalDataRequest"]
    request = made["request"]
    # The 3rd, 5th and 10th of November are holidays.
    assert (request["dueOn"], request["status"]) == ("2026-11-18", "OPEN")
    again = (await api.ask(REGISTER, id=id, kind="ERASURE"))["registerPersonalDataRequest"]
    assert again["userErrors"] == [{"path": ["kind"], "code": "NOT_ALLOWED"}]
    answered = (await erase(api, id, key="once"))["request"]
    assert (answered["id"], answered["status"], answered["reason"]) == (request["id"], "DONE", "Lo pidió el titular.")
    assert (await erase(api, id, key="once"))["request"]["id"] == request["id"]
    query = "query ($id: ID) { personalDataRequests(customerId: $id) { edges { node { id status } } } }"
    page = (await api.ask(query, id=id))["personalDataRequests"]
    assert [edge["node"] for edge in page["edges"]] == [{"id": request["id"], "status": "DONE"}]


async def test_a_request_can_be_refused_once_with_a_reason(api: Api) -> None:
    id = await customer_id(api)
    made = (await api.ask(REGISTER, id=id, kind="EXPORT"))["registerPersonalDataRequest"]["request"]
    refuse = """mutation ($id: ID!, $reason: String!) { refusePersonalDataRequest(id: $id, reason: $reason) {
        request { status reason } userErrors { path code } } }"""

    async def answer(reason: str) -> Answer:
        data: Answer = (await api.ask(refuse, id=made["id"], reason=reason))["refusePersonalDataRequest"]
        return data

    assert (await answer(" "))["userErrors"] == [{"path": ["reason"], "code": "REQUIRED"}]
    assert (await answer("a\x00b"))["userErrors"] == [{"path": ["reason"], "code": "INVALID_VALUE"}]
    assert (await answer("x" * 501))["userErrors"] == [{"path": ["reason"], "code": "TOO_LONG"}]
    done = await answer("No demostró quién es.")
    assert done["request"] == {"status": "REFUSED", "reason": "No demostró quién es."}
    assert (await answer("Otra vez"))["userErrors"] == [{"path": ["id"], "code": "NOT_ALLOWED"}]


@pytest.mark.parametrize("day", ["2018-12-31", "2099-12-31", str(date.today() + timedelta(days=2))])
async def test_a_request_has_a_day_that_can_be(api: Api, day: str) -> None:
    answer = (await api.ask(REGISTER, id=await customer_id(api), kind="EXPORT", day=day))["registerPersonalDataRequest"]
    assert answer["userErrors"] == [{"path": ["receivedOn"], "code": "OUT_OF_RANGE"}]


async def test_an_unknown_customer_and_an_older_version_are_refused(api: Api) -> None:
    nobody = await erase(api, str(uuid4()))
    assert [(error["path"], error["code"]) for error in nobody["userErrors"]] == [(["customerId"], "NOT_FOUND")]
    old = await erase(api, await customer_id(api), version=7)
    assert [error["code"] for error in old["userErrors"]] == ["CONFLICT"]


# What the worker does later


async def test_after_the_retention_the_receivers_of_erased_customers_are_swept(
    api: Api, admin: Connection, tmp_path: Path
) -> None:
    id, invoice_id = await with_history(api, admin, tmp_path)
    await erased(api, id)
    other = await customer_id(api, taxpayer(name="Otro Cliente"))
    kept = await create_invoice(api, invoice(), customerId=other)
    age = (
        "UPDATE document SET issued_at = now() - make_interval(years => $2) WHERE account_id = $1 AND status = 'ISSUED'"
    )
    await admin.execute(age, api.account_id, 4)
    await emission_worker.forget_erased(1)
    assert "document" in await found(admin, api.account_id)
    await admin.execute(age, api.account_id, 6)
    await emission_worker.forget_erased(5)
    assert await found(admin, api.account_id) == {"event": {"ext-zq"}}  # until EVENT_RETENTION
    query = "query ($id: ID!) { invoice(id: $id) { number total receiver { name } lines { description } } }"
    swept = (await api.ask(query, id=invoice_id))["invoice"]
    assert (swept["number"], swept["total"], swept["receiver"]["name"]) == ("0000000001", "10.70", "Datos eliminados")
    other_one = (await api.ask(query, id=kept["invoice"]["id"]))["invoice"]
    assert other_one["receiver"]["name"] == "Otro Cliente"


async def test_the_trail_is_kept_for_as_long_as_the_setting_says_and_a_year_at_least(
    api: Api, admin: Connection
) -> None:
    id = await customer_id(api)
    count = "SELECT count(*) FROM audit_event WHERE account_id = $1 AND object_id = $2"
    age = "UPDATE audit_event SET occurred_at = now() - make_interval(months => $2) WHERE account_id = $1"
    for months, years, left in ((11, 0, 1), (18, 2, 1), (30, 2, 0)):
        await admin.execute(age, api.account_id, months)
        await worker.forget_audit_events(years)
        assert await admin.fetchval(count, api.account_id, UUID(id)) == left


def mails_in(folder: Path) -> set[str]:
    return {path.name for path in folder.glob("*.eml")}


async def test_mails_in_the_folder_go_with_their_deliveries(api: Api, admin: Connection, tmp_path: Path) -> None:
    id, _ = await with_history(api, admin, tmp_path)
    deliveries = await admin.fetch("SELECT id FROM delivery WHERE account_id = $1", api.account_id)
    for (delivery,) in deliveries:
        (tmp_path / f"{delivery}.eml").write_text("To: zoraida@quintanilla.example")
    (tmp_path / "nota.eml").write_text("no mail of ours")
    await worker.forget_mail_files(tmp_path)
    assert len(mails_in(tmp_path)) == len(deliveries) + 1 > 2
    await erased(api, id)
    await worker.forget_mail_files(tmp_path)
    assert mails_in(tmp_path) == {"nota.eml"}
