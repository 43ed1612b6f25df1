"""Random documents over random data: the projected answer is the ordinary one, to the byte."""

import os
import random

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from tests.projection import toys
from tests.projection.conftest import Api
from tests.projection.documents import Embellisher
from tests.projection.oracle import SCHEMA, Data

DOCUMENTS = int(os.environ.get("ISTMO_SOAK_DOCUMENTS", "500"))
SEEDS = range(5) if DOCUMENTS <= 500 else [random.SystemRandom().randrange(2**32) for _ in range(20)]
VARIANTS = 4  # of each document from hypothesis-graphql


@pytest.fixture(params=SEEDS)
async def data(api: Api, request: pytest.FixtureRequest) -> Data:
    return await api.fill(request.param)


@settings(
    max_examples=-(-DOCUMENTS // len(SEEDS) // VARIANTS),
    deadline=None,
    database=None,
    phases=[Phase.generate],  # a document made larger by chance doesn't shrink
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.function_scoped_fixture],
)
@given(
    text=queries(toys.schema.as_str(), custom_scalars={"Cursor": st.just(nodes.String(""))}),
    throws=st.lists(st.integers(0, 2**32), min_size=VARIANTS, max_size=VARIANTS),
)
async def test_random_documents_are_answered_as_by_ordinary_execution(
    api: Api, data: Data, text: str, throws: list[int]
) -> None:
    for throw in throws:
        embellisher = Embellisher(SCHEMA, random.Random(throw), data.ids(), data.cursors())
        document, variables = embellisher.document(text)
        await api.same(document, **variables)
        # The same document once more, in another shape.
        await api.same(document, **{k: not v if isinstance(v, bool) else v for k, v in variables.items()})
