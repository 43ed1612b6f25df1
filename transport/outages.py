"""Why the database was not available: counted, and logged once a minute for each cause.

Each refusal with 503 looks the same to clients. The operator needs to know whether a disk is full, a lock is held or a
connection lost, also while ``/readyz``, which only reads, finds nothing wrong.
"""

from collections.abc import Iterable
from typing import Final

import structlog
from cachetools import TTLCache
from graphql import GraphQLError
from starlette.exceptions import HTTPException
from tortoise.exceptions import BaseORMException

from db.errors import UNAVAILABLE
from transport.errors import database_unavailable
from transport.metrics import OUTAGES

_LOG_EVERY: Final = 60.0  # seconds
_MOST: Final = 100  # causes
_LONGEST: Final = 200  # characters of a message

log = structlog.get_logger()


def original_of(error: GraphQLError) -> BaseException | None:
    """The exception that an error of an operation stands for; None if it is GraphQL's own."""
    original: BaseException | None = error.original_error
    while isinstance(original, GraphQLError):
        original = original.original_error
    return original


class Outages:
    def __init__(self) -> None:
        self._logged: TTLCache[str, bool] = TTLCache(_MOST, _LOG_EVERY)
        self._recent: TTLCache[str, bool] = TTLCache(_MOST, _LOG_EVERY)

    @property
    def recent(self) -> list[str]:
        """The causes of the last minute."""
        return sorted(self._recent)

    def refusal(self, error: BaseException) -> HTTPException:
        """Note why the database is not available; returns the refusal for the client."""
        self.note(error)
        return database_unavailable()

    def note_errors(self, errors: Iterable[GraphQLError]) -> None:
        """Note those errors of an operation that the database's absence has caused."""
        for error in errors:
            original = original_of(error)
            if isinstance(original, UNAVAILABLE):
                self.note(original)

    def note(self, error: BaseException) -> None:
        if isinstance(error, BaseORMException):
            error = error.__cause__ or error  # PostgreSQL's own
        cause = type(error).__name__
        OUTAGES.labels(cause).inc()
        self._recent[cause] = True
        if cause not in self._logged:
            self._logged[cause] = True
            log.error("the database is not available", cause=cause, message=str(error).partition("\n")[0][:_LONGEST])
