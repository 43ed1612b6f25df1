"""Reading the audit trail, which the database's triggers write: see db/schema/audit_event.sql."""

from datetime import datetime
from typing import Final

from tortoise.expressions import Q

from db import models
from projection import Order, Page
from resolvers.paging import PageArguments, page_of
from resolvers.scope import mine

_ORDER: Final = Order("AUDIT_EVENT", "occurred_at", descending=True, parse=datetime.fromisoformat)


def list_page(filter: Q | None, page: PageArguments) -> Page:
    """The changes in the account, the latest first."""
    return page_of(mine(models.AuditEvent, Q() if filter is None else filter), _ORDER, page)
