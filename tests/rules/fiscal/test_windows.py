"""Until when a document may be sent and voided, by vectors computed apart from this program."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.fiscal.windows import VoidWindow, Windows
from tests.rules.fiscal.vectors import VECTORS


@pytest.mark.parametrize("vector", VECTORS["windows"], ids=lambda vector: vector["fechaEmision"])
def test_windows_end_as_in_the_vectors(vector: dict[str, str]) -> None:
    windows = Windows(datetime.fromisoformat(vector["fechaEmision"]))
    assert windows.void_offered_until.isoformat() == vector["void7days"]
    assert windows.void_possible_until.isoformat() == vector["void182h"]
    assert windows.last_day_to_send.isoformat() == vector["sendBefore30days"]


@pytest.mark.parametrize(
    ("after", "window"),
    [
        (timedelta(0), VoidWindow.OPEN),
        (timedelta(hours=168), VoidWindow.OPEN),
        (timedelta(hours=168, seconds=1), VoidWindow.LATE),
        (timedelta(hours=182), VoidWindow.LATE),
        (timedelta(hours=182, seconds=1), VoidWindow.CLOSED),
        (timedelta(hours=-1), VoidWindow.OPEN),
    ],
)
def test_a_void_is_offered_then_late_then_closed(after: timedelta, window: VoidWindow) -> None:
    emitted_at = datetime(2026, 11, 24, 3, tzinfo=UTC)
    assert Windows(emitted_at).void_window(emitted_at + after) is window


def test_a_document_is_sent_until_the_30th_day_in_panama_is_over() -> None:
    windows = Windows(datetime(2026, 11, 24, 3, tzinfo=UTC))  # the 23rd in Panama
    assert windows.may_be_sent(datetime(2026, 12, 24, 4, 59, tzinfo=UTC))
    assert not windows.may_be_sent(datetime(2026, 12, 24, 5, tzinfo=UTC))


@given(st.datetimes(timezones=st.just(UTC), min_value=datetime(2020, 1, 1), max_value=datetime(2099, 1, 1)))
def test_the_day_is_panamas_whatever_the_zone_of_the_instant(emitted_at: datetime) -> None:
    day = (emitted_at - timedelta(hours=5)).date()
    assert Windows(emitted_at).last_day_to_send - day == timedelta(days=30)
