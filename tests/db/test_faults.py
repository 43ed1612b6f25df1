"""Short versions of bench/faults.py, which describes the trials."""

from bench import faults
from tests.conftest import skip_or_fail


async def test_kills_neither_lose_nor_repeat_acknowledged_invoices() -> None:
    report = await faults.kills(rounds=1, seconds=2, seed=52)
    assert report.invoices > 0
    assert len(report.after_server) == len(report.after_postgres) == 1


async def test_accounts_that_share_the_connections_of_a_pooler_see_their_own_rows() -> None:
    try:
        report = await faults.pooled(300, seed=52)
    except FileNotFoundError as error:
        skip_or_fail(str(error))
    assert report.rows > 300
