"""Whether statements name their account: each level by value, so that a database that distributes accounts finds it.

And whether they have a form that such a database, Citus, refuses. Every statement of the service in any test is looked
at; one that doesn't fails the run at its end. PostgreSQL's own parser says what a statement consists of. The rules are
those of Citus 13 (``multi_router_planner.c``), and what was found when it was tried.
"""

import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

import asyncpg

from db.asyncpg_engine import Session
from db.distribute import LOCAL, REFERENCE
from tests.parse_tree import Node, Reader

_CHECKOUT: Final = Path(__file__).parents[1]
_ROOMS: Final = tuple(
    f"{_CHECKOUT / room}/"
    for room in (
        *("announcements", "documents", "emission", "lookup", "projection"),
        *("resolvers", "schema", "service", "transport"),
    )
)

# Of random documents there are many thousands, from one place: reading all would take longer than the tests.
_MOST_OF_A_PLACE: Final = 500

_EXPLAIN: Final = re.compile(r"^\s*EXPLAIN(\s*\([^)]*\))?")
_TESTS: Final = f"{_CHECKOUT}/tests/"

# Commands of the operator, which run as the database's owner and for all accounts.
_OPERATOR: Final = f"{_CHECKOUT}/service/commands/"

SELECT, UPDATE, INSERT, DELETE = "1", "2", "3", "4"  # commandType
_TABLE, _SUBQUERY, _VALUES = "0", "1", "5"  # rtekind
_WORDS: Final = {UPDATE: "UPDATE", INSERT: "INSERT", DELETE: "DELETE"}


class Catalogue:
    """The tables of accounts and how volatile functions are, by the numbers that parse trees have."""

    def __init__(self, tables: dict[str, tuple[str, str]], local: set[str], volatility: dict[str, str]) -> None:
        self.tables = tables  # the name and the number of the account's column
        self.local = local
        self.volatility = volatility

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "Catalogue":
        rows = await connection.fetch(
            """
            SELECT c.oid::text, c.relname, a.attnum::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
                AND a.attname = CASE c.relname WHEN 'account' THEN 'id' ELSE 'account_id' END
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
            """
        )
        local = await connection.fetch("SELECT oid::text FROM pg_class WHERE relname = ANY ($1)", LOCAL)
        functions = await connection.fetch("SELECT oid::text, provolatile::text FROM pg_proc")
        tables = {oid: (name, number) for oid, name, number in rows if name not in (*REFERENCE, *LOCAL)}
        return cls(tables, {oid for (oid,) in local}, dict(functions))

    def volatility_of(self, node: Node) -> str:
        """``i`` for immutable, ``s`` for stable, ``v`` for volatile: of the node's own function, if it has one."""
        if node.kind == "NEXTVALUEEXPR":
            return "v"
        if node.kind == "SQLVALUEFUNCTION":
            return "s"
        for field in ("funcid", "opfuncid", "aggfnoid", "winfnoid"):
            if field in node:
                return self.volatility.get(node[field], "i")
        return "i"

    def is_mutable(self, value: Any) -> bool:
        return any(self.volatility_of(node) != "i" for node in _below(value))


def _below(value: Any, *, queries: bool = True) -> Iterator[Node]:
    holder = Node({"value": value})
    holder.kind = "HOLDER"
    return (node for node in holder.inner(queries=queries) if node is not holder)


def faults(tree: Node, catalogue: Catalogue, *, may_look_across: bool = False) -> list[str]:
    """What keeps a distributed database from sending the statement to its account's node."""
    queries = [node for node in tree.inner() if node.kind == "QUERY"]
    touched = {entry["relid"] for query in queries for entry in _entries(query) if entry["rtekind"] == _TABLE}
    if not touched & set(catalogue.tables):
        return []
    found = ["joins a table of the coordinator"] if touched & catalogue.local else []
    for query in queries:
        nameless = _nameless(query, catalogue)
        if not may_look_across or query["commandType"] in (INSERT, UPDATE):
            found += nameless
        elif nameless and query["hasRecursive"] == "true":
            found.append("a recursive query across accounts")
        elif nameless and query["rowMarks"]:
            found.append("locks rows across accounts")
        if query["commandType"] in (UPDATE, DELETE):
            found += _change_faults(query, catalogue)
        elif query["commandType"] == INSERT:
            found += _insert_faults(query, catalogue)
    return found


def _entries(query: Node) -> list[Node]:
    return query["rtable"] or []


def _nameless(query: Node, catalogue: Catalogue) -> list[str]:
    """The accounts' tables at this level whose account isn't compared with a value, or isn't a value."""
    missing = []
    conditions = _conditions(query["jointree"])
    for number, entry in enumerate(_entries(query), 1):
        if entry["rtekind"] != _TABLE or entry["relkind"] == "c" or entry["relid"] not in catalogue.tables:
            continue  # of another kind, or "excluded"
        name, column = catalogue.tables[entry["relid"]]
        if query["commandType"] == INSERT and query["resultRelation"] == str(number):
            is_named = _inserts_value(query, column, catalogue)
        else:
            is_named = any(_names(each, str(number), column, catalogue) for each in conditions)
        if not is_named:
            missing.append(f"{name} without its account")
    return missing


def _conditions(node: Node) -> list[Node]:
    """The conditions that hold for all rows of this level: of WHERE and ON, taken apart at AND."""
    found = []
    for each in node.inner(queries=False):
        if each.kind in ("FROMEXPR", "JOINEXPR"):
            waiting = [each["quals"]]
            while waiting:
                condition = waiting.pop()
                if isinstance(condition, Node) and condition.kind == "BOOLEXPR" and condition["boolop"] == "and":
                    waiting += condition["args"]
                elif isinstance(condition, Node):
                    found.append(condition)
    return found


def _names(condition: Node, number: str, column: str, catalogue: Catalogue) -> bool:
    if condition.kind != "OPEXPR" or len(condition["args"]) != 2:
        return False
    left, right = condition["args"]
    return any(
        one.kind == "VAR" and (one["varno"], one["varattno"], one["varlevelsup"]) == (number, column, "0")
        and _is_value(other, catalogue)
        for one, other in ((left, right), (right, left))
    )  # fmt: skip


def _is_value(expression: Node, catalogue: Catalogue) -> bool:
    """A parameter or constant, or an immutable function of such."""
    kinds = {node.kind for node in expression.inner()}
    return kinds.isdisjoint({"VAR", "SUBLINK"}) and not catalogue.is_mutable(expression)


def _inserts_value(query: Node, column: str, catalogue: Catalogue) -> bool:
    targets = [each["expr"] for each in query["targetList"] if each["resno"] == column]
    if not targets:
        return False
    expression = targets[0]
    if expression.kind != "VAR":
        return _is_value(expression, catalogue)
    source = _entries(query)[int(expression["varno"]) - 1]
    place = int(expression["varattno"]) - 1
    if source["rtekind"] == _VALUES:
        return all(_is_value(row[place], catalogue) for row in source["values_lists"])
    if source["rtekind"] == _SUBQUERY:
        selected = source["subquery"]["targetList"][place]["expr"]
        return _is_value(selected, catalogue) or not _nameless(source["subquery"], catalogue)
    return False


def _change_faults(query: Node, catalogue: Catalogue) -> list[str]:
    word = _WORDS[query["commandType"]]
    found = []
    if any(catalogue.volatility_of(node) == "v" for node in query.inner()):
        found.append(f"volatile function in {word}")
    result = _entries(query)[int(query["resultRelation"]) - 1]
    _, column = catalogue.tables.get(result["relid"], ("", ""))
    changes = query["targetList"] or [] if query["commandType"] == UPDATE else []
    if any(each["resno"] == column for each in changes):
        found.append("UPDATE of the account")
    for expression in [*(each["expr"] for each in changes), query["jointree"]["quals"]]:
        found += [f"{fault} in {word}" for fault in _irreducible(expression, catalogue)]
    return found + _common_faults(query, catalogue)


def _irreducible(expression: Any, catalogue: Catalogue) -> list[str]:
    """Stable functions of columns, and changing functions in CASE and coalesce, which are evaluated too early."""
    found = []
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, Node) and node.kind in ("CASEEXPR", "CASE", "COALESCEEXPR", "COALESCE"):
            if catalogue.is_mutable(node):
                found.append("changing function in CASE or coalesce")
        elif isinstance(node, Node) and node.kind != "QUERY":
            columns = any(each.kind == "VAR" for each in node.inner(queries=False))
            if catalogue.volatility_of(node) == "s" and columns:
                found.append("stable function of a column")
            waiting += node.values()
    return found


def _insert_faults(query: Node, catalogue: Catalogue) -> list[str]:
    found = []
    sources = [entry["subquery"] for entry in _entries(query) if entry["rtekind"] == _SUBQUERY]
    conflict = query["onConflict"]
    if not sources and query["cteList"]:
        found.append("INSERT … VALUES with a WITH")
    if not sources and query["hasSubLinks"] == "true":
        found.append("subquery in VALUES")
    if sources and not (conflict or query["returningList"]):
        found.append("INSERT … SELECT by COPY, which policies refuse")
    if conflict is not None:
        changed = [each["expr"] for each in conflict["onConflictSet"] or () if each["expr"].kind != "VAR"]
        if catalogue.is_mutable([changed, conflict["arbiterWhere"], conflict["onConflictWhere"]]):
            found.append("changing function in ON CONFLICT")
    return found + _common_faults(query, catalogue)


def _common_faults(query: Node, catalogue: Catalogue) -> list[str]:
    found = []
    if catalogue.is_mutable(query["returningList"]):
        found.append("changing function in RETURNING")
    # Citus computes what it can before it sends the statement, and takes the comparison in CASE x WHEN y for constant.
    if catalogue.is_mutable(query) and any(
        node.kind in ("CASEEXPR", "CASE") and node.get("arg") is not None for node in query.inner()
    ):
        found.append("CASE x WHEN y beside a changing function")
    return found


class Sent:
    """The statements that the service has sent, each with the place that sent it."""

    def __init__(self) -> None:
        self.is_recording = True
        self.senders: dict[str, str] = {}
        self._places: Counter[str] = Counter()

    @contextmanager
    def recording(self) -> Iterator[None]:
        get_statement: Callable[..., Any] = Session._get_statement

        async def noted(session: Session, query: str, *arguments: Any, **options: Any) -> Any:
            self.note(query)
            return await get_statement(session, query, *arguments, **options)

        Session._get_statement = noted
        try:
            yield
        finally:
            Session._get_statement = get_statement

    def note(self, sql: str) -> None:
        if sql.startswith("SET LOCAL "):
            return  # no statement that reads a table, so none that could be prepared
        if self.is_recording and sql not in self.senders and (sender := _sender(sys._getframe(1))):
            self._places[sender] += 1
            if self._places[sender] <= _MOST_OF_A_PLACE:
                self.senders[sql] = sender

    async def faults(self, database_url: str) -> dict[str, tuple[list[str], str]]:
        """What is wrong with statements, each with its place."""
        connection = await asyncpg.connect(database_url)
        try:
            catalogue = await Catalogue.read(connection)
            reader = Reader(connection)
            await reader.begin()
            found = {}
            for sql, sender in self.senders.items():
                if wrong := faults(await reader.tree(_EXPLAIN.sub("", sql)), catalogue):
                    found[sql] = wrong, sender
            return found
        finally:
            await connection.close()


def _sender(frame: FrameType | None) -> str | None:
    """The place in a room of the service that sends a statement; None if a test or the operator does."""
    found = None
    while frame is not None:
        file = frame.f_code.co_filename
        if file.startswith(_OPERATOR):
            return None
        if file.startswith(_TESTS) and file != __file__:
            break
        if found is None and file.startswith(_ROOMS):
            found = f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return found
