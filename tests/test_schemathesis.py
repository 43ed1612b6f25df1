"""Random operations that fit the schema, queries and mutations: data, refusals and coded errors come of them."""

import os
import random
import re
from collections import Counter
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from schemathesis.core.result import Ok
from schemathesis.graphql import scalar
from tortoise.context import TortoiseContext

from bench.hostile.answers import judged
from db import tenant
from resolvers import accounts
from rules.vocabulary import Scope
from tests.builders import create_invoice, invoice, line, taxpayer
from tests.conftest import CHECKOUT, Api
from tests.service.test_server import Site
from tests.transport.test_rate_limit import site_with

OPERATIONS = int(os.environ.get("ISTMO_SOAK_OPERATIONS", "200"))

scalar("Decimal", st.decimals(allow_nan=True).map(lambda number: nodes.String(str(number))))
scalar("Date", (st.dates().map(str) | st.just("2026-13-01")).map(nodes.String))
scalar("DateTime", (st.datetimes().map(lambda moment: f"{moment.isoformat()}Z") | st.just("now")).map(nodes.String))
SCHEMA = schemathesis.graphql.from_path(CHECKOUT / "schema.graphql")
STRATEGIES = [found.ok().as_strategy() for found in SCHEMA.get_all_operations() if isinstance(found, Ok)]

# Random text is nobody's id: every other one is made one of these.
_ID = re.compile(r'\b(\w*[iI]d): (?:\d+|"(?:[^"\\]|\\.)*")')


class Asked(NamedTuple):
    site: Site
    ids: list[str]
    outcomes: Counter[str]


@pytest.fixture
async def asked(api: Api, service: TortoiseContext, database_url: str) -> AsyncIterator[Asked]:
    """A server, its client with a key for everything, and ids of customers, drafts and invoices."""
    ids = []
    for number in range(4):
        made = await create_invoice(api, invoice(line(), issue=number % 2 == 0), newCustomer=taxpayer())
        ids += [made["invoice"]["id"], made["customer"]["id"]]
    with tenant.acting_for(api.account_id):
        _, key = await accounts.create_key("Azar", Scope.ADMIN, None)
    async with site_with(database_url, key, rate_limit=0) as site:
        yield (asked := Asked(site, ids, Counter()))
    assert asked.outcomes.total() >= OPERATIONS
    assert asked.outcomes["data"] > OPERATIONS / 10


@settings(
    max_examples=OPERATIONS,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(case=st.one_of(STRATEGIES), seed=st.integers())
async def test_nothing_but_data_and_coded_errors_comes_of_random_operations(
    asked: Asked, case: schemathesis.Case[Any], seed: int
) -> None:
    chance = random.Random(seed)

    def some_id(found: re.Match[str]) -> str:
        return f'{found[1]}: "{chance.choice(asked.ids)}"' if chance.random() < 0.5 else found[0]

    reply = await asked.site.post(_ID.sub(some_id, str(case.body)))
    asked.outcomes[judged(reply.status, reply.body)] += 1
