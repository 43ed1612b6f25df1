"""Back-off and Retry-After; their doctests have the usual cases."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.retry import Backoff, read_retry_after

BACKOFFS = st.builds(
    Backoff, first=st.floats(0.01, 100), longest=st.floats(100, 1e5), factor=st.sampled_from([1.5, 2.0, 7.0])
)


@given(BACKOFFS, st.floats(0, 1e7), st.floats(0, 1))
def test_a_pause_is_between_the_first_and_the_longest_or_a_tenth_shorter(
    backoff: Backoff, failing_for: float, random: float
) -> None:
    pause = backoff.pause(failing_for, lambda: random)
    assert 0.899 * backoff.first <= pause <= backoff.longest


@given(BACKOFFS)
def test_the_pauses_by_time_are_those_by_number(backoff: Backoff) -> None:
    failing_for = 0.0
    for pause in backoff.pauses(8):
        assert backoff.pause(failing_for, lambda: 1.0) == pytest.approx(pause)
        failing_for += pause


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("0", 0),
        ("120", 120),
        ("-1", None),
        ("\u00b2", None),
        ("soon", None),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 0),
        ("Fri, 31 Dec 1999 23:59:59", 0),
        ("Fri, 31 Dec 1999 23:59:59 -0000", 0),
        ("Fri, 99 Dec 1999 23:59:59 GMT", None),
    ],
)
def test_retry_after_is_a_number_or_a_date(header: str | None, seconds: float | None) -> None:
    assert read_retry_after(header) == seconds


@pytest.mark.parametrize("ending", ["GMT", "", "-0000", "+0000"])
def test_a_date_without_zone_is_one_of_gmt(ending: str) -> None:
    date = datetime.now(UTC) + timedelta(minutes=1)
    header = format_datetime(date, usegmt=True).replace("GMT", ending).strip()
    assert read_retry_after(header) == pytest.approx(60, abs=2)
