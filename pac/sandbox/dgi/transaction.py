"""Rules about the document as a whole: contingency, number and dates."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from pac.sandbox.dgi.submission import Breach, Submission
from rules.calendar import PANAMA

_CONTINGENCY: Final = ("02", "04")
_LONGEST_CONTINGENCY: Final = timedelta(hours=72)
_OLDEST: Final = timedelta(days=30)
_WORKING_DAYS_AHEAD: Final = 2
_DAY_AHEAD: Final = timedelta(hours=24)
_RETAIL: Final = "1"
_RETAIL_LIMIT: Final = Decimal(200)


def check(submission: Submission) -> Iterator[Breach]:
    if submission.transaction["tipoEmision"] in _CONTINGENCY:
        yield from _check_contingency(submission)
    if not submission.transaction["numeroDocumentoFiscal"].strip("0"):
        yield Breach("1512")
    if not submission.transaction["puntoFacturacionFiscal"].strip("0"):
        yield Breach("1515")
    yield from _check_dates(submission)
    if (
        submission.document["tipoSucursal"] == _RETAIL
        and submission.receiver["tipoClienteFE"] == "01"
        and submission.totals.amount("totalFactura") > _RETAIL_LIMIT
    ):
        yield Breach("1532")


def _check_contingency(submission: Submission) -> Iterator[Breach]:
    if "fechaInicioContingencia" not in submission.transaction:
        yield Breach("1506")
    else:
        began_at = datetime.fromisoformat(submission.transaction["fechaInicioContingencia"])
        if began_at > submission.emitted_at:
            yield Breach("1507")
        elif submission.emitted_at - began_at > _LONGEST_CONTINGENCY:
            yield Breach("1508")
    if "motivoContingencia" not in submission.transaction:
        yield Breach("1509")


def _check_dates(submission: Submission) -> Iterator[Breach]:
    if submission.received_at - submission.emitted_at > _OLDEST:
        yield Breach("1519")
    last_day = _working_days_after(submission.received_at.astimezone(PANAMA).date(), _WORKING_DAYS_AHEAD)
    if submission.emitted_at.astimezone(PANAMA).date() > last_day:
        yield Breach("1520")
    elif submission.emitted_at - submission.received_at > _DAY_AHEAD:
        yield Breach("1535")


def _working_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
