"""Lists of invoices: their order and their filters."""

from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from db import models, tenant
from projection import Order, Page
from projection.tortoise import Select, Unless
from resolvers.paging import PageArguments, contains, find_rows, page_of, read_terms
from resolvers.scope import having, my_invoices
from rules import calendar
from rules.invoice import TOTAL_LIMIT
from rules.search import DocumentNumber, document_terms
from rules.vocabulary import DocumentType, InvoiceStatus

_ORDERS: Final[dict[str, tuple[str, Any]]] = {
    "NUMBER": ("number_key", str),
    "ISSUE_DATE": ("issue_date", date.fromisoformat),
    "TOTAL": ("total_cents", int),
    "CREATED_AT": ("created_at", datetime.fromisoformat),
    "UPDATED_AT": ("updated_at", datetime.fromisoformat),
}


def ordered_by(field: str, *, descending: bool) -> Order:
    column, parse = _ORDERS[field]
    return Order(f"INVOICE_{field}", column, descending, parse)


def list_page(search: str | None, filter: Q | None, order: Order | None, page: PageArguments) -> Page:
    """The account's invoices; by default the latest day of issue first."""
    return page_of_documents(my_invoices(Q() if filter is None else filter), search, order, page)


def page_of_documents(
    rows: QuerySet[models.Document], search: str | None, order: Order | None, page: PageArguments
) -> Page:
    """A page of documents; by default the latest day of issue first."""
    order = order or ordered_by("ISSUE_DATE", descending=True)
    if search:
        rows = find_rows(rows, read_terms(document_terms, search), _has)
    return page_of(rows, order, page, view="document_search" if search else None)


def with_code(**codes: str) -> Q:
    """The invoices with this branch, or this billing point."""
    return having(models.Document, **codes)


def _has(term: str | DocumentNumber) -> Q:
    """The invoices with a word, or with a number and its billing point."""
    if isinstance(term, str):
        return contains(term)
    branch = {"branch": term.branch} if term.branch else {}
    numbered = Q(number_key=term.number, billing_point=term.billing_point, **branch)
    return numbered | contains(term.part) if term.part else numbered


# An invoice is overdue when it is issued, its day of payment has passed in Panama, and its notes leave something of it:
# first as the SQL of a field, in which {row} is the invoice, then as a filter.

CENTS: Final = (  # of a document, as its customer owes them
    f"CASE {{row}}.type WHEN '{DocumentType.CREDIT_NOTE}' THEN -{{row}}.total_cents ELSE {{row}}.total_cents END"
)
IS_OVERDUE: Final = f"""
    coalesce({{row}}.status = '{InvoiceStatus.ISSUED}'
        AND {{row}}.due_date < (now() AT TIME ZONE '{calendar.TIME_ZONE}')::date
        AND {{row}}.total_cents > -(
            SELECT coalesce(sum({CENTS.format(row="n")}), 0) FROM document n
            WHERE n.account_id = {{tenant}} AND n.invoice_id = {{row}}.id AND n.status = 'ISSUED'), false)
"""
_CREDITED: Final = f"""
    SELECT i.id FROM document n JOIN document i ON i.account_id = {{0}} AND i.id = n.invoice_id
    WHERE n.account_id = {{1}} AND n.invoice_id IS NOT NULL AND n.status = 'ISSUED'
    GROUP BY i.id, i.total_cents HAVING i.total_cents <= -sum({CENTS.format(row="n")})
"""


def overdue(is_overdue: bool) -> Q:
    """The invoices that are overdue, or all others."""
    account = tenant.current_account()
    credited = Q(id__in=Select(_CREDITED, account, account))
    late = Q(Q(status=InvoiceStatus.ISSUED, due_date__lt=calendar.today()), Unless(credited))
    return late if is_overdue else Unless(late)


def in_cents(amount: Decimal | None, *, up: bool) -> int | None:
    """An amount of a filter in whole cents, rounded up or down, and bounded to just outside what invoices can have."""
    if amount is None:
        return None
    bounded = min(max(amount, Decimal(-1)), TOTAL_LIMIT)
    # Not ``bounded * 100``, which would be rounded to 28 digits first.
    return int(bounded.quantize(Decimal("0.01"), ROUND_CEILING if up else ROUND_FLOOR).scaleb(2))
