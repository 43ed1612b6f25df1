"""What a resolver knows of the request."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from strawberry.types.info import Info as StrawberryInfo

from announcements.feed import LiveFeed
from announcements.results import FiscalResults
from lookup.service import Consultar
from pac.cipher import Cipher
from resolvers.api_keys import Identity, KeyCache
from resolvers.document_links import LIFETIME
from resolvers.pac_connection import PacConnections
from rules.faults import Text
from rules.invoice import BACKDATING_DAYS
from rules.printing import Printable


@dataclass
class Context:
    """``identity`` is the API key and its account; ``consultar`` looks RUCs up.

    ``printable`` has the characters that the PDF of an invoice can show. ``language`` is "es" or "en", from
    the Accept-Language header. ``feed`` is there where operations may subscribe, which is over a WebSocket.
    ``local_webhooks`` allows webhooks on this machine. ``backdating_days`` is how many days an invoice may be
    dated before the last one. ``cipher`` encrypts credentials at providers; None where no key was set. By ``results``
    a request may wait for what becomes of a document; without them none waits. By ``connections`` a provider is
    asked whether it answers. ``link_lifetime`` is how long public links of documents work.
    """

    identity: Identity
    consultar: Consultar
    keys: KeyCache
    printable: Printable
    language: str = "es"
    feed: LiveFeed | None = None
    local_webhooks: bool = False
    backdating_days: int = BACKDATING_DAYS
    cipher: Cipher | None = None
    results: FiscalResults | None = None
    connections: PacConnections | None = None
    link_lifetime: timedelta = LIFETIME

    def say(self, text: Text) -> str:
        return text.en if self.language == "en" else text.es


Info: TypeAlias = StrawberryInfo[Context, Any]
