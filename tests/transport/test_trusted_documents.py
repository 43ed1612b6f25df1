"""Documents that clients send by their hash, from the manifest to the answer."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import pytest
from click.testing import CliRunner

import service.app
from rules.vocabulary import Scope
from service.commands import main
from tests.conftest import Answer
from tests.service.test_commands import istmo, without_ours
from tests.service.test_server import GRAPHQL, JSON, Reply, Site, keys
from tests.transport.test_limits import within
from tests.transport.test_rate_limit import site_with
from transport import trusted_documents
from transport.websocket import PROTOCOL

__all__ = ["keys"]

NAMED = "query Lugar($code: String!) { location(code: $code) { corregimiento } }"
RENAME = "mutation Nombre($name: String!) { updateAccount(input: {name: $name}) { userErrors { code } } }"
SEVERAL = "query Uno { one: __typename } query Dos { two: __typename }"
UNKNOWN = "sha256:" + "0" * 64


def hashed(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def manifest(folder: Path, *texts: str, **entries: Any) -> str:
    file = folder / "documents.json"
    file.write_text(json.dumps({hashed(text): text for text in texts} | entries))
    return str(file)


@pytest.fixture(scope="module")
async def added(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    file = manifest(tmp_path_factory.mktemp("manifest"), NAMED, RENAME, SEVERAL)
    done = await istmo("trusted-documents", "add", file, DATABASE_URL=database_url)
    assert (done.code, done.err) == (0, "")


@pytest.fixture
async def site(database_url: str, keys: dict[Scope, str], added: None) -> AsyncIterator[Site]:
    """A server that executes trusted documents as well as others."""
    async with site_with(database_url, keys[Scope.ADMIN]) as made:
        yield made


@pytest.fixture
async def strict(database_url: str, keys: dict[Scope, str], added: None) -> AsyncIterator[Site]:
    """A server that executes nothing else."""
    async with site_with(database_url, keys[Scope.ADMIN], trusted_documents="only") as made:
        yield made


@pytest.fixture(params=["also", "only"])
async def either(
    database_url: str, keys: dict[Scope, str], added: None, request: pytest.FixtureRequest
) -> AsyncIterator[Site]:
    async with site_with(database_url, keys[Scope.ADMIN], trusted_documents=request.param) as made:
        yield made


async def post(site: Site, accept: str = JSON, **body: Any) -> Reply:
    return await site.request("POST", json=body, headers={"Accept": accept})


# Sending them


async def test_a_trusted_document_is_executed_by_its_id(either: Site) -> None:
    variables = {"code": "8-8-7"}
    for id in (f"sha256:{hashed(NAMED)}", hashed(NAMED)):
        apollo = {"persistedQuery": {"version": 1, "sha256Hash": id}}
        for reply in (
            await post(either, documentId=id, variables=variables),
            await post(either, documentId=id, operationName="Lugar", variables=variables, query=None),
            await either.request("GET", params={"documentId": id, "variables": json.dumps(variables)}),
            await post(either, extensions=apollo, variables=variables),
        ):
            assert (reply.status, reply.data) == (200, {"location": {"corregimiento": "Bella Vista"}})


async def test_an_operation_of_a_document_is_chosen_by_its_name(strict: Site) -> None:
    for name, data in (("Uno", {"one": "Query"}), ("Dos", {"two": "Query"})):
        assert (await post(strict, documentId=hashed(SEVERAL), operationName=name)).data == data
    assert (await post(strict, documentId=hashed(SEVERAL))).codes == ["BAD_USER_INPUT"]


async def test_a_trusted_mutation_comes_by_post_only(strict: Site) -> None:
    variables = {"name": "Otra, S.A."}
    reply = await strict.request("GET", params={"documentId": hashed(RENAME), "variables": json.dumps(variables)})
    assert (reply.status, reply.codes) == (405, ["METHOD_NOT_ALLOWED"])
    assert (await post(strict, documentId=hashed(RENAME), variables=variables)).data == {
        "updateAccount": {"userErrors": []}
    }


async def test_an_unknown_id_is_told(either: Site) -> None:
    of_named = hashed(NAMED)
    for id in (
        UNKNOWN,
        "0" * 64,
        "x",
        "md5:" + "0" * 32,
        f"sha256:{of_named.upper()}",
        f"sha256:sha256:{of_named}",
        "ñ\0",
    ):
        for accept, status in ((JSON, 200), (GRAPHQL, 400)):
            reply = await post(either, accept, documentId=id)
            assert (reply.status, reply.codes) == (status, ["PERSISTED_QUERY_NOT_FOUND"])
            assert set(reply.json) == {"errors"}
        persisted = {"persistedQuery": {"version": 1, "sha256Hash": id}}
        assert (await post(either, extensions=persisted)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


async def test_a_text_is_executed_as_well(site: Site) -> None:
    assert (await post(site, query="{ __typename }")).data == {"__typename": "Query"}


async def test_no_text_is_executed_where_only_trusted_documents_are(strict: Site) -> None:
    for query in ("{ __typename }", NAMED, "{"):
        for accept, status in ((JSON, 200), (GRAPHQL, 400)):
            reply = await post(strict, accept, query=query, variables={"code": "8-8-7"})
            assert (reply.status, reply.codes) == (status, ["FORBIDDEN"])


async def test_a_text_beside_a_hash_is_not_kept_under_it(either: Site) -> None:
    """What Apollo calls automatic persisted queries."""
    query = "{ viewer { scope } }"
    persisted = {"persistedQuery": {"version": 1, "sha256Hash": hashed(query)}}
    assert (await post(either, query=query, extensions=persisted)).codes in ([], ["FORBIDDEN"])
    assert (await post(either, extensions=persisted)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


NO_REQUESTS: list[dict[str, Any]] = [
    {"query": "{ __typename }", "documentId": UNKNOWN},
    {"documentId": 7},
    {"documentId": ""},
    {"documentId": None},
    {"extensions": {"persistedQuery": hashed(NAMED)}},
    {"extensions": {"persistedQuery": {"sha256Hash": 7}}},
    {"extensions": {"persistedQuery": None}},
]


async def test_what_names_no_document_is_no_request(site: Site) -> None:
    for body in NO_REQUESTS:
        reply = await post(site, **body)
        assert (reply.status, reply.codes) == (400, ["BAD_REQUEST"])


@asynccontextmanager
async def socket_to(site: Site) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
    async with site.session.ws_connect(site.url + "/graphql", protocols=[PROTOCOL]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"Authorization": f"Bearer {site.key}"}})
        assert await socket.receive_json(timeout=20) == {"type": "connection_ack"}
        yield socket


async def over(socket: aiohttp.ClientWebSocketResponse, **payload: Any) -> Answer:
    await socket.send_json({"type": "subscribe", "id": "1", "payload": payload})
    message: Answer = await socket.receive_json(timeout=20)
    if message["type"] == "next":
        assert await socket.receive_json(timeout=20) == {"type": "complete", "id": "1"}
    return message


async def test_documents_are_sent_by_their_ids_over_a_websocket_too(either: Site) -> None:
    async with socket_to(either) as socket:
        message = await over(socket, documentId=f"sha256:{hashed(NAMED)}", variables={"code": "8-8-7"})
        assert message["payload"]["data"] == {"location": {"corregimiento": "Bella Vista"}}
        assert message["payload"]["extensions"] == {"cost": {"requested": 1, "maximum": 10_000}}
        message = await over(socket, documentId=UNKNOWN)
        assert message["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"


async def test_no_text_is_executed_over_a_websocket_either(strict: Site) -> None:
    async with socket_to(strict) as socket:
        message = await over(socket, query="{ __typename }")
        assert (message["type"], message["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


async def test_trusted_documents_have_the_limits_of_any_other(
    database_url: str, keys: dict[Scope, str], added: None
) -> None:
    async with site_with(database_url, keys[Scope.ADMIN], trusted_documents="only", max_depth=1) as tight:
        assert (await post(tight, documentId=hashed(NAMED), variables={"code": "8-8-7"})).codes == ["LIMIT_EXCEEDED"]


async def test_the_documents_of_the_pages_are_trusted_with_them(
    database_url: str, keys: dict[Scope, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "query Paginas { viewer { scope } }"
    (tmp_path / "persisted-documents.json").write_text(json.dumps({f"sha256:{hashed(text)}": text}))
    monkeypatch.setattr(service.app, "DIST", tmp_path)
    async with site_with(database_url, keys[Scope.ADMIN], trusted_documents="only") as strict:
        assert (await post(strict, documentId=f"sha256:{hashed(text)}")).data == {"viewer": {"scope": "ADMIN"}}
        assert (await post(strict, documentId=UNKNOWN)).codes == ["PERSISTED_QUERY_NOT_FOUND"]


# Adding and removing them


async def documents(*arguments: str, url: str) -> str:
    """What a command that succeeds prints; it runs in a thread, as a process takes seconds to begin."""
    environment = {**without_ours(), "DATABASE_URL": url}
    result = await asyncio.to_thread(CliRunner().invoke, main, ["trusted-documents", *arguments], env=environment)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.fixture
async def forgetful(
    database_url: str, keys: dict[Scope, str], added: None, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    """A server that remembers documents for a moment only."""
    monkeypatch.setattr(trusted_documents, "CACHED_FOR", 0.05)
    async with site_with(database_url, keys[Scope.ADMIN]) as made:
        yield made


async def test_a_document_works_while_the_server_runs_from_when_it_is_added_until_it_is_removed(
    forgetful: Site, database_url: str, tmp_path: Path
) -> None:
    site = forgetful
    text = "query Nueva { viewer { scope } }"
    id = f"sha256:{hashed(text)}"
    assert (await post(site, documentId=id)).codes == ["PERSISTED_QUERY_NOT_FOUND"]

    file = manifest(tmp_path, NAMED, **{id: text})
    assert await documents("add", file, url=database_url) == "documents added: 1; there already: 1\n"
    assert await documents("add", file, url=database_url) == "documents added: 0; there already: 2\n"
    assert (await post(site, documentId=id)).data == {"viewer": {"scope": "ADMIN"}}
    listed = await documents("list", url=database_url)
    assert [line for line in listed.splitlines() if line.startswith(id) and line.endswith("query Nueva")]
    assert f"sha256:{hashed(SEVERAL)}" in listed
    assert "query Uno, query Dos" in listed

    assert await documents("remove", id, UNKNOWN, url=database_url) == "documents removed: 1\n"
    assert id not in await documents("list", url=database_url)
    await asyncio.sleep(0.1)
    assert (await post(site, documentId=id)).codes == ["PERSISTED_QUERY_NOT_FOUND"]
    assert (await post(site, documentId=hashed(NAMED), variables={"code": "8-8-7"})).status == 200


WRONG: dict[str, tuple[str | bytes, str]] = {
    "no JSON": ("{", "Error: The file is not JSON: see line 1, column 2.\n"),
    "no JSON further on": ('{\n  "ñ": "x",\n  "y" 1}', "Error: The file is not JSON: see line 3, column 7.\n"),
    "no UTF-8": (b'{\n "\xc3\xb1\xff": ""}', "Error: The file is not UTF-8 text: see line 2, column 4.\n"),
    "too long a number": ("9" * 5000, "one JSON object"),
    "too deep a list": ("[" * 100_000, "one JSON object"),
    "no object": ("[]", "one JSON object"),
    "the form of another tool": ('{"format": "x", "operations": []}', "one JSON object"),
    "another text's hash": (json.dumps({hashed("{ a }"): "{ b }"}), "not the SHA-256"),
    "another kind of hash": (json.dumps({"d41d8cd98f00b204e9800998ecf8427e": "{ __typename }"}), "not the SHA-256"),
    "an upper-case hash": (json.dumps({hashed(NAMED).upper(): NAMED}), "not the SHA-256"),
    "half a character": ('{"x": "\\ud800"}', "not the SHA-256"),
    "a NUL": ('{"x": "{ __typename } # \\u0000"}', "not the SHA-256"),
}
WRONG_DOCUMENTS = {
    "no GraphQL": ("{", "Syntax Error"),
    "nothing to execute": ("fragment F on Query { __typename }", "operation"),
    "a field that there is not": ("{ nothing }", "nothing"),
    "a fault in the second operation": ("query A { __typename } query B { nothing }", "nothing"),
    "too deep": (f"{{ customer(id: 1) {within('invoices', 'edges', 'node', 'customer', times=4)} }}", "depth"),
}


def manifests() -> Iterator[Any]:
    for case, (content, said) in WRONG.items():
        yield pytest.param(content, said, id=case)
    for case, (text, said) in WRONG_DOCUMENTS.items():
        yield pytest.param(json.dumps({hashed(NAMED): NAMED, hashed(text): text}), said, id=case)


@pytest.mark.parametrize(("content", "said"), list(manifests()))
def test_a_manifest_with_a_fault_is_refused_before_any_of_it_is_added(
    tmp_path: Path, content: str | bytes, said: str
) -> None:
    file = tmp_path / "documents.json"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    unreachable = {**without_ours(), "DATABASE_URL": "postgresql://127.0.0.1:1/nowhere"}
    result = CliRunner().invoke(main, ["trusted-documents", "add", str(file)], env=unreachable)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "reached" not in result.stderr
    assert "Traceback" not in result.stderr


async def test_the_database_itself_takes_no_text_under_anothers_hash(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    with pytest.raises(asyncpg.CheckViolationError):
        await connection.execute("INSERT INTO trusted_document (hash, text) VALUES ($1, 'x')", hashed("y"))
    await connection.execute("INSERT INTO trusted_document (hash, text) VALUES ($1, 'ñ')", hashed("ñ"))
    await connection.execute("DELETE FROM trusted_document WHERE text = 'ñ'")
    await connection.close()
