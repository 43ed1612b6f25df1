"""E-mail addresses and phone numbers: whether they are some, and the one spelling to store.

No network is asked: an address may have no mailbox and a number nobody who answers.
"""

import phonenumbers
from email_validator import EmailNotValidError, validate_email

EMAIL_LONGEST = 100
PHONE_LONGEST = 30


def email(text: str) -> str | None:
    """The address with its domain in lower case; None if it is none.

    An accent before the @ is refused, since few mail servers deliver to such an address and
    in Panama it is a slip. Domains kept for documentation, such as example.com, are accepted: they
    are in every tutorial and sandbox, and harm nobody. Those that can't exist (.test, .local) are not.

    >>> email("Ana@EXAMPLE.com"), email("ana@peña.com")
    ('Ana@example.com', 'ana@peña.com')
    >>> email("josé@example.com") is None
    True
    """
    if len(text) > EMAIL_LONGEST:
        return None
    try:
        address = validate_email(text, check_deliverability=False, allow_smtputf8=False).normalized
    except EmailNotValidError:
        return None
    return address if len(address) <= EMAIL_LONGEST else None


def phone(text: str) -> str | None:
    """The number in E.164, read as one of Panama if it has no country code; None if it is none.

    Words and extensions are refused: E.164 would drop them without a word.

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
