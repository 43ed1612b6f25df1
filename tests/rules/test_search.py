"""Sorting, telling apart and searching what people typed."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.faults import Code, Refusal
from rules.keys import digits, document_key, search_column, search_key, sort_key
from rules.search import LONGEST_SEARCH, MOST_WORDS, DocumentNumber, document_terms, matches, search_terms
from rules.text import clean

# Order


def test_names_sort_as_spanish_has_it() -> None:
    names = [
        "abanico",
        "Ábrego",
        "Acuña",
        "Añil",
        "Canal",
        "Cañazas",
        "Caño",
        "Cao",
        "nube",
        "Núñez",
        "Nuñez Ábrego",
        "nz",
        "ñandú",
        "Ñopo",
        "oca",
        "Óscar",
        "Øster",
        "zeta",
    ]

    assert sorted(set(names), key=lambda name: sort_key(name).encode()) == names


@pytest.mark.parametrize(
    ("one", "other"),
    [("JOSÉ", "jose"), ("Peña", "PEÑA"), ("Pen\u0303a", "Peña"), ("Ana  Ríos ", "ana rios"), ("Straße", "STRASSE")]
    + [("Ho\u200bteles\u200f Zeta", "Hoteles Zeta"), ("Łukasz Ægir", "Lukasz Aegir"), ("\ufeffAna", "Ana")],
)
def test_case_accents_and_spaces_do_not_count_in_the_order(one: str, other: str) -> None:
    assert sort_key(one) == sort_key(other)


ALPHABET = " abcdefghijklmnñopqrstuvwxyz"


@given(st.lists(st.text(alphabet=ALPHABET[1:], max_size=6).map(str.strip), max_size=10))
def test_the_bytes_of_keys_sort_as_the_spanish_alphabet(names: list[str]) -> None:
    by_alphabet = sorted(names, key=lambda name: [ALPHABET.index(letter) for letter in name])

    assert sorted(names, key=lambda name: sort_key(name).encode()) == by_alphabet


@given(st.text(max_size=200))
def test_a_key_fits_an_index_entry(text: str) -> None:
    assert len(sort_key(text).encode(errors="surrogatepass")) <= 800


def test_letters_that_fold_into_many_fit_an_index_entry_too() -> None:
    assert len(sort_key("\ufdfa" * 200).encode()) <= 800


def test_every_latin_letter_is_sorted_and_found_as_the_letter_that_its_name_says() -> None:
    others = {}
    for code in range(0x80, 0x110000):
        name = unicodedata.name(chr(code), "").split(" WITH ")[0].split()
        if name[:1] == ["LATIN"] and name[1:3] in (["SMALL", "LETTER"], ["CAPITAL", "LETTER"]) and len(name) == 4:
            letter = name[3].lower()
            if len(letter) == 1 and not search_key(chr(code)).startswith(letter):
                others[chr(code)] = letter
    assert others == {}


@pytest.mark.parametrize(
    ("letters", "plain"),
    [
        ("ł Ł ø Ø đ Đ ħ ŧ", "l l o o d d h t"),
        ("ß æ Æ œ ﬁ ĳ", "ss ae ae oe fi ij"),
        ("þ Þ ð Ð ı İ ŋ", "th th d d i i n"),
    ],
)
def test_letters_with_strokes_and_ligatures_are_plain_letters(letters: str, plain: str) -> None:
    assert search_key(letters) == plain
    assert sort_key(letters) == plain


def test_n_with_tilde_is_a_letter_in_the_order_and_an_n_in_the_search() -> None:
    assert sort_key("Nz") < sort_key("Ñ") < sort_key("O")
    assert search_key("Ñ") == "n"


# Telling apart


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("AB123456", "ab123456"),
        ("AB123456", "AB 123456"),
        ("AB123456", "AB-123.456"),
        ("AB123456", "ＡＢ１２３４５６"),
        ("AB123456", "AB\u200b123456"),
        ("900.123.456-7", "900123456-7"),
        ("ÑX-1", "ñx1"),
    ],
)
def test_a_document_is_the_same_in_any_spelling(one: str, other: str) -> None:
    assert document_key(one) == document_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("AB1", "AB2"), ("Ñ1", "N1"), ("А1", "A1"), ("---", "--"), ("12", "1²3"), ("é1", "e1")]
)
def test_different_documents_stay_apart(one: str, other: str) -> None:
    assert document_key(one) != document_key(other)


@given(st.text(min_size=1, max_size=50))
def test_the_key_of_a_document_is_never_empty(number: str) -> None:
    assert document_key(number)


# Search

ISTMO = search_column("Hoteles del Ñandú & Coca-Cola, S. A.", "8-NT-1-13656", None, ["+5072691234", "+50766778899"])
COMPANY = search_column("P.H. Óscar O'Higgins", "155596713-2-2015", phones=["+17865551234"])
PERSON = search_column("Ana María Núñez", "8-769-1080")
OLD_CEDULA = search_column("Luis Pérez", "8AV-1-196")
NORTHERN = search_column("Łukasz Øster Ægir Þór, Straße 3")
MAILED = search_column("Ana", emails=["pagos@example.com", None, "contadora@otra-casa.com"])
FOREIGNER = search_column("Jean Dupont", None, "AB 12345-6")


@pytest.mark.parametrize(
    ("column", "query"),
    [
        # name
        (ISTMO, "nandu"),
        (ISTMO, "ÑANDÚ"),
        (ISTMO, "andú"),
        (ISTMO, "ña"),
        (ISTMO, "n\u0303andu\u0301"),
        (ISTMO, "hoteles nandu"),
        (ISTMO, "nandu hoteles"),
        (ISTMO, "  ñandú,  hoteles "),
        (ISTMO, "h d n"),
        (ISTMO, "coca-cola"),
        (ISTMO, "coca cola"),
        (ISTMO, "cocacola"),
        (ISTMO, "coca–cola"),
        (ISTMO, "S.A."),
        (ISTMO, "s.a"),
        (ISTMO, "SA"),
        (ISTMO, "s a"),
        (ISTMO, "S/A"),
        (ISTMO, "Hoteles del Ñandú & Coca-Cola, S. A."),
        (COMPANY, "PH oscar"),
        (COMPANY, "p. h."),
        (COMPANY, "o'higgins"),
        (COMPANY, "ohiggins"),
        (COMPANY, "o higgins"),
        (PERSON, "nunez ana"),
        (PERSON, "ana-maría"),
        # RUC
        (COMPANY, "155596713-2-2015"),
        (COMPANY, "15559671322015"),
        (COMPANY, "155596713 2 2015"),
        (COMPANY, "155596713-2-2015 DV 59"),
        (COMPANY, "155596713-2-2015 dv59"),
        (COMPANY, "RUC: 155596713-2-2015 D.V. 59"),
        (COMPANY, "ruc 155596713-2-2015"),
        (COMPANY, "155596713-2-2015 DV"),
        (COMPANY, "155596"),
        (COMPANY, "596713"),
        (COMPANY, "15"),
        (COMPANY, "155596713-2-"),
        (PERSON, "8-769-1080"),
        (PERSON, "87691080"),
        (PERSON, "8 769 1080"),
        (PERSON, "8.769.1080"),
        (PERSON, "8–769–1080"),
        (PERSON, "769-1080"),
        (PERSON, "8-769"),
        (PERSON, "1080"),
        (PERSON, "8-769-1080 ana"),
        (ISTMO, "8-NT-1-13656"),
        (ISTMO, "8nt113656"),
        (ISTMO, "8 nt 1 13656"),
        (ISTMO, "nt-1-136"),
        (ISTMO, "nt"),
        (OLD_CEDULA, "8AV-1-196"),
        (OLD_CEDULA, "8-AV-1-196"),
        (OLD_CEDULA, "8 av 1 196"),
        # foreign id
        (FOREIGNER, "AB 12345-6"),
        (FOREIGNER, "ab123456"),
        (FOREIGNER, "AB-12345-6"),
        (FOREIGNER, "12345"),
        # phones
        (ISTMO, "6677-8899"),
        (ISTMO, "66778899"),
        (ISTMO, "6677 8899"),
        (ISTMO, "6677.8899"),
        (ISTMO, "66-77-88-99"),
        (ISTMO, "+507 6677-8899"),
        (ISTMO, "+50766778899"),
        (ISTMO, "(507) 6677-8899"),
        (ISTMO, "507-6677-8899"),
        (ISTMO, "8899"),
        (ISTMO, "66"),
        (ISTMO, "269-1234"),
        (COMPANY, "+1 (786) 555-1234"),
        (COMPANY, "786-555-1234"),
        (COMPANY, "155596713-2-2015 (DV 59)"),
        (COMPANY, "155596713-2-2015, DV 59"),
        (COMPANY, "155596713-2-2015/59"),
        (COMPANY, "155596713-2-2015 59"),
        (COMPANY, "higgins 155596713-2-2015/59"),
        # letters with strokes, and ligatures
        (NORTHERN, "lukasz oster"),
        (NORTHERN, "Łukasz Øster"),
        (NORTHERN, "AEgir"),
        (NORTHERN, "thor"),
        (NORTHERN, "strasse"),
        (search_column("Lukasz Oster"), "Łukasz Øster"),
        # e-mail addresses
        (MAILED, "pagos@example.com"),
        (MAILED, "PAGOS@"),
        (MAILED, "example.com"),
        (MAILED, "contadora@otra"),
        # nothing to search by
        (PERSON, ""),
        (PERSON, " \u200b "),
    ],
)
def test_a_search_finds_its_customer(column: str, query: str) -> None:
    assert matches(column, search_terms(query))


@pytest.mark.parametrize(
    ("column", "query"),
    [
        (PERSON, "luis"),
        (PERSON, "ana luis"),
        (PERSON, "na"),  # two letters find the beginning of a word only
        (PERSON, "80"),
        (PERSON, "anamaria"),  # words of a name are apart
        (PERSON, "10808769"),
        (PERSON, "8-769-1081"),
        (PERSON, "a%a"),
        (PERSON, "an_luis"),
        (COMPANY, "155596713-3-2015"),
        (ISTMO, "6677-8898"),
        (MAILED, "pagos@example.org"),
        # marks alone are no words
        (PERSON, " - "),
        (PERSON, "%"),
        (PERSON, "_"),
        (PERSON, "☕"),
    ],
)
def test_a_search_finds_nobody_else(column: str, query: str) -> None:
    assert not matches(column, search_terms(query))


def test_a_number_with_dashes_is_one_term() -> None:
    assert search_terms("8-769-1080") == ("87691080",)
    assert search_terms("+507 6677-8899") == ("507", "66778899")


def test_a_repeated_word_is_one_term() -> None:
    assert search_terms("Ana ana ANÁ") == ("ana",)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("a" * (LONGEST_SEARCH + 1), Code.TOO_LONG),
        (" ".join(str(number) for number in range(MOST_WORDS + 1)), Code.TOO_MANY),
    ],
)
def test_an_excessive_search_is_refused(query: str, code: Code) -> None:
    with pytest.raises(Refusal) as refusal:
        search_terms(query)

    assert [(fault.path, fault.code) for fault in refusal.value.faults] == [(("search",), code)]


@given(st.text(max_size=LONGEST_SEARCH))
def test_terms_are_letters_and_digits_only(query: str) -> None:
    try:
        terms = search_terms(query)
    except Refusal:
        return

    assert all(term.isalnum() for term in terms or ())


WORDS = ["Ñandú", "Núñez", "HOTELES", "del", "y", "Óscar", "pingüino", "3M", "Coclé", "San"]
RUCS = ["8-769-1080", "155596713-2-2015", "8-NT-1-13656", "PE-5-687"]


@given(
    name=st.lists(st.sampled_from(WORDS), min_size=1, max_size=4),
    ruc=st.sampled_from(RUCS),
    mobile=st.from_regex(r"\+5076[0-9]{7}", fullmatch=True),
    query=st.lists(
        st.sampled_from(["nand", "ÑA", "NU", "nez", "hot", "tel", "d", "del", "y", "3m", "cle", "san", "8-769", "769"])
        | st.sampled_from(["nt", "113656", "pe", "PE-5", "5596", "2015", "507", "+5076", "6"]),
        max_size=3,
    ),
)
def test_a_search_agrees_with_its_definition(name: list[str], ruc: str, mobile: str, query: list[str]) -> None:
    words = [word.lower().replace("ñ", "n").replace("ú", "u").replace("ó", "o").replace("é", "e") for word in name]
    words = [word.replace("ü", "u") for word in words]
    words += [*ruc.lower().split("-"), ruc.lower().replace("-", ""), mobile[1:], mobile[4:]]
    if name.count("y") > 1:
        words.append("yy")
    terms = [term.lower().replace("ñ", "n").replace("-", "").replace("+", "") for term in query]

    expected = all(any(term in word if len(term) > 2 else word.startswith(term) for word in words) for term in terms)

    assert matches(search_column(" ".join(name), ruc, phones=[None, mobile]), search_terms(" ".join(query))) is expected


@given(st.text(max_size=60))
def test_a_customer_is_found_by_each_word_of_its_own_name(name: str) -> None:
    column = search_column(name)

    words = [word for word in name.split() if search_key(word)]
    assert all(matches(column, search_terms(word)) for word in words)


@given(st.lists(st.from_regex(r"[A-Za-zñÑáéíóú]{1,6}([-.'&][A-Za-zñ]{1,6}){0,2}", fullmatch=True), max_size=4))
def test_a_customer_is_found_by_its_whole_name(words: list[str]) -> None:
    name = " ".join(words)

    assert matches(search_column(name), search_terms(name))


def test_a_search_key_has_words_only() -> None:
    assert search_key("  Río-Abajo (Ñ), 2.ª ") == "rio abajo n 2 a"


@given(st.text())
def test_digits_are_ascii(text: str) -> None:
    assert all(char in "0123456789" for char in digits(text))


# Numbers of documents


@pytest.mark.parametrize(
    "query",
    [
        "001-0000000003",
        "001-3",
        "001 - 3",
        "001/3",
        "001–0000000003",
        "Factura 001-0000000003",
        "factura-001-0000000003.pdf",
        "FACTURA N.º 001-3",
        "fact. no. 001-3",
        "#001-3",
    ],
)
def test_a_number_with_its_billing_point_is_that_one(query: str) -> None:
    assert document_terms(query) == (DocumentNumber(None, "001", "0000000003"),)


@pytest.mark.parametrize(
    "query", ["3", "N.º 3", "n.º3", "Nº 3", "n° 3", "No. 3", "nro 3", "#3", "factura 3", "Factura N.º 3"]
)
def test_a_number_without_a_billing_point_is_a_word(query: str) -> None:
    assert document_terms(query) == ("3",)


def test_a_number_may_have_its_branch_and_stand_beside_words() -> None:
    assert document_terms("0000-001-3") == (DocumentNumber("0000", "001", "0000000003"),)
    assert document_terms("ñandú 001-3") == ("nandu", DocumentNumber(None, "001", "0000000003"))


def test_a_number_that_can_be_part_of_a_ruc_is_both() -> None:
    assert document_terms("769-1080") == (DocumentNumber(None, "769", "0000001080", "7691080"),)
    assert document_terms("8-769-1080 DV 12") == ("87691080",)


def test_the_word_invoice_is_searched_where_no_number_follows() -> None:
    assert document_terms("factura express") == ("factura", "express")
    assert document_terms("") == ()
    assert document_terms("%") is None


@given(st.text(max_size=60))
def test_any_search_for_documents_has_terms_or_finds_nothing(query: str) -> None:
    try:
        terms = document_terms(query)
    except Refusal:
        return
    assert (terms == ()) == (clean(query) is None)
