"""Imports of customers: what becomes of each row, whatever happens in between."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from uuid import UUID

import pytest

from db import models, tenant
from lookup.service import Consultar
from resolvers import import_rows, import_work, imports, registry
from resolvers.scope import mine
from rules.faults import Refusal
from rules.vocabulary import CustomerColumn, ErrorPolicy, ImportStatus, OnDuplicate, Outcome, VerificationStatus
from tests.conftest import Api
from tests.merging import merged

HEADER = "Nombre;RUC;Correo;Código\n"
GOOD, OTHER = "Hoteles, S.A.;155596713-2-2015 DV 59;a@example.com;A1\n", "Ana Ruiz;8-769-1080;;A2\n"
BAD = "X;no es un RUC;nada;A3\n"


@pytest.fixture
def upload(api: Api, tmp_path: Path) -> Callable[..., Any]:
    async def create(*lines: str, name: str = "clientes.csv") -> UUID:
        path = tmp_path / name
        path.write_text("".join(lines))
        with tenant.acting_for(api.account_id, api.context.identity.key_id):
            return await imports.create(path, name, path.stat().st_size)

    return create


async def run(
    api: Api,
    id: UUID,
    policy: ErrorPolicy = ErrorPolicy.KEEP_GOOD,
    on_duplicate: OnDuplicate = OnDuplicate.USE_EXISTING,
    *,
    checks_only: bool = False,
) -> models.Import:
    with tenant.acting_for(api.account_id, api.context.identity.key_id):
        await imports.start(str(id), None, policy, on_duplicate, checks_only=checks_only)
        return await finish(id)


async def finish(id: UUID) -> models.Import:
    while await import_work.advance(id):
        pass
    return await mine(models.Import).get(id=id)


async def outcomes(api: Api, id: UUID) -> list[tuple[int, Outcome | None, list[str]]]:
    with tenant.acting_for(api.account_id):
        rows = await import_rows.rows_after(id, 0, 1000)
    return [(row.number, row.outcome, [fault.code for fault in row.faults]) for row in rows]


async def names(api: Api) -> list[str]:
    with tenant.acting_for(api.account_id):
        return [row.name for row in await mine(models.Customer).order_by("name")]


async def test_good_rows_are_stored_and_each_fault_of_the_others_is_told(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD, BAD, OTHER)
    row = await run(api, id)
    assert (row.status, row.created, row.failed, row.done) == (ImportStatus.FINISHED, 2, 1, 3)
    assert await names(api) == ["Ana Ruiz", "Hoteles, S.A."]
    assert await outcomes(api, id) == [
        (2, Outcome.CREATED, []),
        (3, Outcome.FAILED, ["INVALID_RUC", "INVALID_VALUE", "INVALID_EMAIL"]),
        (4, Outcome.CREATED, []),
    ]
    with tenant.acting_for(api.account_id):
        hotel = await mine(models.Customer).get(name="Hoteles, S.A.")
        assert (hotel.ruc, hotel.dv, hotel.external_id, hotel.email) == (
            *("155596713-2-2015", "59"),
            *("A1", "a@example.com"),
        )
        events = await mine(models.Event).order_by("position")
    assert [event.type for event in events] == ["CUSTOMER_CREATED", "CUSTOMER_CREATED", "IMPORT_FINISHED"]
    assert events[-1].data["created"] == 2


async def test_a_check_finds_the_same_and_stores_nothing(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD, BAD, OTHER, "Otra;8-769-1080;;\n", "Ocupado;;;A1\n")
    row = await run(api, id, on_duplicate=OnDuplicate.FAIL, checks_only=True)
    assert (row.status, row.created, row.failed, row.done) == (ImportStatus.CHECKED, 2, 3, 5)
    assert await names(api) == []
    checked = await outcomes(api, id)
    assert checked[3:] == [(5, Outcome.FAILED, ["DUPLICATE_CUSTOMER"]), (6, Outcome.FAILED, ["DUPLICATE_EXTERNAL_ID"])]
    stored = await run(api, id, on_duplicate=OnDuplicate.FAIL)
    assert stored.status is ImportStatus.FINISHED
    assert await outcomes(api, id) == checked


async def test_the_taxpayer_type_may_be_left_out_where_ruc_and_dv_prove_it(electronic: Api, tmp_path: Path) -> None:
    path = tmp_path / "clientes.csv"
    path.write_text(
        "Nombre;RUC;Ubicación;Dirección\n"
        "Hotel;155596713-2-2015 DV 59;8-8-7;Calle 50\n"
        "Sin DV;155596714-2-2015;8-8-7;Calle 50\n"
        "Equivocado;155596715-2-2015 DV 00;8-8-7;Calle 50\n"
        "Ministerio;8-NT-1-13656 DV 43;8-8-7;Calle 50\n"
    )
    with tenant.acting_for(electronic.account_id, electronic.context.identity.key_id):
        id = await imports.create(path, "clientes.csv", path.stat().st_size)
    await run(electronic, id)
    assert await outcomes(electronic, id) == [
        (2, Outcome.CREATED, []),
        (3, Outcome.CREATED, []),
        (4, Outcome.FAILED, ["DV_MISMATCH"]),
        (5, Outcome.CREATED, []),
    ]
    with tenant.acting_for(electronic.account_id):
        assert (await mine(models.Customer).get(name="Hotel")).taxpayer_type == "JURIDICAL"


async def test_all_or_nothing_stores_nothing_if_one_row_has_faults(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD, BAD)
    row = await run(api, id, ErrorPolicy.REJECT_ALL)
    assert (row.status, row.created, row.failed) == (ImportStatus.CHECKED, 1, 1)
    assert await names(api) == []
    id = await upload(HEADER, GOOD, OTHER)
    row = await run(api, id, ErrorPolicy.REJECT_ALL)
    assert (row.status, row.created, row.failed) == (ImportStatus.FINISHED, 2, 0)
    assert await names(api) == ["Ana Ruiz", "Hoteles, S.A."]


async def test_all_or_nothing_stays_so_if_a_customer_appears_after_the_check(
    api: Api, upload: Callable[..., Any]
) -> None:
    lines = [f"Cliente {n};8-700-{n};;\n" for n in range(1, 400)]
    id = await upload(HEADER, *lines)
    with tenant.acting_for(api.account_id):
        await imports.start(str(id), None, ErrorPolicy.REJECT_ALL, OnDuplicate.FAIL, checks_only=False)
        while (await mine(models.Import).get(id=id)).status is ImportStatus.CHECKING:
            await import_work.advance(id)
    await run(api, await upload(HEADER, lines[-1]))
    with tenant.acting_for(api.account_id):
        row = await finish(id)
    assert (row.status, row.failed) == (ImportStatus.CHECKED, 1)
    assert await names(api) == ["Cliente 399"]


async def test_what_the_account_has_is_found_by_ruc_document_and_external_id(
    api: Api, upload: Callable[..., Any]
) -> None:
    header = "Nombre;RUC;Pasaporte;País;Código;Correo\n"
    lines = "Hotel;155596713-2-2015;;;;\n", "John;;AB-123;Colombia;;\n", "Zoe;;;;Z9;\n", "CONSUMIDOR FINAL;;;;;\n"
    first = await run(api, await upload(header, *lines))
    assert (first.created, first.failed) == (4, 0)
    again = [line.rstrip("\n") + "nuevo@example.com\n" for line in lines[:3]]
    for on_duplicate, expected in (
        (OnDuplicate.FAIL, (0, 0, 0, 3)),
        (OnDuplicate.USE_EXISTING, (0, 0, 3, 0)),
        (OnDuplicate.UPDATE_EMPTY, (0, 3, 0, 0)),
        (OnDuplicate.UPDATE_EMPTY, (0, 0, 3, 0)),
    ):
        id = await upload(header, *again)
        if on_duplicate is OnDuplicate.UPDATE_EMPTY:
            row = await run(api, id, on_duplicate=on_duplicate, checks_only=True)
            assert (row.created, row.updated, row.unchanged, row.failed) == expected
        row = await run(api, id, on_duplicate=on_duplicate)
        assert (row.created, row.updated, row.unchanged, row.failed) == expected, on_duplicate
    anybody = await run(api, await upload(header, lines[3], lines[3]))
    assert (anybody.created, anybody.unchanged) == (0, 2)
    with tenant.acting_for(api.account_id):
        assert {row.email for row in await mine(models.Customer)} == {"nuevo@example.com", None}
        assert await mine(models.Customer).count() == 4


async def test_a_row_of_the_same_customer_as_one_before_is_no_second_customer(
    api: Api, upload: Callable[..., Any]
) -> None:
    id = await upload(HEADER, GOOD, "Hoteles;155596713-2-2015;b@example.com;\n", OTHER, OTHER)
    row = await run(api, id)
    assert (row.created, row.unchanged, row.failed, row.done) == (2, 2, 0, 4)
    assert await names(api) == ["Ana Ruiz", "Hoteles, S.A."]


@pytest.mark.parametrize("cells", ["Hotel;155596713-2-2015;;;\n", "John;;AB-123;Colombia;\n"], ids=["ruc", "document"])
async def test_a_row_with_the_ruc_or_document_of_a_merged_customer_is_of_its_survivor(
    api: Api, upload: Callable[..., Any], cells: str
) -> None:
    header = "Nombre;RUC;Pasaporte;País;Correo\n"
    await run(api, await upload(header, cells, "Otro;8-769-1080;;;\n"))
    with tenant.acting_for(api.account_id):
        ids = {row.name: str(row.id) for row in await mine(models.Customer)}
    survivor = ids.pop("Otro")
    await merged(api, *ids.values(), into=survivor)
    again = cells.rstrip("\n") + "nuevo@example.com\n"
    for on_duplicate, expected in (
        (OnDuplicate.FAIL, (0, 0, 0, 1)),
        (OnDuplicate.USE_EXISTING, (0, 0, 1, 0)),
        (OnDuplicate.UPDATE_EMPTY, (0, 1, 0, 0)),
    ):
        row = await run(api, await upload(header, again), on_duplicate=on_duplicate)
        assert (row.created, row.updated, row.unchanged, row.failed) == expected, on_duplicate
    with tenant.acting_for(api.account_id):
        found = await mine(models.Customer).get(id=survivor)
    assert (found.ruc, found.email) == ("8-769-1080", "nuevo@example.com")


async def test_undoing_deletes_what_was_created_but_for_what_was_used_or_changed(
    api: Api, upload: Callable[..., Any]
) -> None:
    id = await upload(HEADER, GOOD, OTHER, "Usado;;;U1\n")
    await run(api, id)
    with tenant.acting_for(api.account_id):
        ids = {row.name: str(row.id) for row in await mine(models.Customer)}
    lines = [{"description": "Silla", "quantity": "1", "unitPrice": "1.00", "itbmsRate": "RATE_7"}]
    draft = """mutation ($id: ID!, $input: InvoiceInput!) {
        createInvoice(customerId: $id, input: $input) { userErrors { code } } }"""
    assert await api.ask(draft, id=ids["Usado"], input={"lines": lines}) == {"createInvoice": {"userErrors": []}}
    change = 'mutation ($id: ID!) { updateCustomer(id: $id, input: {name: "Ana María Ruiz"}) { userErrors { code } } }'
    assert await api.ask(change, id=ids["Ana Ruiz"]) == {"updateCustomer": {"userErrors": []}}
    with tenant.acting_for(api.account_id):
        await imports.undo(str(id))
        row = await finish(id)
        deleted = await mine(models.Event, type="CUSTOMER_DELETED")
    assert (row.status, row.created, row.undone) == (ImportStatus.UNDONE, 3, 1)
    assert await names(api) == ["Ana María Ruiz", "Usado"]
    assert [str(event.object_id) for event in deleted] == [ids["Hoteles, S.A."]]
    again = await run(api, await upload(HEADER, GOOD))
    assert again.created == 1


async def test_what_cannot_be_started_or_undone_is_refused(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD)
    with tenant.acting_for(api.account_id):
        for columns, message in (
            ([None, None], "Columns of the file: 4"),
            ([None, None, None, None], "which column has the customer's name"),
            ([CustomerColumn.NAME, CustomerColumn.RUC, CustomerColumn.RUC, None], "Two columns are chosen as RUC"),
        ):
            with pytest.raises(Refusal) as refused:
                await imports.start(str(id), columns, ErrorPolicy.KEEP_GOOD, OnDuplicate.FAIL, checks_only=True)
            assert message in refused.value.faults[0].message.en
        with pytest.raises(Refusal, match="NOT_ALLOWED"):
            await imports.undo(str(id))
        with pytest.raises(Refusal, match="NOT_FOUND"):
            await imports.undo("nobody's")
    await run(api, id)
    with tenant.acting_for(api.account_id), pytest.raises(Refusal, match="NOT_ALLOWED"):
        await imports.start(str(id), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.FAIL, checks_only=True)


async def test_the_columns_are_guessed_and_shown_with_their_first_values(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(
        "Clientes de Panamá;;\n", "\n", "Razón social;R.U.C. y DV;Saldo\n", "Hotel;155596713-2-2015 DV 59;1,5\n"
    )
    query = """query ($id: ID!) { import(id: $id) {
        fileName encoding delimiter headerRow rowCount status columns { header samples target } }
        node(id: $id) { id } }"""
    answer = await api.ask(query, id=str(id))
    assert answer == {
        "import": {
            **{"fileName": "clientes.csv", "encoding": "UTF-8", "delimiter": ";", "headerRow": 3, "rowCount": 1},
            "status": "UPLOADED",
            "columns": [
                {"header": "Razón social", "samples": ["Hotel"], "target": "NAME"},
                {"header": "R.U.C. y DV", "samples": ["155596713-2-2015 DV 59"], "target": "RUC"},
                {"header": "Saldo", "samples": ["1,5"], "target": None},
            ],
        },
        "node": {"id": str(id)},
    }


async def test_rows_are_read_in_pages_with_their_customers_and_faults(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD, BAD, OTHER)
    await run(api, id)
    query = """query ($id: ID!, $first: Int!, $after: String, $outcomes: [Outcome!]) {
        importRows(importId: $id, first: $first, after: $after, outcomes: $outcomes) {
            totalCount pageInfo { hasNextPage endCursor }
            edges { node { number cells result {
                index outcome customer { name } userErrors { path code message } } } } } }"""
    page = (await api.ask(query, id=str(id), first=2))["importRows"]
    assert (page["totalCount"], page["pageInfo"]) == (3, {"hasNextPage": True, "endCursor": "3"})
    assert page["edges"][0]["node"]["result"] == {
        **{"index": 1, "outcome": "CREATED", "customer": {"name": "Hoteles, S.A."}, "userErrors": []}
    }
    assert [error["path"] for error in page["edges"][1]["node"]["result"]["userErrors"]] == [
        ["ruc"],
        ["name"],
        ["email"],
    ]
    rest = (await api.ask(query, id=str(id), first=2, after="3"))["importRows"]
    assert [edge["node"]["cells"][0] for edge in rest["edges"]] == ["Ana Ruiz"]
    failed = (await api.ask(query, id=str(id), first=2, outcomes=["FAILED"]))["importRows"]
    assert (failed["totalCount"], len(failed["edges"])) == (1, 1)
    for after in ("x", "-1", "9" * 30):
        assert await api.refused(query, id=str(id), first=1, after=after) == ["BAD_USER_INPUT"]


async def test_importing_by_the_api_is_idempotent_and_needs_the_right_to_write(
    api: Api, upload: Callable[..., Any]
) -> None:
    id = await upload(HEADER, GOOD)
    start = """mutation ($id: ID!) { importCustomers(importId: $id, dryRun: true, idempotencyKey: "k") {
        import { status } userErrors { code path } } }"""
    assert (await api.ask(start, id=str(id)))["importCustomers"] == {"import": {"status": "CHECKING"}, "userErrors": []}
    assert (await api.ask(start, id=str(id)))["importCustomers"]["userErrors"] == []
    undo = "mutation ($id: ID!) { undoImport(importId: $id) { import { id } userErrors { code path } } }"
    assert (await api.ask(undo, id=str(id)))["undoImport"] == {
        "import": None,
        "userErrors": [{"code": "NOT_ALLOWED", "path": ["importId"]}],
    }


async def test_only_customers_of_an_import_can_be_deleted_at_all(api: Api) -> None:
    created = """mutation { createCustomer(input: {receiverType: FINAL_CONSUMER, name: "Ana"}) { customer { id } } }"""
    id = (await api.ask(created))["createCustomer"]["customer"]["id"]
    with tenant.acting_for(api.account_id):
        assert await mine(models.Customer, id=id).delete() == 0
        assert await mine(models.Customer, id=id).exists()


class AskingRegistry:
    """A registry that is asked later, and has confirmed nothing yet."""

    asks = True

    async def confirms(self, *_: object) -> bool:
        return False


async def test_new_customers_are_verified_later_behind_those_that_somebody_waits_for(
    api: Api, upload: Callable[..., Any]
) -> None:
    id = await upload(HEADER, GOOD, "Sin RUC;;;\n")
    with registry.checking_with(cast(Consultar, AskingRegistry())):
        await run(api, id)
    with tenant.acting_for(api.account_id):
        rows = {row.name: row for row in await mine(models.Customer)}
    assert rows["Hoteles, S.A."].verification_status is VerificationStatus.PENDING
    assert rows["Hoteles, S.A."].verification_next_at is not None  # those of forms have none, and are checked first
    assert rows["Sin RUC"].verification_status is VerificationStatus.UNVERIFIED


async def test_a_merged_customers_external_id_leads_to_the_survivor(api: Api, upload: Callable[..., Any]) -> None:
    await run(api, await upload(HEADER, "Zoe;;;Z1\n", "Zoé Díaz;;;Z2\n"))
    with tenant.acting_for(api.account_id):
        ids = {row.external_id or "": str(row.id) for row in await mine(models.Customer)}
    await merged(api, ids["Z1"], into=ids["Z2"])
    id = await upload(HEADER, "Zoe;;zoe@example.com;Z1\n")
    row = await run(api, id, on_duplicate=OnDuplicate.UPDATE_EMPTY)
    assert (row.updated, row.failed) == (1, 0)
    with tenant.acting_for(api.account_id):
        survivor = await mine(models.Customer).get(id=ids["Z2"])
        [stored] = await import_rows.rows_after(id, 0, 10)
    assert (survivor.email, stored.customer_id) == ("zoe@example.com", survivor.id)


async def test_a_row_of_an_archived_customer_leaves_it_alone_unless_another_one_is_meant(
    api: Api, upload: Callable[..., Any]
) -> None:
    await run(api, await upload(HEADER, GOOD, OTHER))
    with tenant.acting_for(api.account_id):
        await mine(models.Customer, external_id="A1").update(status="ARCHIVED")
    for on_duplicate in (OnDuplicate.USE_EXISTING, OnDuplicate.UPDATE_EMPTY):
        row = await run(api, await upload(HEADER, GOOD, OTHER), ErrorPolicy.REJECT_ALL, on_duplicate)
        assert (row.status, row.unchanged, row.failed) == (ImportStatus.FINISHED, 2, 0)
    id = await upload(HEADER, OTHER.replace("A2", "A1"))
    await run(api, id)
    with tenant.acting_for(api.account_id):
        [other] = await import_rows.rows_after(id, 0, 10)
    assert "archivado" in other.faults[0].message.es


async def test_an_undone_import_says_so_when_it_is_started_again(api: Api, upload: Callable[..., Any]) -> None:
    id = await upload(HEADER, GOOD)
    await run(api, id)
    with tenant.acting_for(api.account_id):
        await imports.undo(str(id))
        await finish(id)
        with pytest.raises(Refusal) as refused:
            await imports.start(str(id), None, ErrorPolicy.KEEP_GOOD, OnDuplicate.FAIL, checks_only=False)
    assert "se deshizo" in refused.value.faults[0].message.es
