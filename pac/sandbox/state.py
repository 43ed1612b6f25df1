"""The sandbox: how it behaves, which may be changed while it runs, what it knows, and what it has been asked."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from random import Random
from typing import NamedTuple

from pac.providers import SANDBOX_PASSWORD, SANDBOX_USER
from pac.sandbox.faults import FAULT_OF_RUC, Fault
from pac.sandbox.knobs import SPECIAL_RECEIVERS, Knobs
from pac.sandbox.storage import Store
from pac.sandbox.taxpayers import Registry


def _now() -> datetime:
    return datetime.now(UTC)


class Session(NamedTuple):
    """A sign-in over REST: by which user, and until when."""

    user: str
    password: str
    until: datetime


@dataclass
class Sandbox:
    """``fault``, ``slow``, ``retry_after`` and what follows up to ``tokens`` are about look-ups, ``knobs`` and what
    follows about emission; ``latency`` is of both.

    ``latency``, ``slow`` and ``retry_after`` are in seconds. ``calls`` counts questions by RUC and type, ``sign_ins``
    the tokens given out; ``tokens`` are these, with whom they were given to. ``random`` makes the security codes of
    CUFEs.
    """

    fault: Fault | None = None
    latency: float = 0.0
    slow: float = 3.0
    retry_after: int = 2
    user: str = SANDBOX_USER
    password: str = SANDBOX_PASSWORD
    calls: Counter[tuple[str, str]] = field(default_factory=Counter)
    sign_ins: int = 0
    tokens: dict[str, Session] = field(default_factory=dict)
    knobs: Knobs = field(default_factory=Knobs)
    store: Store = field(default_factory=Store)
    clock: Callable[[], datetime] = _now
    random: Random = field(default_factory=Random)
    registry: Registry = field(default_factory=Registry)
    emission_calls: int = 0

    def count_call(self, number: str, taxpayer_type: str) -> Fault | None:
        """Count a question, and return what is to go wrong with it."""
        self.calls[number, taxpayer_type] += 1
        fault = FAULT_OF_RUC.get(number) or self.fault
        if fault is Fault.FLAPPING:
            return Fault.DGI if self.calls[number, taxpayer_type] % 2 else None
        return fault

    def knobs_for(self, receiver: str) -> Knobs:
        """The knobs for a document to the receiver with this RUC."""
        return self.knobs.model_copy(update=SPECIAL_RECEIVERS.get(receiver, {}))

    def is_registered(self, number: str) -> bool:
        """Whether the registry has a taxpayer with this RUC."""
        return not number or number in SPECIAL_RECEIVERS or self.registry.has(number)
