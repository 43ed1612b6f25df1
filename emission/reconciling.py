"""Reconciliation of an account with its provider: hourly its folios and licence, nightly its documents and numbers.

What is due about a document by itself (leases, blocked ones, voids, files) is the worker's; nothing of it is done here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto
from typing import Final

from emission import folios as counting
from emission import progress, reconciliation, store
from emission.alarms import Alarms
from emission.differences import Difference, Place
from emission.ports import Clock, Provider, Tell, outcome_of, provider_of, unavailable
from emission.reconciliation import Sampled, Turn
from emission.settings import Settings
from emission.states import Event
from emission.store import Settled
from pac.emission import Folios, Found, LookOutcome, NotFound, Unavailable
from rules.calendar import PANAMA
from rules.vocabulary import DifferenceKind

_OF_DOCUMENTS: Final = (DifferenceKind.NOT_AT_PROVIDER, DifferenceKind.OTHER_DOCUMENT)


class Turned(Enum):
    """What came of an account's turn."""

    DONE = auto()
    NO_ANSWER = auto()
    NOT_DUE = auto()  # or another worker has it


@dataclass
class Looks:
    """How many of the chosen documents the provider has answered about, and how many of these are void there."""

    chosen: int = 0
    answered: int = 0
    void: int = 0


class Answer(Enum):
    """How the provider answers at all."""

    USABLE = auto()
    REFUSED = auto()
    NONE = auto()


class Reconciling:
    """Reconciles the current account. ``tell`` is told what became of a document, ``alarms`` of differences."""

    def __init__(self, settings: Settings, clock: Clock, alarms: Alarms, tell: Tell) -> None:
        self._settings = settings
        self._clock = clock
        self._alarms = alarms
        self._tell = tell

    async def handle(self, provider: Provider | None, *, at_once: bool = False, looks: Looks | None = None) -> Turned:
        """Take the account's turn, if it is due. ``at_once``, it is taken anyway, and all is compared.

        ``looks`` is told what was looked at.
        """
        now = self._clock.now()
        turn = await reconciliation.claim(now, self._settings, at_once=at_once)
        if turn is None:
            return Turned.NOT_DUE
        is_nightly = at_once or now >= turn.nightly_at
        answer = Answer.USABLE if provider is None else await self._ask_folios(turn, provider, is_nightly)
        is_complete = answer is Answer.USABLE
        if is_nightly:
            await self._compare_rows(provider)
            if is_complete and provider is not None:
                is_complete = await self._look_at_sample(turn, provider, looks or Looks())
        # What is left of the night's work is done at a later turn.
        nightly_at = _next_night(now, self._settings) if is_nightly and is_complete else turn.nightly_at
        await reconciliation.finish(turn, self._due_at(turn, answer), nightly_at)
        return Turned.DONE if is_complete else Turned.NO_ANSWER

    def _due_at(self, turn: Turn, answer: Answer) -> datetime:
        """Soon only after no answer: one that refuses us says the same a minute later."""
        now, pause = self._clock.now(), self._settings.reconcile_every
        if answer is Answer.NONE:
            failing_for = (now - (turn.failing_since or now)).total_seconds()
            pause = min(pause, self._settings.retries.pause(failing_for))
        return now + timedelta(seconds=pause)

    # Folios

    async def _ask_folios(self, turn: Turn, provider: Provider, is_nightly: bool) -> Answer:
        """Ask for folios and licence, and compare the counts."""
        seconds = self._settings.call
        before = await reconciliation.count_documents(provider.name, provider.environment)
        outcome = await outcome_of(provider.adapter.count_folios(seconds), seconds, unavailable)
        now = self._clock.now()
        if isinstance(outcome, Unavailable):
            await self._keep_failure(turn, outcome, now)
            return Answer.REFUSED if outcome.evidence.code else Answer.NONE
        self._alarms.note_answer()
        folios = _storable(outcome)
        after = await reconciliation.count_documents(provider.name, provider.environment)
        base = counting.choose_base(turn.base, provider.name, folios, before, after)
        if await reconciliation.store_answer(turn, now, None, folios, base):
            today = now.astimezone(PANAMA).date()
            found = list(counting.compare(base, provider.name, folios, before, after, today))
            await self._store([Place(kind, None) for kind in counting.OF_FOLIOS], found, is_nightly)
        return Answer.USABLE

    async def _keep_failure(self, turn: Turn, outcome: Unavailable, now: datetime) -> None:
        """A provider that refuses us has answered all the same."""
        failing_since = None if outcome.evidence.code else turn.failing_since or now
        if not await reconciliation.store_answer(turn, now, failing_since, None, None):
            return
        if failing_since is None:
            self._alarms.note_answer()
            self._alarms.tell_refused(outcome)
        else:
            self._alarms.tell_away(failing_since)

    # Rows, and the sample

    async def _compare_rows(self, provider: Provider | None) -> None:
        now = self._clock.now()
        if provider is not None:
            await reconciliation.fetch_missing_files(now, provider.name)
        await reconciliation.forget_settled()
        await self._store(reconciliation.INCOMPLETE, await reconciliation.find_incomplete(now), True)

    async def _look_at_sample(self, turn: Turn, provider: Provider, looks: Looks) -> bool:
        """Look at documents one after the other; False if the provider doesn't answer any more."""
        sample = await reconciliation.choose_sample(self._clock.now(), self._settings)
        looks.chosen = len(sample)
        for sampled in sample:
            row = sampled.row
            if provider_of(row.provider, row.environment, provider) is None:
                continue
            if not await reconciliation.prolong(turn, self._clock.now(), self._settings):
                return True
            begun = self._clock.now()
            seconds = self._settings.call
            outcome = await outcome_of(provider.adapter.look(sampled.key, seconds), seconds, unavailable)
            if not isinstance(outcome, Unavailable):
                looks.answered += 1
                looks.void += await self._judge(sampled, outcome, begun)
            elif not outcome.evidence.code:
                return False
        return True

    async def _judge(self, sampled: Sampled, outcome: LookOutcome, begun: datetime) -> bool:
        """Whether the document is void at the provider."""
        row, now = sampled.row, self._clock.now()
        is_ours = isinstance(outcome, Found) and outcome.cufe in (None, row.cufe)
        is_void = isinstance(outcome, Found) and is_ours and outcome.is_voided
        if is_void or not is_ours:
            name = "NOT_FOUND" if isinstance(outcome, NotFound) else "FOUND"
            await reconciliation.keep_evidence(sampled, name, outcome.evidence, begun, now)
        if is_void:
            after, step = progress.advance(row, Event.FOUND_VOID, now, self._settings)
            if await store.settle(row, after, step, Settled()):
                self._tell(after, Event.FOUND_VOID, step, outcome.evidence)
        places = [Place(kind, sampled.subject) for kind in _OF_DOCUMENTS]
        found = [] if is_ours else [_difference(sampled, outcome)]
        await self._store(places, found, True)
        return is_void

    async def _store(self, places: list[Place] | tuple[Place, ...], found: list[Difference], is_nightly: bool) -> None:
        """Store differences. A new one is told at once, one that stays each night."""
        new, gone = await reconciliation.store_differences(places, found, self._clock.now())
        for difference in found if is_nightly else new:
            self._alarms.tell_difference(difference)
        for place in gone:
            self._alarms.tell_gone(place)


def _difference(sampled: Sampled, outcome: LookOutcome) -> Difference:
    id = sampled.row.document_id
    if isinstance(outcome, Found):
        return Difference(DifferenceKind.OTHER_DOCUMENT, sampled.subject, detail=outcome.cufe, document_id=id)
    return Difference(DifferenceKind.NOT_AT_PROVIDER, sampled.subject, document_id=id)


_MOST: Final = 2**31 - 1
_LONGEST: Final = 100


def _storable(folios: Folios) -> Folios:
    """As it can be stored: a provider may say anything."""
    return replace(
        folios,
        available=_bounded(folios.available),
        used=_bounded(folios.used),
        total=_bounded(folios.total),
        licence_until=folios.licence_until and _clean(folios.licence_until),
        cycle=folios.cycle and _clean(folios.cycle),
    )


def _bounded(count: int | None) -> int | None:
    return None if count is None or abs(count) > _MOST else count


def _clean(text: str) -> str:
    return text.replace("\0", "").encode(errors="replace").decode()[:_LONGEST]


def _next_night(now: datetime, settings: Settings) -> datetime:
    """When the time of the nightly reconciliation comes next."""
    local = now.astimezone(PANAMA)
    night = datetime.combine(local.date(), settings.reconcile_at, PANAMA)
    return night if night > local else night + timedelta(days=1)
