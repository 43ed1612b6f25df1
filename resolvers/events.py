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

    A reader that has read up to an event finds all others after it: see ``dispatch_events`` in the
    database.
    """
    rows = mine(models.Event, sequence__isnull=False)
    return page_of(rows if types is None else rows.filter(type__in=list(dict.fromkeys(types))), _ORDER, page)
