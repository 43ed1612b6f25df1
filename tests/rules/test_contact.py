"""E-mail addresses and phone numbers."""

import pytest
from email_validator import validate_email
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.contact import EMAIL_LONGEST, PHONE_LONGEST, ascii_email, email, phone


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("ana@example.com", "ana@example.com"),
        ("Ana.Rios@EXAMPLE.COM", "Ana.Rios@example.com"),
        ("ana+facturas@istmo.com.pa", "ana+facturas@istmo.com.pa"),
        ("x@y.technology", "x@y.technology"),
        ("ana@peña.com", "ana@peña.com"),
        ("ana@xn--pea-8ma.com", "ana@peña.com"),
        ("a" * 64 + "@" + "e" * 31 + ".com", "a" * 64 + "@" + "e" * 31 + ".com"),
    ],
)
def test_an_address_is_stored_with_its_domain_in_lower_case(written: str, stored: str) -> None:
    assert email(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "ana",
        "ana@",
        "@example.com",
        "ana@example",
        "ana@localhost",
        "ana@istmo.test",
        "ana@[127.0.0.1]",
        "ana rios@example.com",
        "ana..rios@example.com",
        "josé@example.com",
        "=?utf-8?q?x?=@example.com",
        "=?utf-8?b?eA==?=@example.com",
        "ana=?x@example.com",
        "Ana <ana@example.com>",
        "ana@example.com, luis@example.com",
        "ana@example.com\n",
        "ana\x00@example.com",
        "a" * 64 + "@" + "e" * 32 + ".com",
        "a" * 1_000_000,
    ],
)
def test_what_is_no_address_is_refused(written: str) -> None:
    assert email(written) is None


@given(st.emails())
def test_a_stored_address_stays_as_it_is(written: str) -> None:
    stored = email(written)

    assert stored is None or (email(stored) == stored and len(stored) <= EMAIL_LONGEST)


@pytest.mark.parametrize(
    ("written", "sent_to"),
    [
        ("ana@example.com", "ana@example.com"),
        ("ana@peña.com", "ana@xn--pea-8ma.com"),
        ("ana@PEÑA.com", "ana@xn--pea-8ma.com"),
        ("ana@straße.de", "ana@xn--strae-oqa.de"),
        ("ana@strasse.de", "ana@strasse.de"),
        ("ana@faß.de", "ana@xn--fa-hia.de"),
        ("ana@xn--fa-hia.de", "ana@xn--fa-hia.de"),
        ("ana@βόλος.com", "ana@xn--nxasmm1c.com"),
        ("ana@βόλοσ.com", "ana@xn--nxasmq6b.com"),
    ],
)
def test_mail_goes_to_the_domain_that_was_written(written: str, sent_to: str) -> None:
    stored = email(written)
    assert stored is not None
    assert ascii_email(stored) == sent_to


_LABELS = st.text(
    st.characters(categories=["Ll", "Lu", "Lo", "Mn", "Nd"]) | st.sampled_from("ßςñöãabcxn-\u200c\u200d"), min_size=1
)


@settings(max_examples=500)
@given(st.builds("ana@{}.{}".format, _LABELS, st.sampled_from(["com", "de", "pa", "рф", "xn--p1ai"])))
def test_the_domain_sent_to_is_the_one_that_was_checked(written: str) -> None:
    stored = email(written)
    if stored is not None:
        assert ascii_email(stored) == validate_email(written, check_deliverability=False).ascii_email


@pytest.mark.parametrize("address", ["", "ana", "josé@example.com", "ana@a..b", "ana@example.com\r\nX: 1"])
def test_what_is_no_address_has_no_form_to_send_to(address: str) -> None:
    with pytest.raises(ValueError, match="."):
        ascii_email(address)


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        ("6677-8899", "+50766778899"),
        ("66778899", "+50766778899"),
        ("6677.8899", "+50766778899"),
        ("(507) 6677 8899", "+50766778899"),
        ("+507 6677-8899", "+50766778899"),
        ("00 507 6677-8899", "+50766778899"),
        ("\u202a+507 6677–8899\u202c", "+50766778899"),
        ("269-1234", "+5072691234"),
        ("800-1234", "+5078001234"),
        ("+1 (786) 555-1234", "+17865551234"),
        ("+57 300 1234567", "+573001234567"),
    ],
)
def test_a_number_is_stored_in_e164_and_without_country_code_is_of_panama(written: str, stored: str) -> None:
    assert phone(written) == stored


@pytest.mark.parametrize(
    "written",
    [
        "",
        "12",
        "911",
        "0000-0000",
        "6677-88999",
        "+999 1234 5678",
        "6677-8899 ext. 12",
        "6677-8899 #12",
        "6677-8899 / 6655-1122",
        "Casa 6677-8899",
        "1-800-FLOWERS",
        "6" * (PHONE_LONGEST + 1),
        "6" * 1_000_000,
    ],
)
def test_what_is_no_number_is_refused(written: str) -> None:
    assert phone(written) is None


@given(st.from_regex(r"\+?[0-9]{1,3}[ -]?[0-9]{3,5}[ -]?[0-9]{3,6}", fullmatch=True))
def test_a_stored_number_stays_as_it_is(written: str) -> None:
    stored = phone(written)

    assert stored is None or phone(stored) == stored
