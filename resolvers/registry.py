"""What the registry of taxpayers knows of a customer: asking it, completing the customer, and verifying it."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Any, Final

from lookup.service import Consultar, Lookup, Source, Status
from resolvers.errors import BadUserInput
from rules import keys, ruc
from rules.customer_check import CleanCustomer
from rules.faults import Code, Fault, Text
from rules.ruc import Ruc
from rules.vocabulary import ReceiverType, TaxpayerType, VerificationStatus

# The fields that a registry knows, and their paths.
_PATHS: Final = {"taxpayer_type": "taxpayerType", "dv": "dv", "name": "name"}

_consultar: ContextVar[Consultar | None] = ContextVar("consultar", default=None)


@contextmanager
def checking_with(consultar: Consultar) -> Iterator[None]:
    """Within this block, checks of customers use what ``consultar`` has cached; outside of one they use nothing."""
    token = _consultar.set(consultar)
    try:
        yield
    finally:
        _consultar.reset(token)


async def find_confirmed_type(number: Ruc, dv: str, types: tuple[TaxpayerType, ...]) -> TaxpayerType | None:
    """The first of these types for which a recent answer of the registry has the RUC with this DV."""
    consultar = _consultar.get()
    if consultar is not None:
        for taxpayer_type in types:
            if await consultar.confirms(number, dv, taxpayer_type):
                return taxpayer_type
    return None


# Asking


async def look_up(
    consultar: Consultar, number: str, dv: str | None, taxpayer_type: TaxpayerType | None, wait_ms: int | None
) -> Lookup:
    """Look a RUC up as it was typed, waiting at most this long.

    Raises ``BadUserInput`` for a longer wait, and ``DailyLimitReached``.
    """
    longest = int(consultar.timeout * 1000)
    if wait_ms is not None and not 0 <= wait_ms <= longest:
        raise BadUserInput(f"waitMs must be between 0 and {longest}.")
    return await consultar.look_up(number, dv, taxpayer_type, None if wait_ms is None else wait_ms / 1000)


async def look_up_customer(consultar: Consultar, clean: CleanCustomer) -> Lookup | None:
    """Look the customer's RUC up; None if it has none to ask about. Raises ``DailyLimitReached``.

    This may wait for another service: call it outside of transactions. A registry doesn't find a
    taxpayer under the wrong type, so a type that the DV doesn't prove is followed by the other one.
    """
    if not isinstance(clean.ruc, Ruc) or clean.receiver_type is ReceiverType.FOREIGN:
        return None
    start = time.monotonic()
    lookup = await consultar.look_up(clean.ruc, clean.dv, clean.taxpayer_type)
    other = _other_type(clean.ruc, clean) if lookup.status is Status.NOT_FOUND else None
    if other:
        left = max(0.0, start + consultar.timeout - time.monotonic())
        under_other = await consultar.look_up(clean.ruc, clean.dv, other, left)
        if under_other.status is Status.FOUND:
            return under_other
    return lookup


def _other_type(number: Ruc, clean: CleanCustomer) -> TaxpayerType | None:
    dv, taxpayer_type = clean.written_dv, clean.taxpayer_type
    is_proven = dv is not None and isinstance(ruc.check_dv(number, dv, taxpayer_type), ruc.Match)
    if taxpayer_type is None or is_proven:
        return None
    return next((reading for reading in number.readings if reading is not taxpayer_type), None)


# Completing and verifying


def complete(clean: CleanCustomer, lookup: Lookup | None) -> tuple[CleanCustomer, tuple[Fault, ...]]:
    """The customer with the fields that it lacks and the registry has, and the contradictions between both.

    An earlier answer, used because no provider answers now, completes a customer but contradicts nothing.
    """
    if lookup is None or lookup.name is None:
        return clean, ()
    lacking = {name: getattr(lookup, name) for name, value in _known_fields(clean).items() if not value}
    faults = [_contradiction(name, getattr(lookup, name)) for name in differences(clean, lookup)]
    return replace(clean, **lacking), tuple(faults) if lookup.status is Status.FOUND else ()


def differences(clean: CleanCustomer, lookup: Lookup) -> list[str]:
    """The fields in which the customer is not what the registry has."""
    return [
        name
        for name, value in _known_fields(clean).items()
        if value and not (same_name(value, lookup.name or "") if name == "name" else value == getattr(lookup, name))
    ]


def _known_fields(clean: CleanCustomer) -> dict[str, str | None]:
    return {"taxpayer_type": clean.taxpayer_type, "dv": clean.written_dv, "name": clean.name}


def same_name(one: str, other: str) -> bool:
    """Whether two spellings are of one name: case, accents, marks and blanks don't matter.

    >>> same_name("Cervecería Nacional, S.A.", "CERVECERIA NACIONAL S A")
    True
    """
    return keys.search_key(one).replace(" ", "") == keys.search_key(other).replace(" ", "")


def _contradiction(name: str, value: str) -> Fault:
    message = Text("El registro tiene otro dato: {value}.", "The registry has another value: {value}.")
    return Fault((_PATHS[name],), Code.REGISTRY_MISMATCH, message.format(value=value), (value,))


def verification_columns(clean: CleanCustomer, lookup: Lookup | None, *, asks: bool | None = None) -> Mapping[str, Any]:
    """The columns that say how far the registry has verified a customer, after this look-up.

    ``asks`` is whether there is a registry to ask later; by default, whether checks have one.
    """
    if asks is None:
        consultar = _consultar.get()
        asks = consultar is not None and consultar.asks
    if lookup and (lookup.status is Status.UNAVAILABLE or lookup.source is Source.COMPUTED):
        lookup = None  # no registry has answered, so nothing is verified
    if lookup is None:
        status = VerificationStatus.PENDING if clean.ruc and asks else VerificationStatus.UNVERIFIED
    elif lookup.status is not Status.FOUND:
        status = VerificationStatus.NOT_FOUND
    else:
        status = VerificationStatus.MISMATCH if differences(clean, lookup) else VerificationStatus.VERIFIED
    return {
        "verification_status": status,
        "verification_checked_at": lookup and lookup.as_of,
        "verification_registry_name": lookup and lookup.name,
        "verification_tries": 0,
        "verification_next_at": None,
    }
