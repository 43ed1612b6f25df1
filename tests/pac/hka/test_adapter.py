"""The adapter over HTTP: what it sends, that it never repeats, what it makes of each failure, and its secrets."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from pac import http
from pac.adapters import EMITTING, Adapters, Limits
from pac.emission import (
    Adapter,
    Authorized,
    Blocked,
    File,
    Found,
    NotFound,
    NotSent,
    Rejected,
    Unavailable,
    Unknown,
    Voided,
    VoidRefusedOrUnknown,
)
from pac.failures import Reason
from pac.hka import walk
from pac.providers import KINDS, Misconfigured
from pac.soap import local_name
from rules.fiscal import cufe
from tests.pac.hka.documents import KNOWN
from tests.pac.hka.fake import Fake, breaks_off, closes, hangs, run_fake, says, with_body
from tests.pac.hka.messages import enveloped

DOCUMENT = KNOWN["enviar-a-contribuyente-plazo.synthetic"]
KEY = DOCUMENT.key
PREFIX = cufe.expected_prefix(DOCUMENT)
CUFE = cufe.complete(PREFIX, "123456789")
CREDENTIALS = {"user": "user-4711-secret", "password": "p<&>w-0815-secret"}
AUTHORIZED = says("Enviar", codigo="200", cufe=CUFE, mensaje="El documento se envió correctamente.")
PATIENCE = 5.0


@pytest.fixture(scope="session")
async def fake() -> AsyncIterator[Fake]:
    async with run_fake() as fake:
        yield fake


@pytest.fixture
def adapter(adapters: Adapters, fake: Fake) -> Adapter:
    return adapters.make("account", "hka-soap-demo", CREDENTIALS, fake.url)


async def send(adapter: Adapter, seconds: float = PATIENCE) -> Any:
    return await adapter.send(adapter.write(DOCUMENT), PREFIX, seconds)


# What is sent


async def test_a_document_is_sent_as_it_was_written_behind_the_tokens(adapter: Adapter, fake: Fake) -> None:
    fake.will(AUTHORIZED)
    payload = adapter.write(DOCUMENT)
    outcome = await adapter.send(payload, PREFIX, PATIENCE)
    assert isinstance(outcome, Authorized)
    assert outcome.cufe == CUFE
    [(method, body)] = fake.asked
    assert method == "Enviar"
    assert payload.decode() in body
    asked = next(each for each in fromstring(body).iter() if each.tag == "{http://tempuri.org/}Enviar")
    assert [(local_name(each), each.text) for each in asked[:2]] == [
        ("tokenEmpresa", CREDENTIALS["user"]),
        ("tokenPassword", CREDENTIALS["password"]),
    ]
    assert walk.read(asked[2]) == walk.read(fromstring(payload))


KEY_MEMBERS = [
    ("codigoSucursalEmisor", "0000"),
    ("numeroDocumentoFiscal", "0000000001"),
    ("puntoFacturacionFiscal", "001"),
    ("tipoDocumento", "01"),
    ("tipoEmision", "01"),
]
TOKENS = [("tokenEmpresa", CREDENTIALS["user"]), ("tokenPassword", CREDENTIALS["password"])]


async def test_the_other_methods_send_tokens_then_reason_then_key(adapter: Adapter, fake: Fake) -> None:
    fake.will(says("EstadoDocumento", codigo="102"))
    assert isinstance(await adapter.look(KEY, PATIENCE), NotFound)
    assert fake.members()[2:] == [("EstadoDocumento", ""), *TOKENS, ("datosDocumento", ""), *KEY_MEMBERS]
    fake.will(says("AnulacionDocumento", codigo="200"))
    assert isinstance(await adapter.void(KEY, "Pedido <duplicado>\n& cobrado", PATIENCE), Voided)
    reason = ("motivoAnulacion", "Pedido <duplicado> & cobrado")
    assert fake.members()[2:] == [("AnulacionDocumento", ""), *TOKENS, reason, ("datosDocumento", ""), *KEY_MEMBERS]
    fake.will(says("FoliosRestantes", codigo="200", foliosDisponibleCiclo="3"))
    folios = await adapter.count_folios(PATIENCE)
    assert not isinstance(folios, Unavailable)
    assert folios.available == 3
    assert fake.members()[2:] == [("FoliosRestantes", ""), *TOKENS]


async def test_a_key_is_in_its_own_namespace(adapter: Adapter, fake: Fake) -> None:
    fake.will(says("EstadoDocumento", codigo="200", cufe=CUFE, estatusDocumento="Autorizada"))
    outcome = await adapter.look(KEY, PATIENCE)
    assert isinstance(outcome, Found)
    assert (outcome.cufe, outcome.is_voided) == (CUFE, False)
    assert "{http://schemas.datacontract.org/2004/07/Services.Model}tipoEmision" in {
        each.tag for each in fromstring(fake.asked[-1][1]).iter()
    }


@pytest.mark.parametrize(
    ("method", "content"),
    [("DescargaXML", b"<rFE>" + b"x" * 6_000_000 + b"</rFE>"), ("DescargaPDF", b"%PDF-1.7" + bytes(6_000_000))],
)
async def test_a_file_may_be_larger_than_other_answers(
    adapter: Adapter, fake: Fake, method: str, content: bytes
) -> None:
    fake.will(says(method, codigo="200", documento=b64encode(content).decode()))
    fetch = adapter.fetch_xml if method == "DescargaXML" else adapter.fetch_pdf
    file = await fetch(KEY, CUFE, 30.0)
    assert isinstance(file, File)
    assert file.content == content
    assert file.evidence.answer is None


async def test_an_answer_has_a_largest_size(adapter: Adapter, fake: Fake) -> None:
    long = says("Enviar", codigo="200", cufe=CUFE, mensaje="x" * 2_000_000)
    fake.will(long)
    assert isinstance(await send(adapter), Unknown)
    fake.will(
        says("Enviar", codigo="203", mensaje="|".join(f"2152-Item {line}: " + "x" * 300 for line in range(1, 1001)))
    )
    outcome = await send(adapter)
    assert isinstance(outcome, Rejected)
    assert [fault.line for fault in outcome.faults] == list(range(1, 1001))
    assert len(outcome.evidence.answer or "") == 16_000


# Failures: exactly one call each


@pytest.mark.parametrize(
    "answer",
    [
        closes,
        breaks_off(enveloped("Enviar", codigo="200", cufe=CUFE)),
        with_body(b""),
        with_body(b"<html>Bad gateway</html>", 502),
        with_body(b"", 503),
        with_body(enveloped("Enviar", codigo="200", cufe=CUFE), 500),
        with_body(b"", 401),
        says("Enviar", codigo="202"),
        says("EstadoDocumento", codigo="200", cufe=CUFE),
    ],
    ids=["closes", "half", "empty", "502", "503", "500", "401", "202", "other method"],
)
async def test_a_request_that_may_have_arrived_is_unknown_and_not_repeated(
    adapter: Adapter, fake: Fake, answer: Any
) -> None:
    fake.will(answer, AUTHORIZED)
    assert isinstance(await send(adapter), Unknown)
    assert fake.methods == ["Enviar"]


async def test_a_provider_that_does_not_answer_in_time_is_unknown(adapter: Adapter, fake: Fake) -> None:
    fake.will(hangs)
    started = asyncio.get_running_loop().time()
    assert isinstance(await send(adapter, 0.2), Unknown)
    assert asyncio.get_running_loop().time() - started < 3
    assert fake.methods == ["Enviar"]
    assert isinstance(await adapter.void(KEY, "Pedido duplicado en caja", 0.2), VoidRefusedOrUnknown)
    assert isinstance(await adapter.look(KEY, 0.2), Unavailable)
    assert fake.methods == ["Enviar", "AnulacionDocumento", "EstadoDocumento"]


def unused_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


async def test_where_no_connection_was_made_nothing_was_sent(adapters: Adapters, fake: Fake) -> None:
    fake.will(AUTHORIZED)
    addresses = [
        f"http://127.0.0.1:{unused_port()}/",
        "http://nowhere.invalid/",
        fake.url.replace("http://", "https://"),  # it doesn't speak TLS
    ]
    for address in addresses:
        adapter = adapters.make(address, "hka-soap-demo", CREDENTIALS, address)
        outcome = await send(adapter)
        assert isinstance(outcome, NotSent), address
        assert outcome.evidence.message in (Reason.CONNECTION.value, Reason.CERTIFICATE.value)
        assert isinstance(await adapter.void(KEY, "Pedido duplicado en caja", PATIENCE), NotSent)
        assert isinstance(await adapter.count_folios(PATIENCE), Unavailable)
    assert fake.asked == []


async def test_a_host_that_takes_no_connection_got_nothing(adapters: Adapters, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pac.hka.soap.CONNECT_SECONDS", 0.2)
    with socket.socket() as full, socket.socket() as first, socket.socket() as second:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for each in (first, second):  # they fill its queue
            each.setblocking(False)
            each.connect_ex(full.getsockname())
        address = f"http://127.0.0.1:{full.getsockname()[1]}/"
        outcome = await send(adapters.make("account", "hka-soap-demo", CREDENTIALS, address))
    assert isinstance(outcome, NotSent)


async def test_while_an_account_rests_nothing_is_sent_and_others_go_on(fake: Fake) -> None:
    async with Adapters(Limits(failures=2, rest=60.0)) as adapters:
        adapter = adapters.make("one", "hka-soap-demo", CREDENTIALS, fake.url)
        fake.will(closes)
        for prefix in (PREFIX, "other"):
            assert isinstance(await adapter.send(adapter.write(DOCUMENT), prefix, PATIENCE), Unknown)
        fake.will(AUTHORIZED)
        outcome = await send(adapter)
        assert isinstance(outcome, NotSent)
        assert outcome.evidence.message == Reason.RESTING.value
        assert fake.asked == []
        assert isinstance(await send(adapters.make("two", "hka-soap-demo", CREDENTIALS, fake.url)), Authorized)


async def test_where_too_many_calls_are_under_way_nothing_is_sent(fake: Fake) -> None:
    async with Adapters(Limits(calls_under_way=1)) as adapters:
        adapter = adapters.make("one", "hka-soap-demo", CREDENTIALS, fake.url)
        fake.will(hangs)
        first = asyncio.create_task(send(adapter, 1.0))
        await asyncio.sleep(0.1)
        outcome = await adapter.send(adapter.write(DOCUMENT), "other", 0.1)
        assert isinstance(outcome, NotSent)
        assert isinstance(await first, Unknown)
        assert len(fake.asked) == 1


async def test_each_call_has_a_connection_of_its_own(adapter: Adapter, fake: Fake) -> None:
    """One that is used again may just be closing, and then nobody knows whether the request arrived."""
    peers: list[Any] = []

    async def answer(request: Any) -> Any:
        peers.append(request.transport.get_extra_info("peername"))
        return await AUTHORIZED(request)

    fake.will(answer)
    for _ in range(3):
        await send(adapter)
    assert len(set(peers)) == 3


async def test_a_look_right_after_a_failed_send_is_made(adapter: Adapter, fake: Fake) -> None:
    fake.will(closes, says("EstadoDocumento", codigo="200", cufe=CUFE, estatusDocumento="Autorizada"))
    assert isinstance(await send(adapter), Unknown)
    assert isinstance(await adapter.look(KEY, PATIENCE), Found)


# Which adapters there are


def test_documents_go_through_providers_whose_contract_is_known(adapters: Adapters) -> None:
    assert set(EMITTING) == set(KINDS)
    with pytest.raises(Misconfigured, match="through 'dgi'"):
        adapters.make("account", "dgi", CREDENTIALS)
    with pytest.raises(Misconfigured, match="lack password"):
        adapters.make("account", "hka-soap", {"user": "x"})


# Secrets

# The marks tell a token from all other text: without them one such as "0000000000" or "tokenEmpresa" may be drawn.
TOKEN = st.builds(
    "~{}7Qx{}~".format,
    *(st.text(st.characters(codec="ascii", exclude_categories=("C", "Z")), max_size=20) for _ in range(2)),
)
IN_WORDS = ("mensaje", "resultado", "qr", "nroProtocoloAutorizacion", "estatusDocumento", "fechaLicencia", "codigo")


def echoes(token: str, password: str) -> list[Any]:
    """Answers that repeat our tokens in any way."""
    text = f"Token {token} y {password.upper()} inválidos"
    fields = dict.fromkeys(IN_WORDS, text)
    page = f"<html>{token} {escape(password)} {quote(token)} {quote(password, safe='')}<br></html>"
    fault = (
        "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body><s:Fault>"
        f"<faultcode>s:Client</faultcode><faultstring>{escape(text)}</faultstring></s:Fault></s:Body></s:Envelope>"
    )
    answers = [with_body(page.encode(), status) for status in (200, 401, 500)]
    answers += [with_body(fault.encode(), status) for status in (200, 500)]
    for code in ("200", "100", "109", "203", "777"):
        answers.append(says("Enviar", **{**fields, "codigo": code, "cufe": CUFE}))
    answers.append(says("Enviar", **{**fields, "codigo": "203", "mensaje": f"2152-Item 1: {text} | 1508-{token}"}))
    answers.append(
        says("Enviar", **{**fields, "codigo": "109", "mensaje": f"El campo [{token}] es inválido {password}"})
    )
    for method in ("EstadoDocumento", "AnulacionDocumento", "DescargaXML", "FoliosRestantes"):
        answers += [says(method, **fields), says(method, **{**fields, "codigo": "200"})]
    return answers


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(TOKEN, TOKEN)
async def test_our_tokens_are_in_the_request_and_nowhere_else(fake: Fake, user: str, password: str) -> None:
    with capture_logs() as logs:
        async with Adapters(Limits(failures=10_000, rest=0.0)) as adapters:
            adapter = adapters.make("account", "hka-soap-demo", {"user": user, "password": password}, fake.url)
            payload = adapter.write(DOCUMENT)
            said: list[object] = [payload.decode(), adapter, adapters, logs]
            for answer in [closes, *echoes(user, password)]:
                fake.will(answer)
                said.append(await adapter.send(payload, PREFIX, PATIENCE))
                said.append(await adapter.look(KEY, PATIENCE))
                said.append(await adapter.void(KEY, "Pedido duplicado en caja", PATIENCE))
                said.append(await adapter.fetch_xml(KEY, CUFE, PATIENCE))
                said.append(await adapter.count_folios(PATIENCE))
                assert all(escape(user) in body and escape(password) in body for _, body in fake.asked)
    for secret in (user, password):
        spellings = {each.casefold() for each in (secret, escape(secret), quote(secret), quote(secret, safe=""))}
        for each in said:
            told = f"{each!r} {each}".casefold()
            assert not any(spelling in told for spelling in spellings), each


async def test_an_error_that_quotes_the_request_is_not_told(
    adapter: Adapter, fake: Fake, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*arguments: Any, **options: Any) -> Any:
        raise RuntimeError(f"cannot send {arguments}")

    monkeypatch.setattr(http, "exchange", fail)
    with capture_logs() as logs:
        outcome = await send(adapter)
    assert isinstance(outcome, Unknown)
    assert outcome.evidence.message == Reason.DEFECT.value
    assert logs
    assert not any(secret in str((logs, outcome)) for secret in CREDENTIALS.values())


async def test_wrong_tokens_block(adapter: Adapter, fake: Fake) -> None:
    fake.will(says("Enviar", codigo="100", mensaje="Token inválido"))
    assert isinstance(await send(adapter), Blocked)
