"""Subscriptions to changes."""

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import Annotated, Final, Self
from uuid import UUID

import strawberry
from graphql import GraphQLError

from announcements.feed import TooSlow, Watcher
from db import models
from projection import ByIds, One
from resolvers import customers, documents, imports, invoices
from resolvers.scope import NOBODY, uuid_of
from rules.vocabulary import EventType
from schema.arguments import ImportId
from schema.context import Info
from schema.types.customer import Customer
from schema.types.document import SalesDocument
from schema.types.event import Event
from schema.types.imports import Import
from schema.types.invoice import Invoice

_LOOK_EVERY: Final = 0.5  # seconds between two looks at an import

_CUSTOMER: Final = [type for type in EventType if type.name.startswith("CUSTOMER_")]
_NOTE: Final = [type for type in EventType if type.name.startswith(("CREDIT_NOTE_", "DEBIT_NOTE_"))]
_INVOICE: Final = [type for type in EventType if type.name.startswith(("INVOICE_", "EMISSION_"))]


@strawberry.type(description="A change of a customer.")
class CustomerChange:
    event: Event = strawberry.field(description="What happened.")
    customer: ByIds = strawberry.field(
        graphql_type=Customer | None,
        description="The customer as it is now, which may be newer than the event.",
    )

    @classmethod
    def of(cls, event: models.Event) -> Self:
        return cls(event=Event.of(event), customer=customers.by_id(str(event.object_id)))


@strawberry.type(description="A change of an invoice.")
class InvoiceChange:
    event: Event = strawberry.field(description="What happened.")
    invoice: One = strawberry.field(
        graphql_type=Invoice | None,
        description=(
            "The invoice as it is now, which may be newer than the event; null if it was deleted, or is a note that "
            "was blocked."
        ),
    )

    @classmethod
    def of(cls, event: models.Event) -> Self:
        return cls(event=Event.of(event), invoice=invoices.by_id(str(event.object_id)))


@strawberry.type(description="A change of an invoice, a credit note or a debit note.")
class DocumentChange:
    event: Event = strawberry.field(description="What happened.")
    document: One = strawberry.field(
        graphql_type=SalesDocument | None,
        description="The document as it is now, which may be newer than the event; null if it was deleted.",
    )

    @classmethod
    def of(cls, event: models.Event) -> Self:
        return cls(event=Event.of(event), document=documents.by_id(str(event.object_id)))


@strawberry.type(description="A step of an import.")
class ImportChange:
    import_: One = strawberry.field(
        name="import", graphql_type=Import | None, description="The import as it is now; null if it was deleted."
    )


@strawberry.type(
    description=(
        "Changes as they happen, over a WebSocket with the protocol graphql-transport-ws. Earlier changes, "
        "and those that happened while the connection was lost, are in `events`."
    )
)
class Subscription:
    @strawberry.subscription(description="Each change of a customer.")
    async def customer_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Only changes of this customer.")] = None,
    ) -> AsyncGenerator[CustomerChange, None]:
        survivor = None if id is None else await customers.find_survivor(id)
        with _watch(info, _CUSTOMER, survivor) as watcher:
            while True:
                yield CustomerChange.of(await watcher.next())

    @strawberry.subscription(description="Each change of an invoice, drafts included.")
    async def invoice_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Only changes of this invoice.")] = None,
    ) -> AsyncGenerator[InvoiceChange, None]:
        with _watch(info, _INVOICE, _object(id)) as watcher:
            while True:
                yield InvoiceChange.of(await watcher.next())

    @strawberry.subscription(description="Each change of an invoice, drafts included, or of a credit or debit note.")
    async def document_changed(
        self,
        info: Info,
        id: Annotated[strawberry.ID | None, strawberry.argument(description="Only changes of this document.")] = None,
    ) -> AsyncGenerator[DocumentChange, None]:
        with _watch(info, [*_INVOICE, *_NOTE], _object(id)) as watcher:
            while True:
                yield DocumentChange.of(await watcher.next())

    @strawberry.subscription(
        description=(
            "How far an import is: at once, and then at most twice a second as long as something is under way. It ends "
            "with that."
        )
    )
    async def import_changed(self, info: Info, id: ImportId) -> AsyncGenerator[ImportChange, None]:
        before = None
        while (row := await imports.find(id)) is not None:
            now = (row.status, row.done)
            if now != before:
                yield ImportChange(import_=imports.by_id(id))
            if not row.status.is_under_way:
                return
            before = now
            await asyncio.sleep(_LOOK_EVERY)


def _object(id: strawberry.ID | None) -> UUID | None:
    return None if id is None else uuid_of(id) or NOBODY


@contextmanager
def _watch(info: Info, types: list[EventType], id: UUID | None) -> Iterator[Watcher]:
    assert info.context.feed is not None
    try:
        with info.context.feed.watch(types, id) as watcher:
            yield watcher
    except TooSlow:
        message = "The events arrived faster than they were read. Read the others in `events`, and subscribe again."
        raise GraphQLError(message, extensions={"code": "LIMIT_EXCEEDED"}) from None
