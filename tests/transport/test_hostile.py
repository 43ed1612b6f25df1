"""What hostile clients send, and what scanners such as graphql-cop look for.

bench/hostile sends the same for longer, while others are served.
"""

import io
import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

import aiohttp
import pytest

from bench.hostile.answers import judged
from bench.hostile.attacker import request
from bench.hostile.bodies import BODIES
from bench.hostile.documents import DOCUMENTS
from tests.service.test_server import Site
from tests.transport.test_rate_limit import key, site_with

__all__ = ["key"]

JSON = {"Content-Type": "application/json"}
VIEWER = "{ viewer { scope } }"


@pytest.fixture(scope="module")
async def production(database_url: str) -> AsyncIterator[Site]:
    async with site_with(database_url, "", profile="production", rate_limit=0) as site:
        yield site


@pytest.fixture
def site(production: Site, key: str) -> Site:
    """The server as it is run for the public, and a client with a key of its own."""
    return Site(production.url, production.app, production.session, key)


@pytest.mark.parametrize("case", DOCUMENTS)
async def test_a_hostile_document_is_answered_as_any_other(site: Site, case: str) -> None:
    reply = await site.request("POST", data=request(DOCUMENTS[case]), headers=JSON)
    judged(reply.status, reply.body)
    assert len(reply.body) < 10_000


@pytest.mark.parametrize("case", BODIES)
async def test_a_malformed_request_is_answered_as_any_other(site: Site, case: str) -> None:
    reply = await site.request("POST", data=io.BytesIO(BODIES[case]), headers=JSON)
    judged(reply.status, reply.body)
    assert len(reply.body) < 10_000


async def test_ten_megabytes_are_not_read(site: Site) -> None:
    reply = await site.request("POST", data=io.BytesIO(b" " * 10_000_000), headers=JSON)
    assert (reply.status, reply.codes) == (413, ["PAYLOAD_TOO_LARGE"])


# The checks of graphql-cop, by its names


async def test_alias_overloading(site: Site) -> None:
    reply = await site.post("{" + " ".join(f"alias{n}: __typename" for n in range(101)) + "}")
    assert reply.codes == ["LIMIT_EXCEEDED"]


async def test_array_based_query_batching(site: Site) -> None:
    reply = await site.request("POST", json=[{"query": VIEWER}] * 10)
    assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


async def test_directive_overloading(site: Site) -> None:
    reply = await site.post("{ __typename " + "@aa" * 10 + " }")
    assert reply.codes == ["LIMIT_EXCEEDED"]


async def test_field_duplication(site: Site) -> None:
    reply = await site.post("{ viewer {" + " scope" * 200 + " } }")
    assert reply.json["data"] == {"viewer": {"scope": "ADMIN"}}
    assert len((await site.post("{ viewer {" + " scope" * 500 + " } }")).codes) == 1  # too many to compare


async def test_introspection_and_introspection_based_circular_query(site: Site) -> None:
    for query in ("{ __schema { types { name } } }", DOCUMENTS["circular introspection"]):
        assert set((await site.post(query)).codes) <= {"FORBIDDEN", "LIMIT_EXCEEDED"}


async def test_field_suggestions(site: Site) -> None:
    reply = await site.post("{ customer_ { id } viewr { scope } }")
    assert reply.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert b"viewer" not in reply.body


async def test_mutation_is_not_allowed_over_get(site: Site) -> None:
    mutation = 'mutation { createBillingPoint(code: "777") { userErrors { code } } }'
    reply = await site.request("GET", "/graphql?" + urlencode({"query": mutation}))
    assert (reply.status, reply.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert b"777" not in (await site.post("{ viewer { account { billingPoints { code } } } }")).body


@pytest.mark.parametrize(
    "form",
    [
        {"data": urlencode({"query": VIEWER}), "headers": {"Content-Type": "application/x-www-form-urlencoded"}},
        {"data": json.dumps({"query": VIEWER}), "headers": {"Content-Type": "text/plain"}},
        {"data": aiohttp.FormData({"query": VIEWER}, default_to_multipart=True)},
    ],
    ids=["urlencoded", "text", "multipart"],
)
async def test_a_form_of_another_site_posts_nothing(site: Site, form: dict[str, Any]) -> None:
    assert (await site.request("POST", **form)).status == 415


async def test_trace_mode_and_debug_mode(site: Site) -> None:
    reply = await site.request("POST", "/graphql?debug=1", json={"query": VIEWER}, headers={"X-Apollo-Tracing": "1"})
    assert set(reply.json["extensions"]) == {"cost"}


@pytest.mark.parametrize("path", ["/graphql", "/graphiql", "/playground", "/console", "/altair", "/graphql/console"])
async def test_graphiql_detection(site: Site, path: str) -> None:
    reply = await site.get(path, Accept="text/html")
    assert not any(word in reply.body.lower() for word in (b"graphiql", b"graphql playground", b"altair"))


async def test_unhandled_error_detection(site: Site) -> None:
    reply = await site.post("qwerty cop { abc }")
    assert reply.codes == ["GRAPHQL_PARSE_FAILED"]
    assert not any(word in reply.body for word in (b"Traceback", b"exception", b".py"))
