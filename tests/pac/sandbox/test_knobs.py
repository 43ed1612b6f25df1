"""Each knob, and the receivers that turn it for their documents."""

from typing import Any

import aiohttp
import pytest

from pac.hka import walk
from pac.sandbox.knobs import SPECIAL_RECEIVERS, Knobs, special_receiver
from rules.fiscal import cufe
from tests.pac.sandbox.conftest import OwnPac
from tests.pac.sandbox.documents import document, envelope, numbered, to_receiver

PREFIX = "FE0120000999999101-2-2026-810000202611230000000001001012"


async def send_raw(pac: OwnPac, content: Any) -> tuple[int, str]:
    tokens = "<tem:tokenEmpresa>empresa</tem:tokenEmpresa><tem:tokenPassword>clave</tem:tokenPassword>"
    return await pac.call_raw("Enviar", tokens + walk.write(content).decode())


async def stored(pac: OwnPac) -> int:
    return len(await pac.documents())


@pytest.mark.parametrize("knob", ["lost", "half"])
async def test_an_answer_is_lost_and_the_document_is_there(pac: OwnPac, knob: str) -> None:
    await pac.turn(**{knob: True})
    with pytest.raises((aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError)):
        await pac.send(document())
    found = await pac.ask()
    assert (found["codigo"], cufe.is_ours(found["cufe"], PREFIX)) == ("200", True)


async def test_a_request_does_not_arrive(pac: OwnPac) -> None:
    await pac.turn(not_arrived=True)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await pac.send(document())
    assert (await pac.ask())["codigo"] == "102"
    await pac.turn()
    assert (await pac.send(document()))["codigo"] == "200"


async def test_a_slow_answer_comes_when_the_document_is_stored_long_since(pac: OwnPac) -> None:
    await pac.turn(slow=60)
    with pytest.raises(TimeoutError):
        async with pac.session.post(
            f"{pac.url}/ws/obj/v1.0/Service.svc",
            data=envelope(document()),
            timeout=aiohttp.ClientTimeout(total=0.3),
        ):
            pass
    assert (await pac.ask())["codigo"] == "200"


async def test_the_dgi_is_down_and_nothing_is_stored(pac: OwnPac) -> None:
    await pac.turn(dgi_down=True)
    assert (await pac.send(document()))["codigo"] == "202"
    assert await stored(pac) == 0


async def test_the_dgi_authorises_late_and_meanwhile_the_document_is_not_found(pac: OwnPac) -> None:
    await pac.turn(dgi_late=30)
    assert (await pac.send(document()))["codigo"] == "202"
    await pac.turn()
    pac.clock.advance(seconds=29)
    for method in ("EstadoDocumento", "DescargaXML", "DescargaPDF"):
        assert (await pac.ask(method))["codigo"] == "102"
    assert [each["status"] for each in await pac.documents()] == ["PENDING"]
    assert (await pac.send(document()))["codigo"] == "102"
    pac.clock.advance(seconds=1)
    assert (await pac.ask())["estatusDocumento"] == "Autorizada"


async def test_an_error_while_processing_happens_once_for_each_key(pac: OwnPac) -> None:
    await pac.turn(processing_error=True)
    for number in (1, 2):
        assert [(await pac.send(numbered(number)))["codigo"] for _ in range(2)] == ["201", "200"]


@pytest.mark.parametrize(("knob", "status", "part"), [("http_500", 500, "Fault"), ("http_502", 502, "<html>")])
async def test_the_server_fails_at_every_method_and_stores_none(pac: OwnPac, knob: str, status: int, part: str) -> None:
    await pac.turn(**{knob: True})
    for method in ("Enviar", "EstadoDocumento", "AnulacionDocumento", "DescargaXML", "FoliosRestantes"):
        answered, text = await pac.call_raw(method, "")
        assert (answered, part in text) == (status, True)
    assert (await send_raw(pac, document()))[0] == status
    assert await stored(pac) == 0


async def test_an_answer_is_empty(pac: OwnPac) -> None:
    await pac.turn(empty=True)
    assert await send_raw(pac, document()) == (200, "")
    assert (await pac.ask())["codigo"] == "200"


async def test_an_answer_has_no_cufe(pac: OwnPac) -> None:
    await pac.turn(no_cufe=True)
    answer = await pac.send(document())
    assert (answer["codigo"], answer["cufe"], answer["qr"]) == ("200", "", "")
    assert cufe.is_ours((await pac.ask())["cufe"], PREFIX)


async def test_an_answer_has_the_cufe_of_another_document(pac: OwnPac) -> None:
    await pac.turn(wrong_cufe=True)
    answer = await pac.send(document())
    assert cufe.parse(answer["cufe"]).type == "09"
    assert not cufe.is_ours(answer["cufe"], PREFIX)
    assert cufe.is_ours((await pac.ask())["cufe"], PREFIX)


@pytest.mark.parametrize(("code", "message"), [("102", "Documento duplicado"), ("203", "1513-")])
async def test_somebody_elses_document_has_the_key(pac: OwnPac, code: str, message: str) -> None:
    await pac.turn(duplicate=code)
    for _ in range(2):
        answer = await pac.send(document())
        assert (answer["codigo"], answer["mensaje"].startswith(message), answer["cufe"]) == (code, True, "")
    [foreign] = await pac.documents()
    assert (foreign["total"], foreign["sends"]) == ("36.68", 2)
    assert cufe.is_ours((await pac.ask())["cufe"], PREFIX)


@pytest.mark.parametrize(
    ("reject", "message"),
    [
        ("2152,3", "2152-Item 3: Monto del ITBMS del ítem inválido"),
        ("1513", "1513-Número del documento fiscal duplicado"),
        ("9999", "9999-regla desconocida"),
    ],
)
async def test_a_rule_rejects(pac: OwnPac, reject: str, message: str) -> None:
    await pac.turn(reject=reject)
    answer = await pac.send(document())
    assert (answer["codigo"], answer["mensaje"]) == ("203", message)
    assert await stored(pac) == 0


@pytest.mark.parametrize("notice", ["1508", "2509"])
async def test_a_notice_is_told_with_the_authorisation(pac: OwnPac, notice: str) -> None:
    await pac.turn(notice=notice)
    answer = await pac.send(document())
    assert answer["codigo"] == "200"
    assert f" | {notice}-" in answer["mensaje"]


@pytest.mark.parametrize(
    ("knob", "code", "part"),
    [
        ("certificate_expired", "101", "certificado"),
        ("bad_token", "100", "Token"),
        ("no_folios", "119", "folios"),
        ("licence_over", "119", "licencia"),
    ],
)
async def test_something_is_wrong_with_the_account(pac: OwnPac, knob: str, code: str, part: str) -> None:
    await pac.turn(**{knob: True})
    answer = await pac.send(document())
    assert (answer["codigo"], part in answer["mensaje"]) == (code, True)
    assert await stored(pac) == 0


async def test_folios_and_licence_show_that_they_are_over(pac: OwnPac) -> None:
    await pac.turn(no_folios=True, licence_over=True)
    left = await pac.call("FoliosRestantes")
    assert (left["foliosDisponibleCiclo"], left["fechaLicencia"]) == ("0", "2025-11-01 / 2026-11-01")


async def test_the_pdf_is_late(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.turn(pdf_late=2)
    assert [(await pac.ask("DescargaPDF"))["codigo"] for _ in range(3)] == ["201", "201", "200"]


async def test_the_answer_to_a_void_is_lost(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.turn(void_lost=True)
    with pytest.raises(aiohttp.ServerDisconnectedError):
        await pac.void()
    assert (await pac.ask())["estatusDocumento"] == "Anulada"
    assert (await pac.void())["mensaje"].startswith("0622-")


async def test_a_void_shows_late(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.turn(void_late=30)
    assert (await pac.void())["codigo"] == "202"
    assert (await pac.ask())["estatusDocumento"] == "Autorizada"
    pac.clock.advance(seconds=30)
    assert (await pac.ask())["estatusDocumento"] == "Anulada"


async def test_a_void_is_refused(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.turn(void_refused=True)
    assert (await pac.void())["codigo"] == "203"
    assert (await pac.ask())["estatusDocumento"] == "Autorizada"


async def test_a_document_is_voided_elsewhere(pac: OwnPac) -> None:
    await pac.send(document())
    await pac.turn(voided_elsewhere=True)
    assert (await pac.ask())["estatusDocumento"] == "Anulada"
    await pac.turn()
    assert (await pac.ask())["estatusDocumento"] == "Anulada"


async def test_every_third_answer_is_lost_after_its_work_is_done(pac: OwnPac) -> None:
    await pac.turn(drop_every=3)
    lost = []
    for number in range(1, 7):
        try:
            await pac.send(numbered(number))
        except aiohttp.ServerDisconnectedError:
            lost.append(number)
    assert lost == [3, 6]
    assert await stored(pac) == 6


async def test_only_receivers_of_the_registry_are_known_where_the_knob_says_so(pac: OwnPac) -> None:
    await pac.turn(registered_receivers=True)
    assert (await pac.send(to_receiver("999999102-2-2026")))["mensaje"].startswith("1602-")
    assert (await pac.send(to_receiver("155641197-2-2016")))["codigo"] == "200"
    special = special_receiver(pdf_late=3)
    assert (await pac.send(to_receiver(special, number=2)))["codigo"] == "200"


# Special receivers


async def test_a_special_receiver_turns_a_knob_for_its_documents_alone(pac: OwnPac) -> None:
    rejected = await pac.send(to_receiver(special_receiver(reject="2152,1"), 1))
    assert rejected["mensaje"].startswith("2152-Item 1: ")
    assert (await pac.send(to_receiver(special_receiver(no_folios=True), 2)))["codigo"] == "119"
    assert (await send_raw(pac, to_receiver(special_receiver(http_502=True), 3)))[0] == 502
    assert (await pac.send(to_receiver(special_receiver(voided_elsewhere=True), 4)))["codigo"] == "200"
    assert (await pac.ask(numeroDocumentoFiscal="0000000004"))["estatusDocumento"] == "Anulada"
    assert (await pac.send(numbered(5)))["codigo"] == "200"
    assert (await pac.ask(numeroDocumentoFiscal="0000000005"))["estatusDocumento"] == "Autorizada"


def test_every_special_receiver_turns_a_knob_and_no_two_the_same() -> None:
    effects = [Knobs.model_validate(effect) for effect in SPECIAL_RECEIVERS.values()]
    assert Knobs() not in effects
    assert len({each.model_dump_json() for each in effects}) == len(effects)
    told_by_options = {"registered_receivers", "strict_order", "drop_every", "few_folios"}
    assert {
        name for effect in SPECIAL_RECEIVERS.values() for name in effect
    } == Knobs.model_fields.keys() - told_by_options
