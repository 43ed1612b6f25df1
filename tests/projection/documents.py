"""Random documents: what hypothesis-graphql makes of the schema, and more of everything that is hard."""

import random
from typing import Any

from graphql import (
    FieldNode,
    GraphQLEnumType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    parse,
)

# Response keys that would be harmful in SQL, were they anything but keys.
_ALIASES = ["a__b", "_0", "select", "json_build_object", "row", "null", "x" * 70, "q", "true"]


class Embellisher:
    """Makes a document larger, with the same kinds of fields, fragments, directives and variables.

    No two fields of an object get the same response key unless they are the same field with the
    same arguments, so what comes out is valid if what goes in is.
    """

    def __init__(self, schema: Any, dice: random.Random, ids: list[str], cursors: list[str]) -> None:
        self.schema = schema
        self.dice = dice
        self.values = {"ID": [*ids, "nobody", "ñ"], "Cursor": [*cursors, "", "garbled", "bnVsbA=="]}
        self.number = 0
        self.fragments: list[str] = []
        self.definitions: list[str] = []
        self.variables: dict[str, Any] = {}

    def document(self, text: str) -> tuple[str, dict[str, Any]]:
        """A document in place of ``text``, and its variables."""
        operation = parse(text, no_location=True).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        selection = self.selection(list(operation.selection_set.selections), self.schema.query_type, set(), 0)
        definitions = f"({', '.join(self.definitions)})" if self.definitions else ""
        return "\n".join([f"query Random{definitions} {selection}", *self.fragments]), self.variables

    def chance(self, probability: float) -> bool:
        return self.dice.random() < probability

    def new(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}{self.number}"

    def selection(self, nodes: list[SelectionNode], type_: Any, used: set[str], depth: int) -> str:
        pieces: list[str] = []
        for node in nodes:
            if isinstance(node, FieldNode):
                children = list(node.selection_set.selections) if node.selection_set else []
                pieces += self.field(node.name.value, type_, children, used, depth)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition.name.value if node.type_condition else type_.name
                inner = self.selection(
                    list(node.selection_set.selections), self.schema.type_map[condition], used, depth
                )
                pieces.append(f"... on {condition} {inner}")
        while not pieces or self.chance(0.6 - depth * 0.12):
            pieces += self.grown(type_, used, depth)
        return "{ " + " ".join([self.wrapped(piece, type_) for piece in pieces]) + " }"

    def grown(self, type_: Any, used: set[str], depth: int) -> list[str]:
        """One more selection of an object."""
        if is_abstract_type(type_) and self.chance(0.5):
            possible = self.dice.choice(self.schema.get_possible_types(type_))
            return [f"... on {possible.name} {self.selection([], possible, used, depth + 1)}"]
        names = [name for name, field in type_.fields.items() if depth < 5 or is_leaf_type(get_named_type(field.type))]
        return self.field(self.dice.choice([*names, "__typename"]), type_, [], used, depth)

    def field(self, name: str, type_: Any, children: list[SelectionNode], used: set[str], depth: int) -> list[str]:
        """A field, sometimes twice with a part of its selection."""
        alias = ""
        if name in used or self.chance(0.2):
            alias = self.new(self.dice.choice(_ALIASES) + "_") + ": "
        else:
            used.add(name)
        if name == "__typename":
            return [alias + name]
        definition = type_.fields[name]
        head = alias + name + self.arguments(definition)
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return [head] * (2 if self.chance(0.1) else 1)
        keys: set[str] = set()
        times = 2 if self.chance(0.15) else 1
        return [f"{head} {self.selection(children, named, keys, depth + 1)}" for _ in range(times)]

    def arguments(self, definition: Any) -> str:
        given = []
        for name, argument in definition.args.items():
            if is_required_argument(argument) or self.chance(0.5):
                given.append(f"{name}: {self.argument(argument.type)}")
        return f"({', '.join(given)})" if given else ""

    def argument(self, type_: Any) -> str:
        """A literal or a new variable."""
        value = self.value(type_)
        if self.chance(0.5):
            return _literal(value, get_named_type(type_))
        name = self.new("v")
        default = ""
        if self.chance(0.3):
            default = f" = {_literal(self.value(type_), get_named_type(type_))}"
        if not default or self.chance(0.5):
            self.variables[name] = value
        self.definitions.append(f"${name}: {type_}{default}")
        return f"${name}"

    def value(self, type_: Any) -> Any:
        if is_non_null_type(type_):
            type_ = type_.of_type
        elif self.chance(0.2):
            return None
        if is_list_type(type_):
            return [self.value(type_.of_type) for _ in range(self.dice.randint(0, 4))]
        if isinstance(type_, GraphQLEnumType):
            return self.dice.choice(list(type_.values))
        if type_.name in self.values:
            return self.dice.choice(self.values[type_.name])
        return {"Int": self.dice.randint(-5, 5), "Boolean": self.chance(0.5), "String": "~ñ"}[type_.name]

    def wrapped(self, piece: str, type_: Any) -> str:
        """The piece, perhaps with a directive and in a fragment."""
        if self.chance(0.75):
            return piece
        directive = f" {self.directive()}" if self.chance(0.6) else ""
        if self.chance(0.5):
            return f"...{directive if directive or self.chance(0.5) else f' on {type_.name}'} {{ {piece} }}"
        name = self.new("F")
        self.fragments.append(f"fragment {name} on {type_.name} {{ {piece} }}")
        return f"...{name}{directive}"

    def directive(self) -> str:
        kind = self.dice.choice(["skip", "include"])
        if self.chance(0.3):
            return f"@{kind}(if: {_literal(self.chance(0.5), None)})"
        name = self.new("b")
        default = self.chance(0.3)
        if not default or self.chance(0.5):
            self.variables[name] = self.chance(0.6)
        self.definitions.append(f"${name}: Boolean{f' = {_literal(self.chance(0.5), None)}' if default else '!'}")
        return f"@{kind}(if: ${name})"


def _literal(value: Any, type_: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join([_literal(item, type_) for item in value]) + "]"
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return f'"{value}"' if isinstance(value, str) and not isinstance(type_, GraphQLEnumType) else str(value)
