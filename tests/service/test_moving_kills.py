"""A short version of bench/moving/kills.py, which describes the trial, between two PostgreSQL servers."""

from bench.moving import kills
from bench.proxy import NGINX
from tests.conftest import skip_or_fail


async def test_a_mover_that_is_killed_under_load_loses_and_repeats_nothing() -> None:
    if NGINX is None:
        skip_or_fail("nginx is not installed (apt-get install nginx-light)")
    table = await kills.run(rounds=1, seed=3, kill_others=False)
    assert "1 moves" in table
