"""From the text of a document to an operation that may be executed: parsed, within the limits, valid, its cost known.

Operations are cached, so a client's usual documents are only executed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    Source,
    Token,
    get_operation_ast,
    specified_rules,
    validate,
)
from graphql.language.parser import Parser
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from projection.compiled import CompiledOperation, compile_inputs
from schema import Executor, schema
from schema.errors import Phase, give_codes
from transport.cost import compile_cost
from transport.limits import Limits
from transport.sizes import Size, measure_document

# Without Strawberry's rule for null in patches, which names Python's types: `schema.inputs.common.changes_of` has ours.
_RULES: Final = (*specified_rules, OneOfInputValidationRule)
_MAX_ERRORS: Final = 20
EXECUTOR_OPTIONS: Final[dict[str, Any]] = {"is_awaitable": optimized_is_awaitable, "hide_suggestions": True}
_CACHE_SIZE: Final = 200_000  # tokens, of which each takes 500 bytes once parsed, and as much again once compiled

# Comparing fields that a document asks for several times: the default budget takes seconds of processor time.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000

compile_inputs(schema)


@dataclass(frozen=True)
class Operation:
    """An operation of a valid document: its size, and its cost under the variables of a request."""

    document: DocumentNode
    type: OperationType
    size: Size
    cost: Callable[[Mapping[str, Any]], int]
    compiled: CompiledOperation

    @property
    def weight(self) -> int:
        """What it may take in memory at most, in tokens."""
        return self.size.tokens * (1 + self.compiled.shape_count) + 1


class OperationCache(LRUCache[tuple[str, str | None], Operation]):
    """Operations by their document's text and their name."""

    def __init__(self, size: int = _CACHE_SIZE) -> None:
        super().__init__(size, getsizeof=lambda operation: operation.weight)


class Refused(Exception):
    """A request isn't executed; ``result`` is the response to it."""

    def __init__(self, phase: Phase, *errors: Exception, extensions: dict[str, Any] | None = None) -> None:
        self.result = ExecutionResult(None, [_as_graphql(error) for error in errors], extensions)
        give_codes(self.result.errors or [], phase)


def _as_graphql(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)


def prepare_operation(text: str, operation_name: str | None, limits: Limits) -> Operation:
    """Parse, measure and validate a document; raises ``Refused``."""
    try:
        document = _parse(text, limits)
    except (GraphQLError, RecursionError) as error:
        raise Refused(Phase.PARSING, error) from error
    node = get_operation_ast(document, operation_name)
    if node is None:
        message = "`operationName` must name one of the document's operations."
        raise Refused(Phase.EXECUTION, GraphQLError(message))
    try:
        size = measure_document(document, node)
        check_size(size, limits)
        errors = validate(schema._schema, document, _RULES, _MAX_ERRORS, hide_suggestions=True)
        if errors and not limits.open_schema:
            errors = [GraphQLError("The document doesn't fit the schema.")]
        if errors:
            raise Refused(Phase.VALIDATION, *errors)
        cost = compile_cost(schema._schema, document, node)
        compiled = CompiledOperation(Executor, schema._schema, document, node, **EXECUTOR_OPTIONS)
        return Operation(document, node.operation, size, cost, compiled)
    except RecursionError as error:
        raise Refused(Phase.VALIDATION, error) from error


def _parse(text: str, limits: Limits) -> DocumentNode:
    """Parse a document whose tokens don't form cycles.

    graphql-core links each token to the one before it, too, which nothing reads. With these links only a garbage
    collection frees the tokens: those of a hundred hostile documents take it 0.2 s, in which nobody is served.
    """
    parser = Parser(Source(text), max_tokens=limits.tokens)
    token: Token | None = parser._lexer.token
    try:
        return parser.parse_document()
    finally:
        while token:
            token.prev = None
            token = token.next


def check_size(size: Size, limits: Limits) -> None:
    """Raises ``Refused``."""
    try:
        limits.check_size(size)
    except GraphQLError as error:
        raise Refused(Phase.VALIDATION, error) from error


def find_faults(text: str, limits: Limits) -> list[str]:
    """Why a document's operations can't be executed, whatever their variables are; empty if they can."""
    limits = replace(limits, open_schema=True)
    try:
        definitions = _parse(text, limits).definitions
        operations = [each for each in definitions if isinstance(each, OperationDefinitionNode)]
        for name in [each.name.value if each.name else None for each in operations] or [None]:
            prepare_operation(text, name, limits)
    except Refused as refused:
        return [error.message for error in refused.result.errors or ()]
    except (GraphQLError, RecursionError) as error:
        return [str(error)]
    return []
