"""The DV (dígito verificador), the two check digits behind a RUC.

Source: Dirección General de Ingresos (DGI), "Algoritmo para el cálculo del dígito verificador
(DV)", version 201805. The RUC's parts are laid side by side in a field of digits, summed with the
weights 2, 3, 4, ... from the right, and taken modulo 11; the second digit repeats this with the
first one added at the right. What differs from one kind of RUC to another is the field.

The functions take the parts as digits without leading zeros, because their length chooses the
field. ``rules.ruc`` reads RUCs and knows which function serves which.
"""

from itertools import chain, count
from typing import Final

# How long a part may be before the document treats it differently, or not at all.
_TOMO, _ASIENTO = 3, 5

_LETTER_CODES: Final = {"": "00", "E": "50", "N": "40", "PE": "75", "AV": "15", "PI": "79"}
_NT_CODE: Final = "43"

# "Tabla de referencia cruzada": what replaces digits 6 and 7 of an old company's field. A row is
# (first, last, replacement of the first); replacements rise by one. Other digits stay as they are.
_CROSS_REFERENCE: Final = {
    f"{digits:02}": f"{becomes + digits - first:02}"
    for first, last, becomes in [(10, 18, 1), (19, 22, 1), (23, 25, 7), (26, 33, 2), (34, 42, 1), (43, 49, 1)]
    for digits in range(first, last + 1)
}


def juridical_dv(first: str, second: str, third: str) -> str:
    """The DV of a company: tomo-folio-asiento, rollo-imagen-ficha or folio-2-year.

    >>> juridical_dv("155596713", "2", "2015")
    '59'

    The old companies, those numbered below 50,000, have their own table and weights.

    >>> juridical_dv("10102", "64", "103462")
    '30'
    """
    field = first.zfill(10)
    # The document looks at digits 4 to 6 alone, so 20,012,345 would count as old, too.
    old = field[3:5] == "00" and field[5] < "5"
    if old:
        field = field[:5] + _CROSS_REFERENCE.get(field[5:7], field[5:7]) + field[7:]
    return _check_digits(field + second.zfill(4) + third.zfill(6), old)


def natural_dv(letter: str, province: str, tomo: str, asiento: str) -> str | None:
    """The DV of a person, or ``None`` where the document has no rule for parts of this length.

    ``letter`` is empty for a plain cédula; ``province`` is empty for E, N and PE.

    >>> natural_dv("", "8", "274", "125")
    '91'
    >>> natural_dv("E", "", "8", "110361")
    '95'
    >>> natural_dv("N", "", "1234", "567") is None
    True
    """
    field = "5" + province.zfill(2) + _LETTER_CODES[letter] + tomo.zfill(_TOMO) + asiento.zfill(_ASIENTO)
    match letter, len(tomo) > _TOMO, len(asiento) > _ASIENTO:
        case (_, False, False) | ("", True, False) | ("E", False, True):
            return _check_digits(field)
        case (("E" | "AV" | "PI"), True, False):
            # Here the document's sum ends after weight 11, so province and letter don't count.
            return _check_digits(tomo + asiento.zfill(_ASIENTO))
    return None


def nt_dv(province: str, tomo: str, asiento: str, *, natural: bool) -> str:
    """The DV of an NT (número tributario), which persons and companies share in shape only.

    >>> nt_dv("8", "1", "123456", natural=True), nt_dv("8", "1", "123456", natural=False)
    ('76', '52')
    """
    if len(asiento) > 6:
        asiento = asiento[:_ASIENTO]  # the note on the document's page 24
    field = province.zfill(2) + _NT_CODE + tomo.zfill(_TOMO) + asiento.zfill(_ASIENTO)
    return _check_digits("5" + field if natural else field)


def _check_digits(field: str, old: bool = False) -> str:
    first = _check_digit(field, old)
    return first + _check_digit(field + first, old)


def _check_digit(field: str, old: bool) -> str:
    weights = chain(range(2, 12), count(11)) if old else count(2)  # old companies use weight 11 twice
    remainder = sum(weight * int(digit) for weight, digit in zip(weights, reversed(field), strict=False)) % 11
    return str(11 - remainder) if remainder > 1 else "0"
