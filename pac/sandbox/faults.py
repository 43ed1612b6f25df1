"""What can go wrong with a call to the sandbox: for all calls, or at any time for a RUC of ``special_ruc``."""

from enum import StrEnum
from typing import Final


class Fault(StrEnum):
    BAD_TOKEN = "bad-token"  # code 100
    CERTIFICATE = "certificate"  # code 101
    PROCESSING = "processing"  # code 201
    DGI = "dgi"  # code 202
    EXPIRED = "expired"  # 401
    LIMITED = "limited"  # 429 with Retry-After
    BROKEN = "broken"  # 500, with a soap Fault
    OVERLOADED = "overloaded"  # 503 with Retry-After
    SLOW = "slow"  # the right answer, late
    HANGING = "hanging"  # no answer
    DROPPED = "dropped"  # the connection is closed before the answer
    TRUNCATED = "truncated"  # the connection is closed in the middle of the answer
    MALFORMED = "malformed"  # a web page
    HUGE = "huge"  # an answer without end
    OTHER = "other"  # the answer about another RUC
    FLAPPING = "flapping"  # every other call fails with code 202


def special_ruc(fault: Fault) -> str:
    """The RUC for which this fault happens: a company's RUC with a folio and year that no company has.

    >>> special_ruc(Fault.BAD_TOKEN), special_ruc(Fault.FLAPPING)
    ('999999901-2-2014', '999999916-2-2014')
    """
    return f"{_FIRST_SPECIAL + list(Fault).index(fault)}-2-2014"


_FIRST_SPECIAL: Final = 999999901

FAULT_OF_RUC: Final = {special_ruc(fault): fault for fault in Fault}
CODES_OF_FAULTS: Final = {
    Fault.BAD_TOKEN: "100",
    Fault.CERTIFICATE: "101",
    Fault.PROCESSING: "201",
    Fault.DGI: "202",
}
STATUSES_OF_FAULTS: Final = {
    Fault.EXPIRED: 401,
    Fault.LIMITED: 429,
    Fault.BROKEN: 500,
    Fault.OVERLOADED: 503,
}
