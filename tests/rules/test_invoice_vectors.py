"""The file by which the pages' arithmetic is tested says what the rules say."""

import json

from tests.rules.invoice_vectors import FILE, answer


def test_the_answers_are_those_of_the_rules() -> None:
    vectors = json.loads(FILE.read_text())

    assert len(vectors) == 500
    for vector in vectors:
        assert answer(vector["invoice"]) == vector["answer"], vector["invoice"]


def test_some_invoices_are_too_large_and_most_are_not() -> None:
    vectors = json.loads(FILE.read_text())

    assert 10 < sum(vector["answer"] is None for vector in vectors) < 100
