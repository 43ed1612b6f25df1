"""Ending a connection before an answer is complete."""

from aiohttp import web


async def break_off(request: web.Request, beginning: bytes) -> web.StreamResponse:
    """Send the beginning of an answer, if there is one, and close the connection."""
    assert request.transport is not None
    response = web.StreamResponse()
    if beginning:
        await response.prepare(request)
        await response.write(beginning)
    request.transport.close()
    return response
