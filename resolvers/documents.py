"""Sales documents of any type."""

from uuid import UUID

from tortoise.expressions import Q

from projection import One, Order, Page
from resolvers.invoice_lists import page_of_documents
from resolvers.paging import PageArguments
from resolvers.scope import my_documents, uuid_of
from rules.vocabulary import DocumentType


def by_id(id: str | UUID) -> One:
    return One(my_documents(id=uuid_of(str(id))))


def list_page(
    type: DocumentType | None, search: str | None, filter: Q | None, order: Order | None, page: PageArguments
) -> Page:
    """The account's documents, of one type or of all; by default the latest day of issue first."""
    rows = my_documents(Q() if filter is None else filter)
    return page_of_documents(rows if type is None else rows.filter(type=type), search, order, page)
