"""The registry's word on a customer: asking for it, filling the customer in with it, and judging by it."""

import time
from dataclasses import replace
from typing import Any, Final

from lookup.service import Consultar, Lookup, Source, Status
from resolvers.errors import BadUserInput
from rules import ruc, text
from rules.customer import CustomerData
from rules.faults import Code, Fault, Text
from rules.vocabulary import ReceiverType, TaxpayerType, VerificationStatus

# What a registry knows: the field, and its path.
_FIELDS: Final = {"taxpayer_type": "taxpayerType", "dv": "dv", "name": "name"}


async def look_up(
    consultar: Consultar, number: str, dv: str | None, taxpayer_type: TaxpayerType | None, wait_ms: int | None
) -> Lookup:
    """Look a RUC up as it was typed, and wait this long at most; raises ``BadUserInput`` for what is too long."""
    longest = int(consultar.timeout * 1000)
    if wait_ms is not None and not 0 <= wait_ms <= longest:
        raise BadUserInput(f"waitMs must be between 0 and {longest}.")
    return await consultar.look_up(number, dv, taxpayer_type, None if wait_ms is None else wait_ms / 1000)


async def asked(consultar: Consultar, data: CustomerData) -> Lookup | None:
    """What is said of this customer; None where there is nothing to ask. It waits: call it outside of transactions.

    A taxpayer is not found under the wrong type. So where nothing but the given type says which it
    is, the other one is tried, too.
    """
    number, dv = text.clean(data.ruc), text.clean(data.dv)
    if number is None or data.receiver_type is ReceiverType.FOREIGN:
        return None
    start = time.monotonic()
    word = await consultar.look_up(number, dv, data.taxpayer_type)
    other = _other_type(data) if word.status is Status.NOT_FOUND else None
    if other:
        left = max(0.0, start + consultar.timeout - time.monotonic())
        under_other = await consultar.look_up(number, dv, other, left)
        if under_other.status is Status.FOUND:
            return under_other
    return word


def _other_type(data: CustomerData) -> TaxpayerType | None:
    number, dv = _number_and_dv(data)
    proven = dv is not None and isinstance(ruc.check_dv(number, dv, data.taxpayer_type), ruc.Match)
    if data.taxpayer_type is None or proven:
        return None
    return next((reading for reading in number.readings if reading is not data.taxpayer_type), None)


def _number_and_dv(data: CustomerData) -> tuple[ruc.Ruc, str | None]:
    """The RUC, and the DV given with it or written behind it; of data that could be looked up."""
    number = ruc.parse(text.clean(data.ruc) or "")
    given = text.clean(data.dv)
    return number, ruc.parse_dv(given) if given else number.written_dv


def completed(data: CustomerData, word: Lookup | None) -> tuple[CustomerData, tuple[Fault, ...]]:
    """The customer with what it lacks and the registry has; and where the registry has something else.

    What an earlier answer says while nobody answers now fills in, but contradicts nobody.
    """
    if word is None or word.name is None:
        return data, ()
    lacking = {name: getattr(word, name) for name in _FIELDS if not _typed(data, name)}
    faults = [_fault(name, getattr(word, name)) for name in differing(data, word)]
    return replace(data, **lacking), tuple(faults) if word.status is Status.FOUND else ()


def differing(data: CustomerData, word: Lookup) -> list[str]:
    """The fields in which the customer is not what the registry has."""
    given = {name: _typed(data, name) for name in _FIELDS}
    return [
        name
        for name, value in given.items()
        if value and not (same_name(value, word.name or "") if name == "name" else value == getattr(word, name))
    ]


def _typed(data: CustomerData, name: str) -> str | None:
    if name == "dv":
        return _number_and_dv(data)[1]
    value: str | None = getattr(data, name)
    return value if name == "taxpayer_type" else text.clean(value)


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are of one name: case, accents, marks and blanks don't matter.

    >>> same_name("Cervecería Nacional, S.A.", "CERVECERIA NACIONAL S A")
    True
    """
    return text.search_key(one).replace(" ", "") == text.search_key(other).replace(" ", "")


def _fault(name: str, value: str) -> Fault:
    message = Text(f"En el registro es otro: {value}.", f"The registry has another one: {value}.")
    return Fault((_FIELDS[name],), Code.REGISTRY_MISMATCH, message, (value,))


def verification(data: CustomerData, word: Lookup | None, *, asks: bool) -> dict[str, Any]:
    """How a customer stands by this word, as columns of its row; ``asks`` is whether there is a registry to ask."""
    said = word if word and word.status is not Status.UNAVAILABLE and word.source is not Source.COMPUTED else None
    if said is None:
        status = VerificationStatus.PENDING if data.ruc and asks else VerificationStatus.UNVERIFIED
    elif said.status is not Status.FOUND:
        status = VerificationStatus.NOT_FOUND
    else:
        status = VerificationStatus.MISMATCH if differing(data, said) else VerificationStatus.VERIFIED
    return {
        "verification_status": status,
        "verification_checked_at": said and said.as_of,
        "verification_registry_name": said and said.name,
        "verification_tries": 0,
        "verification_next_at": None,
    }
