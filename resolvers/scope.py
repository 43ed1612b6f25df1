"""The rows of the account on whose behalf a request is made."""

from collections.abc import Mapping
from typing import Any, Final, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.models import Model
from tortoise.queryset import QuerySet

from db import models, tenant
from projection.tortoise import Select, rows_where
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import CustomerStatus, DocumentType

M = TypeVar("M", bound=Model)

INVOICES: Final = (DocumentType.INVOICE, DocumentType.EXPORT_INVOICE)
NOTES: Final = (DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE)
NOBODY: Final = UUID(int=0)  # the id of no row, for a filter by a malformed id


def mine(model: type[M], *conditions: Q, **filters: Any) -> QuerySet[M]:
    """The account's rows. Every query over an account's table begins here; row-level security enforces the same."""
    return rows_where(model, *conditions, Q(account_id=tenant.current_account(), **filters))


def my_invoices(*conditions: Q, **filters: Any) -> QuerySet[models.Document]:
    """``mine`` for the documents that are invoices."""
    return mine(models.Document, *conditions, type__in=INVOICES, **filters)


def my_documents(*conditions: Q, **filters: Any) -> QuerySet[models.Document]:
    """``mine`` for all sales documents: invoices and notes."""
    return mine(models.Document, *conditions, **filters)


def my_notes(*conditions: Q, **filters: Any) -> QuerySet[models.Document]:
    """``mine`` for the documents that are credit or debit notes."""
    return mine(models.Document, *conditions, type__in=NOTES, **filters)


def having(model: type[Model], **texts: str) -> Q:
    """The condition for columns to have these texts. No row has one that is too long for its column, or has a NUL."""
    for column, text in texts.items():
        longest = getattr(model._meta.fields_map[column], "max_length", None)
        if "\0" in text or (longest is not None and len(text) > longest):
            nothing: dict[str, Any] = {f"{column}__in": ()}
            return Q(**nothing)
    return Q(**texts)


# A merged customer's id leads to its survivor, wherever an id of a customer is taken: in answers by `LEADS`, in filters
# by `survivor_of`, in other statements by `SURVIVOR`. Documents are always the survivor's.

LEADS: Final[Mapping[type[Model], str]] = {models.Customer: "merged_into"}
SURVIVOR: Final = "coalesce((SELECT m.merged_into FROM customer m WHERE m.account_id = $1 AND m.id = $2), $2)"
SURVIVOR_BY_EXTERNAL_ID: Final = (
    "SELECT coalesce(m.merged_into, m.id) FROM customer m WHERE m.account_id = $1 AND m.external_id = $2"
)
# Of a filter: each parameter is there once.
_SURVIVOR: Final = (
    "SELECT coalesce((SELECT m.merged_into FROM customer m WHERE m.account_id = {0} AND m.id = {1}), {2})"
)


def survivor_of(id: str) -> Select:
    """The value of a filter: the customer to which an id leads. A malformed id leads to no customer."""
    known = uuid_of(id) or NOBODY
    return Select(_SURVIVOR, tenant.current_account(), known, known)


def uuid_of(id: str) -> UUID | None:
    """The UUID that an ID stands for; None for a malformed one, which no row has."""
    try:
        return UUID(id)
    except ValueError:
        return None


async def fetch_or_refuse(rows: QuerySet[M], id: str, missing: Text) -> M:
    """The row with this id; raises ``Refusal`` with NOT_FOUND at ``id`` and this message if there is none."""
    return found_or_refuse(await rows.get_or_none(id=uuid_of(id)), missing)


def found_or_refuse(row: M | None, missing: Text) -> M:
    """The row that the argument ``id`` stands for; raises ``Refusal`` with NOT_FOUND if there is none."""
    if row is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, missing))
    return row


def check_version(current: int, expected: int | None) -> None:
    """Raises ``Refusal`` with CONFLICT if a request is based on another version of the object than the current one."""
    if expected is not None and expected != current:
        raise Refusal(Fault(("version",), Code.CONFLICT, _CHANGED, expected=(str(current),)))


def check_not_erased(customer: models.Customer, path: tuple[str, ...] = ("id",)) -> None:
    """Raises ``Refusal`` for a customer whose personal data was erased: it must not get any again."""
    if customer.status is CustomerStatus.ERASED:
        raise Refusal(Fault(path, Code.NOT_ALLOWED, ERASED, related_id=customer.id))


ERASED: Final = Text(
    "Los datos personales de este cliente se eliminaron; ya no se puede usar ni modificar.",
    "This customer's personal data was erased; it can't be used or changed any more.",
)
_CHANGED: Final = Text(
    "Alguien lo modificó mientras tanto. Vuelve a cargarlo y repite tu cambio.",
    "It has been changed in the meantime. Load it again and repeat your change.",
)
