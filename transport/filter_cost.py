"""What the filter of a list costs: the filters that it combines, and words that are looked for in all lines."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from graphql import ListValueNode, ObjectValueNode, ValueNode, VariableNode, value_from_ast_untyped

SEARCH: Final = 10
CONDITION: Final = 5  # a filter within another one


def compile_filter_cost(node: ValueNode) -> int | Callable[[Mapping[str, Any]], int]:
    """The cost of the argument, or what tells it from a request's variables, valid or not."""
    if any(isinstance(each, VariableNode) for each in _nodes(node)):
        return lambda variables: _price(value_from_ast_untyped(node, dict(variables)))
    return _price(value_from_ast_untyped(node))


def _nodes(node: ValueNode) -> Iterator[ValueNode]:
    left = [node]
    while left:
        each = left.pop()
        yield each
        if isinstance(each, ListValueNode):
            left += each.values
        elif isinstance(each, ObjectValueNode):
            left += [field.value for field in each.fields]


def _price(filter: Any) -> int:
    cost = -CONDITION  # the outermost is free
    left = [filter]
    while left:
        each = left.pop()
        if isinstance(each, list):
            left += each
        elif isinstance(each, dict):
            cost += CONDITION + (SEARCH if each.get("lineText") else 0)
            left += [each[name] for name in ("and", "or", "not") if each.get(name)]
    return max(cost, 0)
