"""What the look-up is told from outside."""

from dataclasses import dataclass

from pydantic import SecretStr


@dataclass(frozen=True)
class Provider:
    """A registry to ask: where it is, and what we say who we are.

    ``name`` is a key of ``lookup.providers.KINDS``. ``sandbox`` says that what it answers is made up.
    """

    name: str
    url: str
    user: SecretStr
    password: SecretStr
    sandbox: bool = False


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    ``providers`` are asked in their order, one after another while none answers; ``timeout`` is for
    all of them together. ``attempts`` and ``calls_under_way`` are of one provider in one process,
    ``calls_of_account`` of one account in one process. After ``failures`` in a row a provider is
    left alone for ``rest``.
    """

    providers: tuple[Provider, ...] = ()
    timeout: float = 5.0
    found_fresh: float = 24 * 3600.0
    not_found_fresh: float = 3600.0
    stale: float = 30 * 24 * 3600.0
    attempts: int = 3
    calls_under_way: int = 8
    calls_of_account: int = 4
    failures: int = 5
    rest: float = 10.0
