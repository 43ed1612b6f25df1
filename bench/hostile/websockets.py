"""Floods of WebSocket frames."""

import asyncio
import json
from contextlib import suppress

from bench.hostile.attacker import Attacker


def websocket_frame(opcode: int, data: bytes, *, fin: bool = True) -> bytes:
    """A frame as a client sends it, with a mask of zeros."""
    length = bytes([0x80 | len(data)]) if len(data) < 126 else b"\xfe" + len(data).to_bytes(2, "big")
    return bytes([0x80 * fin | opcode]) + length + bytes(4) + data


async def pings(attacker: Attacker) -> None:
    """Messages of the application's, without a key."""
    await _flood(attacker, websocket_frame(1, b'{"type":"ping"}'))


async def control_frames(attacker: Attacker) -> None:
    """Frames that no application sees, without a key."""
    await _flood(attacker, websocket_frame(9, b"x") + websocket_frame(10, b""))


async def large_frames(attacker: Attacker) -> None:
    """The beginnings of messages of 4 MB, without a key."""
    await _flood(attacker, b"\x81\xff" + (4_000_000).to_bytes(8, "big") + bytes(4) + b" " * 3_900_000)


async def pings_with_a_key(attacker: Attacker) -> None:
    await _flood(attacker, websocket_frame(1, b'{"type":"ping"}'), with_key=True)


async def control_frames_with_a_key(attacker: Attacker) -> None:
    await _flood(attacker, websocket_frame(9, b"x") + websocket_frame(0, b"", fin=False), with_key=True)


async def steady_pings(attacker: Attacker) -> None:
    """As many messages with a key as don't close the connection."""
    while attacker.goes_on:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await open_websocket(attacker, with_key=True)
            reading = asyncio.create_task(_read_all(reader))
            while attacker.goes_on and not reading.done():
                writer.write(websocket_frame(1, b'{"type":"ping"}') * 9)
                await writer.drain()
                await asyncio.sleep(0.1)
                attacker.seen["messages"] += 9
            writer.transport.abort()
            reading.cancel()


async def _flood(attacker: Attacker, frames: bytes, *, with_key: bool = False) -> None:
    """Send the same frames until the server hangs up, and once more from the beginning."""
    piece = frames * max(1, 65536 // len(frames))
    while attacker.goes_on:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            reader, writer = await open_websocket(attacker, with_key=with_key)
            reading = asyncio.create_task(_read_all(reader))
            with suppress(ConnectionError):
                while attacker.goes_on and not reading.done():
                    writer.write(piece)
                    await writer.drain()
                    await asyncio.sleep(0)
            writer.transport.abort()
            reading.cancel()
        attacker.seen["hung up"] += 1


async def open_websocket(attacker: Attacker, *, with_key: bool) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    reader, writer = await attacker.connect()
    writer.write(
        b"GET /graphql HTTP/1.1\r\nHost: istmo\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
        b"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
    )
    if b" 101 " not in await reader.readuntil(b"\r\n\r\n"):
        writer.transport.abort()
        attacker.seen["refused"] += 1
        raise ConnectionError
    if with_key:
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {attacker.key}"}}
        writer.write(websocket_frame(1, json.dumps(init).encode()))
        await reader.readuntil(b"connection_ack")
    return reader, writer


async def _read_all(reader: asyncio.StreamReader) -> None:
    with suppress(ConnectionError):
        await reader.read(-1)
