"""An account's webhooks: addresses to which events are sent, and the secrets with which they are signed."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from secrets import token_bytes
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from uuid_utils.compat import uuid7
from yarl import URL

from db import models, tenant
from projection import Many, One
from resolvers.accounts import save_changes
from resolvers.outbox import announce
from resolvers.scope import check_version, fetch_or_refuse, mine
from resolvers.transactions import atomically
from rules import text
from rules.faults import Code, Fault, Refusal, Text
from rules.networks import find_target, is_public
from rules.vocabulary import EventType

MOST: Final = 20  # webhooks of an account
OLD_SECRET: Final = timedelta(days=1)  # for how long a replaced secret still signs
SECRET_PREFIX: Final = "whsec_"

_DEFAULT_TYPES: Final = [type for type in EventType if not type.of_draft and type is not EventType.WEBHOOK_TESTED]
_LONGEST_URL: Final = 2000
_LONGEST_HOST: Final = 253
_LABEL: Final = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)
# No domain ends in a number, so a host that does is an IP address in a form that is not read here.
_NUMBER: Final = re.compile("[0-9]+|0x[0-9a-f]*", re.IGNORECASE)


def every() -> Many:
    """The account's webhooks, the oldest first."""
    return Many(mine(models.Webhook).order_by("created_at", "id"))


def by_id(id: UUID) -> One:
    return One(mine(models.Webhook, id=id))


async def create(url: str, types: Sequence[EventType] | None, *, local: bool = False) -> tuple[UUID, str]:
    """Create a webhook for events of these types, or of all but drafts' types; raises ``Refusal``.

    ``local`` allows this machine, also by http. Returns the webhook's id and its secret.
    """
    url = text.clean(url) or ""
    faults = [*_url_faults(url, local=local), *_type_faults(types)]
    chosen = dict.fromkeys(_DEFAULT_TYPES if types is None else types)

    async def action() -> tuple[UUID, str]:
        await models.Account.select_for_update(no_key=True).get(id=tenant.current_account())
        if await mine(models.Webhook).count() >= MOST:
            message = Text(
                f"Una cuenta puede tener como máximo {MOST} webhooks.", f"An account can have at most {MOST} webhooks."
            )
            raise Refusal(*faults, Fault(("url",), Code.TOO_MANY, message))
        if faults:
            raise Refusal(*faults)
        webhook = models.Webhook(
            id=uuid7(),
            account_id=tenant.current_account(),
            url=url,
            types=[str(type) for type in chosen],
            secret=_new_secret(),
        )
        await webhook.save(force_create=True)
        return webhook.id, webhook.secret

    return await atomically(action)


async def update(
    id: str,
    url: str | None,
    types: Sequence[EventType] | None,
    version: int | None = None,
    *,
    local: bool = False,
) -> UUID:
    """Change address or types of a webhook, which keeps its secret; what is pending goes to the new address.

    ``local`` allows this machine, also by http. Raises ``Refusal``.
    """
    faults = [*(_url_faults(url, local=local) if url is not None else ()), *_type_faults(types)]

    async def action() -> UUID:
        webhook = await _lock(id, version)
        if faults:
            raise Refusal(*faults)
        values: dict[str, Any] = {}
        if url is not None and url != webhook.url:
            values = {"url": url, "failing_since": None, "rest_until": None}  # which were the old address's
        if types is not None:
            values["types"] = [str(type) for type in dict.fromkeys(types)]
        await save_changes(webhook, values)
        return webhook.id

    return await atomically(action)


async def announce_test(id: str) -> UUID:
    """Announce an event that only this webhook gets; raises ``Refusal``."""

    async def action() -> UUID:
        webhook = await _lock(id, None)
        if webhook.disabled_at is not None:
            raise Refusal(_DISABLED)
        await announce((EventType.WEBHOOK_TESTED, webhook))
        return webhook.id

    return await atomically(action)


async def rotate_secret(id: str, version: int | None = None) -> tuple[UUID, str]:
    """Give the webhook a new secret; for a day, events are signed with the old one, too. Raises ``Refusal``."""

    async def action() -> tuple[UUID, str]:
        webhook = await _lock(id, version)
        secret = _new_secret()
        until = datetime.now(UTC) + OLD_SECRET
        await save_changes(webhook, {"secret": secret, "old_secret": webhook.secret, "old_secret_until": until})
        return webhook.id, secret

    return await atomically(action)


async def enable(id: str, version: int | None = None) -> UUID:
    """Send again to a webhook that was disabled, first what is still pending. Raises ``Refusal``."""

    async def action() -> UUID:
        webhook = await _lock(id, version)
        await save_changes(webhook, dict.fromkeys(("disabled_at", "disabled_reason", "failing_since", "rest_until")))
        return webhook.id

    return await atomically(action)


async def delete(id: str, version: int | None = None) -> UUID:
    """Delete a webhook and its deliveries; raises ``Refusal``."""

    async def action() -> UUID:
        webhook = await _lock(id, version)
        await webhook.delete()
        return webhook.id

    return await atomically(action)


async def _lock(id: str, version: int | None) -> models.Webhook:
    missing = Text("No existe este webhook.", "There is no such webhook.")
    webhook = await fetch_or_refuse(mine(models.Webhook).select_for_update(), id, missing)
    check_version(webhook.version, version)
    return webhook


_DISABLED: Final = Fault(
    ("id",),
    Code.NOT_ALLOWED,
    Text("El webhook está desactivado; actívalo primero.", "The webhook is disabled; enable it first."),
)


def _new_secret() -> str:
    return SECRET_PREFIX + b64encode(token_bytes(32)).decode()


def _type_faults(types: Sequence[EventType] | None) -> Iterable[Fault]:
    if types is not None and not types:
        yield Fault(("types",), Code.REQUIRED, Text("Elige al menos un evento.", "Choose at least one event."))
    for index, type in enumerate(types or ()):
        if type.of_draft:
            message = Text(
                "Los eventos de borradores no se envían a webhooks.", "Events of drafts are not sent to webhooks."
            )
            yield Fault(("types", str(index)), Code.NOT_ALLOWED, message)


def _url_faults(url: str, *, local: bool) -> Iterable[Fault]:
    """What is wrong with the text of an address. Where a name leads to is checked for each connection."""
    try:
        parts, host = urlsplit(url), URL(url).raw_host or ""
        has_port = parts.port != 0
    except ValueError:
        yield Fault(("url",), Code.INVALID_VALUE, _NOT_HTTPS)
        return
    is_fine = (
        (parts.scheme == "https" or (parts.scheme == "http" and local and _is_this_machine(host)))
        and parts.hostname
        and has_port
        and "@" not in parts.netloc
        and not parts.fragment
        and len(url) <= _LONGEST_URL
        and url.isprintable()
        and " " not in url
    )
    if not is_fine:
        yield Fault(("url",), Code.INVALID_VALUE, _NOT_HTTPS)
    elif not _can_be_looked_up(host, is_bracketed="[" in parts.netloc):
        yield Fault(("url",), Code.INVALID_VALUE, _NO_HOST)
    elif not (_is_on_the_internet(host) or (local and _is_this_machine(host))):
        yield Fault(("url",), Code.INVALID_VALUE, _NOT_PUBLIC)


def _can_be_looked_up(host: str, *, is_bracketed: bool) -> bool:
    """Whether the host, written as aiohttp will look it up, is an IP address or can be a name in the DNS."""
    if _ip_address(host):
        return True
    labels = host.removesuffix(".").split(".")
    return (
        not is_bracketed
        and len(host.removesuffix(".")) <= _LONGEST_HOST
        and all(map(_LABEL.fullmatch, labels))
        and not _NUMBER.fullmatch(labels[-1])
    )


def _is_on_the_internet(host: str) -> bool:
    address = _ip_address(host)
    return is_public(address) if address else not _is_this_machine(host)


def _is_this_machine(host: str) -> bool:
    if address := _ip_address(host):
        return find_target(address).is_loopback
    return host.lower().removesuffix(".").rpartition(".")[2] == "localhost"


def _ip_address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


_NOT_HTTPS: Final = Text(
    "Escribe una dirección https, sin usuario ni fragmento (#).",
    "Write an https address without a user and without a fragment (#).",
)
_NO_HOST: Final = Text(
    "El nombre del servidor de esta dirección no puede existir.", "The host name of this address can't exist."
)
_NOT_PUBLIC: Final = Text(
    "Esta dirección no está en Internet. Los webhooks solo se envían a direcciones públicas.",
    "This address is not on the Internet. Webhooks are sent to public addresses only.",
)
