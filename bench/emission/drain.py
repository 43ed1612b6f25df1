"""How many queued documents a worker sends per second.

Documents without e-mail are issued while no worker runs, spread evenly over the accounts. Then one worker is started
alone, and its first and last calls are read from the evidence of its attempts.
"""

import asyncio
from itertools import count as counting

from bench.emission.place import CREATE, LINES, Account, Place, place
from bench.processes import must, until

_CLIENTS = 4
_OPEN = "SELECT EXISTS (SELECT FROM emission WHERE due_at IS NOT NULL OR files_due_at IS NOT NULL)"
_SECONDS = """SELECT extract(epoch FROM max(ended_at) - min(started_at))::float FROM emission_attempt
    WHERE kind = ANY ($1)"""


async def run(documents: int, latency: float, accounts: int, calls: int) -> str:
    async with place("drain", accounts=accounts, latency=latency, EMISSION_CALLS=str(calls)) as there:
        await there.start(there.server)
        await issue(there, documents)
        await there.server.kill()
        await there.start(there.worker)
        await wait_for_files(there, 60 + documents * (0.5 + 3 * latency))
        authorized = await there.admin.fetchval("SELECT count(*) FROM emission WHERE status = 'AUTHORIZED'")
        must(authorized == documents, f"{authorized} of {documents} are authorised")
        sending = await there.admin.fetchval(_SECONDS, ["SEND"])
        everything = await there.admin.fetchval(_SECONDS, ["SEND", "XML", "PDF"])
    return (
        f"{documents} documents of {accounts} accounts, sandbox at {latency * 1000:.0f} ms, {calls} calls at once of "
        f"each: {documents / sending:.1f} a second authorised, in {sending:.1f} s; "
        f"with their files {documents / everything:.1f} a second, in {everything:.1f} s"
    )


async def wait_for_files(there: Place, seconds: float) -> None:
    """Until all documents are settled, with their files."""

    async def is_settled() -> bool:
        return not await there.admin.fetchval(_OPEN)

    await until(is_settled, seconds)


async def issue(there: Place, documents: int, lines: list[dict[str, str]] = LINES) -> None:
    """Issue so many documents over HTTP, of the accounts in turn."""
    numbers = iter(range(documents))

    async def keep_issuing() -> None:
        for number in numbers:
            await issue_one(there, there.accounts[number % len(there.accounts)], lines)

    async with asyncio.TaskGroup() as clients:
        for _ in range(_CLIENTS):
            clients.create_task(keep_issuing())


_names = counting()


async def issue_one(there: Place, account: Account, lines: list[dict[str, str]] = LINES) -> str:
    customer = {"receiverType": "FINAL_CONSUMER", "name": f"Cliente {next(_names)}"}
    data = await there.client(account).ask(CREATE, input={"lines": lines}, customer=customer)
    must(data is not None and not data["createInvoice"]["userErrors"], f"not issued: {data}")
    id: str = data["createInvoice"]["invoice"]["id"]
    return id
