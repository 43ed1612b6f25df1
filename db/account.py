"""The account on whose behalf the current task speaks to the database.

Row-level security shows a connection only the rows of the account named in its setting
``istmo.account``; the engine fills the setting from here each time a connection is taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from uuid import UUID

_account: ContextVar[UUID | None] = ContextVar("account", default=None)


def setting() -> str:
    """The value of ``istmo.account``: empty, which matches no row, when there is no account."""
    account = _account.get()
    return str(account) if account else ""


def current() -> UUID:
    account = _account.get()
    if account is None:
        raise LookupError("no account is set in this context")
    return account


@contextmanager
def acting_for(account: UUID) -> Iterator[None]:
    """Take connections for ``account`` within this block.

    Enter it before a transaction and before any task is started: tasks copy the context, and an
    open transaction keeps the setting it was begun with.
    """
    token = _account.set(account)
    try:
        yield
    finally:
        _account.reset(token)
