"""What emission is given: providers with credentials, documents to send, and the time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol, TypeVar
from uuid import UUID

import structlog

from emission.progress import Emission
from emission.states import Event, Step
from pac.emission import Adapter, Evidence, FileContents, Unavailable
from rules.fiscal.document import FiscalDocument
from rules.vocabulary import Environment

_LONGER: Final = 5.0  # seconds that a call may take longer than it is told to

NO_PROVIDER: Final = Evidence(message="the account has no provider, or another than that of the document")

log = structlog.get_logger()

T = TypeVar("T")

# An account's document in the form in which it is sent.
Compose = Callable[[UUID, UUID], Awaitable[FiscalDocument]]


class Clock(Protocol):
    def now(self) -> datetime: ...


class Resting(Protocol):
    """What says whether a provider isn't called for a while, as ``pac.client.ProviderClient`` does."""

    def rests(self, caller: Hashable, subject: Hashable) -> bool: ...

    def probes(self, caller: Hashable) -> bool: ...


@dataclass(frozen=True)
class Provider:
    """A provider, spoken to with an account's credentials. ``version`` is that of the account's setting."""

    name: str
    environment: Environment
    adapter: Adapter
    client: Resting
    version: int

    def limit(self, account_id: UUID, most: int) -> int:
        """How many calls, of up to ``most``, the account may make at once: none while the provider rests, then one."""
        if self.client.rests(account_id, None):
            return 0
        return 1 if self.client.probes(account_id) else most

    def read_xml(self, content: bytes) -> FileContents | None:
        try:
            return self.adapter.read_xml(content)
        except Exception as error:
            log.error("XML can't be read", provider=self.name, exc_info=error)
            return None


# Told what became of a document, and by which evidence; there is none of what happened without the provider.
Tell = Callable[[Emission, Event, Step, Evidence | None], None]

# The provider of an account, with its credentials; None if it has none.
Connect = Callable[[UUID], Awaitable[Provider | None]]


def provider_of(name: str | None, environment: Environment, provider: Provider | None) -> Provider | None:
    """The account's provider, if it is the one where a document was begun, or may begin."""
    if provider is None or provider.environment is not environment or name not in (None, provider.name):
        return None
    return provider


async def outcome_of(call: Awaitable[T], seconds: float, failed: Callable[[str], T]) -> T:
    """The outcome of a call that was told to take so long; that of ``failed`` where a defect of ours ends it."""
    try:
        async with asyncio.timeout(seconds + _LONGER):
            return await call
    except Exception as error:
        log.error("adapter failed", error=type(error).__name__)  # its text may hold credentials
        return failed(type(error).__name__)


def unavailable(text: str) -> Unavailable:
    return Unavailable(evidence=Evidence(message=text))
