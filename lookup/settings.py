"""The settings of the look-up."""

from dataclasses import dataclass

from pac.providers import Provider


@dataclass(frozen=True)
class Settings:
    """Times are in seconds.

    ``providers`` are asked in their order, until one answers; ``timeout`` is for all of them together.
    Answers are fresh for ``found_fresh`` and ``not_found_fresh``; a found taxpayer is still used for
    ``stale`` where no provider answers. ``calls_of_account`` is the most calls of one account under way
    in one process, ``daily_limit`` the most questions of one account in a day; 0 is no limit. The others are those of
    ``pac.client.ProviderClient``.
    """

    providers: tuple[Provider, ...] = ()
    timeout: float = 5.0
    found_fresh: float = 24 * 3600.0
    not_found_fresh: float = 3600.0
    stale: float = 30 * 24 * 3600.0
    attempts: int = 3
    calls_under_way: int = 8
    calls_of_account: int = 4
    daily_limit: int = 2000
    failures: int = 5
    rest: float = 10.0
