"""Running one request: find the document, hold it against the limits, validate, execute.

What Strawberry's ``Schema.execute`` does, less what this service doesn't use of it (extensions,
incremental delivery). That is felt: PostgreSQL answers many requests in half a millisecond.
Documents that were found valid are remembered, so a client's usual ones are only executed.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing, nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeGuard, cast
from uuid import UUID

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    specified_rules,
    subscribe,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from resolvers.turns import NoTurn, alone, hard_work, turn
from schema import Executor, schema
from schema.context import Context
from schema.errors import Phase, give_codes
from transport import trusted_documents
from transport.coercion import compile_inputs, compile_queries
from transport.limits import LARGEST, USUAL, Limits, Size, cost_of, measured
from transport.metrics import count_operation
from transport.parameters import GraphQLRequest

_RULES = (*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule)
_MAX_ERRORS = 20
_COSTLY = 2_500  # about as many objects are more than a page with all that belongs to it

# What comparing fields that are asked for several times may cost: its default takes seconds of processor time.
overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000

compile_inputs(schema)
compile_queries(schema)

_is_awaitable = cast(Callable[[Any], TypeGuard[Awaitable[Any]]], optimized_is_awaitable)


@dataclass(frozen=True)
class Operation:
    """An operation of a valid document: its size, and its cost under the variables of a request."""

    document: DocumentNode
    type: OperationType
    size: Size
    cost: Callable[[Mapping[str, Any]], int]


# By the document's text and the operation's name. Bounded by tokens, which take some hundred bytes each once parsed.
_valid: LRUCache[tuple[str, str | None], Operation] = LRUCache(
    maxsize=200_000, getsizeof=lambda operation: operation.document.token_count + 1
)


class NotAQuery(Exception):
    """The operation changes something where only reading is allowed."""


class Refused(Exception):
    """A request isn't executed; ``result`` is the answer to it."""

    def __init__(self, phase: Phase, *errors: Exception, extensions: dict[str, Any] | None = None) -> None:
        self.result = ExecutionResult(None, [_as_graphql(error) for error in errors], extensions)
        give_codes(self.result.errors or [], phase)


def _as_graphql(error: Exception) -> GraphQLError:
    return error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error)


async def run(
    request: GraphQLRequest, context: Context, limits: Limits = USUAL, *, only_queries: bool = False
) -> ExecutionResult:
    """The response to a request; its errors have codes. Raises ``NotAQuery``."""
    try:
        operation = await _operation(request, context.identity.key_id, limits)
        if operation.type is OperationType.SUBSCRIPTION:
            raise Refused(Phase.EXECUTION, GraphQLError("Subscriptions go over a WebSocket."))
        if only_queries and operation.type is not OperationType.QUERY:
            raise NotAQuery
        cost = _cost(operation, request, limits)
    except Refused as refused:
        count_operation(None, refused.result.errors)
        return refused.result
    try:
        async with asyncio.timeout(limits.seconds), alone(context.identity.key_id) if cost > _COSTLY else nullcontext():
            result = execute(schema._schema, operation.document, **_arguments(request, context))
            if not isinstance(result, ExecutionResult):
                result = await result
    except TimeoutError:
        result = ExecutionResult(None, [_out_of_time(operation, limits)])
    give_codes(result.errors or [], Phase.EXECUTION)
    count_operation(operation.type, result.errors)
    result.extensions = _cost_told(cost, limits)
    return result


async def stream(
    request: GraphQLRequest, context: Context, limits: Limits = USUAL
) -> AsyncGenerator[ExecutionResult, None]:
    """The responses to a subscription, or the one to another operation; their errors have codes."""
    try:
        operation = await _operation(request, context.identity.key_id, limits)
        if operation.type is not OperationType.SUBSCRIPTION:
            try:
                async with turn(context.identity.key_id, limits.seconds):
                    result = await run(request, context, limits)
            except NoTurn as error:
                refusal = GraphQLError("Too many requests at once.", extensions={"code": "RATE_LIMITED"})
                raise Refused(Phase.EXECUTION, refusal) from error
            yield result
            return
        cost = _cost(operation, request, limits)
    except Refused as refused:
        count_operation(None, refused.result.errors)
        yield refused.result
        return
    source = subscribe(schema._schema, operation.document, **_arguments(request, context))
    events = source if isinstance(source, ExecutionResult | AsyncIterator) else await source
    if isinstance(events, ExecutionResult):
        give_codes(events.errors or [], Phase.EXECUTION)
        count_operation(operation.type, events.errors)
        yield events
        return
    count_operation(operation.type, None)
    async with aclosing(cast(AsyncGenerator[ExecutionResult, None], events)):
        try:
            async for result in events:
                give_codes(result.errors or [], Phase.EXECUTION)
                result.extensions = _cost_told(cost, limits)
                yield result
        except Exception as error:
            yield Refused(Phase.EXECUTION, error).result


def faults_of(text: str, limits: Limits) -> list[str]:
    """What keeps a document's operations from being executed, whatever their variables are."""
    told = replace(limits, open_schema=True)
    try:
        definitions = parse(text, max_tokens=limits.tokens).definitions
        names = [
            each.name.value if each.name else None for each in definitions if isinstance(each, OperationDefinitionNode)
        ]
        for name in names or [None]:
            _prepared(text, name, told)
    except Refused as refused:
        return [error.message for error in refused.result.errors or ()]
    except (GraphQLError, RecursionError) as error:
        return [str(error)]
    return []


async def _operation(request: GraphQLRequest, key_id: UUID, limits: Limits) -> Operation:
    text = request.query
    if text is None or limits.only_trusted:
        text = await _trusted(request.document_id)
    try:
        limits.check_length(text, request.variables or {})
    except GraphQLError as error:
        raise Refused(Phase.PARSING, error) from error
    key = (text, request.operation_name)
    operation = _valid.get(key)
    if operation is not None:
        _check(limits, operation.size)
        return operation
    async with hard_work(key_id) as do:
        if key not in _valid:  # by now
            _valid[key] = await do(_prepared, *key, limits)
        return _valid[key]


async def _trusted(id: str | None) -> str:
    """The text of a trusted document."""
    if id is None:
        message = "Only trusted documents are executed here: send a documentId."
        raise Refused(Phase.EXECUTION, GraphQLError(message, extensions={"code": "FORBIDDEN"}))
    try:
        text = await trusted_documents.text_of(id)
    except Exception as error:
        raise Refused(Phase.EXECUTION, error) from error
    if text is None:
        message = "PersistedQueryNotFound"  # by which Apollo's and urql's clients know that they may send the text
        raise Refused(Phase.EXECUTION, GraphQLError(message, extensions={"code": "PERSISTED_QUERY_NOT_FOUND"}))
    return text


def _prepared(text: str, operation_name: str | None, limits: Limits) -> Operation:
    """The operation of a document that is valid and within the limits."""
    try:
        document = parse(text, max_tokens=limits.tokens)
    except (GraphQLError, RecursionError) as error:
        raise Refused(Phase.PARSING, error) from error
    node = get_operation_ast(document, operation_name)
    if node is None:
        message = "`operationName` must name one of the document's operations."
        raise Refused(Phase.EXECUTION, GraphQLError(message))
    try:
        size = measured(document, node)
        _check(limits, size)
        errors = validate(schema._schema, document, _RULES, _MAX_ERRORS, hide_suggestions=True)
        if errors and not limits.open_schema:
            errors = [GraphQLError("The document doesn't fit the schema.")]
        if errors:
            raise Refused(Phase.VALIDATION, *errors)
        return Operation(document, node.operation, size, cost_of(schema._schema, document, node))
    except RecursionError as error:
        raise Refused(Phase.VALIDATION, error) from error


def _check(limits: Limits, size: Size) -> None:
    try:
        limits.check(size)
    except GraphQLError as error:
        raise Refused(Phase.VALIDATION, error) from error


def _cost(operation: Operation, request: GraphQLRequest, limits: Limits) -> int:
    """The cost of an operation, within the limit."""
    try:
        cost = operation.cost(request.variables or {})
    except RecursionError as error:
        raise Refused(Phase.EXECUTION, error) from error
    try:
        limits.check_cost(cost)
    except GraphQLError as error:
        raise Refused(Phase.EXECUTION, error, extensions=_cost_told(cost, limits)) from error
    return cost


def _cost_told(cost: int, limits: Limits) -> dict[str, Any]:
    """As extensions of the answer."""
    return {"cost": {"requested": min(cost, LARGEST), "maximum": limits.cost}}


def _arguments(request: GraphQLRequest, context: Context) -> dict[str, Any]:
    return {
        "context_value": context,
        "variable_values": request.variables or {},
        "operation_name": request.operation_name,
        "executor_class": Executor,
        "is_awaitable": _is_awaitable,
        "hide_suggestions": True,
    }


def _out_of_time(operation: Operation, limits: Limits) -> GraphQLError:
    message = f"This took longer than {limits.seconds:g} s and was stopped."
    if operation.type is OperationType.MUTATION:
        message += (
            " What was not finished by then is undone, but some of it may just have been: look before you repeat it, "
            "or repeat it with the idempotencyKey that it had."
        )
    return GraphQLError(message, extensions={"code": "TIMEOUT"})
