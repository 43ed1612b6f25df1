"""E-mail addresses and phone numbers: whether they are well-formed, and how they are stored.

Nothing is checked over the network, so an accepted address may have no mailbox.
"""

import re
from typing import Final

import phonenumbers
from email_validator import EmailNotValidError, validate_email

EMAIL_LONGEST: Final = 100
PHONE_LONGEST: Final = 30

_LONGEST_LIST: Final = 1000  # characters in which addresses are looked for
_ENCODED_WORD: Final = "=?"


def email(text: str) -> str | None:
    """The address with its domain in lower case; None if it is not an e-mail address.

    An accent before the @ is refused: few mail servers deliver to such an address, and in Panama
    it is a typing error; an encoded word (RFC 2047), which is no address of anybody, is refused as well. Domains
    reserved for documentation, such as example.com, are accepted, since tutorials and sandboxes use them. Domains that
    can't exist (.test, .local) are refused.

    >>> email("Ana@EXAMPLE.com"), email("ana@peña.com")
    ('Ana@example.com', 'ana@peña.com')
    >>> email("josé@example.com") is None
    True
    """
    if len(text) > EMAIL_LONGEST or _ENCODED_WORD in text:
        return None
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return None
    return address if len(address) <= EMAIL_LONGEST else None


def ascii_email(address: str) -> str:
    """The address with its domain as the DNS has it, by IDNA 2008: by IDNA 2003 ß would become ss, another's domain.

    Raises ``ValueError`` for what is not an e-mail address.

    >>> ascii_email("ana@peña.com"), ascii_email("ana@straße.de")
    ('ana@xn--pea-8ma.com', 'ana@xn--strae-oqa.de')
    """
    # The sender's address, which the operator chooses, may be of a local domain.
    valid = validate_email(address, check_deliverability=False, allow_smtputf8=False, globally_deliverable=False)
    assert valid.ascii_email is not None  # an accent before the @ is refused
    return valid.ascii_email


def find_addresses(text: str) -> list[str]:
    """The addresses in a text that is more than one address: a list of them, or one with a name.

    >>> find_addresses("a@example.com; b@example.com"), find_addresses("Ana <a@example.com>")
    (['a@example.com', 'b@example.com'], ['a@example.com'])
    >>> find_addresses("josé@example.com")
    []
    """
    words = re.split(r"[\s<>,;|()\"]+", text[:_LONGEST_LIST])
    found = [address for word in words if (address := email(word.removeprefix("mailto:")))]
    return [] if text in found else found


def phone(text: str) -> str | None:
    """The number in E.164, read as Panamanian if it has no country code; None if it is no phone number.

    Words and extensions are refused: E.164 would drop them silently.

    >>> phone("6677-8899"), phone("+1 (786) 555-1234")
    ('+50766778899', '+17865551234')
    >>> phone("6677-8899 ext. 12") is None
    True
    """
    if len(text) > PHONE_LONGEST or any(char.isalpha() for char in text):
        return None
    try:
        number = phonenumbers.parse(text, "PA")
    except phonenumbers.NumberParseException:
        return None
    if number.extension or not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
