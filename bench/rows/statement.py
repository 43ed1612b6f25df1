"""The statement that the service sends for a request, repeated by pgbench."""

import asyncio
import re
import subprocess
import tempfile
from pathlib import Path

import asyncpg

from bench import dataset
from bench.load import CONNECTIONS, istmo
from db import embedded

# A statement and its values, as PostgreSQL logs them; further lines begin with a tab.
_LOGGED = re.compile(r"LOG:  execute [^:]+: (.*(?:\n\t.*)*)\n.*DETAIL:  Parameters: (.+(?:\n\t.*)*)")
_VALUE = re.compile(r"\$(\d+) = (NULL|'(?:[^']|'')*')")


def statement_of(server: embedded.Server, url: str, query: str, variables: dict[str, object]) -> str:
    """The longest statement with which the service answers a query, its values written into it."""
    asyncio.run(_execute(url, f"ALTER DATABASE {dataset.DATABASE} SET log_statement = 'all'"))
    try:
        with istmo(url) as served:
            target = served.graphql(query, variables)
            target.answer()  # afterwards it is as in the measurement: prepared, the key known
            logs = sorted((server.home / "log").glob("*.log"), key=lambda file: file.stat().st_mtime)
            before = logs[-1].stat().st_size
            target.answer()
    finally:
        asyncio.run(_execute(url, f"ALTER DATABASE {dataset.DATABASE} RESET log_statement"))
    logged = logs[-1].read_bytes()[before:].decode()
    sql, values = max(_LOGGED.findall(logged), key=lambda found: len(found[0]))
    literals = dict(_VALUE.findall(values))
    return re.sub(r"\$(\d+)", lambda match: literals[match[1]], sql.replace("\n\t", "\n"))


async def _execute(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def pgbench(server: embedded.Server, statement: str, seconds: float) -> float:
    """Executions per second, as the service's role for the first account."""
    with tempfile.NamedTemporaryFile("w", suffix=".sql") as file:
        file.write(f"{statement};\n")
        file.flush()
        Path(file.name).chmod(0o644)
        options = f"-c role=istmo_app -c istmo.account={dataset.account_id(1)}"
        environment = {**server.environment, "PGOPTIONS": options, "PGDATABASE": dataset.DATABASE}
        command = [str(server.programs / "pgbench"), "-n", "-M", "prepared", "-c", str(CONNECTIONS), "-j", "2"]
        command += ["-T", str(max(1, round(seconds))), "-f", file.name]
        result = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    return float(re.findall(r"tps = ([\d.]+)", result.stdout)[0])
