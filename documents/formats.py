"""Figures and dates as they are written in Panama."""

from datetime import date, datetime
from decimal import Decimal
from typing import Final

import phonenumbers

from documents import words
from rules.calendar import PANAMA
from rules.countries import ENGLISH_NAMES, NAMES
from rules.rates import fraction
from rules.vocabulary import Currency, ItbmsRate, Language

SYMBOLS: Final = {Currency.PAB: "B/.", Currency.USD: "US$"}

_PANAMA: Final = 507
_CENT: Final = Decimal("0.01")


def format_money(amount: Decimal) -> str:
    """
    >>> format_money(Decimal("1234.5"))
    '1,234.50'
    """
    return f"{amount:,.2f}"


def format_quantity(number: Decimal) -> str:
    """
    >>> format_quantity(Decimal("1500.250000")), format_quantity(Decimal("100.000000"))
    ('1,500.25', '100')
    """
    return f"{number.normalize():,f}"


def format_price(number: Decimal) -> str:
    """
    >>> format_price(Decimal("9.500000")), format_price(Decimal("0.685000"))
    ('9.50', '0.685')
    """
    return format_money(number) if number == number.quantize(_CENT) else format_quantity(number)


def format_day(day: date, language: Language = Language.ES) -> str:
    """
    >>> format_day(date(2026, 3, 5)), format_day(date(2026, 3, 5), Language.EN)
    ('5 de marzo de 2026', '5 March 2026')
    """
    return words.DATE[language].format(day=day.day, month=words.MONTHS[language][day.month - 1], year=day.year)


def format_moment(moment: datetime, language: Language = Language.ES) -> str:
    """A moment in Panama's time.

    >>> format_moment(datetime.fromisoformat("2026-03-06T01:05:09Z"))
    '5 de marzo de 2026, 20:05:09'
    """
    return f"{format_day(moment.astimezone(PANAMA).date(), language)}, {moment.astimezone(PANAMA):%H:%M:%S}"


def format_phone(number: str) -> str:
    """
    >>> format_phone("+50766778899"), format_phone("+5072234567"), format_phone("+573001234567")
    ('6677-8899', '223-4567', '+57 300 1234567')
    """
    parsed = phonenumbers.parse(number)
    is_local = parsed.country_code == _PANAMA
    kind = phonenumbers.PhoneNumberFormat.NATIONAL if is_local else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, kind)


def country_name(code: str, language: Language = Language.ES) -> str:
    """
    >>> country_name("DE"), country_name("DE", Language.EN)
    ('Alemania', 'Germany')
    """
    return (ENGLISH_NAMES if language is Language.EN else NAMES)[code]


def format_rate(rate: ItbmsRate, language: Language = Language.ES) -> str:
    """
    >>> format_rate(ItbmsRate.RATE_7), format_rate(ItbmsRate.EXEMPT)
    ('7 %', 'Exento')
    """
    return f"{fraction(rate) * 100:.0f} %" if fraction(rate) else words.EXEMPT[language]
