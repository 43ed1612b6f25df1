"""The settings of announcements."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from resolvers.document_links import LIFETIME


@dataclass(frozen=True)
class Smtp:
    """The server that takes our mail."""

    host: str
    port: int = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: SecretStr | None = None


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    Without ``smtp``, mail is written into ``mail_folder``. ``local_webhooks`` allows webhooks on this
    machine, also by http, for development. ``mails_of_account`` and ``mails_to_address`` are how many mails an account
    may send in a day, in all and to one address; 0 is no limit. ``poll`` is the pause of a worker that found nothing
    to do. Mails lead to documents behind ``public_url``, where people reach the service, for ``link_lifetime``.
    The audit trail is kept for ``audit_years``, or forever.
    """

    mail_folder: Path
    mail_from: str = "facturas@localhost"
    smtp: Smtp | None = None
    local_webhooks: bool = False
    mails_of_account: int = 2000
    mails_to_address: int = 100
    poll: float = 0.25
    public_url: str | None = None
    link_lifetime: timedelta = LIFETIME
    retention: float = 90 * 24 * 3600.0
    audit_years: int | None = None
