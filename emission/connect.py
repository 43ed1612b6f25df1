"""An account's provider, ready to be called."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol
from uuid import UUID

from emission.ports import Provider
from pac.adapters import Adapters
from pac.emission import Credentials
from rules.vocabulary import Environment


class Connection(Protocol):
    """The provider that an account has chosen, and its credentials there."""

    @property
    def provider(self) -> str: ...

    @property
    def environment(self) -> Environment: ...

    @property
    def credentials(self) -> Credentials: ...

    @property
    def version(self) -> int: ...


class Connecting:
    """Makes the provider of an account. ``read`` gives what the current account has chosen; None if it hasn't.

    ``urls`` are addresses other than the usual ones, such as that of the sandbox of this machine.
    """

    def __init__(
        self, adapters: Adapters, read: Callable[[], Awaitable[Connection | None]], urls: Mapping[str, str]
    ) -> None:
        self._adapters = adapters
        self._read = read
        self._urls = urls

    async def __call__(self, account_id: UUID) -> Provider | None:
        chosen = await self._read()
        if chosen is None:
            return None
        name = chosen.provider
        adapter = self._adapters.make(account_id, name, chosen.credentials, self._urls.get(name))
        return Provider(name, chosen.environment, adapter, self._adapters.client(name), chosen.version)
