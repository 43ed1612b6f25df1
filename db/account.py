"""The account on whose behalf the current task speaks to the database, and who acts for it.

Row-level security shows a connection only the rows of the account named in its setting
``istmo.account``, and the audit trail names who is named in ``istmo.actor``. The engine fills both
settings from here each time a connection is taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple
from uuid import UUID

# Who acts, where it is no API key.
COMMAND_LINE: Final = "COMMAND_LINE"
SYSTEM: Final = ""


class _Acting(NamedTuple):
    account: UUID | None
    setting: str
    actor: str


_NOBODY: Final = _Acting(None, "", SYSTEM)
_acting: ContextVar[_Acting] = ContextVar("acting", default=_NOBODY)


def setting() -> str:
    """The value of ``istmo.account``: empty, which matches no row, when there is no account."""
    return _acting.get().setting


def actor() -> str:
    """The value of ``istmo.actor``: the id of an API key, ``COMMAND_LINE`` or ``SYSTEM``."""
    return _acting.get().actor


def current() -> UUID:
    account = _acting.get().account
    if account is None:
        raise LookupError("no account is set in this context")
    return account


@contextmanager
def acting_for(account: UUID, actor: UUID | str | None = None) -> Iterator[None]:
    """Take connections for ``account`` within this block, on behalf of an API key or whoever acted before.

    Enter it before a transaction and before any task is started: tasks copy the context, and an
    open transaction keeps the settings it was begun with.
    """
    token = _acting.set(_Acting(account, str(account), _acting.get().actor if actor is None else str(actor)))
    try:
        yield
    finally:
        _acting.reset(token)


def act_from_command_line() -> None:
    """What this process does from now on was asked for on its command line."""
    _acting.set(_acting.get()._replace(actor=COMMAND_LINE))
