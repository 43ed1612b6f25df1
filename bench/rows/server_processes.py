"""One server process against two."""

from bench.load import Table, istmo
from bench.rows.pages import PAGE

CLIENTS = 16


def measure(table: Table, url: str) -> None:
    with istmo(url, "--processes", "1") as one, istmo(url, "--processes", "2") as two:
        by_two, by_one = (table.rate(served.graphql(PAGE, {"first": 50}), CLIENTS) for served in (two, one))
        name = f"page of 50 invoices, {CLIENTS} clients: `--processes 2` against 1"
        table.pair(name, "reported, no loss", by_two, by_one)
