"""Malformed and large bodies."""

from collections.abc import AsyncIterator

from bench.hostile.attacker import Attacker, request

_IDS = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
_FILTER = "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }"
_CREATE = """
    mutation ($input: InvoiceInput!, $customer: CustomerInput) {
        createInvoice(input: $input, newCustomer: $customer) { invoice { id } userErrors { code } }
    }
"""

BODIES: dict[str, bytes] = {
    "empty": b"",
    "not JSON": b"{'query': 1}",
    "half of it": b'{"query": "{ viewer',
    "not UTF-8": b'{"query": "\xff\xfe\xc0"}',
    "lone surrogate": b'{"query": "{ customers(search: \\"\\ud800\\") { totalCount } }"}',
    "surrogate in a variable": request("query ($s: String) { customers(search: $s) { totalCount } }", s="\ud800"),
    "NUL": request("query ($s: String) { customers(search: $s) { totalCount } }", s="a\x00b"),
    "deep JSON": b'{"query": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "deep variables": b'{"query": "query ($f: CustomerFilter) { customers(filter: $f) { totalCount } }", '
    b'"variables": {"f": ' + b'{"createdAt": ' * 400 + b"1" + b"}" * 400 + b"}}",
    "list": b"[" + b",".join([request("{ __typename }")] * 1000) + b"]",
    "number": b"1e400",
    "huge integer": b'{"query": "query ($n: Int) { customers(first: $n) { totalCount } }", "variables": {"n": '
    + b"9" * 5000
    + b"}}",
    "same name again": b'{"query": "{ __typename }", ' * 1 + b'"query": 1, ' * 5000 + b'"query": "{ __typename }"}',
    "many names": b'{"query": "{ __typename }", "variables": {'
    + b", ".join(b'"v%d": 1' % n for n in range(60_000))
    + b"}}",
    "many ids": request(_IDS, ids=["x"] * 100_000),
    "many values": request(_FILTER, f={"receiverType": ["TAXPAYER"] * 60_000}),
    "many lines": request(
        _CREATE,
        input={
            "lines": [
                {"description": "x", "quantity": "1", "unitPrice": "1", "itbmsRate": "EXEMPT"} for _ in range(9000)
            ]
        },
        customer={"receiverType": "TAXPAYER", "name": "Larga, S.A."},
    ),
    "wrong lines": request(
        _CREATE,
        input={
            "lines": [
                {"description": "\x07", "quantity": "-1e9", "unitPrice": "x", "itbmsRate": "RATE_99"}
                for _ in range(5000)
            ]
        },
    ),
    "long texts": request(
        _CREATE,
        input={"notes": "ñ" * 300_000, "lines": []},
        customer={"receiverType": "TAXPAYER", "name": "a" * 200_000, "email": "a@" * 50_000},
    ),
}


async def malformed(attacker: Attacker) -> None:
    await attacker.in_turn(list(BODIES.values()))


async def large(attacker: Attacker) -> None:
    """10 MB, with and without Content-Length."""

    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65536

    async with attacker.new_session() as session:
        while attacker.goes_on:
            await attacker.post(session, b" " * 10_000_000)
            await attacker.post(session, pieces())
