"""The tenant of a task: the account for which it reads and writes, and who acts for the account.

Row-level security shows a connection only the rows of the account named in its setting ``istmo.account``, and the audit
trail records who is named in ``istmo.actor``. The engine sets both from here each time it takes a connection.
"""

from contextvars import ContextVar
from typing import Final, NamedTuple
from uuid import UUID

# Actors that are not API keys.
COMMAND_LINE: Final = "COMMAND_LINE"
SYSTEM: Final = ""


class Tenant(NamedTuple):
    """An account, and the values of two settings.

    ``setting`` is that of ``istmo.account``: empty, which matches no row, when there is no account. ``actor`` is that
    of ``istmo.actor``: the id of an API key, ``COMMAND_LINE`` or ``SYSTEM``.
    """

    account: UUID | None
    setting: str
    actor: str


_NO_TENANT: Final = Tenant(None, "", SYSTEM)
_tenant: ContextVar[Tenant] = ContextVar("tenant", default=_NO_TENANT)

current: Final = _tenant.get


def current_account() -> UUID:
    """Raises ``LookupError`` when there is no account."""
    account = _tenant.get().account
    if account is None:
        raise LookupError("no account is set in this context")
    return account


class Acting:
    """Acts for a tenant within a ``with`` block.

    Enter it before a transaction and before starting tasks: tasks copy the context, and an open transaction keeps the
    settings that it began with.
    """

    def __init__(self, tenant: Tenant) -> None:
        self._acting_for = tenant

    def __enter__(self) -> None:
        self._token = _tenant.set(self._acting_for)

    def __exit__(self, *_: object) -> None:
        _tenant.reset(self._token)


def acting_for(account: UUID, actor: UUID | str | None = None) -> Acting:
    """Act for ``account`` within this block; without ``actor``, the id of an API key, the present actor stays."""
    return Acting(Tenant(account, str(account), _tenant.get().actor if actor is None else str(actor)))


def act_from_command_line() -> None:
    """From now on the actor of this process is ``COMMAND_LINE``."""
    _tenant.set(_tenant.get()._replace(actor=COMMAND_LINE))
