"""An account's webhooks: addresses to which events are sent, and the secrets with which they are signed."""

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
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
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import EventType

MOST: Final = 20  # webhooks of an account
OLD_SECRET: Final = timedelta(days=1)  # for how long a replaced secret still signs
SECRET_PREFIX: Final = "whsec_"

_DEFAULT_TYPES: Final = [type for type in EventType if not type.of_draft and type is not EventType.WEBHOOK_TESTED]
_LONGEST_URL: Final = 2000
_LONGEST_HOST: Final = 253
_LABEL: Final = re.compile("[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.IGNORECASE)


def every() -> Many:
    """The account's webhooks, the oldest first."""
    return Many(mine(models.Webhook).order_by("created_at", "id"))


def by_id(id: UUID) -> One:
    return One(mine(models.Webhook, id=id))


async def create(url: str, types: Sequence[EventType] | None) -> tuple[UUID, str]:
    """Create a webhook for events of these types, or of all but drafts' types; raises ``Refusal``.

    Returns its id and its secret.
    """
    faults = [*_url_faults(url), *_type_faults(types)]
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


async def update(id: str, url: str | None, types: Sequence[EventType] | None, version: int | None = None) -> UUID:
    """Change address or types of a webhook, which keeps its secret; what is pending goes to the new address.

    Raises ``Refusal``.
    """
    faults = [*(_url_faults(url) if url is not None else ()), *_type_faults(types)]

    async def action() -> UUID:
        webhook = await _lock(id, version)
        if faults:
            raise Refusal(*faults)
        values: dict[str, Any] = {} if url is None else {"url": url}
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


def _url_faults(url: str) -> Iterable[Fault]:
    """What is wrong with the text of an address. Where it leads to is checked for each connection."""
    fault = Fault(
        ("url",),
        Code.INVALID_VALUE,
        Text(
            "Escribe una dirección https, sin usuario ni fragmento (#).",
            "Write an https address without a user and without a fragment (#).",
        ),
    )
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        yield fault
        return
    is_local = parts.hostname in ("localhost", "127.0.0.1", "::1")
    is_fine = (
        (parts.scheme == "https" or (parts.scheme == "http" and is_local))
        and parts.hostname
        and has_port
        and "@" not in parts.netloc
        and not parts.fragment
        and len(url) <= _LONGEST_URL
        and url.isprintable()
        and " " not in url
    )
    if not is_fine:
        yield fault
    elif not _can_be_looked_up(url, is_bracketed="[" in parts.netloc):
        yield Fault(("url",), Code.INVALID_VALUE, _NO_HOST)


def _can_be_looked_up(url: str, *, is_bracketed: bool) -> bool:
    """Whether the host is an IP address or can be a name in the DNS, written as aiohttp will look it up."""
    try:
        host = URL(url).raw_host or ""
    except ValueError:
        return False
    try:
        return bool(ip_address(host))
    except ValueError:
        labels = host.removesuffix(".").split(".")
    return (
        not is_bracketed
        and len(host.removesuffix(".")) <= _LONGEST_HOST
        and all(map(_LABEL.fullmatch, labels))
        and not labels[-1].isdigit()  # no domain ends in a number, so this is a mistyped IP address
    )


_NO_HOST: Final = Text(
    "El nombre del servidor de esta dirección no puede existir.", "The host name of this address can't exist."
)
