"""The audit trail, which the database's triggers write: see db/schema/audit_event.sql."""

from datetime import datetime
from typing import Any, Final

from tortoise.expressions import Q

from db import models
from projection import Order, Page
from resolvers.paging import page as paged
from resolvers.scope import mine

_ORDER: Final = Order("AUDIT_EVENT", "occurred_at", descending=True, parse=datetime.fromisoformat)


def page(filter: Q | None, **arguments: Any) -> Page:
    """The changes in the account, the latest first."""
    return paged(mine(models.AuditEvent, Q() if filter is None else filter), _ORDER, **arguments)
