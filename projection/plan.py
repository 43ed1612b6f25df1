"""From a client's selection to the text of the statement that answers it.

A selection is compiled once; what depends on the request's arguments (the pages of connections
and their conditions) stays a gap in the text, filled for each request.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple, cast

from graphql import (
    GraphQLEnumType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.error import located_error
from graphql.execution.collect_fields import FieldDetails
from graphql.execution.values import get_argument_values
from tortoise.fields.data import DateField, DatetimeField
from tortoise.models import Model

from projection.computed import TAG, Computed, columns
from projection.fields import ROW, Column, Part, Python, Related, Rows, Sql, declared, model_of
from projection.query import ByIds, Many, One, Order, Page, Query
from projection.row import Row, own_row, table_name, tie
from projection.statement import Gap, Listing, Statement, Text, compact, json_object, literal, written

Details = list[FieldDetails]
Connection = Callable[[Page, Statement, str | None], str]


class Format(NamedTuple):
    """An expression, and the PostgreSQL type that it has."""

    template: str
    type: str


# How a scalar is written; the others are written as PostgreSQL writes them in JSON. What GraphQL
# doesn't allow, an Int of more than 32 bits and a Float that is no number, is PostgreSQL's error.
FORMATS = {
    "DateTime": Format("""to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", "text"),
    "Decimal": Format("({})::text", "text"),
    "Float": Format("({})::float8::text::json", "json"),
    "ID": Format("({})::text", "text"),
    "Int": Format("({})::int4", "int4"),
}


class Misdeclared(TypeError):
    """A type doesn't fit the model that it is said to be read from, or a query."""


@dataclass(frozen=True)
class Plan:
    """Writes the statement for a query; ``computed`` are the fields to be filled in its answer."""

    write: Callable[[Query, Statement], str]
    computed: tuple[Computed, ...]


def compile(executor: Any, return_type: GraphQLOutputType, details: Details, query: Query) -> Plan:
    """The plan for answering queries over the models of ``query`` with this selection."""
    compiler = _Compiler(executor)
    write = compiler.plan(return_type, details, query)
    return Plan(write, tuple(compiler.computed))


class _Compiler:
    """``executor`` is graphql-core's: it knows how fragments and directives make up a selection.

    What is compiled is kept for other requests, so nothing of this one's may get into it: no
    closure here keeps the executor.
    """

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.schema: GraphQLSchema = executor.schema
        self.tenant_column: str | None = executor.tenant_column
        self.numbers = count()
        self.path: tuple[str, ...] = ()  # of response keys, to what is being compiled
        self.computed: list[Computed] = []

    def plan(self, return_type: GraphQLOutputType, details: Details, query: Query) -> Callable[[Query, Statement], str]:
        type_ = get_named_type(return_type)
        match query:
            case One(queryset) | Many(queryset):
                row = self.row(queryset.model)
                value = self.object(object_type(self.schema, type_, queryset.model), details, row)
                if isinstance(query, Many):
                    value = ["coalesce(json_agg(", *value, "), '[]')"]
                value = compact(value)

                def write(query: Query, statement: Statement) -> str:
                    source = statement.select(cast(One | Many, query).queryset)
                    # With a second row it is known that the first isn't the only one.
                    return f"SELECT {written(value, statement)} FROM ({source}) {row.alias} LIMIT 2"

                return write
            case Page(queryset):
                connection = self.connection(cast(GraphQLObjectType, type_), details, queryset.model)
                return lambda query, statement: connection(cast(Page, query), statement, None)
            case ByIds():
                return self.by_ids(return_type, details, query)

    def row(self, model: type[Model] | None = None) -> Row:
        return Row(f"_{next(self.numbers)}", model)

    def by_ids(self, return_type: Any, details: Details, query: ByIds) -> Callable[[Query, Statement], str]:
        type_ = get_named_type(return_type)
        choices: list[tuple[type[Model], Row, Text]] = []
        for model in query.querysets:
            row = self.row(model)
            possible = object_type(self.schema, type_, model)
            self.path = (f"{TAG}{possible.name}",)
            pairs = self.fields(possible, details, row)
            if any(computed.keys[:1] == self.path for computed in self.computed):
                pairs.append((TAG, [literal(self.path[0]) + "::text"]))
            choices.append((model, row, compact(json_object(pairs))))
        items = get_nullable_type(return_type)
        never_null = is_list_type(items) and is_non_null_type(items.of_type)

        def write(query: Query, statement: Statement) -> str:
            assert isinstance(query, ByIds)
            found = ", ".join(
                f"(SELECT {written(value, statement)} FROM ({statement.select(query.querysets[model])}) {row.alias}"
                f" WHERE {row.key} = i.id)"
                for model, row, value in choices
            )
            value = f"coalesce({found})"
            if never_null:
                value = "".join(cast(list[str], _never_null([value], "json", type_.name)))
            if not query.single:
                value = f"coalesce(json_agg({value} ORDER BY i.n), '[]')"
            ids = statement.bind(list(query.ids))
            return f"SELECT {value} FROM unnest({ids}::uuid[]) WITH ORDINALITY i(id, n)"

        return write

    # Objects

    def selected(
        self, type_: GraphQLObjectType, details: Details, value: Callable[[str, Details], Text]
    ) -> list[tuple[str, Text]]:
        """Response keys and values of what is asked of an object; ``value`` writes a field by its name."""
        outer = self.path
        pairs: list[tuple[str, Text]] = []
        for key, group in self.executor.collect_subfields(type_, details).grouped_field_set.items():
            name = group[0].node.name.value
            self.path = (*outer, key)
            pairs.append((key, [f"'{type_.name}'::text"] if name == "__typename" else value(name, group)))
        self.path = outer
        return pairs

    def fields(self, type_: GraphQLObjectType, details: Details, row: Row) -> list[tuple[str, Text]]:
        return self.selected(type_, details, lambda name, group: self.field(type_, name, group, row))

    def object(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        return json_object(self.fields(type_, details, row))

    def field(self, type_: GraphQLObjectType, name: str, details: Details, row: Row) -> Text:
        kind = type_.fields[name].type
        named: Any = get_named_type(kind)
        python_name, spec = declared(type_, name)
        may_be_null = True
        match spec:
            case Related(relation):
                return [self.related(type_, name, details, row, relation)]
            case Python(names):
                fields = {name: row.field(name) for name in names}
                self.computed.append(Computed(self.path, type_, details, fields))
                return [columns(row, names)]
            case Rows(template):
                inner = self.row()
                value = self.object(named, details, inner)
                return _list(value, "", f"({template.replace(ROW, row.alias)}) {inner.alias}")
            case Sql(template):
                value = [formatted(template.replace(ROW, row.alias), kind)]
            case Part(prefix, present):
                may_be_null = row.may_be_null(prefix + present)
                part = Row(row.alias, row.model, row.prefix + prefix)
                inside = self.object(named, details, part)
                value = [f"CASE WHEN {part.column(present)} IS NOT NULL THEN ", *inside, " END"]
            case _:
                column = spec.name if isinstance(spec, Column) else python_name
                if is_leaf_type(named):
                    value = [formatted(row.column(column), kind)]
                    may_be_null = row.may_be_null(column)
                elif is_list_type(get_nullable_type(kind)):
                    return self.relation(named, details, row, column, many=True)
                else:
                    value = self.relation(named, details, row, column, many=False)
        if not may_be_null or not is_non_null_type(kind):
            return value
        return _never_null(value, sql_type(kind), f"{type_.name}.{name}")

    def relation(self, type_: Any, details: Details, row: Row, name: str, *, many: bool) -> Text:
        relation: Any = row.field(name)
        model: type[Model] = relation.related_model
        target = self.row(model)
        value = self.object(object_type(self.schema, type_, model), details, target)
        source = f"{table_name(model)} {target.alias} WHERE {tie(row, target, relation, self.tenant_column)}"
        if not many:
            return ["(SELECT ", *value, f" FROM {source})"]
        order = [f"{target.column(column)} {direction.value}" for column, direction in model._meta.ordering]
        return _list(value, f" ORDER BY {', '.join([*order, target.key])}", source)

    # Connections

    def related(self, type_: GraphQLObjectType, name: str, details: Details, row: Row, relation_name: str) -> Gap:
        definition = type_.fields[name]
        relation: Any = row.field(relation_name)
        model: type[Model] = relation.related_model
        connection = self.connection(get_named_type(definition.type), details, model)
        condition = tie(row, own_row(model), relation, self.tenant_column)
        nodes = [detail.node for detail in details]
        resolve: Any = definition.resolve

        def write(statement: Statement) -> str:
            executor = statement.executor
            try:
                arguments = get_argument_values(
                    definition, nodes[0], executor.variable_values, None, executor.hide_suggestions
                )
                page = resolve(None, executor.build_resolve_info(definition, nodes, type_, None), **arguments)
                if not isinstance(page, Page) or page.queryset.model is not model:
                    raise Misdeclared(f"{type_.name}.{name} answered {page!r}, not a Page of {model.__name__}")
            except Exception as error:
                raise located_error(error, nodes) from error
            return f"({connection(page, statement, condition)})"

        return write

    def connection(self, type_: GraphQLObjectType, details: Details, model: type[Model]) -> Connection:
        """Writes a page of the rows that fulfil a condition."""
        row = self.row(model)

        def value(name: str, group: Details) -> Text:
            named: Any = get_named_type(type_.fields[name].type)
            match declared(type_, name)[0]:
                case "edges":
                    return self.edges(named, group, row)
                case "page_info":
                    return self.page_info(named, group, row)
                case "total_count":
                    return [lambda statement: f"({statement.listing.count()})"]
            raise Misdeclared(f"{type_.name}.{name} is no field of a connection")

        text = compact(json_object(self.selected(type_, details, value)))

        def write(page: Page, statement: Statement, condition: str | None) -> str:
            statement.listings.append(Listing(statement, page, condition))
            rows = statement.listing.select_page()
            value = written(text, statement)
            statement.listings.pop()
            # One row even where nothing is selected that aggregates the page.
            numbered = f'SELECT q.*, row_number() OVER () AS "#" FROM ({rows}) q'
            return f"SELECT {value} FROM ({numbered}) {row.alias} HAVING true"

        return write

    def edges(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        def value(name: str, group: Details) -> Text:
            match declared(type_, name)[0]:
                case "cursor":
                    return [lambda statement: _cursor(statement.listing.page.order, row)]
                case "node":
                    assert row.model is not None
                    node = object_type(self.schema, get_named_type(type_.fields[name].type), row.model)
                    return self.object(node, group, row)
            raise Misdeclared(f"{type_.name}.{name} is no field of an edge")

        edges = json_object(self.selected(type_, details, value))
        # Without an order of its own it would be given its rows in that of the neighbouring aggregates.
        return ["coalesce(json_agg(", *edges, lambda statement: f"{_in_order(statement, row)}, '[]')"]

    def page_info(self, type_: GraphQLObjectType, details: Details, row: Row) -> Text:
        # As the specification has it, a page that is cut at `first` doesn't look beyond `before`, nor the reverse.
        def more(statement: Statement) -> str:
            return f'coalesce(max({row.alias}."#") > {statement.listing.size}, false)'

        def next_page(statement: Statement) -> str:
            page = statement.listing.page
            return statement.listing.has(page.before, ">=") if page.backward else more(statement)

        def previous_page(statement: Statement) -> str:
            page = statement.listing.page
            return more(statement) if page.backward else statement.listing.has(page.after, "<=")

        def end(statement: Statement, index: int) -> str:
            cursor = _cursor(statement.listing.page.order, row)
            return f"(json_agg({cursor}{_in_order(statement, row)} ->> {index})"

        def value(name: str, _: Details) -> Text:
            match declared(type_, name)[0]:
                case "has_next_page":
                    return [next_page]
                case "has_previous_page":
                    return [previous_page]
                case "start_cursor":
                    return [lambda statement: end(statement, 0)]
                case "end_cursor":
                    return [lambda statement: end(statement, -1)]
            raise Misdeclared(f"{type_.name}.{name} is no field of a page's info")

        return json_object(self.selected(type_, details, value))


def object_type(schema: GraphQLSchema, type_: Any, model: type[Model]) -> GraphQLObjectType:
    """The type that is read from the model: ``type_`` or, where that is abstract, one of its types."""
    for possible in schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]:
        if model_of(possible) is model:
            return cast(GraphQLObjectType, possible)
    raise Misdeclared(f"{type_} is not read from the model {model.__name__}")


def formatted(expression: str, kind: Any) -> str:
    """The expression as a field of this GraphQL type is written."""
    named = get_named_type(kind)
    if is_list_type(get_nullable_type(kind)):
        return expression
    if isinstance(named, GraphQLEnumType) and (names := renamed(named)):
        cases = " ".join(f"WHEN {literal(str(value))} THEN {literal(name)}" for value, name in names.items())
        return f"CASE ({expression})::text {cases} END"
    return FORMATS[named.name].template.format(expression) if named.name in FORMATS else expression


def sql_type(kind: Any) -> str | None:
    """The PostgreSQL type of a field's value as it is written, where that is known."""
    named = get_named_type(kind)
    if not is_leaf_type(named):
        return "json"
    return FORMATS[named.name].type if named.name in FORMATS and not is_list_type(get_nullable_type(kind)) else None


def renamed(enum: GraphQLEnumType) -> dict[Any, str]:
    """The names of the values as they are stored, if these are not the same."""
    names = {value.value: name for name, value in enum.values.items()}
    return {} if all(value == name for value, name in names.items()) else names


def _never_null(value: Text, type_: str | None, place: str) -> Text:
    """The value, or else an error: the place is no integer. (As concat isn't immutable, that isn't noticed before.)"""
    if type_ is None:
        value, type_ = ["to_json(", *value, ")"], "json"
    return ["coalesce(", *value, f", concat('{place} is null')::int::text::{type_})"]


def _list(value: Text, order: str, source: str) -> Text:
    return ["(SELECT coalesce(json_agg(", *value, f"{order}), '[]') FROM {source})"]


def _in_order(statement: Statement, row: Row) -> str:
    """The end of an aggregate over the page: all but the row read beyond it, in the list's order."""
    number = f'{row.alias}."#"'
    direction = " DESC" if statement.listing.page.backward else ""
    return f" ORDER BY {number}{direction}) FILTER (WHERE {number} <= {statement.listing.size})"


def _cursor(order: Order, row: Row) -> str:
    parts = f"{literal(order.name)}, {str(order.descending).lower()}, {_cursor_key(order, row)}, {row.key}"
    # encode() breaks its lines every 76 characters.
    return f"translate(encode(convert_to(json_build_array({parts})::text, 'UTF8'), 'base64'), E'\\n', '')"


def _cursor_key(order: Order, row: Row) -> str:
    """The ordered column as text, whatever the session's time zone and date style."""
    column = row.column(order.column)
    match row.field(order.column):
        case DatetimeField():
            return FORMATS["DateTime"].template.format(column)
        case DateField():
            return f"to_char({column}, 'YYYY-MM-DD')"
    return f"({column})::text"
