"""What persons ask about the data about them (Ley 81): requests, and erasing."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.queryset import QuerySet
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import FAULTS
from db.write_statement import Sql, WriteStatement
from projection import One, Order, Page
from resolvers.account_settings import settings_and_customer
from resolvers.customer_rows import customer_columns
from resolvers.outbox import MOST_OF_ACCOUNT, add_event, dispatch_account
from resolvers.paging import PageArguments, page_of
from resolvers.scope import check_not_erased, check_version, fetch_or_refuse, mine, survivor_of, uuid_of
from resolvers.transactions import Result, atomically, store
from rules import text
from rules.calendar import today
from rules.customer import CustomerDraft
from rules.faults import Code, Fault, Refusal, Text
from rules.personal_data import ERASED_NAME, check_reason, check_received, due_day
from rules.vocabulary import (
    CustomerStatus,
    EventType,
    FiscalStatus,
    InvoiceStatus,
    PersonalDataRequestKind,
    PersonalDataRequestStatus,
    ReceiverType,
    VerificationStatus,
)

_BY_DUE_DAY: Final = Order("PERSONAL_DATA_REQUEST", "due_on", descending=True, parse=date.fromisoformat)

# While an electronic document isn't settled, its receiver may have to be corrected.
_SETTLED: Final = (FiscalStatus.AUTHORIZED, FiscalStatus.VOIDED, FiscalStatus.WITHDRAWN)


# Requests


def request_by_id(id: str | UUID) -> One:
    return One(mine(models.PersonalDataRequest, id=uuid_of(str(id))))


def list_page(customer_id: str | None, statuses: list[PersonalDataRequestStatus] | None, page: PageArguments) -> Page:
    """The requests, the last due ones first."""
    rows = mine(models.PersonalDataRequest)
    if customer_id is not None:
        rows = rows.filter(customer_id=survivor_of(customer_id))
    if statuses is not None:
        rows = rows.filter(status__in=statuses)
    return page_of(rows, _BY_DUE_DAY, page)


async def register(customer_id: str, kind: PersonalDataRequestKind, received_on: date | None) -> Result:
    """Write down what a person asks for; raises ``Refusal``."""

    async def action() -> Result:
        customer = await _lock_customer(customer_id)
        if kind is PersonalDataRequestKind.ERASURE:
            check_not_erased(customer, ("customerId",))
        received = received_on or today()
        if faults := check_received(received, today()):
            raise Refusal(*faults)
        if await _open_requests(customer.id, kind).exists():
            raise Refusal(Fault(("kind",), Code.NOT_ALLOWED, _ALREADY_OPEN))
        statement = WriteStatement()
        row = _new_request(customer.id, kind, received)
        statement.insert_row(row)
        return await store(statement, Result(row.id))

    return await atomically(action)


async def refuse(id: str, reason: str) -> Result:
    """Answer an open request with a refusal; raises ``Refusal``."""

    async def action() -> Result:
        clean = _clean_reason(reason)
        rows = mine(models.PersonalDataRequest).select_for_update(no_key=True)
        row = await fetch_or_refuse(rows, id, _NO_SUCH_REQUEST)
        if row.status is not PersonalDataRequestStatus.OPEN:
            raise Refusal(Fault(("id",), Code.NOT_ALLOWED, _ANSWERED))
        statement = WriteStatement()
        statement.update("personal_data_request", _answer(PersonalDataRequestStatus.REFUSED, clean), id=row.id)
        return await store(statement, Result(row.id))

    return await atomically(action)


async def record_export(customer_id: str) -> Result:
    """Answer the open request for the person's data, or write down one that came today; raises ``Refusal``."""

    async def action() -> Result:
        customer = await _lock_customer(customer_id)
        statement = WriteStatement()
        id = await _settle(statement, customer.id, PersonalDataRequestKind.EXPORT, None)
        return await store(statement, Result(id))

    return await atomically(action)


def _open_requests(customer_id: UUID, kind: PersonalDataRequestKind) -> QuerySet[models.PersonalDataRequest]:
    open = PersonalDataRequestStatus.OPEN
    return mine(models.PersonalDataRequest, customer_id=customer_id, kind=kind, status=open)


def _new_request(customer_id: UUID, kind: PersonalDataRequestKind, received: date) -> models.PersonalDataRequest:
    return models.PersonalDataRequest(
        id=uuid7(),
        account_id=tenant.current_account(),
        customer_id=customer_id,
        kind=kind,
        received_on=received,
        due_on=due_day(received),
    )


def _answer(status: PersonalDataRequestStatus, reason: str | None) -> dict[str, Any]:
    return {"status": status, "reason": reason, "answered_at": datetime.now(UTC)}


async def _settle(
    statement: WriteStatement, customer_id: UUID, kind: PersonalDataRequestKind, reason: str | None
) -> UUID:
    answer = _answer(PersonalDataRequestStatus.DONE, reason)
    row = await _open_requests(customer_id, kind).first()
    if row is not None:
        statement.update("personal_data_request", answer, id=row.id)
        return row.id
    row = _new_request(customer_id, kind, today())
    row.update_from_dict(answer)
    statement.insert_row(row)
    return row.id


async def _lock_customer(id: str) -> models.Customer:
    _, customer = await settings_and_customer(uuid_of(id), lock=True)
    if customer is None:
        raise Refusal(replace(FAULTS["document_customer_fkey"], path=("customerId",), record=None))
    return customer


def _clean_reason(reason: str) -> str | None:
    clean = text.clean(reason, multiline=True)
    if faults := check_reason(clean):
        raise Refusal(*faults)
    return clean


# Erasing


async def erase(customer_id: str, reason: str, version: int | None) -> Result:
    """Erase what is known of the customer, but for what the law keeps; raises ``Refusal``.

    Its row stays with a placeholder for a name, since issued documents refer to it. Drafts are deleted.
    """

    async def action() -> Result:
        clean = _clean_reason(reason)
        customer = await _lock_customer(customer_id)
        if customer.id != uuid_of(customer_id):
            # Perhaps it was merged a moment ago, and nobody has decided to erase the survivor.
            raise Refusal(Fault(("customerId",), Code.NOT_ALLOWED, _MERGED, related_id=customer.id))
        check_not_erased(customer, ("customerId",))
        check_version(customer.version, version)
        await _check_settled(customer.id)
        # Mails that are still to be made would be made after the erasure; those that are pending are erased.
        while await dispatch_account() == MOST_OF_ACCOUNT:
            pass
        rows = [*await mine(models.Customer, merged_into_id=customer.id).select_for_update(no_key=True), customer]
        statement = WriteStatement()
        await _delete_drafts(statement, customer.id)
        for row in rows:
            known_as = row.external_id
            _erase_row(statement, row)
            # By its own id of the customer another system finds the copy that it has to erase.
            computed = {"externalId": Sql(f"{statement.bind(known_as)}::text")} if known_as else {}
            add_event(statement, EventType.CUSTOMER_ERASED, row, computed)
        id = await _settle(statement, customer.id, PersonalDataRequestKind.ERASURE, clean)
        await store(statement, Result(id))
        values = [tenant.current_account(), [row.id for row in rows]]
        await get_connection("default").execute_query("SELECT erase_traces($1, $2)", values)
        return Result(id)

    return await atomically(action)


async def _check_settled(customer_id: UUID) -> None:
    issued = mine(models.Document, customer_id=customer_id, electronic=True).values_list("id", flat=True)
    emissions = mine(models.Emission, document_id__in=[id async for id in issued]).exclude(status__in=_SETTLED)
    if row := await emissions.first():
        raise Refusal(Fault(("customerId",), Code.EMISSION_PENDING, _PENDING, related_id=row.document_id))


async def _delete_drafts(statement: WriteStatement, customer_id: UUID) -> None:
    drafts = mine(models.Document, customer_id=customer_id, status=InvoiceStatus.DRAFT).select_for_update(no_key=True)
    for draft in await drafts.order_by("id"):
        statement.delete("document", id=draft.id)
        add_event(statement, EventType.INVOICE_DELETED, draft)


def _erase_row(statement: WriteStatement, row: models.Customer) -> None:
    """The record says which columns a customer has, so that a new field is erased, too."""
    is_merged = row.status is CustomerStatus.MERGED
    row.update_from_dict(
        {
            **customer_columns(CustomerDraft(receiver_type=ReceiverType.FINAL_CONSUMER, name=ERASED_NAME)),
            **_UNVERIFIED,
            "status": row.status if is_merged else CustomerStatus.ERASED,
            "version": row.version + 1,
        }
    )
    statement.update_row(row)
    statement.delete("associated_person", customer_id=row.id)


_UNVERIFIED: Final = {
    "verification_status": VerificationStatus.UNVERIFIED,
    "verification_checked_at": None,
    "verification_registry_name": None,
    "verification_tries": 0,
    "verification_next_at": None,
}

_ALREADY_OPEN: Final = Text(
    "Este cliente ya tiene una solicitud igual sin responder.",
    "This customer has an open request of the same kind already.",
)
_ANSWERED: Final = Text("Esta solicitud ya se respondió.", "This request has been answered already.")
_MERGED: Final = Text(
    "Este cliente se unificó con otro. Revisa ese cliente y elimina sus datos; con ellos se eliminan los de este.",
    "This customer was merged into another one. Look at that one and erase its data; this one's are erased with them.",
)
_NO_SUCH_REQUEST: Final = Text("No existe esta solicitud.", "There is no such request.")
_PENDING: Final = Text(
    "Hay documentos de este cliente en camino a la DGI. Espera la respuesta, o corrígelos o anúlalos primero.",
    "Documents of this customer are on their way to the DGI. Wait for the answer, or correct or void them first.",
)
