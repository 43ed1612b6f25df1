"""From a client's selection to the text of the statement that answers it.

A selection is compiled once; what depends on the request's arguments (the pages of connections
and their conditions) stays a gap in the text, filled for each request.
"""

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any, Final, NamedTuple, cast

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
from tortoise.fields.base import Field
from tortoise.fields.data import DateField, DatetimeField, UUIDField
from tortoise.models import Model

from projection.arguments import compile_arguments
from projection.bound import BoundQuery
from projection.fields import (
    LIST,
    ROW,
    TENANT,
    Column,
    Part,
    Related,
    Rows,
    Single,
    Sql,
    Summary,
    Tenant,
    condition_of,
    declaration_of,
    model_of,
)
from projection.json import Constant, Form, Value, json_array, json_object
from projection.query import ByIds, Many, One, Order, Page, Query
from projection.row import Row, join_condition, own_row
from projection.statement import Gap, Listing, Statement, Text, compact, literal, write_text
from projection.texts import FindPage, Plan, Write
from projection.tortoise import (
    column_of,
    has_column,
    is_ordered_totally,
    key_name,
    ordering_of,
    qualified_table,
)

Details = list[FieldDetails]
Connection = Callable[[BoundQuery, Statement, str | None], str]


class Format(NamedTuple):
    """An expression, and how it becomes JSON."""

    template: str
    form: Form


# How a scalar is written; the others are written as PostgreSQL writes them in JSON. An Int of more than
# 32 bits, which GraphQL doesn't allow, is PostgreSQL's error.
FORMATS: Final = {
    "DateTime": Format("""to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')""", Form.PLAIN),
    "Decimal": Format("{}", Form.PLAIN),
    "ID": Format("({})::text", Form.ANY),
    "Int": Format("({})::int4::text", Form.JSON),
}


class Misdeclared(TypeError):
    """A type doesn't fit the model that it is said to be read from, or a query."""


def compile(executor: Any, return_type: GraphQLOutputType, details: Details, query: Query) -> Plan:
    """The plan for answering queries over the models of ``query`` with this selection."""
    compiler = _Compiler(executor)
    return Plan(compiler.compile_query(return_type, details, query), compiler.nested)


class _Compiler:
    """``executor`` is graphql-core's: it knows how fragments and directives make up a selection.

    What is compiled is kept for other requests, so nothing of this one's may get into it: no
    closure here keeps the executor.
    """

    def __init__(self, executor: Any) -> None:
        self.executor = executor
        self.schema: GraphQLSchema = executor.schema
        self.tenant: Tenant | None = executor.tenant
        self.numbers = count()
        self.nested: list[FindPage] = []

    def compile_query(self, return_type: GraphQLOutputType, details: Details, query: Query) -> Write:
        type_ = get_named_type(return_type)
        match query:
            case One(queryset) | Many(queryset):
                row = self.new_row(queryset.model)
                value = self.compile_row(type_, details, row).text
                if isinstance(query, Many):
                    value = ["concat('[', string_agg(", *value, ", ','), ']')"]
                value = compact(value)

                def write(statement: Statement) -> str:
                    [bound, *_] = statement.queries
                    source = bound.select(cast(One | Many, bound.query).queryset)
                    # With a second row it is known that the first isn't the only one.
                    return f"SELECT {write_text(value, statement)} FROM ({source}) {row.alias} LIMIT 2"

                return write
            case Page(queryset):
                connection = self.compile_connection(cast(GraphQLObjectType, type_), details, queryset.model)
                return lambda statement: connection(statement.queries[0], statement, None)
            case ByIds():
                return self.compile_by_ids(return_type, details, query)

    def new_row(self, model: type[Model] | None = None) -> Row:
        return Row(f"_{next(self.numbers)}", model)

    def compile_by_ids(self, return_type: Any, details: Details, query: ByIds) -> Write:
        type_ = get_named_type(return_type)
        choices: list[tuple[type[Model], Row, Text]] = []
        for model in query.querysets:
            row = self.new_row(model)
            choices.append((model, row, compact(self.compile_row(type_, details, row).text)))
        items = get_nullable_type(return_type)
        never_null = is_list_type(items) and is_non_null_type(items.of_type)

        def write(statement: Statement) -> str:
            [bound, *_] = statement.queries
            query = cast(ByIds, bound.query)
            found = ", ".join(
                f"(SELECT {write_text(value, statement)} FROM ({bound.select(query.querysets[model])}) {row.alias}"
                f" WHERE {row.key} = {_forwarded(query, model, statement)})"
                for model, row, value in choices
            )
            value = Value([f"coalesce({found})"], may_be_null=True)
            if never_null:
                value = value.never_null(type_.name)
            source = f"unnest({bound.ids}) WITH ORDINALITY i(id, n)"
            if query.single:
                return f"SELECT {write_text(value.text, statement)} FROM {source}"
            return f"SELECT {write_text(json_array(value, ' ORDER BY i.n', [source]).text, statement)}"

        return write

    # Objects

    def compile_selection(
        self, type_: GraphQLObjectType, details: Details, value: Callable[[str, Details], Value]
    ) -> list[tuple[str, Value | Constant]]:
        """The response keys of an object's selection and their values; ``value`` compiles a field by its name."""
        pairs: list[tuple[str, Value | Constant]] = []
        for key, group in self.executor.collect_subfields(type_, details).grouped_field_set.items():
            name = group[0].node.name.value
            pairs.append((key, Constant(f'"{type_.name}"') if name == "__typename" else value(name, group)))
        return pairs

    def compile_row(self, type_: Any, details: Details, row: Row) -> Value:
        """An object of the type or, where that is abstract, of the one whose rows have this row among them."""
        assert row.model is not None
        possible = object_types(self.schema, type_, row.model)
        if len(possible) == 1:
            return self.compile_object(possible[0], details, row)
        text: Text = ["CASE"]
        for each in possible:
            condition = fill_template(condition_of(each) or "true", row)
            text += [" WHEN ", *condition, " THEN ", *self.compile_object(each, details, row).text]
        return Value([*text, " END"])

    def compile_object(self, type_: GraphQLObjectType, details: Details, row: Row) -> Value:
        return json_object(
            self.compile_selection(type_, details, lambda name, group: self.compile_field(type_, name, group, row))
        )

    def compile_field(self, type_: GraphQLObjectType, name: str, details: Details, row: Row) -> Value:
        kind = type_.fields[name].type
        named: Any = get_named_type(kind)
        python_name, spec = declaration_of(type_, name)
        match spec:
            case Related(relation):
                return Value([self.compile_nested_connection(type_, name, details, row, relation)])
            case Rows(template):
                inner = self.new_row()
                return json_array(
                    self.compile_object(named, details, inner),
                    "",
                    ["(", *fill_template(template, row), f") {inner.alias}"],
                )
            case Single(template):
                inner = self.new_row()
                inside = self.compile_object(named, details, inner).text
                source = ["(", *fill_template(template, row), f") {inner.alias}"]
                value = Value(["(SELECT ", *inside, " FROM ", *source, ")"], may_be_null=True)
            case Sql(template):
                value = format_value(["(", *fill_template(template, row), ")"], kind)
            case Part(prefix, present):
                part = Row(row.alias, row.model, row.prefix + prefix)
                inside = self.compile_object(named, details, part).text
                text = [f"CASE WHEN {part.column(present)} IS NOT NULL THEN ", *inside, " END"]
                value = Value(text, may_be_null=row.may_be_null(prefix + present))
            case _:
                column = spec.name if isinstance(spec, Column) else python_name
                if is_leaf_type(named):
                    value = format_value([row.column(column)], kind, row.field(column))
                elif is_list_type(get_nullable_type(kind)):
                    return self.compile_relation(named, details, row, column, many=True)
                else:
                    value = self.compile_relation(named, details, row, column, many=False)
        if not value.may_be_null or not is_non_null_type(kind):
            return value
        return value.never_null(f"{type_.name}.{name}")

    def compile_relation(self, type_: Any, details: Details, row: Row, name: str, *, many: bool) -> Value:
        relation: Any = row.field(name)
        model: type[Model] = relation.related_model
        target = self.new_row(model)
        value = self.compile_row(type_, details, target)
        source: Text = [f"{qualified_table(model)} {target.alias} WHERE ", *self.join(row, target, relation)]
        if many and not is_abstract_type(type_) and (condition := condition_of(type_)):
            source += [" AND ", *fill_template(condition, target)]
        if not many:
            return Value(["(SELECT ", *value.text, " FROM ", *source, ")"], may_be_null=True)
        order = [f"{target.column(column)} {direction}" for column, direction in ordering_of(model)]
        if not is_ordered_totally(model):
            order.append(target.key)
        return json_array(value, f" ORDER BY {', '.join(order)}", source)

    def join(self, row: Row, target: Row, relation: Any) -> Text:
        """The condition for the rows of ``target`` that the relation leads to, and that are the tenant's.

        The tenant is named by its value, not by the outer row's, so that each subselect tells for itself where its
        rows are.
        """
        condition = join_condition(row, target, relation)
        assert target.model is not None
        if self.tenant is None or not has_column(target.model, self.tenant.column):
            return [condition]
        return [f'{target.alias}."{self.tenant.column}" = ', _write_tenant, f" AND {condition}"]

    # Connections

    def compile_nested_connection(
        self, type_: GraphQLObjectType, name: str, details: Details, row: Row, relation_name: str
    ) -> Gap:
        definition = type_.fields[name]
        relation: Any = row.field(relation_name)
        model: type[Model] = relation.related_model
        nodes = [detail.node for detail in details]
        arguments = compile_arguments(definition, nodes[0])
        resolve: Any = definition.resolve

        def find(executor: Any) -> Page:
            try:
                info = executor.build_resolve_info(definition, nodes, type_, None)
                page = resolve(None, info, **arguments(executor))
                if not isinstance(page, Page) or page.queryset.model is not model:
                    raise Misdeclared(f"{type_.name}.{name} answered {page!r}, not a Page of {model.__name__}")
            except Exception as error:
                raise located_error(error, nodes) from error
            return page

        self.nested.append(find)
        number = len(self.nested)  # among the statement's queries, of which the first isn't nested
        connection = self.compile_connection(get_named_type(definition.type), details, model)
        condition = compact(self.join(row, own_row(model), relation))
        return lambda statement: (
            f"({connection(statement.queries[number], statement, write_text(condition, statement))})"
        )

    def compile_connection(self, type_: GraphQLObjectType, details: Details, model: type[Model]) -> Connection:
        """What writes a page of the rows that fulfil a condition."""
        row = self.new_row(model)
        reads: list[str] = []  # the fields for which the page's rows are read

        def value(name: str, group: Details) -> Value:
            named: Any = get_named_type(type_.fields[name].type)
            field, spec = declaration_of(type_, name)
            if isinstance(spec, Summary):
                return self.compile_summary(named, group, spec)
            match field:
                case "edges":
                    reads.append(field)
                    return self.compile_edges(named, group, row)
                case "page_info":
                    reads.append(field)
                    return self.compile_page_info(named, group, row)
                case "total_count":
                    return Value([lambda statement: f"({statement.listing.count()})"])
            raise Misdeclared(f"{type_.name}.{name} is not a field of a connection")

        text = compact(json_object(self.compile_selection(type_, details, value)).text)
        once = reads == ["edges"]

        def write(query: BoundQuery, statement: Statement, condition: str | None) -> str:
            listing = Listing(statement, query, condition, row.alias, once=once)
            statement.listings.append(listing)
            value = write_text(text, statement)
            statement.listings.pop()
            return f"{listing.common}SELECT {value}"

        return write

    def compile_summary(self, type_: GraphQLObjectType, details: Details, summary: Summary) -> Value:
        inner = self.new_row()
        before, after = summary.template.split(LIST)
        source: Text = [f"({before}(", lambda statement: statement.listing.all_rows, f") list{after}) {inner.alias}"]
        return json_array(self.compile_object(type_, details, inner), "", source)

    def compile_edges(self, type_: GraphQLObjectType, details: Details, row: Row) -> Value:
        def value(name: str, group: Details) -> Value:
            match declaration_of(type_, name)[0]:
                case "cursor":
                    return Value([lambda statement: _cursor(statement.listing.page.order, row)], Form.PLAIN)
                case "node":
                    assert row.model is not None
                    return self.compile_row(get_named_type(type_.fields[name].type), group, row)
            raise Misdeclared(f"{type_.name}.{name} is not a field of an edge")

        edges = json_object(self.compile_selection(type_, details, value))
        return json_array(edges, "", ["(", lambda statement: statement.listing.rows, f") {row.alias}"])

    def compile_page_info(self, type_: GraphQLObjectType, details: Details, row: Row) -> Value:
        # As the specification has it, a page that is cut at `first` doesn't look beyond `before`, nor the reverse.
        def more(statement: Statement) -> str:
            return statement.listing.more

        def next_page(statement: Statement) -> str:
            listing = statement.listing
            return listing.has(listing.query.before, ">=") if listing.page.backward else more(statement)

        def previous_page(statement: Statement) -> str:
            listing = statement.listing
            return more(statement) if listing.page.backward else listing.has(listing.query.after, "<=")

        def end(statement: Statement, *, last: bool) -> str:
            listing = statement.listing
            order = listing.order_by(row, reverse=last)
            cursor = _cursor(listing.page.order, row)
            return f"(SELECT {cursor} FROM ({listing.rows}) {row.alias} ORDER BY {order} LIMIT 1)"

        def value(name: str, _: Details) -> Value:
            match declaration_of(type_, name)[0]:
                case "has_next_page":
                    return Value([next_page], Form.ANY)
                case "has_previous_page":
                    return Value([previous_page], Form.ANY)
                case "start_cursor":
                    return Value([partial(end, last=False)], Form.PLAIN, may_be_null=True)
                case "end_cursor":
                    return Value([partial(end, last=True)], Form.PLAIN, may_be_null=True)
            raise Misdeclared(f"{type_.name}.{name} is not a field of a page's info")

        return json_object(self.compile_selection(type_, details, value))


def object_types(schema: GraphQLSchema, type_: Any, model: type[Model]) -> list[GraphQLObjectType]:
    """The types that are read from the model: ``type_`` or, where that is abstract, some of its types."""
    possible = schema.get_possible_types(type_) if is_abstract_type(type_) else [type_]
    found = [cast(GraphQLObjectType, each) for each in possible if model_of(each) is model]
    if not found:
        raise Misdeclared(f"{type_} is not read from the model {model.__name__}")
    if len(found) > 1 and None in map(condition_of, found):
        raise Misdeclared(f"{type_} has several types that are read from {model.__name__}, not all with a condition")
    return found


def fill_template(template: str, row: Row) -> Text:
    """What was declared in SQL, for this row."""
    first, *rest = template.replace(ROW, row.alias).split(TENANT)
    text: Text = [first]
    for piece in rest:
        text += [_write_tenant, piece]
    return text


def _forwarded(query: ByIds, model: type[Model], statement: Statement) -> str:
    """The key of the row that is answered for ``i.id``."""
    column = query.forward.get(model)
    if column is None:
        return "i.id"
    tenant: Tenant | None = statement.executor.tenant
    own = "" if tenant is None else f'f."{tenant.column}" = {statement.bind_tenant()} AND '
    key = column_of(model, key_name(model))
    return f'coalesce((SELECT f."{column}" FROM {qualified_table(model)} f WHERE {own}f."{key}" = i.id), i.id)'


def _write_tenant(statement: Statement) -> str:
    return statement.bind_tenant()


def format_value(expression: Text, kind: Any, field: "Field[Any] | None" = None) -> Value:
    """The expression, read from ``field`` if from a column, as a field of this GraphQL type is written."""
    named = get_named_type(kind)
    may_be_null = field is None or field.null
    if is_list_type(get_nullable_type(kind)):
        return Value(expression, Form.ANY, may_be_null)
    if isinstance(named, GraphQLEnumType) and (names := renamed_values(named)):
        cases = " ".join(f"WHEN {literal(str(value))} THEN {literal(name)}" for value, name in names.items())
        return Value(["CASE (", *expression, f")::text {cases} END"], Form.PLAIN, may_be_null)
    if named.name == "ID" and isinstance(field, UUIDField):
        return Value(expression, Form.PLAIN, may_be_null)
    template, form = FORMATS.get(named.name, Format("{}", Form.ANY))
    before, after = template.split("{}")
    return Value([before, *expression, after], form, may_be_null)


def renamed_values(enum: GraphQLEnumType) -> dict[Any, str]:
    """The names of the values as they are stored, if these are not the same."""
    names = {value.value: name for name, value in enum.values.items()}
    return {} if all(value == name for value, name in names.items()) else names


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
