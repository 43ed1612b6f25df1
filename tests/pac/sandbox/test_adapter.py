"""The adapters and the sandbox understand each other: each knob becomes the outcome that it should."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings

from pac import emission
from pac.adapters import Adapters
from pac.emission import Accepted, Authorized, Blocked, File, Found, NotFound, Rejected, Unavailable, Unknown, Voided
from pac.hka import request, walk
from pac.providers import SANDBOX, SANDBOX_REST, SOAP_PATH
from pac.sandbox.container import NO_VALUE
from pac.sandbox.dgi import NOTICES, find_breaches
from pac.sandbox.dgi.submission import Submission
from pac.sandbox.group import Group
from pac.sandbox.storage import Store
from rules.fiscal.cufe import expected_prefix
from rules.fiscal.document import FiscalDocument, FiscalReference, PaymentForm
from rules.vocabulary import CODES, BlockedReason, DocumentType, PaymentMethod
from tests.pac.hka.documents import KNOWN, documents
from tests.pac.sandbox.conftest import NOW, OwnPac
from tests.pac.sandbox.test_dgi import ISSUER

DOCUMENT = KNOWN["enviar-a-contribuyente-plazo.synthetic"]
SECONDS = 5.0


@pytest.fixture(params=[SANDBOX, SANDBOX_REST])
def provider(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def adapter(pac: OwnPac, provider: str) -> AsyncIterator[emission.Adapter]:
    async with Adapters() as adapters:
        yield make(adapters, pac, provider, "clave")


def make(adapters: Adapters, pac: OwnPac, provider: str, password: str) -> emission.Adapter:
    url = pac.url + (SOAP_PATH if provider == SANDBOX else "")
    return adapters.make("account", provider, {"user": "empresa", "password": password}, url)


async def send(adapter: emission.Adapter, document: FiscalDocument = DOCUMENT, seconds: float = SECONDS) -> Any:
    return await adapter.send(adapter.write(document), expected_prefix(document), seconds)


async def authorised(pac: OwnPac, adapter: emission.Adapter, document: FiscalDocument) -> Authorized:
    """What was answered to a document that was sent, then found, and whose files were fetched."""
    sent = await send(adapter, document)
    assert isinstance(sent, Authorized), sent
    assert sent.received_at == pac.clock.now
    found = await adapter.look(document.key, SECONDS)
    assert isinstance(found, Found)
    assert (found.cufe, found.is_voided) == (sent.cufe, False)
    xml = await adapter.fetch_xml(document.key, sent.cufe, SECONDS)
    assert isinstance(xml, File)
    contents = adapter.read_xml(xml.content)
    assert contents is not None
    assert (contents.cufe, contents.qr, contents.protocol) == (sent.cufe, sent.qr, sent.protocol)
    assert (contents.total, contents.line_count) == (str(document.total), len(document.lines))
    assert contents.receiver_ruc == document.receiver.ruc
    assert NO_VALUE.encode() in xml.content
    assert isinstance(await adapter.fetch_pdf(document.key, sent.cufe, SECONDS), File)
    return sent


@pytest.mark.parametrize("name", [name for name in KNOWN if name.endswith(".synthetic") and not KNOWN[name].references])
async def test_what_the_service_writes_is_authorised_and_found(
    pac: OwnPac, adapter: emission.Adapter, name: str
) -> None:
    document = KNOWN[name]
    sent = await authorised(pac, adapter, document)
    assert sent.notices == ()
    folios = await adapter.count_folios(SECONDS)
    assert isinstance(folios, emission.Folios)
    assert (folios.used, folios.licence_until) == (1, "2027-11-01")


@pytest.mark.parametrize("type_", [DocumentType.CREDIT_NOTE, DocumentType.DEBIT_NOTE])
@pytest.mark.parametrize("of", ["enviar-a-contribuyente-plazo.synthetic", "enviar-e-exportacion-usd.synthetic"])
async def test_a_note_is_authorised_found_fetched_and_voided_like_its_invoice(
    pac: OwnPac, adapter: emission.Adapter, of: str, type_: DocumentType
) -> None:
    invoice = KNOWN[of]
    sent = await authorised(pac, adapter, invoice)
    pac.clock.advance(hours=1)
    note = replace(
        invoice,
        key=replace(invoice.key, type=type_),
        emitted_at=pac.clock.now,
        references=(FiscalReference(cufe=sent.cufe, emitted_at=invoice.emitted_at),),
        payment_forms=(PaymentForm(method=PaymentMethod.CASH, amount=invoice.total),),
        instalments=(),
    )
    answered = await authorised(pac, adapter, note)
    assert (answered.cufe[:4], answered.notices) == (f"FE{CODES[type_]}", ())
    xml = await adapter.fetch_xml(note.key, answered.cufe, SECONDS)
    assert isinstance(xml, File)
    read = fromstring(xml.content)
    assert read.findtext(".//{*}gDFRefFE/{*}dCUFERef") == sent.cufe
    assert read.findtext(".//{*}gFExp/{*}cCondEntr") == (invoice.export and invoice.export.incoterm)
    # The number is the invoice's, and only the note is void.
    assert isinstance(await adapter.void(note.key, "Se acreditó de más en esta nota", SECONDS), Voided)
    looked = [await adapter.look(key, SECONDS) for key in (note.key, invoice.key)]
    assert [isinstance(each, Found) and each.is_voided for each in looked] == [True, False]


@pytest.mark.parametrize(
    ("knobs", "outcome", "looked"),
    [
        ({"slow": 30}, Unknown, Found),
        ({"lost": True}, Unknown, Found),
        ({"half": True}, Unknown, Found),
        ({"not_arrived": True}, Unknown, NotFound),
        ({"dgi_down": True}, Unknown, NotFound),
        ({"dgi_late": 5}, Unknown, NotFound),
        ({"asynchronous": 5}, Accepted, Unavailable),
        ({"asynchronous": 5, "reject": "2152,1"}, Accepted, Unavailable),
        ({"asynchronous": 5, "lost": True}, Unknown, Unavailable),
        ({"processing_error": True}, Unknown, NotFound),
        ({"empty": True}, Unknown, Found),
        ({"no_cufe": True}, Unknown, Found),
        ({"wrong_cufe": True}, Unknown, Found),
        ({"duplicate": "102"}, Unknown, Found),
        ({"duplicate": "203"}, Unknown, Found),
        ({"reject": "2152,1"}, Rejected, NotFound),
        ({"reject": "9999"}, Unknown, NotFound),
        ({"reject": "1562"}, Blocked, NotFound),
        ({"certificate_expired": True}, Blocked, NotFound),
        ({"no_folios": True}, Blocked, NotFound),
        ({"licence_over": True}, Blocked, NotFound),
        ({"bad_token": True}, Blocked, Unavailable),
        ({"http_500": True}, (Unknown, Blocked), Unavailable),
        ({"http_502": True}, Unknown, Unavailable),
        ({"notice": "2509"}, Authorized, Found),
    ],
)
async def test_each_knob_becomes_its_outcome(
    pac: OwnPac, adapter: emission.Adapter, knobs: dict[str, Any], outcome: Any, looked: type
) -> None:
    await pac.turn(**knobs)
    assert isinstance(await send(adapter, seconds=1.0), outcome)
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), looked)


async def test_an_accepted_document_is_authorised_later(pac: OwnPac, adapter: emission.Adapter) -> None:
    await pac.turn(asynchronous=5)
    await send(adapter)
    pac.clock.advance(seconds=4)
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), Unavailable)
    assert (await send(adapter)).evidence.code == "102"
    pac.clock.advance(seconds=1)
    found = await adapter.look(DOCUMENT.key, SECONDS)
    assert isinstance(found, Found)
    xml = await adapter.fetch_xml(DOCUMENT.key, found.cufe, SECONDS)
    assert isinstance(xml, File)
    contents = adapter.read_xml(xml.content)
    assert contents is not None
    assert (contents.cufe, contents.authorized_at) == (found.cufe, pac.clock.now)


async def test_an_accepted_document_is_rejected_later_and_may_be_sent_again(
    pac: OwnPac, adapter: emission.Adapter
) -> None:
    await pac.turn(asynchronous=5, reject="2152,2")
    await send(adapter)
    pac.clock.advance(seconds=5)
    rejected = await adapter.look(DOCUMENT.key, SECONDS)
    assert isinstance(rejected, Rejected)
    assert [(fault.code, fault.line) for fault in rejected.faults] == [("2152", 2)]
    await pac.turn(asynchronous=5)
    assert isinstance(await send(adapter), Accepted)
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), Unavailable)
    pac.clock.advance(seconds=5)
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), Found)


async def test_a_rejected_document_that_is_sent_again_at_once_is_found(pac: OwnPac, adapter: emission.Adapter) -> None:
    await pac.turn(asynchronous=5, reject="2152")
    await send(adapter)
    pac.clock.advance(seconds=5)
    await pac.turn()
    assert isinstance(await send(adapter), Authorized)
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), Found)


async def test_a_rule_is_read_with_its_line_and_a_notice_as_one(pac: OwnPac, adapter: emission.Adapter) -> None:
    await pac.turn(reject="2152,2")
    rejected = await send(adapter)
    assert [(fault.code, fault.line) for fault in rejected.faults] == [("2152", 2)]


@pytest.mark.parametrize("code", sorted(NOTICES))
async def test_each_notice_of_the_sandbox_is_read_as_one(pac: OwnPac, adapter: emission.Adapter, code: str) -> None:
    await pac.turn(notice=code)
    assert [(fault.code, fault.is_notice) for fault in (await send(adapter)).notices] == [(code, True)]


async def test_a_void_is_confirmed_again_and_again(pac: OwnPac, adapter: emission.Adapter) -> None:
    await send(adapter)
    reason = "La venta no se concretó"
    assert isinstance(await adapter.void(DOCUMENT.key, reason, SECONDS), Voided)
    assert isinstance(await adapter.void(DOCUMENT.key, reason, SECONDS), Voided)
    found = await adapter.look(DOCUMENT.key, SECONDS)
    assert isinstance(found, Found)
    assert found.is_voided


@pytest.mark.parametrize("knobs", [{"void_lost": True}, {"void_late": 5}, {"void_refused": True}])
async def test_a_void_without_a_confirmation_is_looked_for(
    pac: OwnPac, adapter: emission.Adapter, knobs: dict[str, Any]
) -> None:
    await send(adapter)
    await pac.turn(**knobs)
    outcome = await adapter.void(DOCUMENT.key, "La venta no se concretó", SECONDS)
    assert isinstance(outcome, emission.VoidRefusedOrUnknown)
    assert outcome.is_refusal == ("void_refused" in knobs)
    pac.clock.now = datetime.fromisoformat("2026-11-23T10:15:08-05:00")
    found = await adapter.look(DOCUMENT.key, SECONDS)
    assert isinstance(found, Found)
    assert found.is_voided == ("void_refused" not in knobs)


async def test_wrong_credentials_block(pac: OwnPac, provider: str) -> None:
    async with Adapters() as adapters:
        made = make(adapters, pac, provider, "otra")
        blocked = await send(made)
        assert blocked.reason is BlockedReason.CREDENTIALS
        looked = await made.look(DOCUMENT.key, SECONDS)
        assert isinstance(looked, Unavailable)
        assert looked.reason is BlockedReason.CREDENTIALS
        assert isinstance(await made.count_folios(SECONDS), Unavailable)


async def test_a_file_that_is_late_is_fetched_later(pac: OwnPac, adapter: emission.Adapter) -> None:
    sent = await send(adapter)
    await pac.turn(pdf_late=1)
    late = await adapter.fetch_pdf(DOCUMENT.key, sent.cufe, SECONDS)
    assert isinstance(late, Unavailable)
    assert late.evidence.code == "201"
    assert isinstance(await adapter.fetch_pdf(DOCUMENT.key, sent.cufe, SECONDS), File)


async def test_another_issuers_document_is_not_found_and_its_files_are_not_given(
    pac: OwnPac, adapter: emission.Adapter
) -> None:
    await pac.register(tokenEmpresa="otra")
    other = (await pac.send(walk.read(fromstring(request.write(DOCUMENT))).content, user="otra"))["cufe"]
    assert isinstance(await adapter.look(DOCUMENT.key, SECONDS), NotFound)
    assert isinstance(await adapter.fetch_xml(DOCUMENT.key, other, SECONDS), Unavailable)


# A DV, a CPBS, a withholding, a date and a reference may be wrong in these documents: other rules of ours check them.
CHECKED_ELSEWHERE = {"1601", "1707", "1519", "1520", "1535", "2006", "2007", "2050", "2509", "2515", "2651"}


@given(documents())
@settings(max_examples=200, deadline=None)
def test_whatever_the_service_writes_passes_the_checks_of_members_and_sums(document: FiscalDocument) -> None:
    content = walk.read(fromstring(request.write(document))).content
    assert walk.check(content) == ()
    store = Store()
    breaches = find_breaches(Submission(ISSUER, Group(content), NOW, store))
    store.close()
    assert {breach.code for breach in breaches} <= CHECKED_ELSEWHERE
