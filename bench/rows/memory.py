"""Memory of a server process that is asked many documents for a long time."""

import time

from bench import dataset
from bench.load import Table, Target, istmo
from bench.processes import program_of, resident_memory

DOCUMENTS = 500
WARM_UP = 20_000  # requests: each document forty times
LIMIT = 900  # seconds
_MANY_DOCUMENTS = """
local n, template = 0, wrk.body
request = function()
  n = n + 1
  return wrk.format("POST", nil, nil, (template:gsub("NUMBER", tostring(n % DOCUMENTS))))
end
""".replace("DOCUMENTS", str(DOCUMENTS))


def measure(table: Table, url: str, requests: int) -> None:
    """Resident memory after the warm-up, after half of the requests and after all."""
    query = "query D($id: ID!) { customer(id: $id) { id aNUMBER: name phone } }"
    with istmo(url) as served:
        target = served.graphql(query, {"id": str(dataset.row_id(1, 1, 7))})
        target.lua = _MANY_DOCUMENTS
        deadline = time.monotonic() + LIMIT
        sent, held = 0.0, []
        for goal in (WARM_UP, requests // 2, requests):
            while sent < goal:
                if time.monotonic() > deadline:
                    raise TimeoutError(f"only {sent:,.0f} requests in {LIMIT} s")
                sent += _send(target, table.seconds)
            held.append(resident_memory(program_of(served.pid, "server")))
        start, half, end = held
        name = f"memory of a process after {requests:,} requests of {DOCUMENTS} documents"
        table.add(name, f"{end:.0f} MB", "≤ 150 MB", "resident")
        table.add("… growth since the warm-up", f"{end - start:.1f} MB", "≤ 2 MB", f"{start:.1f} MB after {WARM_UP:,}")
        table.add("… growth over the second half", f"{end - half:.1f} MB", "≤ 2 MB", f"{half:.1f} MB after half")


def _send(target: Target, seconds: float) -> float:
    whole_seconds = max(1, round(seconds))
    return target.rate(whole_seconds) * whole_seconds
