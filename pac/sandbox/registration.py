"""Making an account known at its sandbox, which a real provider's people would do.

A sandbox refuses what it doesn't know before it looks at the document, so a call may be made again once it knows.
"""

from collections.abc import Awaitable, Callable, Hashable, MutableMapping
from dataclasses import dataclass
from typing import Any, Final, Protocol, TypeVar

import aiohttp
import structlog

from pac.emission import (
    Adapter,
    Credentials,
    Evidence,
    File,
    FileContents,
    Folios,
    LookOutcome,
    SendOutcome,
    Unavailable,
    VoidOutcome,
)
from pac.providers import SOAP_PATH
from rules.fiscal.document import DocumentKey, FiscalDocument
from rules.vocabulary import TaxpayerType

# The credentials, over SOAP and over REST; the branch or the billing point, or something else.
_REFUSED: Final = frozenset({"100", "401", "109"})
_SECONDS: Final = aiohttp.ClientTimeout(total=5.0)
_ISSUER: Final = slice(4, 28)  # of a CUFE: taxpayer type, RUC, DV

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Business:
    """What a sandbox knows of an issuer."""

    name: str
    ruc: str
    dv: str
    taxpayer_type: TaxpayerType
    branches: tuple[str, ...]
    points: tuple[str, ...]


# The current account's business; None while it lacks what an issuer needs.
Describe = Callable[[], Awaitable[Business | None]]


class _Answered(Protocol):
    @property
    def evidence(self) -> Evidence: ...


T = TypeVar("T", bound=_Answered)


class Registration:
    """Tells a sandbox of accounts. ``registered`` is under which RUC it was told of each by this process."""

    def __init__(self, session: aiohttp.ClientSession, describe: Describe) -> None:
        self._session = session
        self._describe = describe
        self.registered: MutableMapping[Hashable, str] = {}

    async def register(self, url: str, credentials: Credentials) -> None:
        """Register the current account, if it can be; what keeps it from that shows in the call that follows."""
        business = await self._describe()
        if business is None:
            return
        address = f"{url.removesuffix(SOAP_PATH)}/sandbox/issuers"
        try:
            async with self._session.post(address, json=_body(business, credentials), timeout=_SECONDS) as response:
                if response.status != 200:
                    log.warning("the sandbox refuses an account", status=response.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            log.warning("the sandbox can't be told of an account", reason=type(error).__name__)


def _body(business: Business, credentials: Credentials) -> dict[str, Any]:
    return {
        "tokenEmpresa": credentials["user"],
        "tokenPassword": credentials["password"],
        "name": business.name,
        "ruc": business.ruc,
        "dv": business.dv,
        "taxpayerType": business.taxpayer_type,
        "branches": business.branches,
        "points": business.points,
    }


class RegisteringAdapter:
    """An account's adapter at a sandbox, which is told of the account where it doesn't know it.

    That is so at first, when a branch, a billing point, the RUC or the credentials are new, and when the sandbox has
    lost what it knew.
    """

    def __init__(
        self, adapter: Adapter, registration: Registration, account: Hashable, url: str, credentials: Credentials
    ) -> None:
        self._adapter = adapter
        self._registration = registration
        self._account = account
        self._url = url
        self._credentials = credentials

    def write(self, document: FiscalDocument) -> bytes:
        return self._adapter.write(document)

    def read_payload(self, payload: bytes) -> FileContents:
        return self._adapter.read_payload(payload)

    def read_xml(self, content: bytes) -> FileContents | None:
        return self._adapter.read_xml(content)

    async def send(self, payload: bytes, cufe_prefix: str, seconds: float) -> SendOutcome:
        registered, issuer = self._registration.registered, cufe_prefix[_ISSUER]
        if registered.get(self._account) != issuer:  # under another RUC the sandbox would take it all the same
            await self._register()
            registered[self._account] = issuer
        return await self._call(lambda: self._adapter.send(payload, cufe_prefix, seconds))

    async def look(self, key: DocumentKey, seconds: float) -> LookOutcome:
        return await self._call(lambda: self._adapter.look(key, seconds))

    async def void(self, key: DocumentKey, reason: str, seconds: float) -> VoidOutcome:
        return await self._call(lambda: self._adapter.void(key, reason, seconds))

    async def fetch_xml(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        return await self._call(lambda: self._adapter.fetch_xml(key, cufe, seconds))

    async def fetch_pdf(self, key: DocumentKey, cufe: str | None, seconds: float) -> File | Unavailable:
        return await self._call(lambda: self._adapter.fetch_pdf(key, cufe, seconds))

    async def count_folios(self, seconds: float) -> Folios | Unavailable:
        return await self._call(lambda: self._adapter.count_folios(seconds))

    async def _call(self, call: Callable[[], Awaitable[T]]) -> T:
        outcome = await call()
        if outcome.evidence.code not in _REFUSED:
            return outcome
        await self._register()
        return await call()

    async def _register(self) -> None:
        await self._registration.register(self._url, self._credentials)
