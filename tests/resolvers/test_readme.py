"""The README's requests get the answers that it prints."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import CHECKOUT, Answer, Api
from tests.emitting import hearing, join_sandbox, sending
from tests.resolvers.conftest import Registry

README = (CHECKOUT / "README.md").read_text(encoding="utf-8")
_REQUEST = re.compile(r"""(?: -d '(\{.*?\})'\n|<<'JSON'\n(.*?)\nJSON\n)```\n```json\n(.*?)\n```""", re.DOTALL)
_ANSWER = re.compile(r"```json\n(.*?)\n```", re.DOTALL)
EXAMPLES = [(json.loads(one or other), json.loads(answer)) for one, other, answer in _REQUEST.findall(README)]
FIRST, INVOICE, LOOK_UP, COMPLETE = EXAMPLES


_CHANGING = re.compile(r"(FE0120000999999101-2-2026-810000)\d{8}(0000000001001012)\d{10}")  # day, code of security, DV


@pytest.fixture
async def example(
    new_account: Callable[..., Awaitable[UUID]], registry: Registry, database_url: str
) -> AsyncIterator[Api]:
    """A client of the account that the first start creates, whose invoices go to a sandbox."""
    api = Api(await new_account("Empresa Ejemplar"))
    await join_sandbox(api)
    api.context.consultar = registry.consultar
    async with sending(database_url), hearing(api, database_url):
        yield api


def without_cufe(answer: Answer) -> Answer:
    """The answer without what is another each time."""
    same: Answer = json.loads(_CHANGING.sub(r"\1…\2…", json.dumps(answer)))
    return same


async def answer(api: Api, request: dict[str, Any]) -> Answer:
    return await api.execute(request["query"], **request.get("variables", {}))


@pytest.mark.parametrize(("request_", "printed"), EXAMPLES, ids=["first query", "invoice", "look-up", "completed"])
async def test_a_request_gets_the_answer_that_is_printed(example: Api, request_: Any, printed: Answer) -> None:
    assert without_cufe(await answer(example, request_)) == without_cufe(printed)


async def test_the_refusals_are_those_that_are_printed(example: Api) -> None:
    request = json.loads(json.dumps(INVOICE[0]))
    request["variables"]["customer"]["dv"] = "95"
    request["variables"]["input"]["lines"][0]["quantity"] = "-3"
    answers = [json.loads(text) for text in _ANSWER.findall(README)]
    (printed,) = [each for each in answers if (each["data"].get("createInvoice") or {}).get("userErrors")]
    assert await answer(example, request) == printed
