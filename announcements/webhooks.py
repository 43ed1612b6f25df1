"""Sending events to webhooks, as https://www.standardwebhooks.com says.

Our users choose the addresses, so the sender trusts none. It connects only to public addresses, checks the very
address that each connection is opened to, follows no redirection, doesn't wait long, doesn't read the
answer's body, and has no more than a number of requests in progress, in all and for an account. Names are looked up
without threads (aiodns), so that no slow name server holds up anything but the requests to its own names.
"""

import hmac
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address
from types import TracebackType
from typing import Any, Final, Self
from uuid import UUID

import aiohttp
import orjson
import structlog
from tortoise.connection import get_connection

from announcements import deliveries
from announcements.deliveries import PATIENCE, Claim, DeliveryFailed
from announcements.slots import Slots
from db import models, tenant
from pac.bounded_client import BoundedConnector, EndlessHead
from resolvers.outbox import announce
from resolvers.scope import mine
from resolvers.transactions import atomically
from resolvers.webhooks import SECRET_PREFIX
from rules.networks import find_target, is_public
from rules.retry import Backoff, read_retry_after
from rules.vocabulary import EventType

PAYLOAD_VERSION: Final = 1

MOST: Final = 512  # requests in progress: each has a connection
_MOST_OF_ACCOUNT: Final = 64  # of these; beyond, each of an account's webhooks has one
_AT_ONCE: Final = 16  # requests to one webhook
_LOOK_UP_TIMEOUT: Final = 2.0  # seconds for an answer of a name server, at first; a second try waits for twice as long
_CONNECT_TIMEOUT: Final = 5.0  # seconds
_TOTAL_TIMEOUT: Final = 15.0  # seconds
_BACKOFF: Final = Backoff(first=1.0, longest=3600.0)  # while nothing gets through to a webhook
_OVERLOADED: Final = (429, 503)

log = structlog.get_logger()


@dataclass(frozen=True)
class _Endpoint:
    """A webhook to send to; ``failing_for`` is in seconds, None while something gets through."""

    url: str
    secrets: list[str]
    failing_for: float | None


class WebhookSender:
    """Sends what is due to webhooks. ``local`` allows those on this machine, also by http, for development."""

    def __init__(self, *, local: bool) -> None:
        self._local = local
        self._slots = Slots(MOST, _MOST_OF_ACCOUNT)

    async def __aenter__(self) -> Self:
        self._resolver = aiohttp.AsyncResolver(timeout=_LOOK_UP_TIMEOUT, tries=2)
        self._session = aiohttp.ClientSession(
            connector=BoundedConnector(limit=0, socket_factory=self._open_socket, resolver=self._resolver),
            timeout=aiohttp.ClientTimeout(total=_TOTAL_TIMEOUT, sock_connect=_CONNECT_TIMEOUT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Content-Type": "application/json", "User-Agent": "Istmo"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()
        await self._resolver.close()

    async def send_due(self, webhook_id: UUID) -> bool:
        """Send some of what is due to the webhook; returns False if nothing can be sent now."""
        key = [tenant.current_account(), webhook_id]
        _, rows = await get_connection("default").execute_query(_ENDPOINT, key)
        if not rows:
            return False
        endpoint = _Endpoint(**rows[0])
        # While nothing gets through, a single request probes whether that is over.
        wanted = _AT_ONCE if endpoint.failing_for is None else 1
        with self._slots.take(tenant.current_account(), wanted) as slots:
            claims = await deliveries.claim(webhook_id, slots.count)
            slots.keep(len(claims))
            failures = await deliveries.attempt(claims, partial(self._send, endpoint))
        await self._adapt(key, endpoint, len(claims), [failure for _, failure in failures])
        for claim, failure in failures:
            if await deliveries.record_failure(claim, failure):
                await _disable_if_dead(webhook_id, failure)
        return bool(claims)

    async def _adapt(
        self, key: list[UUID], endpoint: _Endpoint, attempts: int, failures: Sequence[DeliveryFailed]
    ) -> None:
        """Let the webhook rest if nothing gets through to it, or if it asks for that."""
        retry_after = max([failure.retry_after for failure in failures], default=0.0)
        if len(failures) < attempts:
            if endpoint.failing_for is not None or retry_after:
                until = datetime.now(UTC) + timedelta(seconds=retry_after)
                await mine(models.Webhook, id=key[1]).update(failing_since=None, rest_until=until)
        elif failures:
            pause = max(_BACKOFF.pause(endpoint.failing_for or 0.0), retry_after)
            await get_connection("default").execute_query(_PAUSE_WEBHOOK, [*key, pause])

    async def _send(self, endpoint: _Endpoint, claim: Claim) -> None:
        body = write_payload(claim)
        headers = sign(endpoint.secrets, str(claim.event_id), int(time.time()), body)
        try:
            # Only the head of the answer is awaited; the rest stays unread and goes with the connection.
            async with self._session.post(endpoint.url, data=body, headers=headers, allow_redirects=False) as response:
                status, retry_after = response.status, _retry_after(response)
        except TimeoutError as error:
            raise DeliveryFailed(f"no answer within {_TOTAL_TIMEOUT:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise DeliveryFailed(_describe(error)) from error
        if not 200 <= status < 300:
            raise DeliveryFailed(f"answered {status}", for_good=status == 410, retry_after=retry_after)

    def _open_socket(self, address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        """Called by aiohttp for each connection. Only here is it certain which address a name led to."""
        family, type, protocol, _, (host, *_) = address
        if not self._may_reach(ip_address(host.partition("%")[0])):
            raise _PrivateAddress(f"{host} is not a public address")
        return socket.socket(family, type, protocol)

    def _may_reach(self, address: IPv4Address | IPv6Address) -> bool:
        return is_public(address) or (self._local and find_target(address).is_loopback)


def _retry_after(response: aiohttp.ClientResponse) -> float:
    """How many seconds an overloaded receiver asks us to wait, within our bounds; 0 if it doesn't ask."""
    if response.status not in _OVERLOADED:
        return 0.0
    return min(read_retry_after(response.headers.get("Retry-After")) or 0.0, _BACKOFF.longest)


class _PrivateAddress(OSError):
    pass


_ENDPOINT: Final = """
    SELECT url, extract(epoch FROM now() - failing_since)::float8 AS failing_for,
           ARRAY[secret] || CASE WHEN old_secret_until > now() THEN ARRAY[old_secret] ELSE '{}' END AS secrets
    FROM webhook
    WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL AND (rest_until IS NULL OR rest_until <= now())
"""

_PAUSE_WEBHOOK: Final = """
    UPDATE webhook SET
        failing_since = coalesce(failing_since, t.moment), rest_until = now() + make_interval(secs => $3)
    FROM (SELECT now() AS moment) t
    WHERE account_id = $1 AND id = $2
"""


def write_payload(claim: Claim) -> bytes:
    """The body of a request, the same at every attempt."""
    return orjson.dumps(
        {
            "version": PAYLOAD_VERSION,
            "id": str(claim.event_id),
            "type": claim.type.dotted,
            "timestamp": claim.occurred_at,
            "accountId": str(tenant.current_account()),
            "data": orjson.Fragment(claim.data),
        },
        option=orjson.OPT_UTC_Z,
    )


def sign(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers that prove to a receiver that the request is ours, with a signature by each secret."""
    message = f"{id}.{timestamp}.".encode() + body
    signatures = [hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), message, "sha256") for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join([f"v1,{b64encode(signature).decode()}" for signature in signatures]),
    }


def _describe(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not valid"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not found"
        case aiohttp.ClientConnectorError(os_error=_PrivateAddress() as refused):
            return str(refused)
        case aiohttp.ClientConnectorError():
            return "it refuses connections"
        case EndlessHead():
            return "it sent too much before its response"
        case aiohttp.ServerDisconnectedError():
            return "it closed the connection without a response"
        case aiohttp.ClientResponseError():
            return "its response is not HTTP"
        case aiohttp.ClientOSError():
            return "the connection was interrupted"
        case ValueError():
            return "its address is not valid"
        case _:
            return "the connection failed"


async def _disable_if_dead(webhook_id: UUID, failure: DeliveryFailed) -> None:
    """Disable the webhook, and announce that, if it is gone for good or nothing got through for ``PATIENCE``."""

    async def action() -> models.Webhook | None:
        webhook = await mine(models.Webhook).select_for_update().get_or_none(id=webhook_id, disabled_at__isnull=True)
        if webhook is None:
            return None
        now = datetime.now(UTC)
        failing_for = now - (webhook.failing_since or now)
        if failing_for < timedelta(seconds=PATIENCE) and not failure.for_good:
            return None
        webhook.disabled_at, webhook.disabled_reason = now, failure.reason
        await webhook.save(update_fields=["disabled_at", "disabled_reason"])
        await announce((EventType.WEBHOOK_DISABLED, webhook))
        return webhook

    webhook = await atomically(action)
    if webhook is not None:
        log.warning(
            "webhook disabled", account=str(tenant.current_account()), webhook=str(webhook.id), reason=failure.reason
        )
