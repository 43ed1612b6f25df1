"""How large a document and its variables are.

A document is measured before it is validated. A fragment is looked at once, however often it is spread: the time this
takes is in proportion to the document's length, not to what it expands to.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)


def count_values(values: Any, enough: int) -> int:
    """How many values there are, each list or object being one itself. It stops counting above ``enough``."""
    count = 0
    left = [values]
    while left and count <= enough:
        value = left.pop()
        count += 1
        if isinstance(value, dict):
            left += value.values()
        elif isinstance(value, list):
            left += value
    return count


class Size(NamedTuple):
    """``depth`` and ``root_fields`` are the operation's, the others the whole document's."""

    tokens: int
    depth: int
    aliases: int
    directives: int
    root_fields: int
    introspects: bool


def measure_document(document: DocumentNode, operation: OperationDefinitionNode) -> Size:
    """The size of a document, valid or not; raises ``RecursionError`` if it is nested too deeply for Python."""
    aliases = directives = 0
    introspects = False
    for node in _nodes(document):
        directives = max(directives, len(node.directives or ()))
        if isinstance(node, FieldNode):
            aliases += node.alias is not None
            introspects = introspects or node.name.value in ("__schema", "__type")
    depth, root_fields = _Shape(document).of(operation.selection_set)
    return Size(document.token_count, depth, aliases, directives, root_fields, introspects)


def _nodes(document: DocumentNode) -> Iterator[Any]:
    """All definitions and selections, each once."""
    nodes: list[Any] = list(document.definitions)
    while nodes:
        node = nodes.pop()
        yield node
        selection_set = getattr(node, "selection_set", None)
        if selection_set:
            nodes += selection_set.selections


class _Shape:
    """Depth and number of fields of a selection, its fragments included."""

    def __init__(self, document: DocumentNode) -> None:
        self.fragments = fragments_of(document)
        self.known: dict[str, tuple[int, int]] = {}

    def of(self, selection_set: SelectionSetNode | None) -> tuple[int, int]:
        depth = fields = 0
        for selection in selection_set.selections if selection_set else ():
            if isinstance(selection, FieldNode):
                below, count = self.of(selection.selection_set)[0] + 1, 1
            elif isinstance(selection, InlineFragmentNode):
                below, count = self.of(selection.selection_set)
            else:
                below, count = self.of_fragment(selection.name.value)  # type: ignore[attr-defined]
            depth = max(depth, below)
            fields += count
        return depth, fields

    def of_fragment(self, name: str) -> tuple[int, int]:
        if name not in self.known:
            self.known[name] = (0, 0)  # in case the fragment contains itself, which validation refuses
            if name in self.fragments:
                self.known[name] = self.of(self.fragments[name].selection_set)
        return self.known[name]


def fragments_of(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {each.name.value: each for each in document.definitions if isinstance(each, FragmentDefinitionNode)}
