"""Reading: the same page of invoices from Istmo and from its peers."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from bench import dataset
from bench.load import Served, Table, Target, istmo, serving
from bench.rows.statement import pgbench, statement_of
from db import embedded

PEERS = Path(__file__).parents[1] / "peers"
NODE = str(PEERS / "postgraphile/node_modules/node/bin/node")

_FIELDS = """id number status issueDate total
  customer { id name ruc location { code corregimiento province } }
  lines { description quantity unitPrice net }"""
PAGE = f"query Page($first: Int!) {{ invoices(first: $first) {{ edges {{ node {{ {_FIELDS} }} }} }} }}"
PLAIN_PAGE = f"query Page($first: Int!) {{ invoices(first: $first) {{ {_FIELDS} }} }}"
MERCURIUS_PAGE = f"""query Page($first: Int!, $account: ID!) {{
  invoices(first: $first, account: $account) {{ edges {{ node {{ {_FIELDS} }} }} }} }}"""
GRAPHILE_PAGE = """query Page($first: Int!, $account: UUID!) {
  allDocuments(first: $first, condition: {accountId: $account}, orderBy: [ISSUE_DATE_DESC, ROW_ID_DESC]) { nodes {
    rowId number status issueDate total
    customerByAccountIdAndCustomerId { rowId name ruc locationByLocationCode { code corregimiento provinceName } }
    documentLinesByAccountIdAndDocumentId(orderBy: POSITION_ASC) {
      nodes { description quantity unitPrice net } } } } }"""
CUSTOMER = "query Customer($id: ID!) { customer(id: $id) { id name identification phone email } }"
MERCURIUS_CUSTOMER = """query Customer($id: ID!, $account: ID!) {
  customer(id: $id, account: $account) { id name identification phone email } }"""

MERCURIUS = "Mercurius 16 + graphql-jit"
_GRAPHILE_NAMES = {
    "allDocuments": "invoices",
    "rowId": "id",
    "customerByAccountIdAndCustomerId": "customer",
    "locationByLocationCode": "location",
    "provinceName": "province",
    "documentLinesByAccountIdAndDocumentId": "lines",
}


def measure(table: Table, url: str, server: embedded.Server) -> None:
    """A page of 50 against all peers but Mercurius, and a customer against `{ __typename }`."""
    account = str(dataset.account_id(1))
    statement = statement_of(server, url, PAGE, {"first": 50})
    env = {"DATABASE_URL": url}
    with (
        istmo(url) as ours,
        serving([sys.executable, "-m", "bench.peers.handwritten"], env) as handwritten,
        serving([sys.executable, "-m", "bench.peers.plain"], env) as plain,
        _node(server, "postgraphile") as postgraphile,
    ):
        page = ours.graphql(PAGE, {"first": 50})
        by_hand = Target(f"{handwritten.url}/page?account={account}", b"{}")
        by_plain = plain.plain_graphql(PLAIN_PAGE, {"first": 50})
        by_graphile = postgraphile.plain_graphql(GRAPHILE_PAGE, {"first": 50, "account": account})
        must_agree(page, by_hand, by_plain, by_graphile)
        rate = table.rate
        name = "page of 50 invoices: against"
        table.pair(f"{name} PostGraphile 5", "≥ 2.8 ×", rate(page), rate(by_graphile))
        table.pair(f"{name} Starlette + asyncpg by hand", "≥ 1.0 ×", rate(page), rate(by_hand))
        table.pair(
            f"{name} pgbench, same SQL", "≥ 0.53 ×", rate(page), lambda: pgbench(server, statement, table.seconds)
        )
        table.pair(f"{name} plain Strawberry + Tortoise", "≥ 22 ×", rate(page), rate(by_plain))
        customer = ours.graphql(CUSTOMER, {"id": str(dataset.row_id(1, 1, 7))})
        customer.answer()
        nothing = ours.graphql("{ __typename }", {})
        table.pair("`customer(id)` with 5 fields: against `{ __typename }`", "≥ 0.5 ×", rate(customer), rate(nothing))


def measure_mercurius(table: Table, url: str, server: embedded.Server) -> None:
    """Pages of 50 and of 10 and a customer, against Mercurius with graphql-jit."""
    account = str(dataset.account_id(1))
    rate = table.rate
    with istmo(url) as ours, _node(server, "mercurius") as mercurius:
        for first, wanted in ((50, "≥ 2 ×"), (10, "≥ 1.3 ×")):
            page = ours.graphql(PAGE, {"first": first})
            theirs = mercurius.plain_graphql(MERCURIUS_PAGE, {"first": first, "account": account})
            must_agree(page, theirs)
            table.pair(f"page of {first} invoices: against {MERCURIUS}", wanted, rate(page), rate(theirs))
        id = str(dataset.row_id(1, 1, 7))
        customer = ours.graphql(CUSTOMER, {"id": id})
        theirs = mercurius.plain_graphql(MERCURIUS_CUSTOMER, {"id": id, "account": account})
        must_agree(customer, theirs)
        table.pair(f"`customer(id)`: against {MERCURIUS}", "≥ 0.3 ×", rate(customer), rate(theirs))


@contextmanager
def _node(server: embedded.Server, name: str) -> Iterator[Served]:
    environment = {**server.environment, "PGDATABASE": dataset.DATABASE, "NODE_ENV": "production"}
    with serving([NODE, "server.mjs"], environment, PEERS / name) as served:
        yield served


def must_agree(*targets: Target) -> None:
    """Raise an error unless all give the same data, whatever their schemas call it."""
    first, *others = [_same_names(target.answer()["data"]) for target in targets]
    for target, other in zip(targets[1:], others, strict=True):
        if other != first:
            raise RuntimeError(f"{target.url} answers something else:\n{str(other)[:1000]}\n{str(first)[:1000]}")


def _same_names(value: Any) -> Any:
    """Lists for connections, Istmo's names for PostGraphile's, and numbers for amounts."""
    if isinstance(value, list):
        return [_same_names(each) for each in value]
    if not isinstance(value, dict):
        return value
    if value.keys() & {"edges", "nodes", "node"}:
        return _same_names(next(iter(value.values())))
    named = {_GRAPHILE_NAMES.get(name, name): _same_names(each) for name, each in value.items()}
    return named | {name: Decimal(named[name]) for name in ("quantity", "unitPrice") if name in named}
