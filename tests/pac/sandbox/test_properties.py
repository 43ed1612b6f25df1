"""Whatever is sent, looked for and voided, with whatever knobs: a key has one document, and each used one folio."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import aiohttp
from hypothesis import given, settings
from hypothesis import strategies as st

from pac.hka.member import Content
from pac.sandbox.knobs import SPECIAL_RECEIVERS, Knobs
from pac.sandbox.sending import send
from pac.sandbox.server import run_sandbox
from pac.sandbox.soap import read_call, read_method
from pac.sandbox.state import Sandbox
from rules.fiscal import cufe
from tests.pac.sandbox.conftest import Clock, OwnPac
from tests.pac.sandbox.documents import document, envelope, numbered, to_receiver
from tests.pac.sandbox.test_dgi import ISSUER

NUMBERS = st.integers(1, 3)
RECEIVERS = st.sampled_from([None, *(number for number, effect in SPECIAL_RECEIVERS.items() if "slow" not in effect)])
KNOBS = st.sampled_from(
    [
        {},
        *({name: True} for name, field in Knobs.model_fields.items() if field.annotation is bool),
        *[{"dgi_late": 5}, {"void_late": 5}, {"duplicate": "102"}, {"duplicate": "203"}, {"drop_every": 2}],
        *[{"reject": "2152,1"}, {"notice": "2509"}, {"pdf_late": 1}],
    ]
)
STEPS = st.one_of(
    st.tuples(st.just("send"), NUMBERS, RECEIVERS),
    st.tuples(st.just("ask"), NUMBERS, st.sampled_from(["EstadoDocumento", "DescargaXML", "DescargaPDF"])),
    st.tuples(st.just("void"), NUMBERS, st.none()),
    st.tuples(st.just("turn"), KNOBS, st.none()),
    st.tuples(st.just("wait"), st.integers(1, 10), st.none()),
)


@given(st.lists(STEPS, max_size=25))
@settings(max_examples=60, deadline=None)
def test_no_two_documents_share_a_key_and_folios_are_documents(steps: list[tuple[str, Any, Any]]) -> None:
    asyncio.run(run(steps))


async def run(steps: list[tuple[str, Any, Any]]) -> None:
    clock = Clock()
    sandbox = Sandbox(clock=clock)
    async with run_sandbox(sandbox) as url, aiohttp.ClientSession() as session:
        pac = OwnPac(sandbox, clock, url, session)
        await pac.register()
        seen: dict[str, str] = {}  # the CUFE by the key
        voided: set[str] = set()
        for step in steps:
            # An answer may be lost, empty or a failure's: then the assertion in ``call`` or the parser raises.
            with suppress(aiohttp.ClientError, AssertionError, SyntaxError):
                await take(pac, *step)
            await check(pac, seen, voided)


async def take(pac: OwnPac, name: str, what: Any, how: Any) -> None:
    match name:
        case "send":
            await pac.send(to_receiver(how, what) if how else numbered(what))
        case "ask":
            await pac.ask(how, numeroDocumentoFiscal=f"{what:010d}")
        case "void":
            await pac.void(numeroDocumentoFiscal=f"{what:010d}")
        case "turn":
            await pac.turn(**what)
        case "wait":
            pac.clock.advance(seconds=what)


async def check(pac: OwnPac, seen: dict[str, str], voided: set[str]) -> None:
    documents = await pac.documents()
    keys = {each["key"]: each["cufe"] for each in documents}
    assert len(keys) == len(documents) == len({each["cufe"] for each in documents})
    assert seen.items() <= keys.items(), "a document never goes away and never changes its CUFE"
    now_voided = {each["key"] for each in documents if each["status"] == "VOIDED"}
    assert voided <= now_voided, "a void is not taken back"
    for each in documents:
        cufe.parse(each["cufe"])
        assert each["sends"] >= 1
    [issuer] = pac.sandbox.store.list_issuers()
    assert issuer.folios_used == len(documents)
    seen |= keys
    voided |= now_voided


async def test_what_answers_good_is_found_with_the_same_cufe(pac: OwnPac) -> None:
    answers = [await pac.send(numbered(number)) for number in range(1, 4)]
    found = [await pac.ask(numeroDocumentoFiscal=f"{number:010d}") for number in range(1, 4)]
    assert [each["cufe"] for each in found] == [each["cufe"] for each in answers]
    assert (await pac.send(document()))["codigo"] == "102"


def leaves(content: Any, path: tuple[str, ...] = ()) -> Iterator[str]:
    pairs = enumerate(content) if isinstance(content, list) else content.items()
    for name, value in pairs:
        if isinstance(value, str):
            yield "__".join((*path, str(name)))
        else:
            yield from leaves(value, (*path, str(name)))


INSTANTS = st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9]-05:00", fullmatch=True)
TEXTS = st.one_of(
    st.none(),
    st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30),
    st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,7})?", fullmatch=True),
    st.sampled_from(["01", "02", "03", "04", "1", "2", "PA", "NaN", "-1", "1e5", "٣"]),
)


@st.composite
def changed_documents(draw: st.DrawFn) -> Content:
    letter = draw(st.sampled_from("ace"))
    all_names = [*leaves(document(letter))]
    dates = [name for name in all_names if "fecha" in name]
    names = draw(st.lists(st.sampled_from(dates) | st.sampled_from(all_names), max_size=3))
    return document(letter, **{name: draw(INSTANTS if "fecha" in name else TEXTS) for name in names})


@given(changed_documents())
@settings(max_examples=300, deadline=None)
def test_whatever_the_members_are_there_is_an_answer(content: Content) -> None:
    sandbox = Sandbox(clock=Clock())
    sandbox.store.save_issuer(ISSUER)
    request = envelope(content)
    call = read_call(read_method(request), request, in_order=True)
    assert send(sandbox, call).members["codigo"] in {"109", "200", "201", "203"}
    sandbox.store.close()
