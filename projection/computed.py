"""Fields that Python computes.

The statement answers the columns that such a field needs in its place. They are replaced in the
decoded answer by what graphql-core makes of the field, as if it had found it on an object with
these columns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetails
from graphql.pyutils import Path
from tortoise.fields.base import Field
from tortoise.fields.data import DecimalField, JSONField

from projection.row import Row

# The key under which an object of ``ByIds`` says which tag its computed fields have.
TAG = "#"


@dataclass(frozen=True)
class Computed:
    """A selected field. ``keys`` lead to it: response keys, or the tag that the object there must have."""

    keys: tuple[str, ...]
    type_: GraphQLObjectType
    details: list[FieldDetails]
    fields: "dict[str, Field[Any] | None]"

    def source(self, values: list[Any]) -> SimpleNamespace:
        """What the method has as its ``self``."""
        columns = zip(self.fields.items(), values, strict=True)
        return SimpleNamespace(
            **{name: value if field is None else field.to_python_value(value) for (name, field), value in columns}
        )


def columns(row: Row, names: tuple[str, ...]) -> str:
    """The JSON of the columns, in which Tortoise's fields find their values again."""
    values = []
    for name in names:
        exact = isinstance(row.field(name), DecimalField | JSONField)
        values.append(f"({row.column(name)})::text" if exact else row.column(name))
    return f"json_build_array({', '.join(values)})"


async def fill(executor: Any, answer: Any, computed: tuple[Computed, ...], path: Path) -> Any:
    """The decoded answer of a root field with its computed fields in place."""
    for field in computed:
        key = field.keys[-1]
        for owner, at in _owners(answer, field.keys[:-1], path):
            source = field.source(owner[key])
            value = executor.execute_field(field.type_, source, field.details, at.add_key(key, field.type_.name), None)
            owner[key] = await value if executor.is_awaitable(value) else value
    for item in answer if isinstance(answer, list) else [answer]:
        if item is not None:
            item.pop(TAG, None)
    return answer


def _owners(value: Any, keys: tuple[str, ...], path: Path) -> Iterator[tuple[dict[str, Any], Path]]:
    """The objects to which the keys lead, with their paths."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _owners(item, keys, path.add_key(index))
    elif value is not None and not keys:
        yield value, path
    elif value is not None and not keys[0].startswith(TAG):
        yield from _owners(value[keys[0]], keys[1:], path.add_key(keys[0]))
    elif value is not None and value.get(TAG) == keys[0]:
        yield from _owners(value, keys[1:], path)
