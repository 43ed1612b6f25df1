"""Mutations are where one looks for them."""

import re

import pytest

from schema import schema
from tests.conftest import CHECKOUT

MUTATION = schema._schema.mutation_type
assert MUTATION is not None


@pytest.mark.parametrize("field", MUTATION.fields)
def test_each_mutation_has_a_file_of_its_name(field: str) -> None:
    name = re.sub("[A-Z]", lambda letter: f"_{letter[0].lower()}", field)
    assert (CHECKOUT / "schema" / "mutations" / f"{name}.py").is_file()
