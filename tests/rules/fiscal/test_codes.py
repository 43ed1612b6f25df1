"""The DGI's validation codes, and where in our input each is shown."""

import re

import pytest

from rules.fiscal.codes import RULES, Act, input_path
from rules.vocabulary import BlockedReason

# The fields of createInvoice and of customers, and the objects in them, to which a code may point.
FIELDS = {
    *("billingPoint", "issueDate", "dueDate", "currency", "lines", "paymentForms", "instalments"),
    *("withholding.code", "withholding.amount"),
    *("paymentForms.*.method", "paymentForms.*.description"),
    *(f"lines.*{field}" for field in ("", ".unit", ".cpbs", ".unitPrice", ".discount", ".itbmsRate")),
    *(f"customer.{field}" for field in ("receiverType", "ruc", "name", "address", "locationCode", "foreignId")),
    "customer.foreignId.country",
    *("export", "export.country", "export.incoterm"),
}


def test_there_are_the_190_codes_of_four_digits_each_with_a_label() -> None:
    assert len(RULES) == 190
    assert all(re.fullmatch("[0-9]{4}", code) and rule.code == code and rule.label for code, rule in RULES.items())
    assert {rule.effect for rule in RULES.values()} == {"R", "N", "OK", ""}


def test_a_code_points_to_a_field_of_our_input_or_to_none() -> None:
    assert {rule.path for rule in RULES.values()} - {""} == FIELDS


def test_a_code_about_receiver_lines_totals_or_payment_points_to_our_field() -> None:
    about_what_we_send = re.compile("B40[1-6]|B4051|B41|C0[159]|C1|C2|C4|D0[239]|D1[0234]|D3|D4")
    without = {rule.field for rule in RULES.values() if about_what_we_send.match(rule.field) and not rule.path}
    assert without == set()


def test_a_code_about_an_item_points_to_its_line() -> None:
    of_items = [rule for rule in RULES.values() if re.match("C(?!01)", rule.field)]
    assert len(of_items) > 20
    for rule in of_items:
        path = input_path(rule.path, 3)
        assert path is not None
        assert path[:2] == ("lines", "2"), rule.code


@pytest.mark.parametrize(
    ("code", "rejects", "is_notice", "is_duplicate"),
    [
        ("0100", True, False, False),
        ("0260", False, True, False),
        ("0622", False, True, False),
        ("1002", False, False, True),
        ("1513", False, False, True),
        ("1508", False, True, False),
        ("1519", False, True, False),
        ("1520", True, False, False),
        ("1535", False, True, False),
        ("1562", True, False, False),
        ("1601", True, False, False),
        ("1606", False, True, False),
        ("2152", True, False, False),
        ("2509", False, True, False),
        ("2651", True, False, False),
    ],
)
def test_a_code_rejects_notes_or_says_that_the_number_is_used(
    code: str, rejects: bool, is_notice: bool, is_duplicate: bool
) -> None:
    rule = RULES[code]
    assert (rule.rejects, rule.is_notice, rule.is_duplicate) == (rejects, is_notice, is_duplicate)


def test_each_code_does_exactly_one_of_the_three() -> None:
    for rule in RULES.values():
        assert [rule.rejects, rule.is_notice, rule.is_duplicate].count(True) == 1, rule.code


def test_what_is_to_be_put_right_is_the_issuer_or_the_program() -> None:
    reasons = {code: RULES[code].blocked_reason for code in ("0185", "1562", "1566", "1502", "2152")}
    assert reasons == {
        **dict.fromkeys(("0185", "1562", "1566"), BlockedReason.ISSUER),
        "1502": BlockedReason.TECHNICAL,
        "2152": None,
    }
    assert all((rule.blocked_reason is not None) == (rule.act is Act.SETUP) for rule in RULES.values())
