"""Picking documents by what has become of them on their way to the DGI."""

from collections.abc import Collection
from typing import Final

from tortoise.expressions import Q, Subquery

from db import models
from projection import One
from resolvers.scope import having, mine, my_invoices
from rules.vocabulary import BlockedReason, FiscalStatus

# The status that people see, of a row `e` of emission that may be missing. Whether an attempt is open is the worker's
# matter.
SHOWN_STATUS: Final = "coalesce(replace(e.status, 'SENDING', 'QUEUED'), 'NONE')"


def can_have_notes(row: str) -> str:
    """Whether notes may refer to an issued invoice: one that isn't electronic, or that the DGI has."""
    return f"""(NOT {row}.electronic OR EXISTS (SELECT FROM emission e WHERE e.account_id = {{tenant}}
        AND e.document_id = {row}.id AND e.status = '{FiscalStatus.AUTHORIZED}'))"""


def by_status(statuses: Collection[FiscalStatus]) -> Q:
    """The documents with one of these statuses."""
    stored = set(statuses) - {FiscalStatus.NONE}
    if FiscalStatus.QUEUED in stored:
        stored.add(FiscalStatus.SENDING)
    found = Q(id__in=Subquery(mine(models.Emission, status__in=sorted(stored)).values("document_id")))
    if FiscalStatus.NONE not in statuses:
        return found
    return Q(electronic=False) | found if stored else Q(electronic=False)


def by_blocked_reason(reasons: Collection[BlockedReason]) -> Q:
    """The documents that are blocked by one of these reasons."""
    found = mine(models.Emission, status=FiscalStatus.BLOCKED, blocked_reason__in=sorted(reasons))
    return Q(id__in=Subquery(found.values("document_id")))


def by_cufe(cufe: str) -> Q:
    """The document with this CUFE, in whatever case it is written."""
    found = mine(models.Emission, having(models.Emission, cufe=cufe.strip().upper()))
    return Q(id__in=Subquery(found.values("document_id")))


def invoice_by_cufe(cufe: str) -> One:
    return One(my_invoices(by_cufe(cufe)))
