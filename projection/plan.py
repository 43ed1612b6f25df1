"""From a client's selection to the text of the statement that answers it.

A selection is compiled once; what depends on the request's arguments (the pages of connections
and their conditions) stays a gap in the text, filled for each request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, cast

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)
from graphql.error import located_error
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from tortoise.fields.relational import BackwardFKRelation, ForeignKeyFieldInstance
from tortoise.models import Model

from projection.fields import KEY, Column, Part, Related, Rows, Spec, Sql
from projection.query import ByIds, Many, One, Order, Page, Query
from projection.statement import Gap, Statement, Text, compact, json_object, written

Details = list[FieldDetails]
Plan = Callable[[Query, Statement], str]

# How a scalar is written; the others are written as PostgreSQL writes them in JSON.
FORMATS = {
    "DateTime": """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""",
    "Decimal": "({})::text",
    "ID": "({})::text",
}


@dataclass(frozen=True)
class Row:
    """Where an object's columns come from: an alias, and the model behind it where there is one."""

    alias: str
    model: type[Model] | None = None
    prefix: str = ""

    def column(self, name: str) -> str:
        name = self.prefix + name
        if self.model is not None:
            name = self.model._meta.fields_db_projection[name]
        return f'{self.alias}."{name}"'


def compile(executor: Any, return_type: GraphQLOutputType, details: Details, query: Query) -> Plan:
    """The plan for answering queries like ``query`` with this selection."""
    return _Compiler(executor).plan(get_named_type(return_type), details, query)


class _Compiler:
    """``executor`` is graphql-core's: it knows how fragments and directives make up a selection."""

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.schema: GraphQLSchema = executor.schema
        self.numbers = count()

    def plan(self, type_: Any, details: Details, query: Query) -> Plan:
        match query:
            case One(queryset) | Many(queryset):
                row = self.row(queryset.model)
                value = self.object(type_, details, row)
                if isinstance(query, Many):
                    value = ["coalesce(json_agg(", *value, "), '[]')"]
                value = compact(value)

                def write(query: Query, statement: Statement) -> str:
                    source = statement.select(cast(One | Many, query).queryset)
                    return f"SELECT {written(value, statement)} FROM ({source}) {row.alias}"

                return write
            case Page(queryset):
                connection = self.connection(type_, details, queryset.model)
                return lambda query, statement: connection(cast(Page, query), statement, None)
            case ByIds():
                return self.by_ids(type_, details, query)

    def row(self, model: type[Model] | None = None) -> Row:
        return Row(f"t{next(self.numbers)}", model)

    def by_ids(self, interface: Any, details: Details, query: ByIds) -> Plan:
        choices: list[tuple[type[Model], Row, Text]] = []
        for possible in self.schema.get_possible_types(interface):
            model = _model(possible)
            if model in query.querysets:
                row = self.row(model)
                choices.append((cast(type[Model], model), row, self.object(possible, details, row)))

        def write(query: Query, statement: Statement) -> str:
            assert isinstance(query, ByIds)
            found = ", ".join(
                f"(SELECT {written(value, statement)} FROM ({statement.select(query.querysets[model])}) {row.alias}"
                f" WHERE {row.alias}.id = i.id)"
                for model, row, value in choices
            )
            value = f"coalesce({found})"
            if not query.single:
                value = f"coalesce(json_agg({value} ORDER BY i.n), '[]')"
            ids = statement.bind(list(query.ids))
            return f"SELECT {value} FROM unnest({ids}::uuid[]) WITH ORDINALITY i(id, n)"

        return write

    # Objects

    def selected(self, type_: GraphQLObjectType, details: Details) -> list[tuple[str, str, Details]]:
        """What is asked of an object: response key, field name and the nodes that ask it."""
        fields = self.executor.collect_subfields(type_, details).grouped_field_set
        return [(key, group[0].node.name.value, group) for key, group in fields.items()]

    def object(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        return json_object(
            (key, self.field(type_, name, group, row)) for key, name, group in self.selected(type_, details)
        )

    def field(self, type_: GraphQLObjectType, name: str, details: Details, row: Row) -> Text:
        if name == "__typename":
            return _typename(type_)
        kind = type_.fields[name].type
        named = get_named_type(kind)
        python_name, spec = _declared(type_, name)
        match spec:
            case Sql(template):
                return [_formatted(template.format(row=row.alias), named)]
            case Rows(template):
                inner = self.row()
                value = self.object(named, details, inner)
                return [*_json_list(value), f" FROM ({template.format(row=row.alias)}) {inner.alias})"]
            case Part(prefix, present):
                part = Row(row.alias, row.model, row.prefix + prefix)
                return [
                    f"CASE WHEN {part.column(present)} IS NOT NULL THEN ",
                    *self.object(named, details, part),
                    " END",
                ]
            case Related(relation):
                return [self.related(type_, name, details, row, relation)]
            case Column(other):
                python_name = other
        if is_leaf_type(named):
            return [_formatted(row.column(python_name), named)]
        return self.relation(named, details, row, python_name, many=is_list_type(get_nullable_type(kind)))

    def relation(self, type_: Any, details: Details, row: Row, name: str, *, many: bool) -> Text:
        relation = _relation(row, name)
        target = self.row(relation.related_model)
        value = self.object(type_, details, target)
        source = f' FROM "{relation.related_model._meta.db_table}" {target.alias} WHERE {_tie(row, target, relation)})'
        if many:
            order = ", ".join(target.column(column) for column, _ in relation.related_model._meta.ordering)
            return [*_json_list(value, order), source]
        return ["(SELECT ", *value, source]

    # Connections

    def related(self, type_: GraphQLObjectType, name: str, details: Details, row: Row, relation_name: str) -> Gap:
        definition = type_.fields[name]
        relation = _relation(row, relation_name)
        model = relation.related_model
        connection = self.connection(get_named_type(definition.type), details, model)
        tie = _tie(row, Row(f'"{model._meta.db_table}"', model), relation)
        nodes = [detail.node for detail in details]
        resolve = definition.resolve
        assert resolve is not None

        def write(statement: Statement) -> str:
            executor = statement.executor
            try:
                arguments = get_argument_values(definition, nodes[0], executor.variable_values)
                page = resolve(None, executor.build_resolve_info(definition, nodes, type_, None), **arguments)
            except Exception as error:
                raise located_error(error, nodes) from error
            return f"({connection(page, statement, tie)})"

        return write

    def connection(
        self, type_: GraphQLObjectType, details: Details, model: type[Model]
    ) -> Callable[[Page, Statement, str | None], str]:
        """Writes a page; ``tie`` is the condition that holds it to the row above."""
        row = self.row(model)
        pairs: list[tuple[str, Text]] = []
        for key, name, group in self.selected(type_, details):
            if name == "__typename":
                value = _typename(type_)
            elif name == "totalCount":
                value = [lambda statement: f"({statement.select_list('count(*)')})"]
            elif name == "pageInfo":
                value = self.page_info(get_named_type(type_.fields[name].type), group, row)
            else:
                value = self.edges(get_named_type(type_.fields[name].type), group, row)
            pairs.append((key, value))
        text = compact(json_object(pairs))

        def write(page: Page, statement: Statement, tie: str | None) -> str:
            statement.pages.append((page, tie))
            inner = statement.select_page()
            value = written(text, statement)
            statement.pages.pop()
            # One row even where nothing is selected that aggregates the page.
            numbered = f'SELECT q.*, row_number() OVER () AS "#" FROM ({inner}) q'
            return f"SELECT {value} FROM ({numbered}) {row.alias} HAVING true"

        return write

    def edges(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        pairs: list[tuple[str, Text]] = []
        for key, name, group in self.selected(type_, details):
            if name == "__typename":
                value = _typename(type_)
            elif name == "cursor":
                value = [lambda statement: _cursor(statement.page.order, row)]
            else:
                value = self.object(get_named_type(type_.fields[name].type), group, row)
            pairs.append((key, value))

        def order(statement: Statement) -> str:
            return f' ORDER BY {row.alias}."#" DESC' if statement.page.backward else ""

        return ["coalesce(json_agg(", *json_object(pairs), order, ") FILTER (WHERE ", _shown(row), "), '[]')"]

    def page_info(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        number = f'{row.alias}."#"'

        def more(statement: Statement) -> str:
            return f"coalesce(max({number}) > {statement.bind(statement.page.size)}, false)"

        def next_page(statement: Statement) -> str:
            page = statement.page
            return _rows_exist(statement, page.before, ">=") if page.backward else more(statement)

        def previous_page(statement: Statement) -> str:
            page = statement.page
            return more(statement) if page.backward else _rows_exist(statement, page.after, "<=")

        def end(statement: Statement, *, start: bool) -> str:
            direction = "ASC" if start != statement.page.backward else "DESC"
            cursor = _cursor(statement.page.order, row)
            return f"(array_agg({cursor} ORDER BY {number} {direction}) FILTER (WHERE {_shown(row)(statement)}))[1]"

        values: dict[str, Text] = {
            "__typename": _typename(type_),
            "hasNextPage": [next_page],
            "hasPreviousPage": [previous_page],
            "startCursor": [lambda statement: end(statement, start=True)],
            "endCursor": [lambda statement: end(statement, start=False)],
        }
        return json_object((key, values[name]) for key, name, _ in self.selected(type_, details))


def _rows_exist(statement: Statement, cursor: tuple[Any, Any] | None, operator: str) -> str:
    """Whether the list has rows on the far side of the cursor that the page was asked from."""
    if cursor is None:
        return "false"
    # Not EXISTS, which would drop the order, and without that the index, where an account has most of a table.
    return f"coalesce(({statement.select_nearest('true', statement.compared(cursor, operator))}), false)"


def _cursor(order: Order, row: Row) -> str:
    parts = f"'{order.name}', {str(order.descending).lower()}, {row.column(order.column)}::text, {row.alias}.id"
    # encode() breaks its lines every 76 characters.
    return f"translate(encode(convert_to(json_build_array({parts})::text, 'UTF8'), 'base64'), E'\\n', '')"


def _shown(row: Row) -> Gap:
    """All but the one row that is read beyond the page, to know whether there are more."""
    return lambda statement: f'{row.alias}."#" <= {statement.bind(statement.page.size)}'


def _json_list(value: Text, order: str = "") -> Text:
    return ["(SELECT coalesce(json_agg(", *value, f" ORDER BY {order}" if order else "", "), '[]')"]


def _relation(row: Row, name: str) -> Any:
    assert row.model is not None
    relation = row.model._meta.fields_map[row.prefix + name]
    assert isinstance(relation, ForeignKeyFieldInstance | BackwardFKRelation)
    return relation


def _tie(row: Row, target: Row, relation: Any) -> str:
    """The condition for the rows of ``target`` that the relation leads to from ``row``.

    Where both tables have ``account_id`` it takes part: the keys of such tables begin with it.
    """
    assert row.model is not None
    assert target.model is not None
    here, there = Row(row.alias, row.model), target
    if isinstance(relation, BackwardFKRelation):
        condition = f"{there.column(relation.relation_field)} = {here.column(_key(relation))}"
    else:
        condition = f"{there.column(_key(relation))} = {here.column(relation.source_field)}"
    if "account_id" in row.model._meta.db_fields and "account_id" in target.model._meta.db_fields:
        condition = f"{there.column('account_id')} = {here.column('account_id')} AND {condition}"
    return condition


def _key(relation: Any) -> str:
    return cast(str, relation.to_field_instance.model_field_name)


def _typename(type_: GraphQLObjectType) -> Text:
    return [f"'{type_.name}'::text"]


def _formatted(expression: str, named: Any) -> str:
    return FORMATS.get(named.name, "{}").format(expression)


def _model(type_: GraphQLObjectType) -> type[Model] | None:
    return getattr(type_.extensions["strawberry-definition"].origin, "__projection_model__", None)


def _declared(type_: GraphQLObjectType, name: str) -> tuple[str, Spec | None]:
    field = type_.fields[name].extensions["strawberry-definition"]
    return field.python_name, field.metadata.get(KEY)
