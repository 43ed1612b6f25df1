"""How long an account of so many documents, each with 3 lines, XML and PDF, is read-only when it moves."""

import random
import re
import shutil
import time
from collections.abc import Sequence

from bench.emission.drain import issue, wait_for_files
from bench.emission.place import LINES
from bench.emission.size import SAMPLES, copy
from bench.moving.nodes import Movers, nodes


async def run(documents: Sequence[int], pdf_kb: int) -> str:
    rows = [
        "| documents | rows | MB | read-only, seconds | the whole move | deleting the old copy |",
        "|---|---|---|---|---|---|",
    ]
    for count in documents:
        async with nodes("moving") as there:
            await there.first.start(there.first.server)
            await issue(there.first, SAMPLES, LINES * 3)
            await there.first.start(there.first.worker)
            await wait_for_files(there.first, 300)
            for process in (there.first.server, there.first.worker):
                await process.kill()
            if count > SAMPLES:
                await copy(there.first.admin, count - SAMPLES, pdf_kb * 1024)
                await there.first.admin.execute("UPDATE sequence SET last_number = 1000000 + $1", count)
                await there.first.admin.execute("ANALYZE")
            movers = Movers(there, random.Random(1))
            begin = time.monotonic()
            await movers.move("--to", "dos", kills=0)
            moved = time.monotonic() - begin
            begin = time.monotonic()
            await movers.move("--confirm", kills=0)
            deleted = time.monotonic() - begin
            text = (there.first.logs / "mover").read_text()
            found = re.search(r"(\d+) rows in", text)
            assert found
            size = await there.other.admin.fetchval("SELECT pg_database_size(current_database()) / 1e6")
            (read_only,) = await movers.read_only()
            rows.append(f"| {count} | {found[1]} | {size:.0f} | {read_only:.1f} | {moved:.1f} s | {deleted:.1f} s |")
            shutil.rmtree(there.first.logs)
    return "\n".join(rows)
