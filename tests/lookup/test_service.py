"""Consultar: four outcomes, cached answers, shared calls, and what is left when no provider answers."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prometheus_client import REGISTRY
from structlog.processors import JSONRenderer, dict_tracebacks
from tortoise.transactions import in_transaction

from db import tenant
from lookup import cache
from lookup.daily_limit import DailyLimitReached
from lookup.service import Consultar, Lookup, Source, Status
from lookup.settings import Settings
from pac.sandbox.faults import Fault, special_ruc
from rules import ruc
from rules.vocabulary import TaxpayerType
from tests.lookup.conftest import CONTRACTS, OneAccounts
from tests.pac.conftest import Running

Make = Callable[..., Awaitable[OneAccounts]]

NATURAL, JURIDICAL = TaxpayerType.NATURAL, TaxpayerType.JURIDICAL
COMPANY = "155596713-2-2015"
NOBODY = "155596714-2-2015"


def facts(lookup: Lookup) -> tuple[Status, Source, str | None, str | None, TaxpayerType | None, str | None]:
    return lookup.status, lookup.source, lookup.ruc, lookup.dv, lookup.taxpayer_type, lookup.name


async def age(admin: Any, number: str, hours: float) -> None:
    """Let a cached answer grow older."""
    await admin.execute(
        "UPDATE registry_answer SET asked_at = asked_at - $1::interval WHERE ruc = $2", timedelta(hours=hours), number
    )


# The outcomes


async def test_a_company_is_found(consultar: Make) -> None:
    lookup = await (await consultar()).look_up(" 0155596713 - 2 - 2015 ")
    assert facts(lookup) == (
        Status.FOUND, Source.REGISTRY, COMPANY, "59", JURIDICAL, "EMPRESA DE EJEMPLO S.A."
    )  # fmt: skip
    assert (lookup.electronic_invoicing, lookup.receiver_type, lookup.sandbox) == (True, None, True)
    assert lookup.as_of is not None
    assert abs(datetime.now(UTC) - lookup.as_of) < timedelta(minutes=1)


async def test_an_unregistered_ruc_is_not_found(consultar: Make) -> None:
    lookup = await (await consultar()).look_up(NOBODY)
    assert facts(lookup) == (Status.NOT_FOUND, Source.REGISTRY, NOBODY, None, JURIDICAL, None)
    assert lookup.as_of is not None


@pytest.mark.parametrize(
    ("arguments", "number"),
    [
        (("PAS1311723564",), None),
        (("",), None),
        (("\x00",), None),
        (("8" * 10_000,), None),
        ((COMPANY, "5A"), COMPANY),
        ((COMPANY, "59", NATURAL), COMPANY),
        (("E-8-127702", None, JURIDICAL), "E-8-127702"),
    ],
)
async def test_an_invalid_ruc_is_refused_without_asking(
    consultar: Make, running: Running, arguments: tuple[Any, ...], number: str | None
) -> None:
    lookup = await (await consultar()).look_up(*arguments)
    assert facts(lookup) == (Status.INVALID, Source.COMPUTED, number, None, None, None)
    assert lookup.as_of is None
    assert not running.sandbox.calls


@pytest.mark.parametrize(
    ("arguments", "status", "suggestions"),
    [
        (("155724460-22022",), Status.INVALID, ("155724460-2-2022",)),
        (("8-1-12607", "01"), Status.NOT_FOUND, ("8-NT-1-12607",)),
        (("8-1-12607 DV 01",), Status.NOT_FOUND, ("8-NT-1-12607",)),
        (("1556557158-2-2017", "56"), Status.NOT_FOUND, ("155657158-2-2017",)),
        ((COMPANY, "95"), Status.FOUND, ()),
    ],
)
async def test_typical_damage_brings_suggestions(
    consultar: Make, arguments: tuple[Any, ...], status: Status, suggestions: tuple[str, ...]
) -> None:
    lookup = await (await consultar()).look_up(*arguments)
    assert (lookup.status, lookup.suggestions) == (status, suggestions)


# The taxpayer type


@pytest.mark.parametrize(
    ("arguments", "asked", "found"),
    [
        (("2-221-78",), ["1", "2"], JURIDICAL),
        (("2-221-78", "56"), ["2"], JURIDICAL),
        (("2-221-78 DV 56",), ["2"], JURIDICAL),
        (("2-221-78", "99"), ["1", "2"], JURIDICAL),
        (("2-221-78", None, NATURAL), ["1"], None),
        (("2-221-78", None, JURIDICAL), ["2"], JURIDICAL),
        (("8-NT-1-13656",), ["1", "2"], JURIDICAL),
        (("8-NT-1-24",), ["1"], NATURAL),
        (("8-123-456",), ["1"], NATURAL),
        (("8-123-457",), ["1", "2"], None),
        (("E-8-127703",), ["1"], None),
        (("8-30213562",), ["1", "2"], None),
        ((COMPANY,), ["2"], JURIDICAL),
    ],
)
async def test_both_types_are_asked_unless_one_is_certain(
    consultar: Make,
    running: Running,
    arguments: tuple[Any, ...],
    asked: list[str],
    found: TaxpayerType | None,
) -> None:
    lookup = await (await consultar()).look_up(*arguments)
    assert [taxpayer_type for _, taxpayer_type in running.sandbox.calls] == asked
    assert lookup.status is (Status.FOUND if found else Status.NOT_FOUND)
    if found:
        assert lookup.taxpayer_type is found


async def test_not_found_needs_the_word_on_both_types(consultar: Make, running: Running, admin: Any) -> None:
    service = await consultar()
    await service.look_up("8-123-457", None, NATURAL)
    running.sandbox.fault = Fault.CERTIFICATE
    lookup = await service.look_up("8-123-457")
    assert facts(lookup) == (Status.UNAVAILABLE, Source.COMPUTED, "8-123-457", None, None, None)


async def test_a_provider_that_does_not_answer_for_one_type_is_not_asked_for_the_other(
    consultar: Make, running: Running
) -> None:
    running.sandbox.fault = Fault.CERTIFICATE
    await (await consultar()).look_up("8-123-456")
    assert running.count_calls("8-123-456") == 1


async def test_a_cached_answer_for_the_other_type_counts(consultar: Make, running: Running) -> None:
    service = await consultar()
    await service.look_up("2-221-78", None, JURIDICAL)
    running.sandbox.fault = Fault.CERTIFICATE
    lookup = await service.look_up("2-221-78")
    assert facts(lookup) == (
        Status.FOUND, Source.CACHE, "2-221-78", "56", JURIDICAL, "COMPAÑIA INTERNACIONAL DE SEGUROS"
    )  # fmt: skip


# Cached answers


async def test_an_answer_is_asked_once_a_day(consultar: Make, running: Running, admin: Any) -> None:
    service = await consultar()
    for hours, source in [(0, Source.REGISTRY), (0, Source.CACHE), (23, Source.CACHE), (2, Source.REGISTRY)]:
        await age(admin, COMPANY, hours)
        lookup = await service.look_up(COMPANY)
        assert (lookup.status, lookup.source, lookup.name) == (Status.FOUND, source, "EMPRESA DE EJEMPLO S.A.")
    assert running.count_calls(COMPANY) == 2


async def test_not_found_is_asked_again_after_an_hour(consultar: Make, running: Running, admin: Any) -> None:
    service = await consultar()
    for hours, source in [(0, Source.REGISTRY), (0.9, Source.CACHE), (0.2, Source.REGISTRY)]:
        await age(admin, NOBODY, hours)
        lookup = await service.look_up(NOBODY)
        assert (lookup.status, lookup.source) == (Status.NOT_FOUND, source)
    assert running.count_calls(NOBODY) == 2


async def test_a_stale_answer_serves_while_the_provider_is_down(consultar: Make, running: Running, admin: Any) -> None:
    service = await consultar(rest=0.1)
    fresh = await service.look_up(COMPANY)
    await age(admin, COMPANY, 29 * 24)
    running.sandbox.fault = Fault.BROKEN
    stale = await service.look_up(COMPANY)
    assert facts(stale) == (Status.UNAVAILABLE, Source.CACHE, *facts(fresh)[2:])
    assert fresh.as_of
    assert stale.as_of == fresh.as_of - timedelta(days=29)
    assert stale.electronic_invoicing is True
    running.sandbox.fault = None
    await asyncio.sleep(0.1)
    assert (await service.look_up(COMPANY)).source is Source.REGISTRY


async def test_a_very_old_answer_serves_no_more(consultar: Make, running: Running, admin: Any) -> None:
    service = await consultar()
    await service.look_up(COMPANY)
    await age(admin, COMPANY, 31 * 24)
    running.sandbox.fault = Fault.BROKEN
    assert facts(await service.look_up(COMPANY)) == (
        Status.UNAVAILABLE, Source.COMPUTED, COMPANY, "59", JURIDICAL, None
    )  # fmt: skip


async def test_a_sandbox_answers_for_itself_only(consultar: Make, running: Running) -> None:
    await (await consultar()).look_up(COMPANY)
    lookup = await (await consultar(running.provider("hka-soap"))).look_up(COMPANY)
    assert (lookup.source, lookup.sandbox) == (Source.REGISTRY, False)


async def test_a_cached_answer_confirms_a_dv(consultar: Make, admin: Any) -> None:
    service = await consultar()
    number = ruc.parse(COMPANY)
    assert not await service.confirms(number, "59", None)
    await service.look_up(COMPANY)
    assert await service.confirms(number, "59", None)
    assert await service.confirms(number, "59", JURIDICAL)
    assert not await service.confirms(number, "59", NATURAL)
    assert not await service.confirms(number, "95", None)
    await age(admin, COMPANY, 31 * 24)
    assert not await service.confirms(number, "59", None)


# Nobody answers


@pytest.mark.parametrize(
    ("arguments", "dv", "taxpayer_type"),
    [
        ((COMPANY,), "59", JURIDICAL),
        ((COMPANY, "95"), "59", JURIDICAL),
        (("8-123-456",), None, None),
        (("8-123-456", "91"), "91", NATURAL),
        (("8-NT-1-13656", None, JURIDICAL), "43", JURIDICAL),
        (("8-30213562",), None, None),
        (("8-30213562", None, JURIDICAL), None, JURIDICAL),
        (("PE-1234-567",), None, NATURAL),
    ],
)
async def test_the_number_itself_says_something(
    consultar: Make, running: Running, arguments: tuple[Any, ...], dv: str | None, taxpayer_type: TaxpayerType | None
) -> None:
    running.sandbox.fault = Fault.CERTIFICATE
    lookup = await (await consultar()).look_up(*arguments)
    assert facts(lookup) == (Status.UNAVAILABLE, Source.COMPUTED, arguments[0], dv, taxpayer_type, None)
    assert lookup.as_of is None


@pytest.mark.parametrize(
    "fault", [fault for fault in Fault if fault not in (Fault.SLOW, Fault.HANGING, Fault.FLAPPING)]
)
@pytest.mark.parametrize("provider", ["hka-soap", "hka-rest"])
async def test_no_fault_gets_in_the_way(consultar: Make, running: Running, fault: Fault, provider: str) -> None:
    # Less than the seconds that the sandbox asks for in Retry-After, which would be waited for.
    service = await consultar(running.provider(provider), timeout=1.0)
    lookup = await service.look_up(special_ruc(fault))
    assert (lookup.status, lookup.source, lookup.taxpayer_type) == (Status.UNAVAILABLE, Source.COMPUTED, JURIDICAL)


async def test_a_flapping_provider_is_asked_again(consultar: Make) -> None:
    assert (await (await consultar()).look_up(special_ruc(Fault.FLAPPING))).status is Status.FOUND


@pytest.mark.parametrize("wait", [0.0, 0.1, 0.3])
async def test_a_provider_that_hangs_costs_what_the_caller_gives(consultar: Make, wait: float) -> None:
    service = await consultar()
    start = time.monotonic()
    lookup = await service.look_up(special_ruc(Fault.HANGING), wait=wait)
    assert wait <= time.monotonic() - start < wait + 3.0
    assert (lookup.status, lookup.source) == (Status.UNAVAILABLE, Source.COMPUTED)


async def test_a_provider_that_hangs_costs_no_more_than_the_timeout(consultar: Make) -> None:
    service = await consultar(timeout=0.2)
    start = time.monotonic()
    assert (await service.look_up(special_ruc(Fault.HANGING))).status is Status.UNAVAILABLE
    assert (await service.look_up(special_ruc(Fault.HANGING), wait=60.0)).status is Status.UNAVAILABLE
    assert time.monotonic() - start < 6.0


async def test_an_impatient_caller_leaves_the_answer_for_the_next(consultar: Make, running: Running) -> None:
    running.sandbox.latency = 0.1
    service = await consultar()
    assert (await service.look_up(COMPANY, wait=0.01)).status is Status.UNAVAILABLE
    assert (await service.look_up(COMPANY)).status is Status.FOUND
    assert running.count_calls(COMPANY) == 1


async def test_a_cancelled_caller_leaves_the_answer_for_the_next(consultar: Make, running: Running) -> None:
    running.sandbox.latency = 0.1
    service = await consultar()
    caller = asyncio.create_task(service.look_up(COMPANY))
    await asyncio.sleep(0.05)
    caller.cancel()
    assert (await service.look_up(COMPANY)).status is Status.FOUND
    assert running.count_calls(COMPANY) == 1


async def test_a_provider_that_is_down_fails_fast_and_leaves_no_trace(
    consultar: Make, running: Running, admin: Any
) -> None:
    running.sandbox.fault = Fault.CERTIFICATE
    service = await consultar(failures=1)
    await service.look_up(COMPANY)
    calls = running.sandbox.calls.total()
    start = time.monotonic()
    for _ in range(50):
        assert (await service.look_up(NOBODY)).status is Status.UNAVAILABLE
    assert (time.monotonic() - start) / 50 < 0.05
    assert running.sandbox.calls.total() == calls
    assert not await admin.fetchval("SELECT EXISTS (SELECT FROM registry_answer WHERE ruc = $1)", NOBODY)


async def test_without_a_provider_nothing_is_asked(admin: Any, account: UUID) -> None:
    async with Consultar(Settings()) as service:
        with tenant.acting_for(account):
            lookup = await service.look_up(COMPANY)
    assert facts(lookup) == (Status.UNAVAILABLE, Source.COMPUTED, COMPANY, "59", JURIDICAL, None)
    assert not await admin.fetchval("SELECT EXISTS (SELECT FROM registry_answer)")


# Accounts


async def test_what_one_account_asks_shows_in_nothing_that_another_sees(
    consultar: Make, running: Running, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    service, stranger = await consultar(), await new_account()
    await service.look_up(COMPANY)
    number = ruc.parse(COMPANY)
    with tenant.acting_for(stranger):
        assert not await Consultar.confirms(service, number, "59", None)
    # Neither without waiting, nor by a short wait, nor by a stale answer while no provider answers.
    assert facts(await service.of(stranger, COMPANY, wait=0))[:2] == (Status.UNAVAILABLE, Source.COMPUTED)
    running.sandbox.latency = 0.2
    other = await new_account()
    assert facts(await service.of(other, COMPANY, wait=0.05))[:2] == (Status.UNAVAILABLE, Source.COMPUTED)
    running.sandbox.fault = Fault.BROKEN
    assert facts(await service.of(await new_account(), COMPANY))[-1] is None
    assert running.count_calls(COMPANY) >= 3


async def test_an_account_whose_questions_fail_keeps_nobody_else_from_asking(
    consultar: Make, running: Running, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    service, attacker = await consultar(attempts=1), await new_account()
    running.sandbox.fault = Fault.CERTIFICATE
    for number in range(10):
        await service.of(attacker, f"{155000000 + number}-2-2015")
    assert running.sandbox.calls.total() == 5  # then it rests, for this account
    running.sandbox.fault = None
    assert (await service.of(attacker, COMPANY)).status is Status.UNAVAILABLE
    assert (await service.look_up(COMPANY)).status is Status.FOUND


async def test_a_ruc_that_fails_again_and_again_keeps_its_account_from_no_other_ruc(
    consultar: Make, running: Running
) -> None:
    service = await consultar(rest=0.05)
    odd = special_ruc(Fault.BROKEN)
    for _ in range(10):
        assert (await service.look_up(odd)).status is Status.UNAVAILABLE
        await asyncio.sleep(0.06)
    calls = running.count_calls(odd)
    assert calls > 5
    service = await consultar()
    for _ in range(10):
        assert (await service.look_up(odd)).status is Status.UNAVAILABLE
    assert running.count_calls(odd) - calls <= 3  # the attempts of one question
    assert (await service.look_up(COMPANY)).status is Status.FOUND


async def test_an_account_asks_so_many_questions_a_day(
    consultar: Make, running: Running, admin: Any, account: UUID, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    service, stranger = await consultar(daily_limit=3), await new_account()
    numbers = [f"{155600000 + number}-2-2015" for number in range(5)]
    for number in numbers[:3]:
        await service.look_up(number)
    with pytest.raises(DailyLimitReached) as caught:
        await service.look_up(numbers[3], wait=0)
    assert timedelta() < caught.value.until - datetime.now(UTC) <= timedelta(days=1)
    assert running.sandbox.calls.total() == 3
    assert (await service.look_up(numbers[0])).source is Source.CACHE  # which asks nobody
    assert (await service.of(stranger, numbers[3])).source is Source.REGISTRY
    await admin.execute("UPDATE lookup_count SET day = day - 1 WHERE account_id = $1", account)
    assert (await service.look_up(numbers[4])).source is Source.REGISTRY


async def test_many_questions_at_once_are_counted_one_by_one(consultar: Make, running: Running) -> None:
    service = await consultar(daily_limit=5)
    numbers = [f"{155600000 + number}-2-2015" for number in range(20)]
    ended = await asyncio.gather(*[service.look_up(number) for number in numbers], return_exceptions=True)
    assert sum(isinstance(each, DailyLimitReached) for each in ended) == 15
    assert running.sandbox.calls.total() == 5


# Several providers


async def test_the_next_provider_stands_in(consultar: Make, running: Running) -> None:
    wrong = running.provider("hka-rest", password="?")
    service = await consultar(wrong, running.provider("ebi-soap"))
    assert (await service.look_up(COMPANY)).status is Status.FOUND


async def test_a_hanging_provider_leaves_time_for_the_next(
    consultar: Make, running: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: Any) -> None:
        await asyncio.sleep(60)

    monkeypatch.setattr("lookup.hka.HkaRest.ask", hang)
    service = await consultar(running.provider("hka-rest"), running.provider("ebi-soap"), timeout=1.0)
    start = time.monotonic()
    assert (await service.look_up(COMPANY)).status is Status.FOUND
    assert 0.5 <= time.monotonic() - start < 1.0


async def test_a_ruc_that_one_provider_does_not_find_is_not_asked_of_the_next(
    consultar: Make, running: Running
) -> None:
    service = await consultar(running.provider("ebi-soap"), running.provider("hka-rest"))
    assert (await service.look_up(NOBODY)).status is Status.NOT_FOUND
    assert running.count_calls(NOBODY) == 1


# Anything typed


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.text() | st.from_regex(r"[0-9ENPAVIT]{1,9}(-[0-9NT]{1,6}){1,4}( ?DV ?[0-9]{1,2})?", fullmatch=True),
    st.none() | st.text(max_size=3),
    st.none() | st.sampled_from(TaxpayerType),
)
async def test_anything_typed_has_an_outcome(
    account: UUID, text: str, dv: str | None, taxpayer_type: TaxpayerType | None
) -> None:
    async with Consultar(Settings()) as consultar:
        with tenant.acting_for(account):
            lookup = await consultar.look_up(text, dv, taxpayer_type)
    assert lookup.status in (Status.INVALID, Status.UNAVAILABLE)


# Secrets


@pytest.mark.parametrize("name", CONTRACTS)
@pytest.mark.parametrize("mistake", [None, "lookup.hka.read_fields", "pac.http.post"])
async def test_secrets_stay_so_in_the_log_of_the_service(
    consultar: Make,
    running: Running,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    name: str,
    mistake: str | None,
) -> None:
    """Also where an adapter breaks, in the most talkative of all logs."""
    log = StringIO()
    talkative: list[Any] = [dict_tracebacks, JSONRenderer()]
    monkeypatch.setattr("pac.client.log", structlog.wrap_logger(structlog.PrintLogger(log), talkative))
    if mistake:
        monkeypatch.setattr(mistake, lambda *arguments: 1 / 0)
    service = await consultar(running.provider(name, "s3cr3t-us3r", "s3cr3t-p4ss"))
    with caplog.at_level(logging.DEBUG):
        assert (await service.look_up(COMPANY)).status is Status.UNAVAILABLE
    said = log.getvalue() + caplog.text
    assert "ZeroDivisionError" in said or "provider refuses us" in said
    assert "s3cr3t" not in said


# Shared calls


async def test_callers_of_one_process_share_a_call(consultar: Make, running: Running) -> None:
    running.sandbox.latency = 0.1
    service = await consultar()
    lookups = await asyncio.gather(*[service.look_up(COMPANY) for _ in range(200)])
    assert {lookup.status for lookup in lookups} == {Status.FOUND}
    assert running.count_calls(COMPANY) == 1
    assert not service._calls._calls


async def test_a_call_takes_no_part_in_the_callers_transaction(consultar: Make, running: Running, admin: Any) -> None:
    """Not that one should, but a mistake there must not hurt those who share the call."""
    service = await consultar()

    async def undone() -> None:
        with tenant.acting_for(service.account):
            async with in_transaction():
                assert (await service.look_up(COMPANY)).status is Status.FOUND
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await undone()
    assert (await service.look_up(COMPANY)).source is Source.CACHE


async def test_closing_ends_calls_under_way(running: Running, admin: Any, account: UUID) -> None:
    async with Consultar(Settings((running.provider(),))) as service:
        with tenant.acting_for(account):
            await service.look_up(special_ruc(Fault.HANGING), wait=0.05)
        [call] = service._calls._calls.values()
    assert call.cancelled()


async def test_the_databases_errors_are_told(consultar: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise TimeoutError

    service = await consultar()
    monkeypatch.setattr(cache, "store", fail)
    with pytest.raises(TimeoutError):
        await service.look_up(COMPANY)
    assert not service._calls._calls


async def test_look_ups_are_counted(consultar: Make) -> None:
    def counted(name: str, **labels: str) -> float:
        return REGISTRY.get_sample_value(name, labels) or 0.0

    def values() -> list[float]:
        return [
            counted("istmo_lookups_total", status="FOUND", source="CACHE"),
            counted("istmo_registry_cache_total", result="miss"),
            counted("istmo_registry_cache_total", result="fresh"),
        ]

    before = values()
    service = await consultar()
    for _ in range(3):
        await service.look_up(COMPANY)
    assert [late - early for early, late in zip(before, values(), strict=True)] == [2, 1, 2]
