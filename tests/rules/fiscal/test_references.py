"""To which documents notes may refer: a row for each of the DGI's rules about references."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from rules.calendar import PANAMA
from rules.fiscal.references import Reference, check_day, check_reference
from rules.vocabulary import DocumentType, FiscalStatus, InvoiceStatus

NOW = datetime(2026, 11, 27, 10, tzinfo=PANAMA)
TODAY = NOW.date()
RUC = "999999101-2-2026"
AUTHORIZED = Reference(
    type=DocumentType.INVOICE,
    status=InvoiceStatus.ISSUED,
    fiscal_status=FiscalStatus.AUTHORIZED,
    issue_date=TODAY,
    issued_at=NOW,
    issuer_ruc=RUC,
)
PAPER = replace(AUTHORIZED, fiscal_status=FiscalStatus.NONE, issuer_ruc=None)


def old(days: int) -> dict[str, Any]:
    return {"issued_at": NOW - timedelta(days), "issue_date": TODAY - timedelta(days)}


@pytest.mark.parametrize(
    ("rule", "reference", "code"),
    [
        ("1712 and 1716", replace(AUTHORIZED, type=DocumentType.CREDIT_NOTE), "NOT_ALLOWED"),
        ("1713 and 1715", replace(AUTHORIZED, type=DocumentType.DEBIT_NOTE), "NOT_ALLOWED"),
        ("1705: paper has no CUFE", PAPER, "NOT_ALLOWED"),
        ("1707: a draft", replace(AUTHORIZED, status=InvoiceStatus.DRAFT), "NOT_ALLOWED"),
        ("1707: rejected", replace(AUTHORIZED, fiscal_status=FiscalStatus.REJECTED), "NOT_ALLOWED"),
        ("1707: blocked", replace(AUTHORIZED, fiscal_status=FiscalStatus.BLOCKED), "NOT_ALLOWED"),
        *[
            (f"1707: {status}", replace(AUTHORIZED, fiscal_status=status), "EMISSION_PENDING")
            for status in (FiscalStatus.QUEUED, FiscalStatus.SENDING, FiscalStatus.CHECKING, FiscalStatus.ACCEPTED)
        ],
        ("1714: 181 days", replace(AUTHORIZED, **old(181)), "WINDOW_CLOSED"),
        ("1718: void", replace(AUTHORIZED, status=InvoiceStatus.VOID), "NOT_ALLOWED"),
        ("1718: being voided", replace(AUTHORIZED, fiscal_status=FiscalStatus.VOIDING), "EMISSION_PENDING"),
        ("1719", replace(AUTHORIZED, issuer_ruc="155596713-2-2015"), "NOT_ALLOWED"),
    ],
)
def test_what_the_dgi_would_refuse_is_refused_before_a_number_is_taken(
    rule: str, reference: Reference, code: str
) -> None:
    fault = check_reference(reference, now=NOW, ruc=RUC, is_electronic=True)
    assert fault is not None, rule
    assert (fault.path, fault.code.value) == (("invoiceId",), code), rule


@pytest.mark.parametrize(
    "reference",
    [AUTHORIZED, replace(AUTHORIZED, **old(180)), replace(AUTHORIZED, type=DocumentType.EXPORT_INVOICE)],
)
def test_authorised_invoices_of_up_to_180_days_may_have_notes(reference: Reference) -> None:
    for is_electronic in (True, False):
        assert check_reference(reference, now=NOW, ruc=RUC, is_electronic=is_electronic) is None


def test_an_account_that_is_not_electronic_credits_its_commercial_invoices_of_any_age() -> None:
    assert check_reference(replace(PAPER, **old(1000)), now=NOW, ruc=None, is_electronic=False) is None


@pytest.mark.parametrize(
    ("day", "is_electronic", "is_right"),
    [
        (None, True, True),
        (TODAY, True, True),
        (TODAY - timedelta(1), True, False),
        (TODAY - timedelta(10), False, True),
        (TODAY - timedelta(11), False, False),  # 1702
        (TODAY + timedelta(1), False, False),
        (TODAY, False, True),
    ],
)
def test_a_note_is_not_before_its_invoice_and_an_electronic_one_is_of_today(
    day: date | None, is_electronic: bool, is_right: bool
) -> None:
    faults = list(check_day(day, TODAY, invoice_date=TODAY - timedelta(10), is_electronic=is_electronic))
    assert [(fault.path, fault.code.value) for fault in faults] == (
        [] if is_right else [(("issueDate",), "OUT_OF_RANGE")]
    )
