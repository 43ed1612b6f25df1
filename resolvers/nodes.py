"""Objects by their ids, of whatever type."""

from collections.abc import Sequence
from typing import Final

from db import models
from projection import ByIds
from resolvers.errors import BadUserInput
from resolvers.paging import LARGEST_SIZE
from resolvers.scope import LEADS, mine, uuid_of

_NODES: Final = (models.Customer, models.Document, models.Import)


def by_id(id: str) -> ByIds:
    return ByIds([uuid_of(id)], {model: mine(model) for model in _NODES}, single=True, forward=LEADS)


def by_ids(ids: Sequence[str]) -> ByIds:
    """The objects in the order of their ids, of which there may be as many as rows on a page."""
    if len(ids) > LARGEST_SIZE:
        raise BadUserInput(f"Ask for at most {LARGEST_SIZE} ids.")
    return ByIds([uuid_of(id) for id in ids], {model: mine(model) for model in _NODES}, forward=LEADS)
