"""The examples of the README, of docs/emission.md and of docs/sandbox.md work as they stand there.

The README's requests with their answers are in ``tests/resolvers/test_readme.py``.
"""

import asyncio
import json
import re
import shlex
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from textwrap import dedent
from typing import Any
from uuid import UUID

import aiohttp
import asyncpg
from aiohttp import web
from aiohttp.test_utils import TestServer
from graphql import GraphQLError, parse, validate

from db import models
from emission import checks
from emission.compose import read_document
from pac.cipher import Cipher
from pac.sandbox.knobs import Knobs
from resolvers.pac_settings import NewCredentials, set_credentials
from rules.vocabulary import BlockedReason
from schema import schema
from tests.builders import taxpayer
from tests.conftest import CHECKOUT, Api
from tests.emission.conftest import Bench
from tests.pac.hka.fake import run_fake, says
from tests.resolvers.test_fiscal import blocked
from tests.service.test_commands import COMMAND, LIMIT, ask, environment, invoke_in_thread, istmo, started
from tests.service.test_pac import KEY

_BLOCK = re.compile(r"^ *```(\w*)\n(.*?)\n *```$", re.MULTILINE | re.DOTALL)
_CURL = re.compile(r"^curl .*? http://127\.0\.0\.1:8090(\S+) -d '(.*?)'$", re.MULTILINE | re.DOTALL)


def blocks(page: str) -> list[tuple[str, str]]:
    """Language and text of each fenced block."""
    found = _BLOCK.findall((CHECKOUT / page).read_text(encoding="utf-8"))
    return [(language, dedent(text)) for language, text in found]


_TOKENS = {"user": "empresa-1234", "password": "clave-secreta"}
_FILES, _OPERATING, _COMMANDS, _ACCOUNT, _FISCAL, _CARRYING = blocks("docs/emission.md")
_SANDBOX, _CALLS = blocks("docs/sandbox.md")


def test_each_block_is_one_that_is_tried_here() -> None:
    assert (_FILES[0], _OPERATING[0], _COMMANDS[0], _ACCOUNT[0], _CARRYING[0]) == ("sql", "", "", "", "")
    assert _FISCAL[0] == "graphql"
    assert (_SANDBOX[0], _CALLS[0]) == ("", "")
    languages = [language for language, _ in blocks("README.md")]
    # make serve, make test; a request and its answer, an invoice and its answer, a refusal, two look-ups; seed-demo,
    # the query of its data; the tree of rooms.
    assert languages == ["", "", "", "json", "", "json", "json", "", "json", "", "json", "", "graphql", ""]


async def test_the_query_of_documents_without_files_finds_them(api: Api, database_url: str) -> None:
    bench = Bench(api)
    id = await bench.queue()
    await bench.work_until(id, "AUTHORIZED")
    admin = await asyncpg.connect(database_url)
    assert id in [row["document_id"] for row in await admin.fetch(_FILES[1])]
    await bench.fetch()
    assert id not in [row["document_id"] for row in await admin.fetch(_FILES[1])]
    await admin.close()


async def test_the_commands_set_a_provider(new_account: Callable[..., Awaitable[UUID]], database_url: str) -> None:
    api = Api(await new_account(electronic_invoicing=True))
    assert (await api.ask(_FISCAL[1]))["updateAccount"]["userErrors"] == []
    account = str(api.account_id)
    lines = [shlex.split(line, comments=True) for line in _COMMANDS[1].splitlines()]
    where = {"DATABASE_URL": database_url, "PAC_USER": _TOKENS["user"], "PAC_PASSWORD": _TOKENS["password"]}
    async with run_fake() as fake:
        fake.will(
            says("FoliosRestantes", codigo="200", foliosDisponibleCiclo="3"),
            says("EstadoDocumento", codigo="102", mensaje="El documento no existe"),
        )
        where["HKA_SOAP_DEMO_URL"] = fake.url
        for program, script, *arguments in lines:
            assert (program, script) == ("python", "server.py")
            done = await istmo(*(account if each == "ID" else each for each in arguments), **where)
            assert done.code == 0, done
            if arguments == ["pac", "key"]:
                where["PAC_SECRETS_KEY"] = done.out.strip()
                Cipher(where["PAC_SECRETS_KEY"])
    assert account in done.out  # of the last one, the list


async def test_the_commands_for_operators_list_show_retry_and_reconcile(electronic: Api, database_url: str) -> None:
    bench = Bench(electronic, compose=read_document)
    await bench.use_provider()
    id, account = await blocked(bench, BlockedReason.CREDENTIALS), str(electronic.account_id)
    with bench.acting():
        await models.PacSetting.filter(account_id=electronic.account_id).update(
            provider="hka-soap-demo", secrets=Cipher(KEY).encrypt(_TOKENS)
        )
    given = {"ID": account, "DOCUMENT": id, "DOCUMENT…": id}
    # What a comment says of options belongs to the command, too.
    options = [
        ["list", "--account", account, "--only", only] for only in ("open", "rejected", "blocked", "differences")
    ]
    options.append(["retry", "--account", account, "--reason", "CREDENTIALS"])
    lines = [shlex.split(line, comments=True) for line in _OPERATING[1].splitlines()]
    assert all(line[:3] == ["python", "server.py", "emission"] for line in lines)
    commands = [[given.get(each, each) for each in line[3:]] for line in lines]
    assert [command[0] for command in commands] == ["list", "show", "retry", "reconcile"]
    async with run_fake() as fake:
        fake.will(says("FoliosRestantes", codigo="200", foliosDisponibleCiclo="3", foliosTotalesCiclo="3"))
        where = {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY, "HKA_SOAP_DEMO_URL": fake.url}
        said = [(await invoke_in_thread("emission", *command, **where)) for command in (*commands, *options)]
    assert [done.code for done in said] == [0] * len(said), said
    assert all(id in done.out for done in (said[0], said[2]))


async def test_the_commands_make_an_account_and_its_key(database_url: str) -> None:
    id, secrets = "", []
    for line in _ACCOUNT[1].splitlines():
        program, script, *arguments = shlex.split(line, comments=True)
        assert (program, script) == ("python", "server.py")
        done = await istmo(*(id if each == "ID" else each for each in arguments), DATABASE_URL=database_url)
        assert done.code == 0, done
        id = id or str(UUID(done.out.strip()))
        secrets.append(done.out.strip())
    admin = await asyncpg.connect(database_url)
    assert await admin.fetchval("SELECT electronic_invoicing FROM account WHERE id = $1", UUID(id)) is True
    await admin.close()
    assert secrets[1].startswith("istmo_")


async def test_the_mutation_gives_an_account_what_it_lacks_to_issue(
    new_account: Callable[..., Awaitable[UUID]], database_url: str
) -> None:
    api = Api(await new_account(electronic_invoicing=True))
    with Bench(api).acting():
        await set_credentials(NewCredentials(provider="hka-soap-demo", **_TOKENS), Cipher(KEY))
    account = ("--account", str(api.account_id))
    async with run_fake() as fake:
        where = {"DATABASE_URL": database_url, "PAC_SECRETS_KEY": KEY, "HKA_SOAP_DEMO_URL": fake.url}
        folios = says("FoliosRestantes", codigo="200", foliosDisponibleCiclo="3")
        absent = says("EstadoDocumento", codigo="102", mensaje="El documento no existe")
        fake.will(folios, absent)
        before = await invoke_in_thread("pac", "test", *account, **where)
        assert (await api.ask(_FISCAL[1]))["updateAccount"]["userErrors"] == []
        fake.will(folios, absent)
        after = await invoke_in_thread("pac", "test", *account, **where)
    assert (before.code, after.code) == (1, 0), (before, after)
    assert before.out.startswith(f"lacking     {checks.ISSUER} ")
    assert after.out.startswith(f"ok          {checks.ISSUER} ")


_CUSTOMERS = """{ customers { edges { node {
    receiverType taxpayerType ruc dv foreignId { type number country } name location { code } address email phone mobile
    paymentTermDays language associatedPersons { name email phone notify }
} } } }"""


async def test_the_program_carries_customers_over_once(database_url: str) -> None:
    given = [
        taxpayer(phone="+50766778899", associatedPersons=[{"name": "Eva", "email": "eva@example.com", "notify": True}]),
        {"receiverType": "FINAL_CONSUMER", "name": "Ana Ñandú"},
        {
            "receiverType": "FOREIGN",
            "name": "Luz",
            "foreignId": {"type": "PASSPORT", "number": "AB 12", "country": "CO"},
            "paymentTermDays": 30,
            "language": "EN",
        },
    ]
    create = "mutation ($i: CustomerInput!) { createCustomer(input: $i) { customer { id } userErrors { message } } }"
    with started(DATABASE_URL=database_url, WORKER="false") as server:
        keys = []
        for name in ("Prueba", "Producción"):
            made = await istmo("accounts", "create", "--name", name, DATABASE_URL=database_url)
            of_account = ("--account", made.out.strip(), "--scope", "write")
            key = await istmo("keys", "create", *of_account, DATABASE_URL=database_url)
            keys.append(key.out.strip())
        for each in given:
            _, answer = await ask(server, keys[0], create, i=each)
            assert answer["data"]["createCustomer"]["userErrors"] == []
        *variables, program, script, url = shlex.split(_CARRYING[1])
        assert (variables, program, url) == (["FROM_KEY=…", "TO_KEY=…"], "python", "http://127.0.0.1:8000/graphql")
        assert script == "docs/carry_customers.py"
        for _ in range(2):
            code, out, _ = await carry(f"{server.url}/graphql", FROM_KEY=keys[0], TO_KEY=keys[1])
            assert (code, out) == (0, "created: 3, refused: 0\n")
        [before], [after] = [[(await ask(server, key, _CUSTOMERS))[1]["data"]] for key in keys]
    assert before == after
    assert len(after["customers"]["edges"]) == 3


async def carry(*arguments: str, **variables: str) -> tuple[int | None, str, str]:
    """How the program that carries customers over ends, and what it writes."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, str(CHECKOUT / "docs/carry_customers.py"), *arguments),
        env=variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await asyncio.wait_for(process.communicate(), LIMIT)
    return process.returncode, out.decode(), err.decode()


async def test_the_program_that_carries_customers_over_says_in_a_line_what_is_wrong() -> None:
    keys = {"FROM_KEY": "istmo_a", "TO_KEY": "istmo_b"}

    async def answer(request: web.Request) -> web.Response:
        status, text = {"/refused": (401, '{"errors": [{"message": "No such key."}]}'), "/page": (200, "<html>")}.get(
            request.path, (200, "[]")
        )
        return web.Response(status=status, text=text)

    app = web.Application()
    app.router.add_post("/{path}", answer)
    async with TestServer(app) as server:
        there = str(server.make_url("/"))
        ended = [
            (await carry(**keys), "carry_customers.py http"),
            (await carry(there), "Set FROM_KEY"),
            (await carry(there, FROM_KEY="istmo_a"), "Set TO_KEY"),
            (await carry(f"{there}refused", **keys), "No such key."),
            (await carry(f"{there}page", **keys), "/graphql"),
            (await carry(f"{there}list", **keys), "[]"),
            (await carry("graphql", **keys), "/graphql"),
            (await carry(f"{there}list", **{**keys, "FROM_KEY": "istmo_ñ\nX"}), "a key"),
        ]
    ended.append((await carry(f"{there}list", **keys), "can't be reached"))
    for (code, out, err), said in ended:
        assert (code, out) == (1, ""), err
        assert said in err
        assert "Traceback" not in err
        assert "istmo_" not in err


def test_the_list_of_what_to_verify_has_each_line_of_pac_test() -> None:
    page = (CHECKOUT / "docs/emission.md").read_text(encoding="utf-8")
    table = page[page.index("| line of `pac test` |") :].partition("\n\n")[0]
    assert tuple(line.split(" | ")[0].strip("| ") for line in table.splitlines()[2:]) == checks.NAMES


def inline_code(page: str) -> list[str]:
    text = _BLOCK.sub("", (CHECKOUT / page).read_text(encoding="utf-8"))
    return re.findall(r"`([^`]+)`", text)


def test_each_field_and_argument_that_is_named_exists() -> None:
    type_map = schema._schema.type_map
    fields = {**type_map["Query"].fields, **type_map["Mutation"].fields}  # type: ignore[attr-defined]
    calls = [match for code in inline_code("docs/emission.md") if (match := re.match(r"([a-z]\w+)\((.*)\)", code))]
    for call in calls:
        field = fields[call[1]]
        assert set(re.findall(r"(?:^|, )(\w+):", call[2])) <= set(field.args), call[0]
    assert len(calls) >= 5


def test_each_selection_that_is_shown_is_valid() -> None:
    shown = [code for code in inline_code("docs/emission.md") if re.match(r"[a-z]\w*( |\(.*\{)", code) and "{" in code]
    for code in shown:
        assert any(map(is_valid, ways_to_ask(code))), code
    assert len(shown) >= 3


def ways_to_ask(code: str) -> list[str]:
    """Documents of which the selection may be a part."""
    by_id = re.sub(r"^invoice ", 'invoice(id: "1") ', code)
    return [
        f"{{ {by_id} }}",
        f"{{ {code} {{ totalCount }} }}",
        f'{{ invoice(id: "1") {{ {code} }} }}',
        f'{{ invoice(id: "1") {{ fiscal {{ {code} }} }} }}',
    ]


def is_valid(document: str) -> bool:
    with suppress(GraphQLError):
        return not validate(schema._schema, parse(document))
    return False


async def test_the_query_of_the_readme_has_an_answer(api: Api) -> None:
    [query] = [text for language, text in blocks("README.md") if language == "graphql"]
    assert (await api.ask(query)).keys() == {"customers", "invoices"}


# The sandbox


@asynccontextmanager
async def sandbox(folder: Path, *arguments: str) -> AsyncIterator[str]:
    """The address of a sandbox that was started by these arguments, on a free port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    given = [port if before == "--port" else each for before, each in zip(("", *arguments), arguments, strict=False)]
    process = await asyncio.create_subprocess_exec(
        *COMMAND, *given, env=environment({}), cwd=folder, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        async with asyncio.timeout(LIMIT):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", int(port))
                    writer.close()
                    break
                assert process.returncode is None
                await asyncio.sleep(0.05)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


async def test_the_sandbox_starts_and_takes_what_is_sent_to_it(tmp_path: Path) -> None:
    [_, *arguments], [_, *listing] = map(shlex.split, _SANDBOX[1].splitlines())
    listed = await istmo(*listing)
    assert (listed.code, "drop-every" in listed.out) == (0, True), listed
    calls = [(path, json.loads(body)) for path, body in _CURL.findall(_CALLS[1])]
    assert [path for path, _ in calls] == ["/sandbox/issuers", "/sandbox/knobs"]
    async with sandbox(tmp_path, *arguments) as address, aiohttp.ClientSession() as client:
        for path, body in calls:
            async with client.post(address + path, json=body) as response:
                assert response.status == 200, await response.text()
        async with client.get(f"{address}/sandbox/documents") as response:
            found: dict[str, Any] = await response.json()
    assert found == {"documents": []}
    assert (tmp_path / "sandbox.sqlite3").exists()


def test_the_table_has_each_knob_once() -> None:
    page = (CHECKOUT / "docs/sandbox.md").read_text(encoding="utf-8")
    first_cells = re.findall(r"^\| (`[^/|]+?) \|", page[page.index("## Knobs") :], re.MULTILINE)
    named = [name for cell in first_cells for name in re.findall(r"`([a-z0-9-]+)[=`]", cell)]
    assert {name.replace("-", "_") for name in named} == Knobs.model_fields.keys()
