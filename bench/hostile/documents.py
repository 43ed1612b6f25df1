"""Documents that are hard to parse, to validate or to plan."""

from bench.hostile.attacker import Attacker, request


def nested(depth: int) -> str:
    """Customers of invoices of customers."""
    level = "customers(first: 1) { edges { node { invoices(first: 1) { edges { node { customer {"
    inner = "invoices(first: 1) { edges { node { customer { "
    return "{" + level + inner * depth + "id" + " }" * (4 * depth) + "}}}}}}}}"


def fragments(count: int, spread: int) -> str:
    """Fragments that each spread the next several times: as many fields as ``spread`` to the power of ``count``."""
    bomb = [f"fragment F{n} on Customer {{ {f'...F{n + 1} ' * spread} }}" for n in range(count)]
    return "\n".join(["{ customers { edges { node { ...F0 } } } }", *bomb, f"fragment F{count} on Customer {{ id }}"])


def conflicting(count: int) -> str:
    """Fields that all have to be compared with each other."""
    fields = " ".join(f"a: customers(first: {n % 100}) {{ totalCount }}" for n in range(count))
    return f"{{ {fields} }}"


def circular_introspection(depth: int) -> str:
    return "{ __schema {" + " types { fields { type {" * depth + " name " + "} } }" * depth + "} }"


DOCUMENTS: dict[str, str] = {
    "no end": "{" * 4000,
    "lists without end": "{ nodes(ids: " + "[" * 20_000,
    "strings without end": '{ customers(search: "' + "a" * 100_000,
    "garbage": "\x00\x01\ufeff}{ query ! $$$ @@@ \u202e",
    "block strings": '{ customers(search: """' + '\\"""' * 20_000 + '""") { totalCount } }',
    "deep": nested(400),
    "deep, just parsed": nested(150),
    "deep input": "{ nodes(ids: " + "[" * 1000 + '"x"' + "]" * 1000 + ") { id } }",
    "deep object": "{ customers(filter: " + "{createdAt: " * 1000 + "1" + "}" * 1000 + ") { totalCount } }",
    "deep types": "query ($a: " + "[" * 1000 + "Int" + "]" * 1000 + ") { __typename }",
    "wide": "{ customers { edges { node {" + " name" * 4900 + " } } } }",
    "wide root": "{" + " provinces { code }" * 1200 + "}",
    "aliases": "{" + " ".join(f"a{n}: __typename" for n in range(1600)) + "}",
    "aliased lists": "{" + " ".join(f"a{n}: customers(first: 100) {{ totalCount }}" for n in range(400)) + "}",
    "aliased mutations": "mutation {"
    + " ".join(f'a{n}: archiveCustomer(id: "{n}") {{ customer {{ id }} }}' for n in range(300))
    + "}",
    "fragment bomb": fragments(25, 20),
    "fragment chain": fragments(1000, 1),
    "fragment cycle": "{ node(id: 1) { ...A } } fragment A on Customer { ...B } fragment B on Customer { ...A }",
    "inline fragments": "{ customers { edges { node " + "{ ... on Customer " * 1000 + "{ id }" + "}" * 1000 + " } } }",
    "directives": "{ __typename " + "@include(if: true) " * 800 + "}",
    "unknown directives": "{ __typename " + "@x " * 2400 + "}",
    "conflicting fields": conflicting(280),
    "overlapping fragments": "{ customers { edges { node {"
    + " ".join(f"...F{n}" for n in range(200))
    + " } } } }"
    + " ".join(f"fragment F{n} on Customer {{ a: name b{n}: id c: identification }}" for n in range(200)),
    "circular introspection": circular_introspection(5),
    "whole introspection, again and again": "{"
    + " ".join(
        f"a{n}: __schema {{ types {{ fields {{ args {{ type {{ ofType {{ name }} }} }} }} }} }}" for n in range(20)
    )
    + "}",
    "cost": "{ customers(first: 100) { edges { node { invoices(first: 100) { edges { node { id } } } } } } }",
    "variables": "query (" + " ".join(f"$v{n}: Int" for n in range(1200)) + ") { __typename }",
    "operations": " ".join(f"query Q{n} {{ __typename }}" for n in range(900)),
    "unknown fields": "{" + " ".join(f"unknown{n}" for n in range(2400)) + "}",
    "unknown arguments": "{ customers(" + " ".join(f"x{n}: 1" for n in range(1500)) + ") { totalCount } }",
    "search of many words": '{ customers(search: "' + "a b c " * 3000 + '") { totalCount } }',
    "search of one long word": '{ customers(search: "' + "ñ" * 50_000 + '") { totalCount } }',
    "numbers": "{ customers(first: " + "9" * 5000 + ") { totalCount } }",
    "decimals": '{ invoices(filter: {total: {from: "1e999999", to: "-1e-999999"}}) { totalCount } }',
    "cursors": '{ customers(after: "' + "A" * 5000 + '") { totalCount } }',
}


async def hostile_documents(attacker: Attacker) -> None:
    await attacker.in_turn([request(text) for text in DOCUMENTS.values()])
