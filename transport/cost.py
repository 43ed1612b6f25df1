"""What an operation costs, as a function of the variables, which decide how large its pages are.

A fragment is looked at once, however often it is spread.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

from graphql import (
    BooleanValueNode,
    DocumentNode,
    FieldNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    ListValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    value_from_ast_untyped,
)

from resolvers.paging import DEFAULT_SIZE, LARGEST_SIZE
from transport.filter_cost import SEARCH, compile_filter_cost
from transport.sizes import fragments_of

DOCUMENTS: Final = ("Invoice", "CreditNote", "DebitNote", "SalesDocument")

# How many objects a list without a page size counts as: about as many as it has on average. A list that is not named
# here counts as a page of the default size.
SIZES: Final = {
    "Account.billingPoints": 10,
    "Account.branches": 3,
    "Account.mailTexts": 2,
    "BillingPoint.sequences": 4,
    "CurrencyFigures.bestCustomers": 10,
    "CurrencyFigures.months": 12,
    "CurrencyFigures.overdue": 4,
    "Customer.associatedPersons": 5,
    "Customer.metadata": 5,
    "District.corregimientos": 9,
    "DuplicateCandidate.matches": 2,
    "EmissionStatus.blocked": 6,
    "EmissionStatus.differences": 100,
    "Invoice.creditNotes": 2,
    "Invoice.debitNotes": 2,
    "Invoice.instalments": 2,
    "Invoice.paymentForms": 2,
    "Invoice.receiverDrift": 5,
    "CreditNoteConnection.totals": 6,
    "DebitNoteConnection.totals": 6,
    "InvoiceConnection.totals": 6,
    "MergeCustomersPayload.fields": 20,
    "MergedField.values": 3,
    "NumberingAudit.gaps": 10,
    "Overview.currencies": 2,
    "Overview.unverified": 3,
    "Province.districts": 7,
    "Query.customerForm": 15,
    "Query.provinces": 13,
    "RowOutcome.userErrors": 2,
    "RowOutcome.warnings": 1,
    "__Directive.args": 1,
    "__Field.args": 1,
    "__Schema.directives": 10,
    "__Schema.types": 120,
    "__Type.enumValues": 2,
    "__Type.fields": 4,
    "__Type.inputFields": 2,
    "__Type.interfaces": 1,
    "__Type.possibleTypes": 1,
    **{
        f"{type_}.{name}": size
        for type_ in DOCUMENTS
        for name, size in (("deliveries", 5), ("history", 5), ("metadata", 5), ("taxes", 4))
    },
}

# Fields that cost more than the objects in their answer.
COUNT: Final = 10  # totalCount reads the whole list
MUTATION: Final = 10
WEIGHTS: Final = {
    "Customer.invoiceCount": 1,
    "Customer.invoicedTotal": 1,
    "CreditNoteConnection.totals": COUNT,
    "DebitNoteConnection.totals": COUNT,
    "Invoice.creditableTotal": 1,
    "InvoiceConnection.totals": COUNT,
    "InvoiceLine.creditableNet": 1,
    "InvoiceLine.creditableQuantity": 1,
    "Query.cpbsSuggestions": 10,
    "Query.duplicateCandidates": 50,
    "Query.emissionStatus": 10,
    "Query.lineSuggestions": 10,
    "Query.lookupRuc": 10,
    "Query.numberingAudit": 10,
    "Query.overview": 10 * COUNT,  # reads all documents of twelve months, and more
    "__Field.type": 3,  # includes the types it wraps, so `ofType` is free
    "__InputValue.type": 3,
    "__Type.ofType": -1,
}

# Lists with an entry for each of the mutation's inputs.
PER_INPUT: Final = frozenset({"CreateCustomersPayload.rows", "UpdateCustomersPayload.rows"})

Variables = Mapping[str, Any]


class Evaluation:
    """The variables of a request, and what each fragment costs with them."""

    __slots__ = ("fragments", "variables")

    def __init__(self, variables: Variables) -> None:
        self.variables = variables
        self.fragments: dict[tuple[str, str], int] = {}


Varying = Callable[[Evaluation], int]
Amount = int | Varying


class Cost(NamedTuple):
    """What a selection costs by itself, and what it adds for each edge of the page around it."""

    own: Amount
    per_edge: Amount


FREE: Final = Cost(0, 0)


def compile_cost(
    schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode
) -> Callable[[Variables], int]:
    """A function from a request's variables, valid or not, to the cost of a valid document's operation.

    The cost is never below the number of objects in the answer, as long as no list is longer than ``SIZES`` says.
    """
    root = schema.get_root_type(operation.operation)
    own = _Compiler(schema, document).selection_set(operation.selection_set, root).own
    if isinstance(own, int):
        fixed = own
        return lambda _: fixed
    varying = own
    defaults = {
        each.variable.name.value: value_from_ast_untyped(each.default_value)
        for each in operation.variable_definitions or ()
        if each.default_value
    }
    return lambda variables: varying(Evaluation({**defaults, **variables}))


class _Compiler:
    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self.schema = schema
        self.fragments = fragments_of(document)
        self.known: dict[str, Cost] = {}

    def selection_set(self, selection_set: SelectionSetNode | None, type_: Any) -> Cost:
        costs = [self.selection(each, type_) for each in selection_set.selections] if selection_set else []
        return Cost(_sum(cost.own for cost in costs), _sum(cost.per_edge for cost in costs))

    def selection(self, node: SelectionNode, type_: Any) -> Cost:
        if isinstance(node, FieldNode):
            cost = self.field(node, type_)
        elif isinstance(node, InlineFragmentNode):
            inside = self.schema.type_map[node.type_condition.name.value] if node.type_condition else type_
            cost = self.selection_set(node.selection_set, inside)
        else:
            assert isinstance(node, FragmentSpreadNode)
            cost = self.fragment(node.name.value)
        for directive in node.directives or ():
            for argument in directive.arguments or ():
                if directive.name.value in ("skip", "include"):
                    times = _condition(argument.value, unless=directive.name.value == "skip")
                    cost = Cost(_product(times, cost.own), _product(times, cost.per_edge))
        return cost

    def fragment(self, name: str) -> Cost:
        if name not in self.known:
            definition = self.fragments[name]
            type_ = self.schema.type_map[definition.type_condition.name.value]
            cost = self.selection_set(definition.selection_set, type_)
            self.known[name] = Cost(_once((name, "own"), cost.own), _once((name, "per edge"), cost.per_edge))
        return self.known[name]

    def field(self, node: FieldNode, type_: Any) -> Cost:
        name = node.name.value
        definition = self.schema.get_field(type_, name)
        if name == "__typename" or definition is None:
            return FREE
        coordinate = f"{type_.name}.{name}"
        arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
        own = WEIGHTS.get(coordinate, 0) + (COUNT if name == "totalCount" else 0)
        own += (SEARCH if "search" in arguments else 0) + (MUTATION if type_ is self.schema.mutation_type else 0)
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            return Cost(own, 0)
        weight = _sum([own, _filter(arguments["filter"])]) if "filter" in arguments else own
        inside = self.selection_set(node.selection_set, named)
        size = _page_size(arguments) if "first" in definition.args else 1
        if "inputs" in definition.args:
            size = _length(arguments["inputs"])
            weight = _product(size, weight)  # each is a mutation
        if not is_list_type(get_nullable_type(definition.type)):
            return Cost(_sum([weight, 1, inside.own, _product(size, inside.per_edge)]), 0)
        each = _sum([1, inside.own])
        if name == "edges" or coordinate in PER_INPUT:
            return Cost(0, each)
        if "first" not in definition.args:
            size = _length(arguments["ids"]) if "ids" in definition.args else SIZES.get(coordinate, DEFAULT_SIZE)
        return Cost(_sum([weight, _product(size, each)]), 0)


# Amounts: a number, or a function if it depends on variables


def _sum(amounts: Iterable[Amount]) -> Amount:
    fixed = 0
    varying: list[Varying] = []
    for amount in amounts:
        if isinstance(amount, int):
            fixed += amount
        else:
            varying.append(amount)
    if not varying:
        return fixed

    def total(evaluation: Evaluation) -> int:
        result = fixed
        for amount in varying:
            result += amount(evaluation)
        return result

    return total


def _product(times: Amount, amount: Amount) -> Amount:
    if isinstance(times, int):
        if isinstance(amount, int):
            return times * amount
        times, amount = amount, times
    if isinstance(amount, int):
        factor = amount
        return (lambda evaluation: times(evaluation) * factor) if factor else 0
    other = amount
    return lambda evaluation: times(evaluation) * other(evaluation)


def _once(key: tuple[str, str], amount: Amount) -> Amount:
    """The amount, computed once in each evaluation."""
    if isinstance(amount, int):
        return amount

    def known(evaluation: Evaluation) -> int:
        result = evaluation.fragments.get(key)
        if result is None:
            result = evaluation.fragments[key] = amount(evaluation)
        return result

    return known


def _condition(node: ValueNode, *, unless: bool) -> Amount:
    """1, or 0 if @skip or @include leaves the selection out."""
    if isinstance(node, BooleanValueNode):
        return int(node.value is not unless)
    assert isinstance(node, VariableNode)
    name = node.name.value
    return lambda evaluation: int(evaluation.variables.get(name) is not unless)


def _page_size(arguments: Mapping[str, ValueNode]) -> Amount:
    """The size of a page, by the rules of ``resolvers.paging``."""
    first, last = (_read(arguments.get(name)) for name in ("first", "last"))

    def size(evaluation: Evaluation) -> int:
        size = first(evaluation.variables)
        return _clamp(last(evaluation.variables) if size is None else size)

    if any(isinstance(arguments.get(name), VariableNode) for name in ("first", "last")):
        return size
    return size(Evaluation({}))


def _filter(node: ValueNode) -> Amount:
    cost = compile_filter_cost(node)
    return cost if isinstance(cost, int) else lambda evaluation: cost(evaluation.variables)


def _read(node: ValueNode | None) -> Callable[[Variables], Any]:
    if isinstance(node, VariableNode):
        name = node.name.value
        return lambda variables: variables.get(name)
    value = None if node is None else value_from_ast_untyped(node)
    return lambda _: value


def _clamp(size: Any) -> int:
    """The size within its range. Execution refuses any other, so its cost doesn't matter."""
    if size is None:
        return DEFAULT_SIZE
    return size if type(size) is int and 0 <= size <= LARGEST_SIZE else LARGEST_SIZE


def _length(node: ValueNode) -> Amount:
    """How many ids an argument has; execution refuses more than a page may have."""
    if isinstance(node, ListValueNode):
        return min(len(node.values), LARGEST_SIZE)
    if not isinstance(node, VariableNode):
        return 1
    name = node.name.value

    def length(evaluation: Evaluation) -> int:
        ids = evaluation.variables.get(name)
        return min(len(ids), LARGEST_SIZE) if isinstance(ids, list) else 1

    return length
