"""Measures how fast a file of customers is imported, and in how much memory.

    python -m bench.imports [--rows 100000]

Uploads a file, lets its rows be checked and then stored, as the worker does, and prints the rate of each and the
largest memory of this process, in which all but reading the file happens.
"""

import argparse
import asyncio
import resource
import tempfile
import time
from pathlib import Path

from tortoise.context import TortoiseContext

from db import config, embedded, models, tenant
from db.migrate import migrate
from resolvers import accounts, import_work, imports
from resolvers.scope import mine
from rules.vocabulary import ErrorPolicy, OnDuplicate

HEADER = "Nombre;Cédula;Código;Correo;Teléfono;Dirección\n"


def write_file(path: Path, rows: int) -> None:
    with path.open("w", encoding="cp1252") as file:
        file.write(HEADER)
        for n in range(rows):
            person = f"Cliente Ñandú {n};8-{n % 900 + 1}-{n + 1}"
            file.write(f"{person};C{n};c{n}@example.com;6677-{n % 10_000:04};Calle {n}, edificio 3\n")


def memory() -> int:
    """The largest that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


async def measure(url: str, path: Path, size: int, rows: int) -> None:
    await migrate(url)
    async with TortoiseContext() as context:
        await context.init(config=config.tortoise(url, role=config.SERVICE_ROLE))
        account = await accounts.create("Medida, S.A.", None, None, electronic_invoicing=False)
        print(f"before: {memory()} MB")
        with tenant.acting_for(account):
            begin = time.monotonic()
            id = await imports.create(path, path.name, size)
            print(f"upload: {rows / (time.monotonic() - begin):,.0f} rows/s, {memory()} MB")
            for checks_only, policy in ((True, ErrorPolicy.KEEP_GOOD), (False, ErrorPolicy.KEEP_GOOD)):
                await imports.start(str(id), None, policy, OnDuplicate.USE_EXISTING, checks_only=checks_only)
                begin, used = time.monotonic(), time.process_time()
                while await import_work.advance(id):
                    pass
                seconds, used = time.monotonic() - begin, time.process_time() - used
                row = await mine(models.Import).get(id=id)
                assert (row.created, row.failed) == (rows, 0)
                print(f"{row.status}: {rows / seconds:,.0f} rows/s, {used / seconds:.0%} of a core, {memory()} MB")
            await imports.undo(str(id))
            begin = time.monotonic()
            while await import_work.advance(id):
                pass
            print(f"undone: {rows / (time.monotonic() - begin):,.0f} rows/s, {memory()} MB")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        path = Path(folder) / "clientes.csv"
        write_file(path, rows)
        with embedded.running(Path(folder) / "data", durable=True) as server:
            asyncio.run(measure(server.url, path, path.stat().st_size, rows))


if __name__ == "__main__":
    main()
