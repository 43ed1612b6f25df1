"""How PostgreSQL itself reads a statement: the tree that it logs with ``debug_print_parse``."""

import re
from collections.abc import Iterator
from typing import Any, Final

import asyncpg

_TOKEN: Final = re.compile(r'[(){}]|"(?:\\.|[^"\\])*"|(?:\\.|[^\s(){}\\])+', re.DOTALL)

# Of a PREPARE and the like, PostgreSQL shows the statement as it was written, with strings whose end can't be told.
_IS_PLANNED: Final = re.compile(r"{QUERY [^{]*:utilityStmt <>")


class Node(dict[str, Any]):
    """The fields of a node by their names; ``kind`` is its own, such as QUERY."""

    kind: str

    def inner(self, *, queries: bool = True) -> Iterator["Node"]:
        """This node and all below it, ``queries`` within it perhaps left out."""
        yield self
        for value in self.values():
            yield from _nodes(value, queries=queries)


def _nodes(value: Any, *, queries: bool) -> Iterator[Node]:
    if isinstance(value, Node):
        if queries or value.kind != "QUERY":
            yield from value.inner(queries=queries)
    elif isinstance(value, list):
        for each in value:
            yield from _nodes(each, queries=queries)


def read_tree(text: str) -> Node:
    tokens = _TOKEN.findall(text)
    tree, end = _read(tokens, 0)
    assert isinstance(tree, Node)
    assert end == len(tokens)
    return tree


def _read(tokens: list[str], at: int) -> tuple[Any, int]:
    """The value that begins at this token, and where the next one does."""
    if tokens[at] == "(":
        items = []
        at += 1
        while tokens[at] != ")":
            item, at = _read(tokens, at)
            items.append(item)
        return items, at + 1
    if tokens[at] != "{":
        return (None if tokens[at] == "<>" else tokens[at]), at + 1
    node = Node()
    node.kind = tokens[at + 1]
    at += 2
    while tokens[at] != "}":
        name = tokens[at][1:]
        node[name], at = _read(tokens, at + 1)
        while tokens[at] != "}" and not tokens[at].startswith(":"):
            _, at = _read(tokens, at)  # the bytes of a constant
    return node, at + 1


class Reader:
    """Reads statements in a connection, which it is the only one to use."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self._logged: list[str] = []

    async def begin(self) -> None:
        self._connection.add_log_listener(self._note)
        await self._connection.execute("SET debug_pretty_print = off")
        await self._connection.execute("SET client_min_messages = log")
        await self._connection.execute("SET debug_print_parse = on")

    def _note(self, _connection: Any, message: Any) -> None:
        if message.message == "parse tree:":
            self._logged.append(message.detail)

    async def trees(self, sql: str, *arguments: Any) -> list[Node]:
        """The trees of the statement and of what is executed in functions that it calls."""
        self._logged.clear()
        await self._connection.execute(sql, *arguments)
        return [read_tree(text) for text in self._logged if _IS_PLANNED.match(text)]

    async def tree(self, sql: str) -> Node:
        """The tree of a statement with parameters, which isn't executed."""
        trees = await self.trees(f"PREPARE read AS {sql}")
        await self._connection.execute("DEALLOCATE read")
        return trees[0]
