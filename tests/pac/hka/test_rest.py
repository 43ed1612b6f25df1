"""The REST adapter over HTTP: what it sends, how it signs in, that it never repeats, and its secrets."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from pac.adapters import Adapters, Limits
from pac.emission import (
    Adapter,
    Authorized,
    Blocked,
    File,
    Folios,
    Found,
    NotFound,
    NotSent,
    Rejected,
    Unavailable,
    Unknown,
    Voided,
    VoidRefusedOrUnknown,
)
from pac.hka import request, walk
from rules.fiscal import cufe
from rules.vocabulary import BlockedReason
from tests.pac.hka.documents import KNOWN
from tests.pac.hka.fake import RestFake, breaks_off, closes, hangs, run_rest_fake, says_json, with_body

DOCUMENT = KNOWN["enviar-a-contribuyente-plazo.synthetic"]
KEY = DOCUMENT.key
PREFIX = cufe.expected_prefix(DOCUMENT)
CUFE = cufe.complete(PREFIX, "123456789")
CREDENTIALS = {"user": "user-4711-secret", "password": 'p<&>"w\\/0815+secret'}
AUTHORIZED = says_json(codigo="200", cufe=CUFE, mensaje="El documento se envió correctamente.")
REASON = "Pedido duplicado en caja"
PATIENCE = 5.0
XML = b'\xef\xbb\xbf<?xml version="1.0"?><rFE/>'


@pytest.fixture
async def fake() -> AsyncIterator[RestFake]:
    async with run_rest_fake() as fake:
        yield fake


@pytest.fixture
def adapter(adapters: Adapters, fake: RestFake) -> Adapter:
    return adapters.make("account", "hka-rest-demo", CREDENTIALS, fake.url)


async def send(adapter: Adapter, seconds: float = PATIENCE) -> Any:
    return await adapter.send(adapter.write(DOCUMENT), PREFIX, seconds)


# What is sent


async def test_a_document_is_sent_as_it_was_written_with_a_token(adapter: Adapter, fake: RestFake) -> None:
    fake.will(AUTHORIZED)
    outcome = await send(adapter)
    assert isinstance(outcome, Authorized)
    assert outcome.cufe == CUFE
    [asked] = fake.asked
    assert asked == ("POST", "/api/Enviar", json.loads(adapter.write(DOCUMENT)), f"Bearer {fake.token}")
    assert fake.sign_ins == [{"usuario": CREDENTIALS["user"], "clave": CREDENTIALS["password"]}]


@pytest.mark.parametrize("name", KNOWN)
def test_a_document_is_the_same_in_either_contract(name: str) -> None:
    content = json.loads(request.write_json(KNOWN[name]))["documento"]
    assert walk.read_json(content) == walk.Reading(request.to_content(KNOWN[name]), ())
    assert walk.write(content) == request.write(KNOWN[name])
    assert all(isinstance(each, dict) for each in content["listaItems"])


async def test_each_method_has_its_path_and_its_members(adapter: Adapter, fake: RestFake) -> None:
    key = {
        "codigoSucursalEmisor": "0000",
        "numeroDocumentoFiscal": "0000000001",
        "puntoFacturacionFiscal": "001",
        "tipoDocumento": "01",
    }
    fake.will(says_json(codigo="200", cufe=CUFE, estatusDocumento="Autorizada"))
    assert isinstance(await adapter.look(KEY, PATIENCE), Found)
    assert fake.asked[-1][:3] == ("POST", "/api/EstadoDocumento", key)
    fake.will(says_json(codigo="200"))
    assert isinstance(await adapter.void(KEY, REASON, PATIENCE), Voided)
    asked = {"motivoAnulacion": REASON, "datosDocumento": {**key, "tipoEmision": "01"}}
    assert fake.asked[-1][:3] == ("POST", "/api/Anulacion", asked)
    fake.will(with_body(XML))
    assert isinstance(await adapter.fetch_xml(KEY, CUFE, PATIENCE), File)
    assert fake.asked[-1][:3] == ("POST", "/api/Descarga", {"cufe": CUFE, "tipoArchivo": "xml"})
    fake.will(says_json(codigo="200", foliosDisponibleCiclo=3))
    folios = await adapter.count_folios(PATIENCE)
    assert isinstance(folios, Folios)
    assert folios.available == 3
    assert fake.asked[-1][:3] == ("GET", "/api/FoliosRestantes", None)


# Signing in


async def test_one_token_serves_for_many_calls_of_an_account(adapters: Adapters, fake: RestFake) -> None:
    fake.will(AUTHORIZED)
    for _ in range(3):
        await send(adapters.make("account", "hka-rest-demo", CREDENTIALS, fake.url))
    assert len(fake.sign_ins) == 1
    await send(adapters.make("account", "hka-rest-demo", {**CREDENTIALS, "password": "new"}, fake.url))
    await send(adapters.make("other", "hka-rest-demo", CREDENTIALS, fake.url))
    assert [each["clave"] for each in fake.sign_ins] == [CREDENTIALS["password"], "new", CREDENTIALS["password"]]


async def test_a_refused_token_is_renewed_once_and_the_call_repeated(adapter: Adapter, fake: RestFake) -> None:
    fake.will(with_body(b"", 401), AUTHORIZED)
    assert isinstance(await send(adapter), Authorized)
    assert [each.authorization for each in fake.asked] == [f"Bearer head.token-{n}.tail" for n in (1, 2)]


async def test_a_token_that_was_renewed_meanwhile_is_not_told_either(adapter: Adapter, fake: RestFake) -> None:
    token, has_come, others_call = "head.token-1.tail", asyncio.Event(), asyncio.Event()

    async def echoes(request: web.Request) -> web.StreamResponse:
        has_come.set()
        await others_call.wait()
        return web.json_response({"codigo": "777", "mensaje": f"{request.headers['Authorization']} no sirve"})

    fake.will(echoes)
    first = asyncio.create_task(send(adapter))
    await asyncio.wait_for(has_come.wait(), PATIENCE)
    fake.will(with_body(b"", 401), says_json(codigo="102"))
    assert isinstance(await adapter.look(KEY, PATIENCE), NotFound)
    others_call.set()
    outcome = await first
    assert isinstance(outcome, Unknown)
    assert "Bearer" in (outcome.evidence.message or "")
    assert token not in str(outcome)


async def test_a_new_token_that_is_refused_blocks(adapter: Adapter, fake: RestFake) -> None:
    fake.will(with_body(b"", 401))
    outcome = await send(adapter)
    assert isinstance(outcome, Blocked)
    assert (outcome.reason, outcome.evidence.code) == (BlockedReason.CREDENTIALS, "401")
    assert len(fake.asked) == len(fake.sign_ins) == 2
    assert isinstance(await adapter.void(KEY, REASON, PATIENCE), VoidRefusedOrUnknown)


@pytest.mark.parametrize("answer", [with_body(b"", 401), with_body(b"", 403), says_json(mensaje="no")])
async def test_credentials_that_give_no_token_block_and_nothing_is_sent(
    adapter: Adapter, fake: RestFake, answer: Any
) -> None:
    fake.signing_in = answer
    outcome = await send(adapter)
    assert isinstance(outcome, Blocked)
    assert (outcome.reason, outcome.evidence.code) == (BlockedReason.CREDENTIALS, "401")
    looked = await adapter.look(KEY, PATIENCE)
    assert isinstance(looked, Unavailable)
    assert fake.asked == []


@pytest.mark.parametrize(
    "answer", [closes, with_body(b"", 500), with_body(b"", 503), with_body(b"<html>\n</html>"), with_body(b"[]")]
)
async def test_where_no_token_came_nothing_was_sent(adapter: Adapter, fake: RestFake, answer: Any) -> None:
    fake.signing_in = answer
    assert isinstance(await send(adapter), NotSent)
    assert fake.asked == []


# Answers


@pytest.mark.parametrize(
    "answer",
    [
        closes,
        breaks_off(b'{"codigo": "200", "cufe": "' + CUFE.encode() + b'"}'),
        with_body(b""),
        with_body(b"<html>Bad gateway</html>", 502),
        with_body(b"<html>rFE</html>"),
        with_body(b"[" * 100_000),
        says_json(500, codigo="200", cufe=CUFE),
        says_json(403, codigo="200", cufe=CUFE),
        says_json(404, Codigo=404, Mensaje="no"),
        says_json(codigo="202"),
        says_json(codigo=True, cufe=CUFE),
        says_json(codigo={"codigo": "200"}, cufe=CUFE),
        says_json(codigo="200", cufe=[CUFE]),
        says_json(token="x"),
    ],
)
async def test_what_is_not_understood_is_unknown_and_not_repeated(
    adapter: Adapter, fake: RestFake, answer: Any
) -> None:
    fake.will(answer, AUTHORIZED)
    assert isinstance(await send(adapter), Unknown)
    assert len(fake.asked) == 1


async def test_a_provider_that_does_not_answer_in_time_is_unknown(adapter: Adapter, fake: RestFake) -> None:
    fake.will(hangs)
    assert isinstance(await send(adapter, 0.3), Unknown)
    assert len(fake.asked) == 1


@pytest.mark.parametrize(
    ("answer", "code", "outcome"),
    [
        (says_json(Codigo=109, Mensaje="El campo [pais] es inválido", Resultado="error"), "109", Rejected),
        (says_json(400, Codigo=109, Mensaje="El campo [pais] es inválido"), "109", Rejected),
        (says_json(codigo="203", mensaje="2152-Item 3: no"), "203", Rejected),
        (says_json(codigo=119), "119", Blocked),
        (says_json(404, codigo="102"), "102", Unknown),
        (says_json(400, title="One or more validation errors occurred."), None, Blocked),
        (says_json(400, Codigo=400), None, Blocked),
        (with_body(b"", 415), None, Blocked),
    ],
)
async def test_an_error_is_read_whatever_its_spelling_and_status(
    adapter: Adapter, fake: RestFake, answer: Any, code: str | None, outcome: Any
) -> None:
    fake.will(answer)
    sent = await send(adapter)
    assert isinstance(sent, outcome)
    assert sent.evidence.code == code
    if isinstance(sent, Rejected):
        assert len(sent.faults) == 1
    if code is None:
        assert sent.reason is BlockedReason.TECHNICAL


async def test_a_document_that_is_not_there_is_not_found(adapter: Adapter, fake: RestFake) -> None:
    fake.will(says_json(Codigo=102, Mensaje="El documento no existe"))
    assert isinstance(await adapter.look(KEY, PATIENCE), NotFound)
    fake.will(says_json(404, Codigo=404))
    assert isinstance(await adapter.look(KEY, PATIENCE), Unavailable)


# Files

PDF = b"%PDF-1.7" + bytes(3_000_000)


@pytest.mark.parametrize("content", [XML, b"<rContFe>" + b"x" * 3_000_000 + b"<rFE/></rContFe>", PDF])
@pytest.mark.parametrize("name", [None, "archivo", "Archivo", "documento"])
async def test_a_file_comes_as_it_is_or_in_base_64(
    adapter: Adapter, fake: RestFake, content: bytes, name: str | None
) -> None:
    fake.will(says_json(**{name: b64encode(content).decode()}) if name else with_body(content))
    fetch = adapter.fetch_pdf if content is PDF else adapter.fetch_xml
    file = await fetch(KEY, CUFE, 30.0)
    assert isinstance(file, File)
    assert file.content == content
    assert file.evidence.answer is None
    other = adapter.fetch_xml if content is PDF else adapter.fetch_pdf
    assert isinstance(await other(KEY, CUFE, 30.0), Unavailable)


async def test_files_may_have_methods_of_their_own(adapter: Adapter, fake: RestFake) -> None:
    fake.will(with_body(b"", 404), with_body(PDF))
    assert isinstance(await adapter.fetch_pdf(KEY, CUFE, PATIENCE), File)
    assert [each.path for each in fake.asked] == ["/api/Descarga", "/api/DescargaPDF"]


@pytest.mark.parametrize(
    "answer",
    [
        with_body(b"<html><body>Servicio en mantenimiento<br></body></html>"),
        says_json(Codigo=201, Mensaje="El PDF aún no está disponible"),
        says_json(codigo="201", archivo=b64encode(XML).decode()),
        says_json(404, archivo=b64encode(XML).decode()),
        says_json(archivo="no base 64"),
        says_json(archivo=""),
    ],
)
async def test_what_is_no_file_is_fetched_later(adapter: Adapter, fake: RestFake, answer: Any) -> None:
    fake.will(answer)
    assert isinstance(await adapter.fetch_xml(KEY, CUFE, PATIENCE), Unavailable)


async def test_without_a_cufe_no_file_is_asked_for(adapter: Adapter, fake: RestFake) -> None:
    for fetch in (adapter.fetch_xml, adapter.fetch_pdf):
        assert isinstance(await fetch(KEY, None, PATIENCE), Unavailable)
    assert fake.asked == fake.sign_ins == []


# Secrets

TOKEN = st.text(st.characters(codec="latin-1", exclude_categories=("C", "Z")), min_size=10, max_size=40)


def spellings(text: str) -> set[str]:
    """The text as it may stand in a JSON string."""
    ascii_only = json.dumps(text)
    as_dotnet = ascii_only.translate({ord(each): f"\\u{ord(each):04X}" for each in "<>&+'"})
    return {ascii_only, as_dotnet, json.dumps(text, ensure_ascii=False), ascii_only.replace("/", "\\/")}


@settings(deadline=None, max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TOKEN, TOKEN)
async def test_our_credentials_and_the_token_are_told_to_nobody(fake: RestFake, user: str, password: str) -> None:
    fake.sign_ins.clear()
    token = "head.token-1.tail"
    answers = [
        with_body(f'{{"codigo": "{code}", "mensaje": {each}, "qr": {each}}}'.encode(), status)
        for each in spellings(f"{user} y {password} y {token}")
        for code, status in (("200", 200), ("109", 200), ("777", 400), ("109", 500))
    ]
    answers.append(with_body(f"<html>{quote(user, safe='')} {token}</html>".encode()))
    said: list[object] = []
    with capture_logs() as logs:
        async with Adapters(Limits(failures=10_000, rest=0.0)) as adapters:
            adapter = adapters.make("account", "hka-rest-demo", {"user": user, "password": password}, fake.url)
            said += [adapter, adapters, logs]
            for answer in answers:
                fake.will(answer)
                said.append(await send(adapter))
                said.append(await adapter.look(KEY, PATIENCE))
                said.append(await adapter.fetch_xml(KEY, CUFE, PATIENCE))
    assert len(fake.sign_ins) == 1
    for each in said:
        told = f"{each!r} {each}".casefold()
        for secret in (user, password, token):
            written = {secret, quote(secret, safe=""), *(spelling[1:-1] for spelling in spellings(secret))}
            assert not any(spelling.casefold() in told for spelling in written), each
