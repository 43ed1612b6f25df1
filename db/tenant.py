"""The tenant of a task: the account for which it reads and writes, and who acts for the account.

Row-level security shows a connection only the rows of the account named in its setting ``istmo.account``, and the audit
trail records who is named in ``istmo.actor``. The engine sets both from here each time it takes a connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final, NamedTuple
from uuid import UUID

# Actors that are not API keys.
COMMAND_LINE: Final = "COMMAND_LINE"
SYSTEM: Final = ""


class _Tenant(NamedTuple):
    account: UUID | None
    setting: str
    actor: str


_NO_TENANT: Final = _Tenant(None, "", SYSTEM)
_tenant: ContextVar[_Tenant] = ContextVar("tenant", default=_NO_TENANT)


def account_setting() -> str:
    """The value of ``istmo.account``: empty, which matches no row, when there is no account."""
    return _tenant.get().setting


def actor() -> str:
    """The value of ``istmo.actor``: the id of an API key, ``COMMAND_LINE`` or ``SYSTEM``."""
    return _tenant.get().actor


def current_account() -> UUID:
    """Raises ``LookupError`` when there is no account."""
    account = _tenant.get().account
    if account is None:
        raise LookupError("no account is set in this context")
    return account


@contextmanager
def acting_for(account: UUID, actor: UUID | str | None = None) -> Iterator[None]:
    """Act for ``account`` within this block; without ``actor``, the id of an API key, the present actor stays.

    Enter it before a transaction and before starting tasks: tasks copy the context, and an open transaction keeps the
    settings that it began with.
    """
    token = _tenant.set(_Tenant(account, str(account), _tenant.get().actor if actor is None else str(actor)))
    try:
        yield
    finally:
        _tenant.reset(token)


def act_from_command_line() -> None:
    """From now on the actor of this process is ``COMMAND_LINE``."""
    _tenant.set(_tenant.get()._replace(actor=COMMAND_LINE))
