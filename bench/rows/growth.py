"""What an account costs as it grows: pages and new invoices with 10,000 to 3,000,000 invoices in it."""

from bench import dataset
from bench.load import Table, istmo
from bench.rows.pages import PAGE
from bench.rows.writes import Writes, creation


def measure(table: Table, url: str) -> None:
    sizes = sorted((invoices, account) for account, (_, invoices) in dataset.BIG_ACCOUNTS.items())
    writes = Writes(table.seconds)
    with istmo(url, DATABASE_POOL_SIZE="16") as ours:
        pages = {account: ours.graphql(PAGE, {"first": 50}, account) for _, account in sizes}
        table.sides(
            "0.8 to 1.2 ×",
            "requests/s",
            {
                f"page of 50: account of {invoices:,} invoices against 10,000": lambda page=pages[account]: page.rate(
                    table.seconds
                )
                for invoices, account in sizes
            },
        )
        creations = {account: creation(ours, account) for _, account in sizes}
        for each in creations.values():
            writes.check(each)
        table.sides(
            "0.8 to 1.2 ×",
            "requests/s",
            {
                f"`createInvoice(newCustomer:)`: account of {invoices:,} invoices against 10,000": writes.rate(
                    creations[account], points=16, clients=16
                )
                for invoices, account in sizes
            },
        )
