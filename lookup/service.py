"""Consultar: what is known about a RUC, from the cache or from a provider's registry.

A look-up never keeps the caller from going on: if no provider answers in time, it gives what was known before,
or what follows from the number itself.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import TracebackType
from typing import Final, Self

from db import tenant
from db.background import run_forever
from lookup import cache, metrics
from lookup.answers import Answer, Found, Invalid, Question
from lookup.cache import CachedAnswer
from lookup.calls import SharedCalls
from lookup.daily_limit import count_question
from lookup.providers import Providers
from lookup.settings import Settings
from pac.failures import Unavailable
from rules import ruc
from rules.ruc import Ruc
from rules.ruc_suggestions import suggestions
from rules.text import clean
from rules.vocabulary import ReceiverType, TaxpayerType

_FORGET_EVERY: Final = 3600.0  # seconds


class Status(StrEnum):
    FOUND = "FOUND"
    NOT_FOUND = "NOT_FOUND"
    INVALID = "INVALID"
    UNAVAILABLE = "UNAVAILABLE"


class Source(StrEnum):
    """Where a result comes from: an answer of the registry just now, a cached one, or the number itself."""

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
    INVALID        COMPUTED            or REGISTRY or CACHE, where the registry said that it is malformed
    UNAVAILABLE    CACHE               the taxpayer as the registry had it ``as_of`` an earlier time
    UNAVAILABLE    COMPUTED            the RUC; the type if it is certain, and then the DV if there is
                                       a rule for it
    =============  ==================  ============================================================

    ``ruc`` is None where the text is not a RUC. ``suggestions`` are RUCs that may have been meant.
    ``sandbox`` says that registry and cache have made-up answers.
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


class Consultar:
    """The look-up of one process. Enter it where Tortoise is set up, and leave it before that ends.

    All it does is for the current account. A fresh answer in the account's cache is used; otherwise the providers are
    asked, which takes time. So call ``look_up`` outside of transactions.

    While a caller waits for a provider, it is within the context that ``while_waiting`` gives.

    ``asks`` says whether there is a provider; without one, the look-up need not be entered. ``sandbox``
    says whether answers are made up.
    """

    def __init__(
        self,
        settings: Settings,
        while_waiting: Callable[[], AbstractAsyncContextManager[None]] = nullcontext,
    ) -> None:
        self.sandbox: Final = any(provider.sandbox for provider in settings.providers)
        self.asks: Final = bool(settings.providers)
        self.timeout: Final = settings.timeout
        self._settings = settings
        self._providers = Providers(settings)
        self._while_waiting = while_waiting

    async def __aenter__(self) -> Self:
        await self._providers.__aenter__()
        self._calls = SharedCalls(self._ask_and_store, self._settings.calls_of_account)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._calls.close()
        await self._providers.__aexit__(kind, error, trace)

    async def look_up(
        self,
        text: str | Ruc,
        dv: str | None = None,
        taxpayer_type: TaxpayerType | None = None,
        wait: float | None = None,
    ) -> Lookup:
        """Look a RUC up, typed or parsed. A DV, given or written after the RUC, may decide the taxpayer type.

        ``wait`` is how many seconds to wait for providers at most, 0 for not at all; it can't exceed the
        settings' ``timeout``, which is the default. Raises ``DailyLimitReached`` where the registry would have to be
        asked and the account may ask no more today, and the database's errors.
        """
        deadline = time.monotonic() + (self.timeout if wait is None else wait)
        result = await self._look_up(text, dv, taxpayer_type, deadline)
        metrics.LOOKUPS.labels(result.status, result.source).inc()
        return replace(result, sandbox=self.sandbox)

    async def confirms(self, number: Ruc, dv: str, taxpayer_type: TaxpayerType | None) -> bool:
        """Whether a cached answer of the account has this RUC with this DV, for this type or, without one, for any."""
        cached = await cache.read(number, [taxpayer_type] if taxpayer_type else TaxpayerType, sandbox=self.sandbox)
        return any(
            isinstance(each.answer, Found) and each.answer.dv == dv and each.age < self._settings.stale
            for each in cached.values()
        )

    async def keep_forgetting(self) -> None:
        """Delete answers of all accounts that are too old to be used, until cancelled."""
        used_for = max(self._settings.stale, self._settings.found_fresh, self._settings.not_found_fresh)

        async def work() -> float:
            return 0.0 if await cache.forget(used_for) else _FORGET_EVERY

        await run_forever("forgetting answers of the registry", work, pause=_FORGET_EVERY)

    async def _look_up(
        self, text: str | Ruc, dv: str | None, taxpayer_type: TaxpayerType | None, deadline: float
    ) -> Lookup:
        try:
            number = text if isinstance(text, Ruc) else ruc.parse(text)
        except ruc.InvalidRuc as error:
            return Lookup(Status.INVALID, suggestions=suggestions(error.text))
        try:
            typed_dv = clean(dv)
            dv = ruc.parse_dv(typed_dv) if typed_dv else number.written_dv
        except ruc.InvalidDv:
            return Lookup(Status.INVALID, ruc=number.canonical)
        if taxpayer_type and not number.admits(taxpayer_type):
            return Lookup(Status.INVALID, ruc=number.canonical)
        certain_type = taxpayer_type or _certain_type(number, dv)
        results = await self._find_results(number, certain_type, deadline)
        return self._conclude(number, certain_type, results, suggestions(number, dv))

    async def _find_results(
        self, number: Ruc, certain_type: TaxpayerType | None, deadline: float
    ) -> list["_TypeResult"]:
        """What is known for each type that the RUC can be of, until one has the taxpayer."""
        types = (certain_type,) if certain_type else number.readings or tuple(TaxpayerType)
        cached = await cache.read(number, types, sandbox=self.sandbox)
        results: list[_TypeResult] = []
        for each in types:
            # Where there was no answer for one type, the registry isn't asked about the other.
            may_ask = self.asks and all(result.is_current for result in results)
            results.append(await self._find_result(Question(number, each), cached.get(each), may_ask, deadline))
            if results[-1].is_current and results[-1].taxpayer:
                break
        return results

    async def _find_result(
        self, question: Question, cached: CachedAnswer | None, may_ask: bool, deadline: float
    ) -> "_TypeResult":
        if cached and cached.age < self._freshness(cached.answer):
            metrics.CACHE.labels("fresh").inc()
            return _TypeResult(question.taxpayer_type, Source.CACHE, cached)
        metrics.CACHE.labels("stale" if cached else "miss").inc()
        if may_ask:
            if not self._calls.is_under_way(question):
                await count_question(self._settings.daily_limit)
            async with self._while_waiting():
                new = await self._calls.fetch(question, deadline)
            if new:
                return _TypeResult(question.taxpayer_type, Source.REGISTRY, new)
        return _TypeResult(question.taxpayer_type, Source.COMPUTED, cached)

    def _freshness(self, answer: Answer) -> float:
        return self._settings.found_fresh if isinstance(answer, Found) else self._settings.not_found_fresh

    async def _ask_and_store(self, question: Question) -> CachedAnswer | None:
        """Ask the providers and store the answer; None without one."""
        try:
            provider, answer = await self._providers.ask(tenant.current_account(), question, self.timeout)
        except Unavailable:
            return None
        return await cache.store(question, answer, provider, sandbox=self.sandbox)

    def _conclude(
        self,
        number: Ruc,
        certain_type: TaxpayerType | None,
        results: Sequence["_TypeResult"],
        suggestions: tuple[str, ...],
    ) -> Lookup:
        for result in results:
            if result.is_current and result.taxpayer:
                return result.as_lookup(number, Status.FOUND, result.source)
        if all(result.is_current for result in results):
            first = results[0]
            is_invalid = all(result.cached and isinstance(result.cached.answer, Invalid) for result in results)
            return Lookup(
                Status.INVALID if is_invalid else Status.NOT_FOUND,
                first.source,
                number.canonical,
                taxpayer_type=certain_type,
                as_of=first.cached.asked_at if first.cached else None,
                suggestions=suggestions,
            )
        for result in results:
            if result.taxpayer and result.cached and result.cached.age < self._settings.stale:
                return replace(result.as_lookup(number, Status.UNAVAILABLE, Source.CACHE), suggestions=suggestions)
        dv = ruc.compute_dv(number, certain_type) if certain_type else None
        return Lookup(
            Status.UNAVAILABLE, ruc=number.canonical, dv=dv, taxpayer_type=certain_type, suggestions=suggestions
        )


def _certain_type(number: Ruc, dv: str | None) -> TaxpayerType | None:
    """The taxpayer type, if the RUC's form or the DV leaves no choice."""
    match ruc.check_dv(number, dv) if dv else None:
        case ruc.Match(taxpayer_type):
            return taxpayer_type
    return number.readings[0] if len(number.readings) == 1 else None


@dataclass(frozen=True)
class _TypeResult:
    """What is known of a RUC as that of a taxpayer of this type.

    With the source COMPUTED there was no fresh answer; ``cached`` may then be an older one.
    """

    taxpayer_type: TaxpayerType
    source: Source
    cached: CachedAnswer | None

    @property
    def is_current(self) -> bool:
        return self.source is not Source.COMPUTED

    @property
    def taxpayer(self) -> Found | None:
        return self.cached.answer if self.cached and isinstance(self.cached.answer, Found) else None

    def as_lookup(self, number: Ruc, status: Status, source: Source) -> Lookup:
        """The look-up with the taxpayer of this result, which must have one."""
        taxpayer = self.taxpayer
        assert taxpayer
        assert self.cached
        return Lookup(
            status,
            source,
            number.canonical,
            taxpayer.dv,
            self.taxpayer_type,
            taxpayer.receiver_type,
            taxpayer.name,
            taxpayer.electronic_invoicing,
            self.cached.asked_at,
        )
