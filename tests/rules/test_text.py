"""Cleaning and checking text, sorting by it, searching in it."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.faults import Code, Refusal
from rules.text import (
    LONGEST_SEARCH,
    MOST_WORDS,
    check,
    clean,
    digits,
    matches,
    search_column,
    search_key,
    search_terms,
    sort_key,
)

# Cleaning


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("  Ana \n", "Ana"),
        ("\ufeffAna\u200b", "Ana"),
        ("\u00a0Ana\u3000", "Ana"),
        ("Jose\u0301", "José"),
        ("una\r\ndos", "una\ndos"),
        ("Ana  María", "Ana  María"),
        ("", None),
        (" \t\u200b", None),
        (None, None),
    ],
)
def test_text_is_stored_trimmed_and_composed(typed: str | None, stored: str | None) -> None:
    assert clean(typed) == stored


@given(st.text())
def test_cleaning_again_changes_nothing(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(min_size=1))
def test_cleaned_text_is_composed_and_not_empty(text: str) -> None:
    cleaned = clean(text)

    assert cleaned is None or (cleaned and unicodedata.is_normalized("NFC", cleaned))


def codes(text: str | None, shortest: int = 2, longest: int = 5, *, multiline: bool = False) -> list[Code]:
    faults = check(("name",), text, shortest, longest, multiline=multiline)
    assert all(fault.path == ("name",) for fault in faults)
    return [fault.code for fault in faults]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, [Code.REQUIRED]),
        ("a", [Code.INVALID_VALUE]),
        ("ab", []),
        ("abcde", []),
        ("abcdef", [Code.TOO_LONG]),
        ("ñandú", []),
    ],
)
def test_a_text_keeps_to_its_lengths(text: str | None, expected: list[Code]) -> None:
    assert codes(text) == expected


def test_a_text_that_may_be_empty_may_be_missing() -> None:
    assert codes(None, shortest=0) == []


@pytest.mark.parametrize("char", ["\x00", "\x07", "\x1b", "\x7f", "\x85", "\ud800", "\u202e", "\u2066"])
def test_control_characters_are_refused_everywhere(char: str) -> None:
    assert codes(f"a{char}b") == [Code.INVALID_VALUE]
    assert codes(f"a{char}b", multiline=True) == [Code.INVALID_VALUE]


@pytest.mark.parametrize("char", ["\n", "\t"])
def test_only_a_text_of_several_lines_has_line_breaks_and_tabs(char: str) -> None:
    assert codes(f"a{char}b") == [Code.INVALID_VALUE]
    assert codes(f"a{char}b", multiline=True) == []


def test_a_heap_of_accents_is_refused_before_it_costs_time() -> None:
    heap = "a" + "\u0301\u0323" * 200_000

    start = time.process_time()
    assert codes(clean(heap)) == [Code.INVALID_VALUE]
    assert time.process_time() - start < 2


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
        "zeta",
    ]

    assert sorted(set(names), key=lambda name: sort_key(name).encode()) == names


@pytest.mark.parametrize(
    ("one", "other"),
    [("JOSÉ", "jose"), ("Peña", "PEÑA"), ("Pen\u0303a", "Peña"), ("Ana  Ríos ", "ana rios"), ("Straße", "STRASSE")],
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


# Search

ISTMO = search_column("Hoteles del Ñandú & Coca-Cola, S. A.", "8-NT-1-13656", None, "+5072691234", "+50766778899")
COMPANY = search_column("P.H. Óscar O'Higgins", "155596713-2-2015", phone="+17865551234")
PERSON = search_column("Ana María Núñez", "8-769-1080")
OLD_CEDULA = search_column("Luis Pérez", "8AV-1-196")
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
        # nothing to search by
        (PERSON, ""),
        (PERSON, " - "),
        (PERSON, "%"),
        (PERSON, "_"),
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

    assert all(term.isalnum() for term in terms)


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

    assert matches(search_column(" ".join(name), ruc, mobile=mobile), search_terms(" ".join(query))) is expected


@given(st.text(max_size=60))
def test_a_customer_is_found_by_each_word_of_its_own_name(name: str) -> None:
    column = search_column(name)

    assert all(matches(column, search_terms(word)) for word in name.split())


@given(st.lists(st.from_regex(r"[A-Za-zñÑáéíóú]{1,6}([-.'&][A-Za-zñ]{1,6}){0,2}", fullmatch=True), max_size=4))
def test_a_customer_is_found_by_its_whole_name(words: list[str]) -> None:
    name = " ".join(words)

    assert matches(search_column(name), search_terms(name))


def test_a_search_key_has_words_only() -> None:
    assert search_key("  Río-Abajo (Ñ), 2.ª ") == "rio abajo n 2 a"


@given(st.text())
def test_digits_are_ascii(text: str) -> None:
    assert all(char in "0123456789" for char in digits(text))
