"""Guesses of keys."""

import random

from bench.hostile.attacker import CONNECTIONS, Attacker, request


async def wrong_keys(attacker: Attacker) -> None:
    async with attacker.new_session() as session:
        for _ in range(10_000 // CONNECTIONS):
            await attacker.post(session, request("{ viewer { scope } }"), f"istmo_{random.randbytes(24).hex()}")
