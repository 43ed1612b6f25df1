"""A short version of bench/kills.py, which describes the trial; `make soak` runs the long one."""

import pytest

from bench import kills


@pytest.fixture(autouse=True)
def _nothing_left() -> None:
    """The trial has a PostgreSQL of its own, so the one under test needs no preparation."""


async def test_kills_lose_and_invent_no_announcement() -> None:
    report = await kills.trial(rounds=1, seconds=2, seed=8)
    assert report.kills == {"postgres": 1, "worker": 1, "serve": 1}
    assert report.events > 0
