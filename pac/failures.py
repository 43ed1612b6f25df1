"""Why a provider gave no answer."""

from enum import StrEnum
from typing import Final


class Reason(StrEnum):
    TIMEOUT = "TIMEOUT"  # no answer in the time given
    CONNECTION = "CONNECTION"  # unknown host, refused, dropped
    OVERLOADED = "OVERLOADED"  # the provider asks to come back later
    FAILING = "FAILING"  # an error on the provider's side
    UPSTREAM = "UPSTREAM"  # the provider got no answer from the DGI
    GARBLED = "GARBLED"  # the answer breaks the contract
    CREDENTIALS = "CREDENTIALS"  # the provider rejects our user or password
    CERTIFICATE = "CERTIFICATE"  # of TLS, or the one with which the provider signs for us
    RESTING = "RESTING"  # not called, because it failed again and again
    BUSY = "BUSY"  # not called, because too many calls are under way
    DEFECT = "DEFECT"  # a mistake in our own code


# These may pass within a second. Repeating is safe only for a call that changes nothing at the provider.
TRANSIENT: Final = frozenset({Reason.CONNECTION, Reason.OVERLOADED, Reason.FAILING, Reason.UPSTREAM})
# These say something about the provider, and not just about one answer or about us.
PROVIDER_FAULTS: Final = TRANSIENT | {Reason.TIMEOUT, Reason.CREDENTIALS, Reason.CERTIFICATE}
# Because of these nothing was sent.
NOT_CALLED: Final = frozenset({Reason.RESTING, Reason.BUSY})
# These go on until the operator does something.
ALARMING: Final = frozenset({Reason.CREDENTIALS, Reason.CERTIFICATE})


class Unavailable(Exception):
    """There is no answer. ``retry_after``, in seconds, is what the provider asked for.

    ``may_have_arrived`` is False where it is certain that no byte of the request left: no connection was made.

    It carries neither a text of the provider nor a cause, since either may contain our credentials.
    """

    def __init__(
        self, reason: Reason, retry_after: float | None = None, *, may_have_arrived: bool | None = None
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.retry_after = retry_after
        self.may_have_arrived = reason not in NOT_CALLED if may_have_arrived is None else may_have_arrived
