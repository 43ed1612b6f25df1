"""An account's events in the order of its feed."""

from collections.abc import Sequence
from typing import Final

from db import models
from projection import Order, Page
from resolvers.paging import PageArguments, page_of
from resolvers.scope import mine
from rules.vocabulary import EventType

_ORDER: Final = Order("EVENT", "sequence", parse=int)


def list_page(types: Sequence[EventType] | None, page: PageArguments) -> Page:
    """The events that were dispatched, of some types or of all, the oldest first.

    No event is ever added before one that was read: see ``db/functions/dispatch_events.sql``.
    """
    rows = mine(models.Event, sequence__isnull=False)
    return page_of(rows if types is None else rows.filter(type__in=list(dict.fromkeys(types))), _ORDER, page)
