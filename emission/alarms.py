"""What an operator is told: a line in the log for what only people can put right, and figures for /metrics."""

from typing import Final

import structlog
from cachetools import TTLCache
from prometheus_client import Counter
from tortoise.connection import get_connection

from db import tenant
from emission.progress import Emission
from emission.states import Event, Step
from pac.cipher import Undecryptable
from rules.vocabulary import BlockedReason, FiscalStatus

EVERY: Final = 15 * 60.0  # seconds between two lines that say the same
OLD: Final = 3600.0  # seconds for which a document may wait
_MOST: Final = 10_000  # lines that are remembered

ENDS: Final = Counter("istmo_emission_ends", "Ends of attempts at documents, by what became of these.", ["event"])

log = structlog.get_logger()


class Alarms:
    """Says the same thing about an account once in a while, however many of its documents it is about."""

    def __init__(self) -> None:
        self._told: TTLCache[object, bool] = TTLCache(maxsize=_MOST, ttl=EVERY)

    def tell(self, row: Emission, event: Event, step: Step) -> None:
        """What became of a document: counted, and said where it can't go on by itself, or something is odd about it."""
        ENDS.labels(event.name).inc()
        if not step.effects.alarm:
            return
        account = tenant.current_account()
        reason = row.blocked_reason if row.status is FiscalStatus.BLOCKED else None
        if self._is_new((account, event, reason)):
            log.error(
                "an electronic document needs somebody",
                account=str(account),
                document=str(row.document_id),
                status=row.status.value,
                happened=event.name,
                reason=reason and reason.value,
                help=_HELP.get(event) or _HELP.get(reason or event, "see its attempts"),
            )

    def tell_unreadable(self, error: Undecryptable) -> None:
        """The account's documents wait until its credentials can be read."""
        account = tenant.current_account()
        if self._is_new((account, "unreadable")):
            log.error(
                "credentials can't be read, so electronic documents wait",
                account=str(account),
                error=str(error),
                help="give PAC_SECRETS_KEY the key that encrypted them, or set them anew (server.py pac set)",
            )

    async def watch(self) -> None:
        """Look for documents that wait too long, and for accounts with blocked ones."""
        _, [backlog] = await get_connection("default").execute_query("SELECT * FROM emission_backlog()")
        if backlog["age"] > OLD and self._is_new("age"):
            log.error("electronic documents wait too long", waiting=backlog["waiting"], oldest_seconds=backlog["age"])
        if backlog["blocked"] and self._is_new("blocked"):
            log.error(
                "electronic documents are blocked", documents=backlog["blocked"], accounts=backlog["blocked_accounts"]
            )

    def _is_new(self, line: object) -> bool:
        if line in self._told:
            return False
        self._told[line] = True
        return True


_HELP: Final[dict[BlockedReason | Event, str]] = {
    Event.NO_PROVIDER: "the account has no provider, or another than the document's: set that one again",
    Event.NOT_FOUND_THOUGH_USED: "the provider says that the number is used, and doesn't find the document: ask it",
    Event.FOUND_EARLIER: "the document was authorised as it was before its correction: void it at the provider",
    Event.FOUND_AFTER_REFUSAL: "the provider refused to void the document, which stays authorised",
    Event.FOUND_TOO_LONG: "the provider never confirmed the void, and the document stays authorised",
    Event.VOID_NOT_SENT_TOO_LONG: "the void never reached the provider, and the document stays authorised",
    BlockedReason.CREDENTIALS: "the provider rejects the account's credentials: set them anew, then retry",
    BlockedReason.CERTIFICATE: "the certificate with which the provider signs for the account is missing or expired",
    BlockedReason.FOLIOS: "the account has no folios left at its provider, or its licence there has expired",
    BlockedReason.NUMBER_TAKEN: "another system uses the billing point: give Istmo one of its own, then renumber",
    BlockedReason.ISSUER: "the DGI or the provider does not know the account as an issuer",
    BlockedReason.TECHNICAL: "no usable answer for a day, or a defect of Istmo: see the attempts, then retry",
}
