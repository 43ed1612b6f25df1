"""Adapters for emission: the one that speaks a provider's contract, with the credentials of one account.

A further contract is a member of ``pac.providers.Contract``, a file like ``pac/hka/rest.py`` and its line in
``CONTRACTS``.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import aiohttp
from cachetools import LRUCache
from pydantic import SecretStr

from pac import http
from pac.client import ProviderClient
from pac.emission import Adapter, Credentials
from pac.hka.rest import HkaRest
from pac.hka.soap import HkaSoap
from pac.providers import KINDS, SANDBOXES, Contract, Misconfigured, Provider
from pac.sandbox.registration import Describe, RegisteringAdapter, Registration

CONTRACTS: Final[Mapping[Contract, Callable[[Provider, aiohttp.ClientSession, ProviderClient, Hashable], Adapter]]] = {
    Contract.HKA_SOAP: HkaSoap,
    Contract.HKA_REST: HkaRest,
}

# The providers through which documents can be sent, by their names in ``KINDS``.
EMITTING: Final = tuple(name for name, kind in KINDS.items() if kind.contract in CONTRACTS)

# What an account's credentials consist of: tokenEmpresa and tokenPassword, over REST usuario and clave.
CREDENTIALS: Final = ("user", "password")


_MOST_ADAPTERS: Final = 10_000  # that are kept


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Of the calls to each provider from one process. An account whose calls about ``failures`` different documents in
    a row have failed makes none for ``rest`` seconds; what others do isn't touched by that.
    """

    calls_under_way: int = 64
    failures: int = 5
    rest: float = 4.0  # below the first pause before a document is sent again


class Adapters:
    """Makes adapters, which share a session that is open while this is entered.

    With ``describe``, which tells of the current account's business, a sandbox learns of accounts by itself.
    """

    def __init__(self, limits: Limits | None = None, describe: Describe | None = None) -> None:
        self._limits = limits or Limits()
        self._describe = describe
        self._registration: Registration | None = None
        self._clients: dict[str, ProviderClient] = {}
        self._made: LRUCache[Hashable, Adapter] = LRUCache(_MOST_ADAPTERS)

    async def __aenter__(self) -> Self:
        self._session = http.new_session(reuse_connections=False)
        if self._describe is not None:
            self._registration = Registration(self._session, self._describe)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def make(self, account: Hashable, name: str, credentials: Credentials, url: str | None = None) -> Adapter:
        """The adapter for a provider of ``EMITTING``, at its usual address unless another is given.

        The same is given for the same, so that a token serves for many calls. Raises ``Misconfigured`` for another
        provider, and where ``CREDENTIALS`` aren't all there.
        """
        if name not in EMITTING:
            raise Misconfigured(f"documents can't be sent through {name!r}; there are {', '.join(EMITTING)}")
        if missing := [each for each in CREDENTIALS if not credentials.get(each)]:
            raise Misconfigured(f"the credentials lack {' and '.join(missing)}")
        kind = KINDS[name]
        user, password = (SecretStr(credentials[each]) for each in CREDENTIALS)
        provider = Provider(name, url or kind.url, user, password, kind.sandbox)
        made = self._made.get((account, provider))
        if made is None:
            made = self._made[account, provider] = CONTRACTS[kind.contract](
                provider, self._session, self.client(name), account
            )
        if name in SANDBOXES and self._registration is not None:
            return RegisteringAdapter(made, self._registration, account, provider.url, credentials)
        return made

    def client(self, name: str) -> ProviderClient:
        """The client of all calls to this provider, which knows whether it rests for an account."""
        if name not in self._clients:
            self._clients[name] = ProviderClient(
                name,
                attempts=1,
                calls_under_way=self._limits.calls_under_way,
                failures=self._limits.failures,
                rest=self._limits.rest,
            )
        return self._clients[name]
