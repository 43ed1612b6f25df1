"""Consultar: what is known of a RUC, asked of a registry unless an answer is kept.

A look-up is never in the way: where no registry answers in time, what was known before or what the
number itself says has to do.
"""

import asyncio
import contextvars
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Final, Self
from weakref import WeakValueDictionary

import aiohttp
import structlog

from db import tenant
from lookup import cache, http, metrics, providers
from lookup.cache import Kept
from lookup.polite import Polite
from lookup.registry import Answer, Found, Invalid, Question, Reason, Unavailable
from lookup.settings import Settings
from rules import ruc
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType

log = structlog.get_logger()


class Status(StrEnum):
    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    UNAVAILABLE = "UNAVAILABLE"


class Source(StrEnum):
    """Whose word it is: the registry's just now, its word as kept, or the number's own."""

    REGISTRY = "REGISTRY"
    CACHE = "CACHE"
    COMPUTED = "COMPUTED"


@dataclass(frozen=True)
class Lookup:
    """What is known of a RUC.

    =============  ==================  ============================================================
    status         source              the rest
    =============  ==================  ============================================================
    FOUND          REGISTRY or CACHE   the taxpayer as the registry has it
    NOT_FOUND      REGISTRY or CACHE   the RUC, and the type if it is certain
    INVALID        COMPUTED            or REGISTRY or CACHE, where it was the registry who refused it
    UNAVAILABLE    CACHE               the taxpayer as the registry had it ``as_of`` an earlier time
    UNAVAILABLE    COMPUTED            the RUC, the type if it is certain, and then the DV if a rule
                                       gives it
    =============  ==================  ============================================================

    ``ruc`` is None where the text is none. ``suggestions`` are RUCs that may have been meant.
    ``sandbox`` says that registry and cache hold made-up answers.
    """

    status: Status
    source: Source = Source.COMPUTED
    ruc: str | None = None
    dv: str | None = None
    taxpayer_type: TaxpayerType | None = None
    receiver_type: ReceiverType | None = None
    name: str | None = None
    electronic_invoicing: bool | None = None
    as_of: datetime | None = None
    sandbox: bool = False
    suggestions: tuple[str, ...] = ()


# A lease outlives the time for asking by this, in seconds: time to store the answer.
_LEASE_MARGIN: Final = 1.0

# Between two looks at the row of a question that another process asks, in seconds.
_FIRST_LOOK, _LAST_LOOK = 0.02, 0.2


class Consultar:
    """The look-up of one process. Enter it where Tortoise is set up, and leave it before that ends.

    Callers that ask the same share a call, and one that stops waiting doesn't stop it: the answer
    is there for the next. An account has its turn for a few calls at once, so that it leaves others
    theirs. ``look_up`` speaks to the database and waits, so call it outside of transactions.

    ``asks`` says whether there is anybody to ask; without, the look-up need not be entered.
    """

    def __init__(self, settings: Settings) -> None:
        self.sandbox: Final = any(provider.sandbox for provider in settings.providers)
        self.asks: Final = bool(settings.providers)
        self.timeout: Final = settings.timeout
        self._settings = settings
        self._calls: dict[Question, asyncio.Task[Kept | None]] = {}
        self._turns: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._providers: Sequence[Polite] = ()

    async def __aenter__(self) -> Self:
        self._session: aiohttp.ClientSession = http.new_session()
        self._providers = [
            Polite(provider.name, providers.build(provider, self._session), self._settings)
            for provider in self._settings.providers
        ]
        # Calls outlive the requests that begin them, so they don't run in these' context: it may
        # name an account, and an open transaction.
        self._context = contextvars.copy_context()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        calls = list(self._calls.values())
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)
        await self._session.close()

    async def look_up(
        self,
        text: str,
        dv: str | None = None,
        taxpayer_type: TaxpayerType | None = None,
        wait: float | None = None,
    ) -> Lookup:
        """Look a RUC up as it was typed. A DV, given or written behind it, may settle the taxpayer type.

        ``wait`` is how many seconds to wait for registries at most, 0 for not at all; it can't
        exceed the settings' ``timeout``, which is the default. Raises nothing but the database's errors.
        """
        result = await self._look_up(text, dv, taxpayer_type, self._settings.timeout if wait is None else wait)
        metrics.LOOKUPS.labels(result.status, result.source).inc()
        return replace(result, sandbox=self.sandbox)

    async def confirms(self, number: Ruc, dv: str, taxpayer_type: TaxpayerType | None) -> bool:
        """Whether a kept answer has this RUC with this DV, for this type or, without one, for any."""
        kept = await cache.read(number, [taxpayer_type] if taxpayer_type else TaxpayerType, sandbox=self.sandbox)
        return any(
            isinstance(each.answer, Found) and each.answer.dv == dv and each.age < self._settings.stale
            for each in kept.values()
        )

    async def _look_up(self, text: str, dv: str | None, taxpayer_type: TaxpayerType | None, wait: float) -> Lookup:
        deadline = time.monotonic() + wait
        try:
            number = ruc.parse(text)
        except ruc.InvalidRuc as error:
            return Lookup(Status.INVALID, suggestions=error.suggestions)
        try:
            dv = ruc.parse_dv(dv.strip()) if dv and dv.strip() else number.written_dv
        except ruc.InvalidDv:
            return Lookup(Status.INVALID, ruc=number.canonical)
        if taxpayer_type and not number.admits(taxpayer_type):
            return Lookup(Status.INVALID, ruc=number.canonical)

        certain = taxpayer_type or _settled_type(number, dv)
        words = await self._ask_about(number, certain, deadline)
        for word in words:
            if word.source is not Source.COMPUTED and isinstance(word.kept.answer, Found):
                return _taxpayer(Status.FOUND, word.source, number, word)
        suggestions = ruc.suggestions(text, dv)
        if all(word.source is not Source.COMPUTED for word in words):
            invalid = all(isinstance(word.kept.answer, Invalid) for word in words)
            return Lookup(
                Status.INVALID if invalid else Status.NOT_FOUND,
                words[0].source,
                number.canonical,
                taxpayer_type=certain,
                as_of=words[0].kept.asked_at,
                suggestions=suggestions,
            )
        for word in words:
            if isinstance(word.kept.answer, Found) and word.kept.age < self._settings.stale:
                past = _taxpayer(Status.UNAVAILABLE, Source.CACHE, number, word)
                return replace(past, suggestions=suggestions)
        computed = ruc.compute_dv(number, certain) if certain else None
        return Lookup(
            Status.UNAVAILABLE, ruc=number.canonical, dv=computed, taxpayer_type=certain, suggestions=suggestions
        )

    async def _ask_about(self, number: Ruc, certain: TaxpayerType | None, deadline: float) -> list["_Word"]:
        """What is said of each type the number can be of, as far as the one that has it."""
        types = (certain,) if certain else number.readings or tuple(TaxpayerType)
        known = await cache.read(number, types, sandbox=self.sandbox)
        words: list[_Word] = []
        for each in types:
            kept = known.get(each, Kept())
            if self._is_fresh(kept):
                metrics.CACHE.labels("fresh").inc()
                words.append(_Word(each, Source.CACHE, kept))
            else:
                metrics.CACHE.labels("stale" if kept.answer else "miss").inc()
                # Who doesn't answer for one type is not bothered with the other.
                silent = not self.asks or any(word.source is Source.COMPUTED for word in words)
                answered = None if silent else await self._join(Question(number, each), kept, deadline)
                words.append(_Word(each, Source.REGISTRY if answered else Source.COMPUTED, answered or kept))
            if words[-1].source is not Source.COMPUTED and isinstance(words[-1].kept.answer, Found):
                break
        return words

    async def _join(self, question: Question, kept: Kept, deadline: float) -> Kept | None:
        """Wait for the answer of a call that is under way or begins now; None if there is none in time."""
        call = self._calls.get(question) or await self._begin_in_turn(question, kept, deadline)
        if call is None:
            return None
        done, _ = await asyncio.wait([call], timeout=deadline - time.monotonic())
        return call.result() if done else None

    async def _begin_in_turn(self, question: Question, kept: Kept, deadline: float) -> asyncio.Task[Kept | None] | None:
        """Begin a call; none if all turns of the caller's account are taken until the deadline."""
        turns = self._turns.setdefault(tenant.account_setting(), asyncio.Semaphore(self._settings.calls_of_account))
        try:
            async with asyncio.timeout(deadline - time.monotonic()):
                await turns.acquire()
        except TimeoutError:
            return None
        if call := self._calls.get(question):  # somebody else began it meanwhile
            turns.release()
        else:
            call = self._begin(question, kept)
            call.add_done_callback(lambda _: turns.release())
        return call

    def _is_fresh(self, kept: Kept) -> bool:
        if kept.answer is None:
            return False
        found = isinstance(kept.answer, Found)
        return kept.age < (self._settings.found_fresh if found else self._settings.not_found_fresh)

    def _begin(self, question: Question, kept: Kept) -> asyncio.Task[Kept | None]:
        call = asyncio.create_task(self._call(question, kept), context=self._context.copy())
        self._calls[question] = call

        def end(_: asyncio.Task[Kept | None]) -> None:
            del self._calls[question]
            if not call.cancelled() and (error := call.exception()):
                log.warning("look-up failed", error=type(error).__name__)

        call.add_done_callback(end)
        return call

    async def _call(self, question: Question, seen: Kept) -> Kept | None:
        """Ask the registries, or wait for another process that does; None without an answer."""
        if all(provider.rests for provider in self._providers):
            return None
        deadline = time.monotonic() + self._settings.timeout
        lease = self._settings.timeout + _LEASE_MARGIN
        if not await cache.claim(question, seen.asked_at, lease, sandbox=self.sandbox):
            metrics.CACHE.labels("shared").inc()
            return await self._watch(question, seen, deadline)
        try:
            provider, answer = await self._ask(question, deadline)
        except Unavailable:
            await cache.release(question, sandbox=self.sandbox)
            return None
        return await cache.store(question, answer, provider, sandbox=self.sandbox)

    async def _watch(self, question: Question, seen: Kept, deadline: float) -> Kept | None:
        pause = _FIRST_LOOK
        while time.monotonic() < deadline:
            rows = await cache.read(question.ruc, [question.taxpayer_type], sandbox=self.sandbox)
            kept = rows.get(question.taxpayer_type, Kept())
            if kept.answer and kept.asked_at != seen.asked_at:
                return kept
            if not kept.leased:
                return None
            await asyncio.sleep(pause)
            pause = min(2 * pause, _LAST_LOOK)
        return None

    async def _ask(self, question: Question, deadline: float) -> tuple[str, Answer]:
        """The first answer, and who gave it. Each provider gets an equal share of the time that is left."""
        last = Unavailable(Reason.RESTING)
        willing = [provider for provider in self._providers if not provider.rests]
        for place, provider in enumerate(willing):
            seconds = (deadline - time.monotonic()) / (len(willing) - place)
            try:
                return provider.name, await provider.ask(question, seconds)
            except Unavailable as error:
                last = error
        raise last


def _settled_type(number: Ruc, dv: str | None) -> TaxpayerType | None:
    """The type, where the form or the DV leaves no choice."""
    match ruc.check_dv(number, dv) if dv else None:
        case ruc.Match(taxpayer_type):
            return taxpayer_type
    return number.readings[0] if len(number.readings) == 1 else None


@dataclass(frozen=True)
class _Word:
    """What is kept for one type. COMPUTED stands for no word: nothing is kept, or nothing fresh."""

    taxpayer_type: TaxpayerType
    source: Source
    kept: Kept


def _taxpayer(status: Status, source: Source, number: Ruc, word: _Word) -> Lookup:
    taxpayer = word.kept.answer
    assert isinstance(taxpayer, Found)
    return Lookup(
        status,
        source,
        number.canonical,
        taxpayer.dv,
        word.taxpayer_type,
        taxpayer.receiver_type,
        taxpayer.name,
        taxpayer.electronic_invoicing,
        word.kept.asked_at,
    )
