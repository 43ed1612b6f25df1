"""Whether statements name their account: each level by value, so that a database that distributes accounts finds it.

Every statement of the service in any test is looked at; one that doesn't fails the run at its end.
"""

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from db.asyncpg_engine import Session

_CHECKOUT: Final = Path(__file__).parents[1]
_ROOMS: Final = tuple(
    f"{_CHECKOUT / room}/"
    for room in (
        *("announcements", "documents", "emission", "lookup", "projection"),
        *("resolvers", "schema", "service", "transport"),
    )
)

_TESTS: Final = f"{_CHECKOUT}/tests/"

_TABLES: Final = (
    *("account", "api_key", "associated_person", "audit_event", "billing_point", "branch", "customer_search"),
    *(
        "customer",
        "delivery",
        "document_line",
        "document_link",
        "document_search",
        "document",
        "emission_attempt",
        "emission_payload",
    ),
    *("emission", "event", "fiscal_file", "idempotency_key"),
    *("lookup_count", "mail_count", "registry_answer", "sequence", "webhook"),
)

# Commands of the operator, which run as the database's owner and for all accounts.
_OPERATOR: Final = f"{_CHECKOUT}/service/commands/"

# Which of the locations an account's customers have: there PostgreSQL's own setting names the account.
_EXCEPTION: Final = 'AND c.location_code = "location"."code"'

_NAMES: Final = "|".join(_TABLES)
_KEYWORDS: Final = "SET|WHERE|ORDER|LIMIT|LEFT|JOIN|INNER|OUTER|ON|GROUP|FOR|RETURNING|UNION|USING|VALUES|CROSS"
_ALIAS: Final = rf'(?:\s+(?:AS\s+)?"?(?!(?:{_KEYWORDS})\b)(?P<alias>\w+)"?)'
_READ: Final = re.compile(
    rf'(?:(?:\b(?:FROM|JOIN|USING)|(?<!DO )(?<!FOR )(?<!KEY )\bUPDATE)\s+"?(?P<table>{_NAMES})\b"?{_ALIAS}?'
    rf'|,\s+"?(?P<listed>{_NAMES})"?{_ALIAS.replace("alias", "name")}(?=\s*(?:,|WHERE|\)|LEFT|JOIN)))'
)


def nameless(sql: str) -> list[str]:
    """The account tables, or their aliases, that the statement reads or changes without ``account_id = $n``."""
    wanted: dict[str, int] = {}
    for match in _READ.finditer(sql):
        table = match["table"] or match["listed"]
        name = match["alias"] or match["name"] or table
        column = "id" if table == "account" else "account_id"
        key = f"{name}.{column}"
        wanted[key] = wanted.get(key, 0) + 1
    missing = []
    for key, count in wanted.items():
        name, column = key.split(".")
        named = len(re.findall(rf'(?<!\w)"?{name}"?\."?{column}"?\s*=\s*\$\d', sql))
        bare = len(re.findall(rf'(?<![\w."])"?{column}"?\s*=\s*\$\d', sql))
        if named + bare < count:
            missing.append(name)
    return missing


class Sent:
    """The statements that the service has sent without naming their account."""

    def __init__(self) -> None:
        self.is_recording = True
        self.offending: dict[str, tuple[list[str], str]] = {}
        self._seen: set[str] = set()

    @contextmanager
    def recording(self) -> Iterator[None]:
        get_statement: Callable[..., Any] = Session._get_statement

        async def noted(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
            self.note(query)
            return await get_statement(session, query, *arguments, **options)

        Session._get_statement = noted
        try:
            yield
        finally:
            Session._get_statement = get_statement

    def note(self, sql: str) -> None:
        if not self.is_recording or sql in self._seen or not (sender := _sender(sys._getframe(1))):
            return
        self._seen.add(sql)
        if _EXCEPTION not in sql and (missing := nameless(sql)):
            self.offending[sql] = missing, sender


def _sender(frame: FrameType | None) -> str | None:
    """The place in a room of the service that sends a statement; None if a test or the operator does."""
    found = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_OPERATOR):
            return None
        if file.startswith(_TESTS) and file != __file__:
            break
        if found is None and file.startswith(_ROOMS):
            found = f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return found
