"""The audits of graphql-http, the reference implementation of GraphQL over HTTP."""

from tests.clients.conftest import Run


def test_all_audits_of_graphql_http_pass(run: Run) -> None:
    results = run("audits.js")
    assert [result for result in results if result["status"] != "ok"] == []
    assert len(results) >= 61
