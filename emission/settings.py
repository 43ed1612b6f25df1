"""The settings of emission."""

from dataclasses import dataclass, field
from datetime import time
from typing import Final

from db.leases import LEASE, Retries
from rules.retry import Pauses

PAUSES: Final = (5.0, 30.0, 120.0, 600.0, 1800.0)
PATIENCE: Final = 24 * 3600.0


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    ``lease`` is how long a worker holds a document, ``call`` how long a call of a provider may take. ``settle`` is how
    long after an attempt a document that isn't found may still arrive. ``hourly`` is the pause of what an operator or
    the provider must put right. An account makes up to ``calls_of_account`` calls at once. ``poll`` is the pause of a
    worker that hears of nothing. ``retention_years`` is how long files and evidence are kept.

    An account is reconciled with its provider after ``reconcile_every``; once a day, after ``reconcile_at`` in Panama,
    a ``sample`` of its documents is looked at, too.
    """

    lease: float = LEASE
    call: float = 30.0
    settle: float = 300.0
    retries: Retries = field(default_factory=lambda: Retries(Pauses(PAUSES), PATIENCE))
    hourly: float = 3600.0
    calls_of_account: int = 4
    poll: float = 1.0
    reconcile_every: float = 3600.0
    reconcile_at: time = time(2)
    sample: int = 50
    retention_years: int = 5

    def __post_init__(self) -> None:
        if self.lease < 3 * self.call:
            raise ValueError("the lease must be at least three times as long as a call")
