"""RUCs as people write them, and what their DV proves."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.ruc import (
    MAX_LENGTH,
    InvalidDv,
    InvalidRuc,
    Match,
    Mismatch,
    NoRule,
    RucKind,
    check_dv,
    compute_dv,
    identification,
    parse,
    parse_dv,
)
from rules.ruc_suggestions import suggestions
from rules.vocabulary import TaxpayerType

NATURAL, JURIDICAL = TaxpayerType.NATURAL, TaxpayerType.JURIDICAL


# Forms


@pytest.mark.parametrize(
    ("text", "kind", "parts", "readings"),
    [
        ("8-123-456", RucKind.CEDULA, ("8", "123", "456"), (NATURAL, JURIDICAL)),
        ("8-1234-567", RucKind.CEDULA, ("8", "1234", "567"), (NATURAL, JURIDICAL)),
        ("13-1-123456", RucKind.CEDULA, ("13", "1", "123456"), (NATURAL, JURIDICAL)),
        ("E-8-127702", RucKind.E, ("8", "127702"), (NATURAL,)),
        ("PE-5-687", RucKind.PE, ("5", "687"), (NATURAL,)),
        ("N-19-473", RucKind.N, ("19", "473"), (NATURAL,)),
        ("8AV-1-196", RucKind.AV, ("8", "1", "196"), (NATURAL,)),
        ("13PI-1-196", RucKind.PI, ("13", "1", "196"), (NATURAL,)),
        ("8-NT-1-13656", RucKind.NT, ("8", "1", "13656"), (NATURAL, JURIDICAL)),
        ("11-NT-958-2182101", RucKind.NT, ("11", "958", "2182101"), (NATURAL, JURIDICAL)),
        ("14-123-456", RucKind.JURIDICAL, ("14", "123", "456"), (JURIDICAL,)),
        ("82-30-15216", RucKind.JURIDICAL, ("82", "30", "15216"), (JURIDICAL,)),
        ("10102-64-103462", RucKind.JURIDICAL, ("10102", "64", "103462"), (JURIDICAL,)),
        ("2588017-1-831938", RucKind.JURIDICAL, ("2588017", "1", "831938"), (JURIDICAL,)),
        ("155596713-2-2015", RucKind.JURIDICAL, ("155596713", "2", "2015"), (JURIDICAL,)),
        ("25049890-3-2022", RucKind.JURIDICAL, ("25049890", "3", "2022"), (JURIDICAL,)),
        ("80-3030-46", RucKind.JURIDICAL, ("80", "3030", "46"), (JURIDICAL,)),
        ("88358-8715", RucKind.FINCA, ("88358", "8715"), ()),
        ("8-30213562", RucKind.FINCA, ("8", "30213562"), ()),
        ("80-30213562", RucKind.FINCA, ("80", "30213562"), ()),
    ],
)
def test_each_form_is_recognised(
    text: str, kind: RucKind, parts: tuple[str, ...], readings: tuple[TaxpayerType, ...]
) -> None:
    ruc = parse(text)
    assert (ruc.kind, ruc.parts, ruc.readings) == (kind, parts, readings)
    assert (ruc.canonical, ruc.written_dv) == (text, None)


def test_a_type_is_admitted_unless_the_form_excludes_it() -> None:
    assert [parse("E-8-127702").admits(each) for each in (NATURAL, JURIDICAL)] == [True, False]
    assert [parse("155596713-2-2015").admits(each) for each in (NATURAL, JURIDICAL)] == [False, True]
    assert [parse("8-NT-1-24").admits(each) for each in (NATURAL, JURIDICAL)] == [True, True]
    assert [parse("8-30213562").admits(each) for each in (NATURAL, JURIDICAL)] == [True, True]


@pytest.mark.parametrize(
    ("text", "dgi"),
    [
        ("8AV-1-196", "8-AV-1-196"),
        ("13PI-1-196", "13-PI-1-196"),
        ("8-NT-1-13656", "8-NT-1-13656"),
        ("PE-1-19", "PE-1-19"),
        ("155596713-2-2015", "155596713-2-2015"),
    ],
)
def test_the_dgi_wants_a_dash_before_av_and_pi(text: str, dgi: str) -> None:
    assert parse(text).dgi == dgi
    assert parse(dgi).canonical == text


# Reading


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("08-0123-000456", "8-123-456"),
        ("  8-123-456\n", "8-123-456"),
        ("8 - 123  -  456", "8-123-456"),
        ("8\u2013123\u2014456", "8-123-456"),
        ("8\u2212123\u2010456", "8-123-456"),
        ("8\u2011123\u2012456", "8-123-456"),
        ("8\u00a0-\u00a0123-456", "8-123-456"),
        ("\uff18\uff0d\uff11\uff12\uff13\uff0d\uff14\uff15\uff16", "8-123-456"),
        ("8-1\u200b23-4\u00ad56", "8-123-456"),
        ("8-123\n-456", "8-123-456"),
        ("8 783 1657", "8-783-1657"),
        ("652.212.129962", "652-212-129962"),
        ("8/783/1657", "8-783-1657"),
        ("pe-5-687", "PE-5-687"),
        ("PE 5 687", "PE-5-687"),
        ("8 AV-1-196", "8AV-1-196"),
        ("8av 1 196", "8AV-1-196"),
        ("08-PI-01-080", "8PI-1-80"),
        ("8NT-1-2", "8-NT-1-2"),
        ("8 nt-1-2", "8-NT-1-2"),
        ("8 NT 1 2", "8-NT-1-2"),
        ("08-nt-001-00013656", "8-NT-1-13656"),
        ("0229562-0001-000345", "229562-1-345"),
    ],
)
def test_damage_without_consequence_is_read_over(text: str, canonical: str) -> None:
    assert parse(text) == parse(canonical)
    assert parse(text).canonical == canonical


@pytest.mark.parametrize(
    ("text", "canonical", "dv"),
    [
        ("155596713-2-2015 DV 59", "155596713-2-2015", "59"),
        ("155596713-2-2015 dv59", "155596713-2-2015", "59"),
        ("155596713-2-2015 D.V. 59", "155596713-2-2015", "59"),
        ("155596713-2-2015 D.V 59", "155596713-2-2015", "59"),
        ("155596713-2-2015-DV-59", "155596713-2-2015", "59"),
        ("155596713-2-2015 DV: 59", "155596713-2-2015", "59"),
        ("155596713-2-2015:59", "155596713-2-2015", "59"),
        ("155596713-2-2015-59", "155596713-2-2015", "59"),
        ("521-136-113133 DV 2", "521-136-113133", "02"),
        ("8-123-456-91", "8-123-456", "91"),
        ("8-123-456-0", "8-123-456", "00"),
        ("8-NT-1-13178-35", "8-NT-1-13178", "35"),
        ("8 NT-1-13178-35", "8-NT-1-13178", "35"),
        ("E-8-127702-16", "E-8-127702", "16"),
        ("8AV-1-196-90", "8AV-1-196", "90"),
        ("8-AV-1-196-90", "8AV-1-196", "90"),
        ("652.212.129962 D.V. 04", "652-212-129962", "04"),
        ("8 783 1657 DV23", "8-783-1657", "23"),
        ("80-30213562 DV 68", "80-30213562", "68"),
        ("RUC 155596713-2-2015 DV 59", "155596713-2-2015", "59"),
        ("155596713-2-2015 (DV 59)", "155596713-2-2015", "59"),
        ("155596713-2-2015, DV 59", "155596713-2-2015", "59"),
        ("155596713-2-2015/59", "155596713-2-2015", "59"),
        ("155596713-2-2015 59", "155596713-2-2015", "59"),
        ("155596713-2-2015 (59)", "155596713-2-2015", "59"),
        ("R.U.C. N.º: 155596713-2-2015 D.V. 59", "155596713-2-2015", "59"),
        ("Cédula 8-123-456 DV 91", "8-123-456", "91"),
        ("\u202aRUC\u00a08-123-456\u200b/91\u202c", "8-123-456", "91"),
    ],
)
def test_a_dv_behind_the_number_is_cut_off_and_padded(text: str, canonical: str, dv: str) -> None:
    ruc = parse(text)
    assert (ruc.canonical, ruc.written_dv) == (canonical, dv)
    assert ruc == parse(canonical)


def test_the_dv_of_a_finca_must_be_marked_because_it_could_be_part_of_a_company() -> None:
    assert parse("80-3030-46").canonical == "80-3030-46"
    assert parse("80-3030 DV 46").canonical == "80-3030"
    with pytest.raises(InvalidRuc):
        parse("8-30213562-68")


def test_the_code_of_an_old_finca_keeps_its_four_digits() -> None:
    assert parse("000001-8001").canonical == "1-8001"
    assert parse("000123-0012").canonical == "123-0012"
    assert parse("8-00012345").canonical == "8-12345"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "-",
        "-----",
        "DV 59",
        "8",
        "8-123-",
        "-8-123-456",
        "8--123-456",
        "8-123-456 DV",
        "8-123-456 DV 123",
        "8-123-456-789",
        "8-123-456-7-8",
        "0-123-456",
        "00-123-456",
        "0AV-1-196",
        "14AV-1-196",
        "0-NT-1-24",
        "14-NT-1-24",
        "NT-1-13656",
        "AV-1-196",
        "8-0-456",
        "8-123-000",
        "000000000-000-0000",
        "0-1234",
        "1-0000",
        "CIP-000-000-0000",
        "PAS1311723564",
        "CF",
        "SB-1-2",
        "EE-8-127",
        "0E-8-127702",
        "8-ABC-123",
        "15570307122021",
        "155724460-22022",
        "8 1 2-3",
        "8  783  1657",
        "8.783-1657",
        "8_783_1657",
        "8,783,1657",
        "8:783:1657",
        "+8-783-1657",
        "8-123456-1",
        "8-NT-1234-1",
        "3-NT-2506-10982",
        "8-NT-1-12345678",
        "PE-1-123456",
        "8AV-1-123456",
        "E-12345-1",
        "12345678901-1-1",
        "1-12345-1",
        "1-1-1234567",
        "1234567-8001",
        "14-12345678",
        "8-123456789",
        "8-\u00b2-1",  # superscript two
        "8\u00b2-1-1",
        "8-\u00bd-1",  # one half
        "8-\u2460-1",  # circled one
        "8-\u2469-1",  # circled ten
        "8-\u0663-1",  # Arabic three
        "8-\u0967-1",  # Devanagari one
        "8-123-456\x00",
        "8-123-456\ud800",
        "\u0415-8-127702",  # Cyrillic E
        "8-123-456; DROP TABLE customer",
    ],
)
def test_what_is_no_ruc_is_refused(text: str) -> None:
    with pytest.raises(InvalidRuc) as refusal:
        parse(text)
    assert isinstance(refusal.value, ValueError)
    assert refusal.value.text == text


def test_a_text_above_the_limit_is_refused_whatever_it_holds() -> None:
    padded = "8-123-456".rjust(MAX_LENGTH)
    assert parse(padded).canonical == "8-123-456"
    assert parse(" " * 1000 + padded).canonical == "8-123-456"
    for text in ("8-123-456" + " " * MAX_LENGTH + "x", "8-" * 1_000_000, "\ufdfa" * 1_000_000):
        with pytest.raises(InvalidRuc) as refusal:
            parse(text)
        assert suggestions(refusal.value.text) == ()
        assert len(str(refusal.value)) < 1_000


# DV

# Examples of the DGI's document.
IN_THE_DGIS_DOCUMENT = [
    ("8-274-125", NATURAL, "91"),
    ("8-2743-1253", NATURAL, "31"),
    ("E-8-110361", NATURAL, "95"),
    ("E-8788-26", NATURAL, "50"),
]

# What its rules give where public calculators disagree.
BY_ITS_RULES = [
    ("1AV-432-658", NATURAL, "31"),
    ("8-NT-1-123456", NATURAL, "76"),
]

# On invoices, in legal notices, in the manuals of the e-invoice's providers.
IN_DOCUMENTS = [
    ("155596713-2-2015", JURIDICAL, "59"),
    ("45400-2-299934", JURIDICAL, "09"),
    ("521-136-113133", JURIDICAL, "02"),
    ("1719593-1-690057", JURIDICAL, "59"),
    ("155657158-2-2017", JURIDICAL, "56"),
    ("2-221-78", JURIDICAL, "56"),
    ("1-513-153", JURIDICAL, "21"),
    ("8-NT-1-13656", JURIDICAL, "43"),  # Ministerio de Educación
    ("8-NT-1-12607", JURIDICAL, "01"),  # Ministerio de Trabajo
    ("8-NT-1-13178", JURIDICAL, "35"),
    ("8-783-1657", NATURAL, "23"),
]

# In the tests of open-source calculators, whose authors compared them with the DGI's own query.
IN_CALCULATORS = [
    ("1-184-921", NATURAL, "49"),
    ("8-769-1080", NATURAL, "56"),
    ("5-257-218", NATURAL, "09"),
    ("6-108-289", NATURAL, "79"),
    ("8-28-1284", NATURAL, "33"),
    ("2-7-89", NATURAL, "20"),
    ("E-8-127702", NATURAL, "16"),
    ("E-8-127703", NATURAL, "05"),
    ("E-8-12770", NATURAL, "72"),
    ("E-8-96407", NATURAL, "29"),
    ("E-1-11", NATURAL, "63"),
    ("E-1234-12770", NATURAL, "98"),
    ("E-1235-12770", NATURAL, "23"),
    ("E-7824-53189", NATURAL, "90"),
    ("E-9624-41065", NATURAL, "80"),
    ("E-6521-53249", NATURAL, "99"),
    ("E-5056-27219", NATURAL, "16"),
    ("PE-1-19", NATURAL, "60"),
    ("PE-123-12345", NATURAL, "42"),
    ("PE-842-3681", NATURAL, "51"),
    ("PE-712-5789", NATURAL, "82"),
    ("PE-523-8262", NATURAL, "37"),
    ("N-19-1821", NATURAL, "11"),
    ("N-1-24", NATURAL, "89"),
    ("8AV-1-196", NATURAL, "90"),
    ("2AV-1234-12345", NATURAL, "26"),
    ("2AV-1234-123", NATURAL, "33"),
    ("2AV-1234-1234", NATURAL, "02"),
    ("13PI-1-196", NATURAL, "58"),
    ("8PI-1-80", NATURAL, "05"),
    ("8PI-23-65", NATURAL, "91"),
    ("2PI-23-65", NATURAL, "41"),
    ("2PI-123-1234", NATURAL, "41"),
    ("2PI-1234-12345", NATURAL, "26"),
    ("2PI-1234-123", NATURAL, "33"),
    ("2PI-1234-1234", NATURAL, "02"),
    ("8PI-1234-1234", NATURAL, "02"),
    ("8PI-1234-12345", NATURAL, "26"),
    ("8-NT-1-24", NATURAL, "33"),
    ("8-NT-783-1657", NATURAL, "54"),
    ("3-NT-465-45624", NATURAL, "03"),
    ("12-NT-45-2154", NATURAL, "17"),
    ("9-NT-2-421578", NATURAL, "50"),
    ("6-NT-227-888555", NATURAL, "09"),
    ("8-NT-1-123456", JURIDICAL, "52"),
    ("8-NT-1-1234567", JURIDICAL, "49"),
    ("1-NT-45-56544", JURIDICAL, "03"),
    ("5-NT-478-2351", JURIDICAL, "94"),
    ("7-NT-102-33575", JURIDICAL, "03"),
    ("11-NT-958-218210", JURIDICAL, "73"),
    ("11-NT-958-2182101", JURIDICAL, "82"),
    ("10102-64-103462", JURIDICAL, "30"),
    ("1102-85-117211", JURIDICAL, "95"),
    ("41425-516-58123", JURIDICAL, "41"),
    ("32425-254-85621", JURIDICAL, "68"),
    ("12388-184-921", JURIDICAL, "62"),
    ("797609-1-493865", JURIDICAL, "12"),
    ("1489806-1-645353", JURIDICAL, "68"),
    ("1956569-1-732877", JURIDICAL, "00"),
    ("2588017-1-831938", JURIDICAL, "20"),
    ("155720753-2-2022", JURIDICAL, "39"),
    ("15565624-2-2017", JURIDICAL, "63"),
]


@pytest.mark.parametrize(
    ("text", "taxpayer_type", "dv"), IN_THE_DGIS_DOCUMENT + BY_ITS_RULES + IN_DOCUMENTS + IN_CALCULATORS
)
def test_a_published_dv_matches_and_settles_the_type(text: str, taxpayer_type: TaxpayerType, dv: str) -> None:
    ruc = parse(text)
    assert compute_dv(ruc, taxpayer_type) == dv
    assert check_dv(ruc, dv) == check_dv(ruc, dv, taxpayer_type) == Match(taxpayer_type)


def test_leading_zeros_do_not_change_the_layout_of_a_cedula() -> None:
    assert compute_dv(parse("08-0274-000125"), NATURAL) == "91"
    assert compute_dv(parse("8-NT-001-0013656"), JURIDICAL) == "43"


@pytest.mark.parametrize(
    "text",
    [
        "20-40918",
        "8-30213562",
        "88358-8715",
        "N-1234-12345",
        "N-123-123456",
        "PE-1234-567",
        "E-1234-123456",
    ],
)
def test_without_a_published_rule_no_dv_is_right_or_wrong(text: str) -> None:
    ruc = parse(text)
    assert compute_dv(ruc, NATURAL) is compute_dv(ruc, JURIDICAL) is None
    for dv in ("00", "90", "68"):
        assert check_dv(ruc, dv) == check_dv(ruc, dv, NATURAL) == check_dv(ruc, dv, JURIDICAL) == NoRule()


def test_a_cedula_with_a_long_asiento_can_be_proved_a_company_but_nothing_else() -> None:
    ruc = parse("8-123-123456")
    company = compute_dv(ruc, JURIDICAL)
    assert company is not None
    assert compute_dv(ruc, NATURAL) is None
    assert check_dv(ruc, company) == Match(JURIDICAL)
    assert check_dv(ruc, "99") == check_dv(ruc, "99", NATURAL) == NoRule()
    assert check_dv(ruc, "99", JURIDICAL) == Mismatch(((JURIDICAL, company),))


def test_a_wrong_dv_tells_the_right_one_for_each_type() -> None:
    assert check_dv(parse("155596713-2-2015"), "95") == Mismatch(((JURIDICAL, "59"),))
    assert check_dv(parse("8-NT-1-123456"), "99") == Mismatch(((NATURAL, "76"), (JURIDICAL, "52")))
    assert check_dv(parse("8-NT-1-123456"), "76", JURIDICAL) == Mismatch(((JURIDICAL, "52"),))


def test_a_type_that_the_form_excludes_has_no_dv() -> None:
    assert compute_dv(parse("E-8-127702"), JURIDICAL) is None
    assert check_dv(parse("E-8-127702"), "16", JURIDICAL) == NoRule()
    assert check_dv(parse("155596713-2-2015"), "59", NATURAL) == NoRule()


@pytest.mark.parametrize("text", ["DV 59", "D.V. 59", "dv59", "DV: 59"])
def test_a_dv_is_read_with_its_label(text: str) -> None:
    assert parse_dv(text) == "59"


def test_a_dv_of_one_digit_is_padded() -> None:
    assert check_dv(parse("521-136-113133"), "2") == Match(JURIDICAL)


@pytest.mark.parametrize("dv", ["", " ", "123", "-1", "5 ", "5\n", "a", "5a", "\u00b2", "\u0665", "\uff15", "\x00"])
def test_a_text_that_is_no_dv_is_neither_right_nor_wrong(dv: str) -> None:
    for refused in (
        lambda: parse_dv(dv),
        lambda: check_dv(parse("8-30213562"), dv),
        lambda: suggestions("8-30213562", dv),
    ):
        with pytest.raises(InvalidDv) as refusal:
            refused()
        assert refusal.value.text == dv


def test_identification_shows_the_dv_where_there_is_one() -> None:
    assert identification(parse("08-av-1-196").canonical, "90") == "8AV-1-196 DV 90"
    assert identification(parse("8-30213562 DV 68").canonical, None) == "8-30213562"


# Properties


def number(longest: int, shortest: int = 1) -> st.SearchStrategy[str]:
    return st.integers(10 ** (shortest - 1), 10**longest - 1).map(str)


PROVINCES = st.integers(1, 13).map(str)
CEDULAS = st.builds("{}-{}-{}".format, PROVINCES, number(3) | st.integers(1000, 3999), number(5))
NTS = st.builds("{}-NT-{}-{}".format, PROVINCES, number(3), number(7))
COMPANIES = st.builds("{}-{}-{}".format, number(10), number(4), number(6))
PERSONS = CEDULAS | st.one_of(
    st.builds("E-{}-{}".format, number(4), number(6)),
    st.builds("PE-{}-{}".format, number(4), number(5)),
    st.builds("N-{}-{}".format, number(4), number(6)),
    st.builds("{}{}-{}-{}".format, PROVINCES, st.sampled_from(["AV", "PI"]), number(4), number(5)),
)
FINCAS = st.builds("{}-{}".format, number(6), number(4, 4)) | st.builds(
    "{}{}-{}".format, st.integers(1, 9), st.sampled_from(["", "0"]), number(8)
)
TAXPAYERS = PERSONS | NTS | COMPANIES
DVS = st.integers(0, 99)


@st.composite
def written(draw: st.DrawFn, canonical: str) -> str:
    """The number as a careless hand would write it."""
    separator = draw(st.sampled_from(["-", " -", "- ", "\u2010", "\u2011", " \u2013 ", "\u2014", "\u2015", "\u2212"]))
    text = re.sub("(?<![0-9])(?=[0-9])", lambda _: draw(st.sampled_from(["", "0", "00"])), canonical)
    text = re.sub("(?=AV|PI)", lambda _: draw(st.sampled_from(["", " ", "-"])), text)
    text = re.sub("-(?=NT)", lambda _: draw(st.sampled_from(["", " ", "-"])), text)
    text = draw(st.sampled_from([text, text.lower()])).replace("-", separator)
    return draw(st.sampled_from(["", " ", "\t"])) + text


# What invoices, mails and pages print of a RUC: all of it comes from ``identification``.
PRINTED = ["{}", "RUC {}", "RUC: {}", "({})", "{},", " {} "]


@given(
    st.sampled_from(PRINTED[:3]), TAXPAYERS, st.none() | DVS, st.sampled_from(["", "\u200b", "\u202a", "\ufeff", "\n"])
)
def test_what_is_printed_can_be_pasted(form: str, canonical: str, dv: int | None, mark: str) -> None:
    written_dv = None if dv is None else f"{dv:02}"
    ruc = parse(mark + form.format(identification(canonical, written_dv)) + mark)
    assert (ruc.canonical, ruc.written_dv) == (canonical, written_dv)


@given(TAXPAYERS, DVS, st.sampled_from([" ({})", " (DV {})", ", DV {}", "/{}", " {}", " DV:{}", ", D.V. {}", " / {}"]))
def test_a_dv_may_be_set_off_in_many_ways(canonical: str, dv: int, form: str) -> None:
    ruc = parse(canonical + form.format(f"{dv:02}"))
    assert (ruc.canonical, ruc.written_dv) == (canonical, f"{dv:02}")


@given(st.data(), TAXPAYERS, DVS)
def test_spelling_never_changes_the_answer(data: st.DataObject, canonical: str, dv: int) -> None:
    text = data.draw(written(canonical))
    mark = data.draw(st.sampled_from(["", "-", " DV ", " dv", " D.V. ", " D.V ", "-DV-", " DV: ", " : ", ":"]))
    behind = f"{mark}{dv:02}" if mark else ""
    ruc = parse(text + behind)
    assert ruc == parse(canonical)
    assert ruc.written_dv == (f"{dv:02}" if mark else None)
    assert [compute_dv(ruc, each) for each in TaxpayerType] == [
        compute_dv(parse(canonical), each) for each in TaxpayerType
    ]


@given(TAXPAYERS | FINCAS)
def test_the_canonical_and_the_dgis_spelling_read_as_the_same_ruc(text: str) -> None:
    ruc = parse(text)
    assert ruc.canonical == text
    assert parse(ruc.canonical) == parse(ruc.dgi) == ruc


DRUC = "[0-9-]{5,20}|(PE|E|N)-[0-9-]+|[0-9]{1,2}-(AV|NT|PI)-[0-9-]+"


@given(TAXPAYERS.filter(lambda text: len(text) <= 19))
def test_the_e_invoice_schema_takes_the_dgis_spelling(text: str) -> None:
    assert re.fullmatch(DRUC, parse(text).dgi)


@given(CEDULAS | NTS)
def test_a_person_and_a_company_never_share_number_and_dv(text: str) -> None:
    ruc = parse(text)
    assert ruc.readings == (NATURAL, JURIDICAL)
    assert compute_dv(ruc, NATURAL) != compute_dv(ruc, JURIDICAL)


@given(TAXPAYERS | FINCAS, DVS)
def test_a_dv_is_right_for_one_type_or_wrong_for_all_or_without_a_rule(text: str, number: int) -> None:
    ruc, dv = parse(text), f"{number:02}"
    right = [compute_dv(ruc, each) for each in ruc.readings]
    match check_dv(ruc, dv):
        case Match(taxpayer_type):
            assert compute_dv(ruc, taxpayer_type) == dv
        case Mismatch(expected):
            assert [each for _, each in expected] == right
            assert dv not in right
        case NoRule():
            assert None in right or not right


ANY_TEXT = st.text(max_size=60) | st.text("0123456789-NTAVPIED. :", max_size=60)


@given(ANY_TEXT)
def test_any_text_is_read_to_a_plain_ruc_or_refused(text: str) -> None:
    try:
        ruc = parse(text)
    except InvalidRuc:
        return
    assert re.fullmatch("[0-9A-Z-]+", ruc.canonical)
    assert parse(ruc.canonical) == ruc
