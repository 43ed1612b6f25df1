"""One server process against two."""

from bench.load import Table, istmo
from bench.rows.pages import PAGE

CLIENTS = 16


def measure(table: Table, url: str) -> None:
    with istmo(url, "--processes", "1") as one, istmo(url, "--processes", "2") as two:
        pages = [served.graphql(PAGE, {"first": 50}) for served in (two, one)]
        ours, theirs = [lambda page=page: page.rate(table.seconds, CLIENTS) for page in pages]
        table.pair(
            f"page of 50 invoices, {CLIENTS} clients: `--processes 2` against 1", "reported, no loss", ours, theirs
        )
