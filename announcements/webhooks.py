"""Webhooks: addresses that are told of events, and telling them (https://www.standardwebhooks.com).

An address is somebody else's choice, so the sender is careful: it connects to public addresses alone,
checked for the very address that a connection is opened to, follows no redirection, and neither waits
long nor reads what is answered.
"""

import hmac
import ipaddress
import socket
import time
from base64 import b64decode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import partial
from secrets import token_bytes
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import urlsplit
from uuid import UUID

import aiohttp
import orjson
import structlog
from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from announcements import deliveries
from announcements.deliveries import PATIENCE, Claim, Undelivered
from db import models, tenant
from lookup.bounded_client import BoundedConnector, EndlessHead
from projection import Many, One, Order, Page
from resolvers.outbox import announce
from resolvers.paging import page as paged
from resolvers.scope import mine, uuid_of
from resolvers.transactions import atomically
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import DeliveryStatus, EventType

MOST: Final = 20  # webhooks of an account
PAYLOAD_VERSION: Final = 1
OLD_SECRET: Final = timedelta(days=1)

_SECRET_PREFIX: Final = "whsec_"
_LONGEST_URL: Final = 2000
_AT_ONCE: Final = 16  # requests to one webhook
_CONNECT, _TOTAL = 5.0, 15.0  # seconds
_FIRST_REST, _LAST_REST = 1.0, 3600.0  # seconds between attempts while nothing gets through, or as it asks for
_TOO_BUSY: Final = (429, 503)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")

log = structlog.get_logger()


# Managing


def every() -> Many:
    return Many(mine(models.Webhook).order_by("created_at", "id"))


def by_id(id: UUID) -> One:
    return One(mine(models.Webhook, id=id))


def sent(id: str, status: DeliveryStatus | None, **arguments: Any) -> Page:
    """The deliveries to a webhook, the newest first."""
    rows = mine(models.Delivery, webhook_id=uuid_of(id))
    order = Order("DELIVERY", "sequence", descending=True, parse=int)
    return paged(rows if status is None else rows.filter(status=status), order, **arguments)


async def create(url: str, types: Sequence[EventType] | None) -> tuple[UUID, str]:
    """A webhook for some types, or for all that webhooks are told of, and its secret; raises ``Refusal``."""
    faults = list(_url_faults(url))
    wanted = dict.fromkeys(types if types is not None else [type for type in EventType if not type.of_draft])
    if not wanted:
        faults.append(Fault(("types",), Code.REQUIRED, Text("Elige algún evento.", "Choose some events.")))
    for place, type in enumerate(types or ()):
        if type.of_draft:
            message = Text("Los borradores no se anuncian a webhooks.", "Webhooks are not told of drafts.")
            faults.append(Fault(("types", str(place)), Code.NOT_ALLOWED, message))

    async def action() -> tuple[UUID, str]:
        await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        if await mine(models.Webhook).count() >= MOST:
            message = Text(f"Hay lugar para {MOST} webhooks.", f"There is room for {MOST} webhooks.")
            raise Refusal(*faults, Fault(("url",), Code.TOO_MANY, message))
        if faults:
            raise Refusal(*faults)
        webhook = models.Webhook(
            id=uuid7(),
            account_id=tenant.current_account(),
            url=url,
            types=[str(type) for type in wanted],
            secret=_new_secret(),
        )
        await webhook.save(force_create=True)
        return webhook.id, webhook.secret

    return await atomically(action)


async def rotate_secret(id: str) -> tuple[UUID, str]:
    """A new secret; what is sent within a day is signed with the old one, too. Raises ``Refusal``."""

    async def action() -> tuple[UUID, str]:
        webhook = await _locked(id)
        webhook.old_secret, webhook.secret = webhook.secret, _new_secret()
        webhook.old_secret_until = datetime.now(UTC) + OLD_SECRET
        await webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
        return webhook.id, webhook.secret

    return await atomically(action)


async def enable(id: str) -> UUID:
    """Send again to a webhook that was switched off, at first what was left. Raises ``Refusal``."""

    async def action() -> UUID:
        webhook = await _locked(id)
        fresh = dict.fromkeys(("disabled_at", "disabled_reason", "failing_since", "rest_until"))
        await webhook.update_from_dict(fresh).save(update_fields=list(fresh))
        return webhook.id

    return await atomically(action)


async def delete(id: str) -> UUID:
    """Forget a webhook and its deliveries; raises ``Refusal``."""

    async def action() -> UUID:
        webhook = await _locked(id)
        await webhook.delete()
        return webhook.id

    return await atomically(action)


async def _locked(id: str) -> models.Webhook:
    webhook = await mine(models.Webhook).select_for_update().get_or_none(id=uuid_of(id))
    if webhook is None:
        raise Refusal(Fault(("id",), Code.NOT_FOUND, Text("No existe este webhook.", "There is no such webhook.")))
    return webhook


def _new_secret() -> str:
    return _SECRET_PREFIX + b64encode(token_bytes(32)).decode()


def _url_faults(url: str) -> tuple[Fault, ...]:
    """What the text of the address tells; where it leads to is looked at for each connection."""
    fault = Fault(
        ("url",),
        Code.INVALID_VALUE,
        Text("Escribe una dirección https sin usuario ni #.", "Give an https address without user and fragment."),
    )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return (fault,)
    local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    fine = (
        (parts.scheme == "https" or (parts.scheme == "http" and local))
        and parts.hostname
        and "@" not in parts.netloc
        and not parts.fragment
        and len(url) <= _LONGEST_URL
        and url.isprintable()
        and " " not in url
    )
    return () if fine else (fault,)


# Sending


@dataclass(frozen=True)
class _Endpoint:
    url: str
    secrets: list[str]
    failing: bool


class Sender:
    """Sends what is due to webhooks. ``local`` allows those on this machine, which may speak http, for development."""

    def __init__(self, *, local: bool) -> None:
        self._local = local

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession(
            connector=BoundedConnector(limit=0, socket_factory=self._socket),
            timeout=aiohttp.ClientTimeout(total=_TOTAL, sock_connect=_CONNECT),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            headers={"Content-Type": "application/json", "User-Agent": "Istmo"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def serve(self, webhook_id: UUID) -> bool:
        """Send some of what is due to the webhook; False if that is nothing, or it is left alone."""
        this = [tenant.current_account(), webhook_id]
        _, rows = await get_connection("default").execute_query(_ENDPOINT, this)
        if not rows:
            return False
        endpoint = _Endpoint(**rows[0])
        # Where nothing gets through, one request will find out whether that is over.
        claims = await deliveries.claim(webhook_id, 1 if endpoint.failing else _AT_ONCE)
        failures = await deliveries.attempt(claims, partial(self._send, endpoint))
        rest = max([failure.rest for _, failure in failures], default=0.0)
        if len(failures) < len(claims):
            if endpoint.failing or rest:
                until = datetime.now(UTC) + timedelta(seconds=rest)
                await mine(models.Webhook, id=webhook_id).update(failing_since=None, rest_until=until)
        elif failures:
            await get_connection("default").execute_query(_REST, [*this, max(_FIRST_REST, rest), _LAST_REST])
        for claim, failure in failures:
            if await deliveries.failed(claim, failure):
                await _switch_off(webhook_id, failure)
        return bool(claims)

    async def _send(self, endpoint: _Endpoint, claim: Claim) -> None:
        body = payload(claim)
        headers = signed(endpoint.secrets, str(claim.event_id), int(time.time()), body)
        try:
            # Of the answer only the head is awaited: what else there is goes unread with the connection.
            async with self._session.post(endpoint.url, data=body, headers=headers, allow_redirects=False) as response:
                status, rest = response.status, _rest(response)
        except TimeoutError as error:
            raise Undelivered(f"no answer within {_TOTAL:.0f} s") from error
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise Undelivered(_reason(error)) from error
        if not 200 <= status < 300:
            raise Undelivered(f"answered {status}", for_good=status == 410, rest=rest)

    def _socket(self, address: tuple[int, int, int, str, tuple[Any, ...]]) -> socket.socket:
        """What aiohttp connects with: here it is certain what to, whatever the name meant a moment ago."""
        family, type, protocol, _, (host, *_) = address
        if not self._may_reach(ipaddress.ip_address(host.partition("%")[0])):
            raise _Private(f"{host} is not a public address")
        return socket.socket(family, type, protocol)

    def _may_reach(self, address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
        if isinstance(address, ipaddress.IPv6Address):
            # What stands for an IPv4 address leads to it.
            inner = address.ipv4_mapped or address.sixtofour
            if address in _NAT64:
                inner = ipaddress.IPv4Address(address.packed[-4:])
            if inner is not None:
                return self._may_reach(inner)
            if address.is_site_local:
                return False
        is_public = address.is_global and not (address.is_multicast or address.is_reserved)
        return is_public or (self._local and address.is_loopback)


def _rest(response: aiohttp.ClientResponse) -> float:
    """For how many seconds a receiver that is too busy asks to be left alone, within bounds (RFC 9110, 10.2.3)."""
    asked = response.headers.get("Retry-After", "") if response.status in _TOO_BUSY else ""
    try:
        if asked.isascii() and asked.isdigit():
            seconds = float(asked)
        else:
            seconds = (parsedate_to_datetime(asked).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _LAST_REST)


class _Private(OSError):
    pass


_ENDPOINT = """
    SELECT url, failing_since IS NOT NULL AS failing,
           ARRAY[secret] || CASE WHEN old_secret_until > now() THEN ARRAY[old_secret] ELSE '{}' END AS secrets
    FROM webhook
    WHERE account_id = $1 AND id = $2 AND disabled_at IS NULL AND (rest_until IS NULL OR rest_until <= now())
"""

# It is left alone for as long as it has been failing, so each rest is twice the one before.
_REST = """
    UPDATE webhook SET
        failing_since = coalesce(failing_since, now()),
        rest_until = now() + least(
            greatest(now() - coalesce(failing_since, now()), make_interval(secs => $3)), make_interval(secs => $4))
    WHERE account_id = $1 AND id = $2
"""


def payload(claim: Claim) -> bytes:
    """What is sent, the same at every attempt."""
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


def signed(secrets: Sequence[str], id: str, timestamp: int, body: bytes) -> dict[str, str]:
    """The headers by which a receiver knows that it was us, with a signature for each secret."""
    message = f"{id}.{timestamp}.".encode() + body
    signatures = [hmac.digest(b64decode(secret.removeprefix(_SECRET_PREFIX)), message, "sha256") for secret in secrets]
    return {
        "webhook-id": id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join([f"v1,{b64encode(signature).decode()}" for signature in signatures]),
    }


def _reason(error: Exception) -> str:
    match error:
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientSSLError():
            return "its certificate is not valid"
        case aiohttp.ClientConnectorDNSError():
            return "its name is not found"
        case aiohttp.ClientConnectorError(os_error=_Private() as refused):
            return str(refused)
        case aiohttp.ClientConnectorError():
            return "it takes no connection"
        case EndlessHead():
            return "it sent too much before its answer"
        case _:
            return f"the connection failed: {type(error).__name__}"


async def _switch_off(webhook_id: UUID, failure: Undelivered) -> None:
    """Switch the webhook off, with notice, if it is gone or nothing got through for as long as we try."""

    async def action() -> models.Webhook | None:
        webhook = await mine(models.Webhook).select_for_update().get_or_none(id=webhook_id, disabled_at__isnull=True)
        if webhook is None:
            return None
        now = datetime.now(UTC)
        failing = now - (webhook.failing_since or now)
        if failing < timedelta(seconds=PATIENCE) and not failure.for_good:
            return None
        webhook.disabled_at, webhook.disabled_reason = now, failure.reason
        await webhook.save(update_fields=["disabled_at", "disabled_reason"])
        await announce((EventType.WEBHOOK_DISABLED, webhook))
        return webhook

    webhook = await atomically(action)
    if webhook is not None:
        log.warning(
            "webhook switched off", account=str(tenant.current_account()), webhook=str(webhook.id), why=failure.reason
        )
