"""What an operator is told: a line in the log for what only people can put right, and figures for /metrics."""

from datetime import datetime
from typing import Final
from uuid import UUID

import structlog
from cachetools import LRUCache, TTLCache
from prometheus_client import Counter
from tortoise.connection import get_connection

from db import tenant
from emission.differences import Difference, Place, describe
from emission.ports import NO_PROVIDER, Clock
from emission.progress import Emission
from emission.states import Event, Step
from pac.cipher import Undecryptable
from pac.emission import Evidence, Unavailable
from rules.vocabulary import BlockedReason, DifferenceKind, FiscalStatus

EVERY: Final = 15 * 60.0  # seconds between two lines that say the same
OLD: Final = 3600.0  # seconds for which a document may wait
AWAY: Final = 15 * 60.0  # seconds for which a provider may not answer
_MOST: Final = 10_000  # lines that are remembered

ENDS: Final = Counter("istmo_emission_ends", "Ends of attempts at documents, by what became of these.", ["event"])

log = structlog.get_logger()


class Alarms:
    """Says the same thing about an account once in a while, however many of its documents it is about."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._told: TTLCache[object, bool] = TTLCache(maxsize=_MOST, ttl=EVERY)
        self._unanswered: LRUCache[UUID, datetime] = LRUCache(maxsize=_MOST)  # accounts, since their last answer

    def tell(self, row: Emission, event: Event, step: Step, evidence: Evidence | None) -> None:
        """What became of a document: counted, and said where it can't go on by itself, or something is odd about it."""
        ENDS.labels(event.name).inc()
        log.info(
            "an electronic document went on",
            account=str(tenant.current_account()),
            document=str(row.document_id),
            happened=event.name,
            status=row.status.value,
            attempts=row.attempts,
        )
        self._hear(evidence)
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

    def _hear(self, evidence: Evidence | None) -> None:
        """A document may be failing for long though the provider answers: only an answer has a code."""
        if evidence is None or evidence is NO_PROVIDER:
            return
        if evidence.code is not None:
            self.note_answer()
        else:
            self.tell_away(self._unanswered.setdefault(tenant.current_account(), self._clock.now()))

    def note_answer(self) -> None:
        """The provider answers the account."""
        self._unanswered.pop(tenant.current_account(), None)

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

    def tell_away(self, since: datetime) -> None:
        """The provider doesn't answer the account: documents wait, and go on by themselves when it does."""
        seconds = (self._clock.now() - since).total_seconds()
        account = tenant.current_account()
        if seconds >= AWAY and self._is_new((account, "away")):
            log.error(
                "the provider gives no usable answer, so electronic documents wait",
                account=str(account),
                since=since.isoformat(),
                help="nothing is lost, and they are sent when it answers: see the provider's own notices",
            )

    def tell_refused(self, outcome: Unavailable) -> None:
        """The provider answers, but not what it was asked."""
        account = tenant.current_account()
        if self._is_new((account, "refused", outcome.reason)):
            log.error(
                "the provider refuses to say how many folios are left",
                account=str(account),
                code=outcome.evidence.code,
                reason=outcome.reason and outcome.reason.value,
                help=_HELP[outcome.reason] if outcome.reason else "see `server.py pac test`",
            )

    def tell_difference(self, difference: Difference) -> None:
        """Something differs between provider and Istmo, or runs out."""
        account = tenant.current_account()
        if self._is_new((account, difference.kind, difference.subject)):
            message = describe(difference.kind, difference.subject, difference.count, difference.detail)
            tell = log.warning if difference.kind in _IN_TIME else log.error
            tell(
                "an account differs from its provider",
                account=str(account),
                kind=difference.kind.value,
                subject=difference.subject,
                document=difference.document_id and str(difference.document_id),
                help=message.en,
            )

    def tell_gone(self, place: Place) -> None:
        account = str(tenant.current_account())
        log.info("a difference is gone", account=account, kind=place.kind.value, subject=place.subject)

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


# What runs out is told before anything fails; a document that it stops is an alarm of its own.
_IN_TIME: Final = (DifferenceKind.FOLIOS_LOW, DifferenceKind.LICENCE_ENDS, DifferenceKind.DEADLINE_NEAR)

_HELP: Final[dict[BlockedReason | Event, str]] = {
    Event.NO_PROVIDER: "the account has no provider, or another than the document's: set that one again",
    Event.FOUND_VOID: "the document was voided in the provider's portal, so it is void here: issue another if need be",
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
