"""What refusals before GraphQL say."""

from http import HTTPStatus

import orjson
import pytest

from transport.errors import error_response


@pytest.mark.parametrize("status", [status for status in HTTPStatus if status >= 400])
def test_only_a_fault_of_ours_is_called_internal(status: HTTPStatus) -> None:
    response = error_response(status, "No.")
    code = orjson.loads(bytes(response.body))["errors"][0]["extensions"]["code"]
    assert (code == "INTERNAL") is (status >= 500 and status != HTTPStatus.SERVICE_UNAVAILABLE)
