"""RUC, DV and taxpayer type together: what follows from each for the others, for customers and for accounts.

>>> number = ruc.parse("8-NT-1-13656")
>>> derive(number, "43", None, readings=number.readings).taxpayer_type.value
'JURIDICAL'
>>> [fault.expected for fault in dv_faults(number, "12", right_dvs(number, number.readings))]
[('02', '43')]
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rules import ruc
from rules.faults import Code, Fault, Text
from rules.ruc import InvalidRuc, Ruc
from rules.ruc_suggestions import suggestions
from rules.vocabulary import TaxpayerType


@dataclass(frozen=True)
class TaxId:
    """What follows for DV and taxpayer type, each None where nothing is certain, and what is wrong."""

    dv: str | None
    taxpayer_type: TaxpayerType | None
    faults: tuple[Fault, ...] = ()


def read_ruc(text: str) -> Ruc | InvalidRuc:
    """The RUC written in a text, or the text that is not a RUC. So a request's RUC is parsed once."""
    try:
        return ruc.parse(text)
    except InvalidRuc as error:
        return error


def derive(
    number: Ruc,
    dv: str | None,
    taxpayer_type: TaxpayerType | None,
    *,
    readings: tuple[TaxpayerType, ...],
    confirmed_dv: str | None = None,
    needs_dv: bool = False,
) -> TaxId:
    """DV and taxpayer type as far as they follow from the RUC and each other.

    ``readings`` are the possible types where none is given. ``confirmed_dv`` is the DV
    that the registry has for this RUC and type; it beats the computed one. ``needs_dv`` says that the
    DV must be given where it can't be computed. Raises ``ruc.InvalidDv``.
    """
    dv = ruc.parse_dv(dv) if dv else number.written_dv or confirmed_dv
    faults: list[Fault] = []
    if taxpayer_type and not number.admits(taxpayer_type):
        message = _NOT_ADMITTED.format(ruc=number.canonical)
        faults.append(Fault(("taxpayerType",), Code.NOT_ALLOWED, message, number.readings))
        taxpayer_type = None
    possible = (taxpayer_type,) if taxpayer_type else readings
    proof = ruc.check_dv(number, dv, taxpayer_type) if dv else None
    if isinstance(proof, ruc.Match):
        taxpayer_type = proof.taxpayer_type
    elif taxpayer_type is None and len(readings) == 1:
        taxpayer_type = readings[0]

    types = (taxpayer_type,) if taxpayer_type else number.readings
    right = (confirmed_dv,) if confirmed_dv else right_dvs(number, types)
    if dv is None:
        dv = right[0] if len(right) == 1 else None
    else:
        faults += dv_faults(number, dv, right, (confirmed_dv,) if confirmed_dv else right_dvs(number, possible))
    is_wrong = dv is not None and bool(right) and dv not in right
    # A wrong DV is corrected first, because the right one tells the type.
    if taxpayer_type is None and number.readings and not is_wrong:
        faults.append(Fault(("taxpayerType",), Code.REQUIRED, _AMBIGUOUS.format(ruc=number.canonical)))
    elif dv is None and needs_dv:
        faults.append(Fault(("dv",), Code.REQUIRED, _NO_RULE.format(ruc=number.canonical)))
    return TaxId(dv, taxpayer_type, tuple(faults))


def right_dvs(number: Ruc, types: tuple[TaxpayerType, ...]) -> tuple[str, ...]:
    """The right DV for each of the types; none at all if no rule gives one of them."""
    computed = [ruc.compute_dv(number, type_) for type_ in types]
    known = tuple(dv for dv in computed if dv)
    return known if len(known) == len(computed) else ()


def dv_faults(number: Ruc, dv: str, right: tuple[str, ...], possible: tuple[str, ...] = ()) -> Iterator[Fault]:
    """What is wrong with a DV of two digits: not one of the right ones, or not the one written after the RUC.

    ``possible`` are the DVs that would be right for one of the types, if not for the one that this DV proves.
    """
    if right and dv not in right:
        yield Fault(("dv",), Code.DV_MISMATCH, _mismatch(number, dv, right), right)
    elif number.written_dv and dv != number.written_dv:
        message = _TWO_DVS.format(written=number.written_dv, dv=dv)
        yield Fault(("dv",), Code.DV_MISMATCH, message, possible or right)


def ruc_faults(number: Ruc | InvalidRuc | None, dv: str | None) -> Iterator[Fault]:
    """What is wrong with a RUC as it was read: not a RUC, or missing although there is a DV."""
    if isinstance(number, InvalidRuc):
        meant = suggestions(number.text)
        yield Fault(("ruc",), Code.INVALID_RUC, _invalid_ruc(meant), meant)
    elif number is None and dv:
        yield Fault(("ruc",), Code.REQUIRED, _DV_WITHOUT_RUC)


# Messages

_DV_WITHOUT_RUC: Final = Text("Escribe también el RUC de este DV.", "Write the RUC of this DV too.")
_NOT_ADMITTED: Final = Text(
    "El RUC {ruc} no corresponde a este tipo de contribuyente. Revisa los dos datos.",
    "The RUC {ruc} can't belong to this type of taxpayer. Check both.",
)
_TWO_DVS: Final = Text(
    "El RUC trae escrito el DV {written}, pero aquí dice {dv}. Deja uno solo.",
    "The RUC is followed by the DV {written}, but this field says {dv}. Keep only one.",
)
_AMBIGUOUS: Final = Text(
    "El RUC {ruc} puede ser de una persona natural o jurídica. Indica cuál, o escribe su DV.",
    "The RUC {ruc} can belong to a person or to a company. Choose which, or write its DV.",
)
_NO_RULE: Final = Text(
    "El DV del RUC {ruc} no se puede calcular. Escríbelo.",
    "The DV of the RUC {ruc} can't be computed. Write it.",
)


def _invalid_ruc(meant: tuple[str, ...]) -> Text:
    listed = ", ".join(meant)
    return Text(
        "Esto no es un RUC; un RUC lleva guiones, como 155596713-2-2015 u 8-769-1080."
        + (f" ¿Quisiste escribir {listed}?" if meant else ""),
        "This is not a RUC; a RUC has dashes, as in 155596713-2-2015 or 8-769-1080."
        + (f" Did you mean {listed}?" if meant else ""),
    )


def _mismatch(number: Ruc, dv: str, right: tuple[str, ...]) -> Text:
    meant = ", ".join(suggestions(number, dv))
    return Text(
        f"El DV {dv} no corresponde al RUC {number.canonical}; el correcto es {' o '.join(right)}."
        + (f" ¿O quisiste escribir el RUC {meant}?" if meant else ""),
        f"The DV {dv} doesn't belong to the RUC {number.canonical}; the right one is {' or '.join(right)}."
        + (f" Or did you mean the RUC {meant}?" if meant else ""),
    )
