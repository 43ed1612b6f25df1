"""Headers that are found in a dictionary are those that Starlette finds."""

import random

from starlette.datastructures import Headers

from transport.headers import IndexedHeaders


def test_the_dictionary_finds_what_a_walk_over_all_headers_finds() -> None:
    chance = random.Random(15)
    names = [b"accept", b"authorization", b"content-type", b"cookie", b"x-\xf1"]
    for _ in range(200):
        raw = [(chance.choice(names), b"%d \xe9" % number) for number in range(chance.randrange(8))]
        found, expected = IndexedHeaders(scope={"headers": raw}), Headers(raw=raw)
        for name in (each.decode("latin-1") for each in names):
            assert found.get(name, "none") == expected.get(name, "none")
            assert found.getlist(name) == expected.getlist(name)
            assert (name in found) == (name in expected)
