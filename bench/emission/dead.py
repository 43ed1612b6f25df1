"""Whether the dead provider of one account delays another account.

An account A sends to an address that accepts connections and never answers, an account B to the sandbox. B's documents
come one every quarter of a second, first while A has none, then while A has as many waiting. It is measured how long
each of B's takes from being issued to the provider's answer.
"""

import asyncio
import socket
from statistics import median, quantiles

from bench.emission.drain import issue_one
from bench.emission.place import Place, place
from bench.processes import must, until
from pac.providers import SOAP_PATH

_DEAD = "hka-soap-demo"  # A's provider; its address is changed to one of ours
_PAUSE = 0.25  # seconds
_SET = """mutation ($credentials: PacCredentialsInput!) {
    setPacCredentials(provider: "hka-soap-demo", credentials: $credentials) { userErrors { code message } } }"""
_LATENCIES = """SELECT extract(epoch FROM e.authorized - d.issued_at)::float * 1000 AS ms
    FROM document d, LATERAL (
        SELECT min(a.ended_at) AS authorized FROM emission_attempt a
        WHERE a.account_id = d.account_id AND a.document_id = d.id AND a.outcome = 'AUTHORIZED') e
    WHERE d.account_id = $1 AND d.id = ANY ($2::uuid[])"""


async def run(documents: int) -> str:
    with socket.create_server(("127.0.0.1", 0), backlog=1000) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}{SOAP_PATH}"
        async with place("dead", accounts=2, HKA_SOAP_DEMO_URL=address) as there:
            dead, alive = there.accounts
            await there.start(there.server, there.worker)
            without = await latencies(there, documents)
            credentials = {"user": "empresa", "password": "clave-muerta"}
            data = await there.client(dead).ask(_SET, credentials=credentials)
            must(data is not None and not data["setPacCredentials"]["userErrors"], f"refused: {data}")
            for _ in range(documents):
                await issue_one(there, dead)
            beside = await latencies(there, documents)
            waiting = await there.admin.fetchval(
                "SELECT count(*) FROM emission WHERE account_id = $1 AND status <> 'AUTHORIZED'", dead.id
            )
    return (
        f"{documents} documents each, from being issued to AUTHORIZED, ms: without a dead provider "
        f"{described(without)}; beside one, where {waiting} documents wait: {described(beside)}"
    )


async def latencies(there: Place, documents: int) -> list[float]:
    alive = there.accounts[1]
    ids = []
    for _ in range(documents):
        ids.append(await issue_one(there, alive))
        await asyncio.sleep(_PAUSE)

    async def found() -> list[float] | None:
        rows = await there.admin.fetch(_LATENCIES, alive.id, ids)
        times = [row["ms"] for row in rows if row["ms"] is not None]
        return times if len(times) == documents else None

    await until(found, 60)
    times = await found()
    assert times
    return times


def described(times: list[float]) -> str:
    return f"median {median(times):.0f}, 95 % within {quantiles(times, n=20)[-1]:.0f}, longest {max(times):.0f}"
