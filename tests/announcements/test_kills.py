"""A short version of bench/kills.py, which says what is proved."""

from bench import kills


async def test_nothing_is_lost_or_invented_whoever_is_killed() -> None:
    report = await kills.trial(rounds=2, seconds=3, seed=2)
    assert report.kills.total() >= 2
    assert report.events > 0
