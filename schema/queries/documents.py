"""Reading documents of any type, and notes."""

from typing import Annotated

import strawberry

from projection import One, Page
from resolvers import documents, notes, references
from resolvers.paging import PageArguments
from rules.vocabulary import DocumentType
from schema.arguments import DocumentId, ExternalId, NoteId, with_paging
from schema.inputs.document_list import DocumentFilter, DocumentFilterArgument
from schema.inputs.invoice_list import InvoiceOrder, InvoiceOrderArgument
from schema.types.document import SalesDocument, SalesDocumentConnection
from schema.types.note import CreditNote, CreditNoteConnection, DebitNote, DebitNoteConnection

Search = Annotated[
    str | None,
    strawberry.argument(
        description=(
            "Search words. Each must be found in the document's number or in the customer's name, RUC or document. A "
            "number may be written with its billing point, such as 001-0000000003 or 001-3."
        )
    ),
]


def _list_page(
    type: DocumentType | None,
    search: str | None,
    filter: DocumentFilter | None,
    order: InvoiceOrder | None,
    page: PageArguments,
) -> Page:
    conditions = filter.conditions() if filter else None
    return documents.list_page(type, search, conditions, order.order() if order else None, page)


@strawberry.type
class DocumentQueries:
    @strawberry.field(
        graphql_type=SalesDocument | None, description="The document with this id, of any type; null if there is none."
    )
    def document(self, id: DocumentId) -> One:
        return documents.by_id(id)

    @strawberry.field(
        graphql_type=SalesDocument | None,
        description="The document, of any type, that another system knows by this id; null if there is none.",
    )
    def document_by_external_id(self, external_id: ExternalId) -> One:
        return references.by_external_id(external_id)

    @strawberry.field(
        graphql_type=CreditNote | None, description="The credit note with this id; null if there is none."
    )
    def credit_note(self, id: NoteId) -> One:
        return notes.of_type(DocumentType.CREDIT_NOTE, id)

    @strawberry.field(graphql_type=DebitNote | None, description="The debit note with this id; null if there is none.")
    def debit_note(self, id: NoteId) -> One:
        return notes.of_type(DocumentType.DEBIT_NOTE, id)

    @strawberry.field(
        graphql_type=SalesDocumentConnection,
        description="The account's invoices and notes, drafts included; by default the latest day of issue first.",
    )
    @with_paging
    def documents(
        self,
        search: Search = None,
        filter: DocumentFilterArgument = None,
        order_by: InvoiceOrderArgument = None,
        *,
        page: PageArguments,
    ) -> Page:
        return _list_page(None, search, filter, order_by, page)

    @strawberry.field(
        graphql_type=CreditNoteConnection,
        description="The account's credit notes; by default the latest day of issue first.",
    )
    @with_paging
    def credit_notes(
        self,
        search: Search = None,
        filter: DocumentFilterArgument = None,
        order_by: InvoiceOrderArgument = None,
        *,
        page: PageArguments,
    ) -> Page:
        return _list_page(DocumentType.CREDIT_NOTE, search, filter, order_by, page)

    @strawberry.field(
        graphql_type=DebitNoteConnection,
        description="The account's debit notes; by default the latest day of issue first.",
    )
    @with_paging
    def debit_notes(
        self,
        search: Search = None,
        filter: DocumentFilterArgument = None,
        order_by: InvoiceOrderArgument = None,
        *,
        page: PageArguments,
    ) -> Page:
        return _list_page(DocumentType.DEBIT_NOTE, search, filter, order_by, page)
