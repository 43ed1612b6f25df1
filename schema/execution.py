"""Running one request: parse, validate, execute.

What Strawberry's ``Schema.execute`` does, less what this service doesn't use of it (extensions,
incremental delivery). That is felt: PostgreSQL answers many requests in half a millisecond.
Documents that were found valid are remembered, so a client's usual ones are only executed.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from typing import Any, TypeGuard, cast

from cachetools import LRUCache
from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute,
    get_operation_ast,
    parse,
    subscribe,
)
from graphql import specified_rules as rules
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.schema import validate_document

from schema import Executor, schema
from schema.context import Context
from schema.errors import Phase, give_codes

MAX_TOKENS = 5000

_is_awaitable = cast(Callable[[Any], TypeGuard[Awaitable[Any]]], optimized_is_awaitable)

# Bounded by tokens: a parsed document takes some hundred bytes for each.
_valid: LRUCache[str, DocumentNode] = LRUCache(maxsize=200_000, getsizeof=lambda document: document.token_count + 1)


class NotAQuery(Exception):
    """The operation changes something where only reading is allowed."""


async def run(
    query: str,
    context: Context,
    variables: Mapping[str, Any] | None = None,
    operation_name: str | None = None,
    *,
    only_queries: bool = False,
) -> ExecutionResult:
    """The response to a request; its errors have codes. Raises ``NotAQuery``."""
    known = _known(query, operation_name)
    if isinstance(known, ExecutionResult):
        return known
    document, operation = known
    if operation is OperationType.SUBSCRIPTION:
        return _refused([GraphQLError("Subscriptions go over a WebSocket.")], Phase.EXECUTION)
    if only_queries and operation is not OperationType.QUERY:
        raise NotAQuery
    result = execute(schema._schema, document, **_arguments(context, variables, operation_name))
    done = result if isinstance(result, ExecutionResult) else await result
    give_codes(done.errors or [], Phase.EXECUTION)
    return done


async def stream(
    query: str, context: Context, variables: Mapping[str, Any] | None, operation_name: str | None
) -> AsyncGenerator[ExecutionResult, None]:
    """The responses to a subscription, or the one to another operation; its errors have codes."""
    known = _known(query, operation_name)
    if isinstance(known, ExecutionResult) or known[1] is not OperationType.SUBSCRIPTION:
        yield await run(query, context, variables, operation_name)
        return
    source = subscribe(schema._schema, known[0], **_arguments(context, variables, operation_name))
    events = source if isinstance(source, ExecutionResult | AsyncIterator) else await source
    if isinstance(events, ExecutionResult):
        give_codes(events.errors or [], Phase.EXECUTION)
        yield events
        return
    async with aclosing(cast(AsyncGenerator[ExecutionResult, None], events)):
        try:
            async for result in events:
                give_codes(result.errors or [], Phase.EXECUTION)
                yield result
        except Exception as error:
            yield _refused([error], Phase.EXECUTION)


def _known(query: str, operation_name: str | None) -> tuple[DocumentNode, OperationType] | ExecutionResult:
    """The document, found valid, and what its operation is; or why it can't be executed."""
    document = known = _valid.get(query)
    if document is None:
        try:
            document = parse(query, max_tokens=MAX_TOKENS)
        except (GraphQLError, RecursionError) as error:
            return _refused([error], Phase.PARSING)
    operation = get_operation_ast(document, operation_name)
    if operation is None:
        message = "`operationName` must name one of the document's operations."
        return _refused([GraphQLError(message)], Phase.EXECUTION)
    if known is None:
        errors: Sequence[Exception]
        try:
            errors = validate_document(schema._schema, document, tuple(rules))
        except RecursionError as error:
            errors = [error]
        if errors:
            return _refused(errors, Phase.VALIDATION)
        _valid[query] = document
    return document, operation.operation


def _arguments(context: Context, variables: Mapping[str, Any] | None, operation_name: str | None) -> dict[str, Any]:
    return {
        "context_value": context,
        "variable_values": dict(variables or {}),
        "operation_name": operation_name,
        "executor_class": Executor,
        "is_awaitable": _is_awaitable,
        "hide_suggestions": True,
    }


def _refused(errors: Sequence[Exception], phase: Phase) -> ExecutionResult:
    known = [error if isinstance(error, GraphQLError) else GraphQLError("", original_error=error) for error in errors]
    give_codes(known, phase)
    return ExecutionResult(None, known)
