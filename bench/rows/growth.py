"""What an account costs as it grows: pages and new invoices with 10,000 to 3,000,000 invoices in it."""

from bench import dataset
from bench.load import Measure, Table, istmo
from bench.rows.pages import PAGE
from bench.rows.writes import Writes, creation


def measure(table: Table, url: str) -> None:
    accounts = sorted((invoices, account) for account, (_, invoices) in dataset.BIG_ACCOUNTS.items())
    writes = Writes(url, table.seconds)
    with istmo(url, DATABASE_POOL_SIZE="16") as ours:

        def read(account: int) -> Measure:
            return table.rate(ours.graphql(PAGE, {"first": 50}, account))

        def create(account: int) -> Measure:
            return writes.rate(creation(ours, account), account, points=16, clients=16)

        for what, measure_of in (("page of 50 invoices", read), ("`createInvoice(newCustomer:)`", create)):
            sides = {
                f"{what}: {invoices:,} invoices in the account against 10,000": measure_of(account)
                for invoices, account in accounts
            }
            table.sides("0.8 to 1.2 ×", "requests/s", sides)
