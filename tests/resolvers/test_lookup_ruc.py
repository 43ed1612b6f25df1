"""lookupRuc."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from uuid import UUID

import pytest

from pac.sandbox.faults import Fault, special_ruc
from rules.calendar import PANAMA
from rules.vocabulary import Scope
from tests.builders import FINCA, change_customer, company, customer_id, taxpayer
from tests.conftest import Answer, Api
from tests.merging import merged
from tests.resolvers.conftest import Registry

BANK, BANK_DV = "280-134-61098", "02"  # published in the list of large taxpayers
INSURER, INSURER_DV = "2-221-78", "56"  # likewise; its text could be a cédula
NOBODY = "155596714-2-2015"

_LOOKUP = """
    query ($ruc: String!, $dv: String, $taxpayerType: TaxpayerType, $waitMs: Int) {
        lookupRuc(ruc: $ruc, dv: $dv, taxpayerType: $taxpayerType, waitMs: $waitMs) {
            status ruc dv taxpayerType receiverType name electronicInvoicing source asOf sandbox suggestions
            existingCustomer { id name location { province } }
        }
    }
"""


async def look_up(api: Api, ruc: str, **arguments: Any) -> Answer:
    answer: Answer = (await api.ask(_LOOKUP, ruc=ruc, **arguments))["lookupRuc"]
    return answer


async def ended(api: Api, ruc: str, **arguments: Any) -> tuple[str, str]:
    answer = await look_up(api, ruc, **arguments)
    return answer["status"], answer["source"]


# What is answered


async def test_a_published_taxpayer_is_found_however_its_ruc_is_written(client: Api) -> None:
    answer = await look_up(client, " 0280 - 134 - 61098 DV 2 ")
    as_of = datetime.fromisoformat(answer.pop("asOf"))
    assert abs(datetime.now(UTC) - as_of) < timedelta(minutes=1)
    assert answer == {
        "status": "FOUND",
        "ruc": BANK,
        "dv": BANK_DV,
        "taxpayerType": "JURIDICAL",
        "receiverType": None,
        "name": "BANCO GENERAL",
        "electronicInvoicing": True,
        "source": "REGISTRY",
        "sandbox": True,
        "suggestions": [],
        "existingCustomer": None,
    }
    assert await ended(client, BANK) == ("FOUND", "CACHE")


async def test_nobody_is_not_found_and_may_have_been_meant_otherwise(client: Api) -> None:
    answer = await look_up(client, "8-1-12607", dv="01")
    assert (answer["status"], answer["name"], answer["suggestions"]) == ("NOT_FOUND", None, ["8-NT-1-12607"])


@pytest.mark.parametrize(
    ("arguments", "ruc", "suggestions"),
    [
        ({"ruc": "no es"}, None, []),
        ({"ruc": "155724460-22022"}, None, ["155724460-2-2022"]),
        ({"ruc": BANK, "dv": "x"}, BANK, []),
        ({"ruc": BANK, "taxpayerType": "NATURAL"}, BANK, []),
    ],
)
async def test_what_is_no_ruc_is_invalid_and_asked_of_nobody(
    client: Api, registry: Registry, arguments: dict[str, str], ruc: str | None, suggestions: list[str]
) -> None:
    answer = await look_up(client, **arguments)
    assert (answer["status"], answer["source"], answer["ruc"]) == ("INVALID", "COMPUTED", ruc)
    assert answer["suggestions"] == suggestions
    assert registry.asked() == 0


async def test_a_ruc_that_leaves_the_type_open_is_settled_by_dv_type_or_registry(
    client: Api, registry: Registry
) -> None:
    for arguments in ({"dv": INSURER_DV}, {"taxpayerType": "JURIDICAL"}, {}):
        answer = await look_up(client, INSURER, **arguments)
        assert (answer["taxpayerType"], answer["dv"]) == ("JURIDICAL", INSURER_DV)
    assert await ended(client, INSURER, taxpayerType="NATURAL") == ("NOT_FOUND", "CACHE")
    assert registry.asked() == 2  # about the company, and about the person


async def test_without_an_answer_the_number_speaks_for_itself(client: Api, registry: Registry) -> None:
    await registry.go_down()
    answer = await look_up(client, BANK)
    assert (answer["status"], answer["source"]) == ("UNAVAILABLE", "COMPUTED")
    assert (answer["dv"], answer["taxpayerType"], answer["name"], answer["asOf"]) == (BANK_DV, "JURIDICAL", None, None)


async def test_without_an_answer_an_earlier_one_has_to_do(client: Api, registry: Registry) -> None:
    await look_up(client, BANK)
    await registry.let_pass(hours=25)
    await registry.go_down()
    answer = await look_up(client, BANK)
    assert (answer["status"], answer["source"], answer["name"]) == ("UNAVAILABLE", "CACHE", "BANCO GENERAL")
    assert datetime.fromisoformat(answer["asOf"]) < datetime.now(UTC) - timedelta(hours=24)


async def test_without_a_registry_nobody_is_asked(api: Api) -> None:
    answer = await look_up(api, INSURER, dv=INSURER_DV)
    assert (answer["status"], answer["source"], answer["sandbox"]) == ("UNAVAILABLE", "COMPUTED", False)
    assert (answer["dv"], answer["taxpayerType"]) == (INSURER_DV, "JURIDICAL")


async def test_a_key_that_may_only_read_may_look_up(client: Api) -> None:
    client.context.identity = Api(client.account_id, Scope.READ).context.identity
    assert await ended(client, BANK) == ("FOUND", "REGISTRY")


# The account's customer


async def test_the_active_customer_with_this_ruc_is_shown(client: Api) -> None:
    id = await customer_id(client, company(ruc=BANK, dv=BANK_DV, name="El banco"))
    shown = {"id": id, "name": "El banco", "location": {"province": "Panamá"}}
    assert (await look_up(client, BANK))["existingCustomer"] == shown
    await change_customer(client, id, status="ARCHIVED")
    assert (await look_up(client, BANK))["existingCustomer"] is None


async def test_the_ruc_of_a_merged_customer_shows_its_survivor(client: Api) -> None:
    survivor = await customer_id(client, taxpayer(name="La compañía"))
    bank = await customer_id(client, company(ruc=BANK, dv=BANK_DV, name="El banco"))
    choices = [{"field": "ruc", "customerId": survivor}]
    await merged(client, bank, into=survivor, choices=choices)
    assert (await look_up(client, BANK))["existingCustomer"]["id"] == survivor


async def test_a_person_and_a_company_with_the_same_text_are_told_apart(client: Api, registry: Registry) -> None:
    person = await customer_id(client, taxpayer(ruc=INSURER, taxpayerType="NATURAL", name="Ana Ríos"))
    assert (await look_up(client, INSURER, dv=INSURER_DV))["existingCustomer"] is None
    insurer = await customer_id(client, taxpayer(ruc=INSURER, taxpayerType="JURIDICAL", name="La compañía"))
    assert (await look_up(client, INSURER))["existingCustomer"]["id"] == insurer
    assert (await look_up(client, INSURER, taxpayerType="NATURAL"))["existingCustomer"]["id"] == person
    # Nobody answers which of the two it is: one of them.
    await registry.go_down()
    await registry.admin.execute("TRUNCATE registry_answer")
    assert (await look_up(client, INSURER))["existingCustomer"]["id"] in (person, insurer)


async def test_the_customer_of_a_finca_is_found_for_either_taxpayer_type(client: Api) -> None:
    id = await customer_id(client, taxpayer(ruc=FINCA))
    for type_ in (None, "NATURAL", "JURIDICAL"):
        assert (await look_up(client, FINCA, taxpayerType=type_))["existingCustomer"]["id"] == id


async def test_the_customer_of_another_account_is_not_shown(
    client: Api, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    await customer_id(Api(await new_account()), taxpayer(ruc=BANK))
    assert (await look_up(client, BANK))["existingCustomer"] is None


# Waiting


@pytest.mark.parametrize("wait", [-1, 2001])
async def test_a_wait_out_of_range_is_refused(client: Api, wait: int) -> None:
    response = await client.execute(_LOOKUP, ruc=BANK, waitMs=wait)
    assert [error["extensions"]["code"] for error in response["errors"]] == ["BAD_USER_INPUT"]
    assert response["errors"][0]["message"] == "waitMs must be between 0 and 2000."


@pytest.mark.parametrize("wait", [0, 100])
async def test_a_look_up_waits_no_longer_than_it_may(client: Api, registry: Registry, wait: int) -> None:
    registry.sandbox.fault = Fault.HANGING
    begin = time.monotonic()
    assert await ended(client, BANK, waitMs=wait) == ("UNAVAILABLE", "COMPUTED")
    assert wait / 1000 <= time.monotonic() - begin < wait / 1000 + 1


async def test_what_comes_too_late_is_kept_for_the_next(client: Api, registry: Registry) -> None:
    number = special_ruc(Fault.SLOW)
    assert await ended(client, number, waitMs=0) == ("UNAVAILABLE", "COMPUTED")
    for _ in range(100):
        if await ended(client, number, waitMs=0) == ("FOUND", "CACHE"):
            break
        await asyncio.sleep(0.02)
    assert await ended(client, number, waitMs=0) == ("FOUND", "CACHE")
    assert registry.asked() == 1


async def test_an_account_has_four_calls_at_once_and_leaves_others_theirs(
    client: Api, registry: Registry, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    registry.sandbox.fault = Fault.HANGING
    numbers = [f"{155600000 + number}-2-2015" for number in range(10)]
    ends = await asyncio.gather(*[ended(client, number, waitMs=400) for number in numbers])
    assert set(ends) == {("UNAVAILABLE", "COMPUTED")}
    assert registry.asked() == 4
    registry.sandbox.fault = None
    assert await ended(client, BANK, waitMs=50) == ("UNAVAILABLE", "COMPUTED")
    other = Api(await new_account())
    other.context.consultar = registry.consultar
    assert await ended(other, BANK) == ("FOUND", "REGISTRY")
    assert await ended(client, BANK, waitMs=0) == ("UNAVAILABLE", "COMPUTED")  # the answer is the other one's


async def test_whose_turn_it_is_not_yet_waits_for_it(client: Api, registry: Registry) -> None:
    registry.sandbox.latency = 0.05
    numbers = [f"{155600000 + number}-2-2015" for number in range(10)]
    ends = await asyncio.gather(*[ended(client, number) for number in numbers])
    assert set(ends) == {("NOT_FOUND", "REGISTRY")}


async def test_over_the_days_limit_an_account_is_told_when_to_go_on(client: Api, registry: Registry) -> None:
    registry.limit_to(1)
    assert await ended(client, BANK) == ("FOUND", "REGISTRY")
    for wait in (0, None):
        response = await client.execute(_LOOKUP, ruc=NOBODY, waitMs=wait)
        [error] = response["errors"]
        assert error["extensions"]["code"] == "RATE_LIMITED"
        until = datetime.fromisoformat(error["extensions"]["retryAt"])
        assert timedelta() < until - datetime.now(UTC) <= timedelta(days=1)
        assert until.astimezone(PANAMA).time() == time_of_day()
        assert error["message"].startswith("La cuenta ya hizo todas las consultas que puede hacer en un día: 1.")
    assert await ended(client, BANK) == ("FOUND", "CACHE")
    assert registry.asked() == 1
