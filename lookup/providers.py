"""Asking the providers one after another, within one time."""

import time
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Final, Self
from uuid import UUID

import aiohttp

from lookup.answers import Answer, Question, Registry
from lookup.hka import HkaRest, HkaSoap
from lookup.settings import Settings
from pac import http
from pac.client import ProviderClient
from pac.failures import Reason, Unavailable
from pac.providers import Contract, Provider

# A further contract is an adapter and its line here.
ADAPTERS: Final[dict[Contract, Callable[[Provider, aiohttp.ClientSession], Registry]]] = {
    Contract.HKA_SOAP: HkaSoap,
    Contract.HKA_REST: HkaRest,
}


def build_registry(provider: Provider, session: aiohttp.ClientSession) -> Registry:
    return ADAPTERS[provider.contract](provider, session)


class Providers:
    """The providers of the settings, with a session that is open while this is entered."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._clients: list[tuple[ProviderClient, Registry]] = []

    async def __aenter__(self) -> Self:
        self._session = http.new_session()
        self._clients = [
            (self._new_client(each), build_registry(each, self._session)) for each in self._settings.providers
        ]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    def _new_client(self, provider: Provider) -> ProviderClient:
        return ProviderClient(
            provider.name,
            attempts=self._settings.attempts,
            calls_under_way=self._settings.calls_under_way,
            failures=self._settings.failures,
            rest=self._settings.rest,
        )

    async def ask(self, account: UUID, question: Question, seconds: float) -> tuple[str, Answer]:
        """The first answer and the name of its provider, within this time; raises ``Unavailable``.

        Each provider gets an equal share of the time that is left, so a hanging one leaves some for the next.
        """
        deadline = time.monotonic() + seconds
        last = Unavailable(Reason.RESTING)
        ready = [pair for pair in self._clients if not pair[0].rests(account, question)]
        for index, (client, registry) in enumerate(ready):
            share = (deadline - time.monotonic()) / (len(ready) - index)
            try:
                ask = partial(registry.ask, question)
                return client.name, await client.call(ask, share, caller=account, subject=question)
            except Unavailable as error:
                last = error
        raise last
