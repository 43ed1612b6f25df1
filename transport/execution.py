"""Running one request: find the document, check it against the limits, validate, execute.

This does what Strawberry's ``Schema.execute`` does, without what the service doesn't use of it (extensions,
incremental delivery): that overhead shows, since PostgreSQL answers many requests in half a millisecond.
"""

import asyncio
from collections.abc import AsyncGenerator, Hashable
from contextlib import AbstractAsyncContextManager, aclosing, nullcontext, suppress
from functools import partial
from typing import Any, Final

import orjson
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    create_source_event_stream,
    execute,
    execute_subscription_event,
    map_source_to_response_event,
)

from announcements.dispatcher import Dispatcher
from db.errors import UNAVAILABLE
from db.fair_thread import FairThread
from schema import Executor, schema
from schema.context import Context
from schema.errors import Phase, give_codes
from transport.errors import TooMany
from transport.limiter import AccountLimiter
from transport.limits import DEFAULT_LIMITS, LARGEST, Limits
from transport.metrics import count_operation
from transport.operations import EXECUTOR_OPTIONS, Operation, OperationCache, Refused, check_size, prepare_operation
from transport.outages import Outages
from transport.parameters import GraphQLRequest
from transport.reads import ClientPosition, Reads
from transport.sizes import count_values
from transport.trusted_documents import TrustedDocuments

_COSTLY: Final = 2_000  # about 2,000 objects: a page of 100 entries with all that belongs to them
_MANY_VALUES: Final = 1_500  # in the variables: an invoice of 300 lines


class NotAQuery(Exception):
    """The operation changes something where only reading is allowed."""


class OperationRunner:
    """Runs requests within the limits. It owns the cache of the operations that it has seen; others are parsed and
    validated in ``thread``. After each mutation it wakes the ``dispatcher``, for events that it may have stored. By
    ``reads`` queries may be answered by a standby.
    """

    def __init__(
        self,
        limiter: AccountLimiter,
        thread: FairThread,
        limits: Limits = DEFAULT_LIMITS,
        trusted_documents: TrustedDocuments | None = None,
        operations: OperationCache | None = None,
        outages: Outages | None = None,
        dispatcher: Dispatcher | None = None,
        reads: Reads | None = None,
    ) -> None:
        self.limiter = limiter
        self.thread = thread
        self.limits = limits
        self.trusted_documents = trusted_documents or TrustedDocuments()
        self.operations = OperationCache() if operations is None else operations
        self._event_responses: dict[Hashable, asyncio.Task[ExecutionResult]] = {}  # in the making
        self.outages = outages or Outages()
        self._dispatcher = dispatcher
        self.reads = reads

    async def run(
        self,
        request: GraphQLRequest,
        context: Context,
        *,
        only_queries: bool = False,
        client: ClientPosition | None = None,
    ) -> ExecutionResult:
        """The response to a query or mutation; its errors have codes. Raises ``NotAQuery``.

        ``client`` is told its position. Without it the primary answers.
        """
        value_count = self._count_values(request)
        try:
            operation = await self._find_operation(request, value_count)
            if operation.type is OperationType.SUBSCRIPTION:
                raise Refused(Phase.EXECUTION, GraphQLError("Subscriptions go over a WebSocket."))
            if only_queries and operation.type is not OperationType.QUERY:
                raise NotAQuery
            cost = self._compute_cost(operation, request)
        except Refused as refused:
            count_operation(None, refused.result.errors)
            return refused.result
        try:
            async with asyncio.timeout(self.limits.seconds), self._admit_if_costly(cost, value_count):
                if self.reads is None or client is None or operation.type is not OperationType.QUERY:
                    result = await _execute(operation, request, context)
                else:
                    result = await self.reads.answer(client, lambda: _execute(operation, request, context))
        except TimeoutError:
            result = ExecutionResult(None, [self._time_out_error(operation)])
        if self.reads is not None and client is not None:
            await self.reads.tell_position(client, operation.type)
        self._complete(result, cost)
        count_operation(operation.type, result.errors)
        if self._dispatcher is not None and operation.type is OperationType.MUTATION:
            self._dispatcher.wake(context.identity.account_id)
        return result

    async def stream(self, request: GraphQLRequest, context: Context) -> AsyncGenerator[ExecutionResult, None]:
        """The responses to a subscription, or the one to another operation; their errors have codes."""
        try:
            operation = await self._find_operation(request, self._count_values(request))
            if operation.type is not OperationType.SUBSCRIPTION:
                yield await self._run_with_permit(request, context)
                return
            cost = self._compute_cost(operation, request)
        except Refused as refused:
            count_operation(None, refused.result.errors)
            yield refused.result
            return
        arguments = _arguments(request, context)
        arguments["raw_variable_values"] = arguments.pop("variable_values")
        executor = Executor.build(schema._schema, operation.document, **arguments)
        source = ExecutionResult(None, executor) if isinstance(executor, list) else await _open_source(executor)
        if isinstance(executor, list) or isinstance(source, ExecutionResult):
            give_codes(source.errors or [], Phase.EXECUTION)
            count_operation(operation.type, source.errors)
            yield source
            return
        count_operation(operation.type, None)
        key = (id(operation), context.identity.account_id, context.identity.scope, context.language)
        respond = partial(self._respond_to_event, operation, cost, (*key, orjson.dumps(request.variables)))
        async with aclosing(map_source_to_response_event(executor, source, respond)) as results:
            try:
                async for result in results:
                    yield result
            except Exception as error:
                yield Refused(Phase.EXECUTION, error).result

    async def _respond_to_event(
        self, operation: Operation, cost: int, key: tuple[Hashable, ...], executor: Executor
    ) -> ExecutionResult:
        """The response for an event, made once for all subscriptions of an account that ask for the same.

        What is no event, such as the progress of work, is of one subscription alone.
        """
        event = getattr(executor.root_value, "event", None)
        key = (*key, id(executor.root_value) if event is None else event.id)
        task = self._event_responses.get(key)
        if task is None:
            task = self._event_responses[key] = asyncio.create_task(self._execute_for_event(operation, cost, executor))
            task.add_done_callback(lambda _: self._event_responses.pop(key))
        return await asyncio.shield(task)  # others may wait for it, too

    async def _execute_for_event(self, operation: Operation, cost: int, executor: Executor) -> ExecutionResult:
        context: Context = executor.context_value
        try:
            async with (
                self.limiter.admit(context.identity.account_id),
                asyncio.timeout(self.limits.seconds),
                self._admit_if_costly(cost),
            ):
                result = execute_subscription_event(executor)
                if not isinstance(result, ExecutionResult):
                    result = await result
        except TimeoutError:
            result = ExecutionResult(None, [self._time_out_error(operation)])
        except TooMany as error:
            result = ExecutionResult(None, [_rate_limit_error(error)])
        return self._complete(result, cost)

    def _count_values(self, request: GraphQLRequest) -> int:
        """The values in a request's variables; more than are allowed aren't counted to the end."""
        return count_values(request.variables or {}, self.limits.values)

    def _admit_if_costly(self, cost: int, value_count: int = 0) -> AbstractAsyncContextManager[None]:
        is_costly = cost >= _COSTLY or value_count > _MANY_VALUES
        return self.limiter.admit_costly() if is_costly else nullcontext()

    def _complete(self, result: ExecutionResult, cost: int) -> ExecutionResult:
        """Give a result its errors' codes and its cost, and note an outage that it tells of."""
        self.outages.note_errors(result.errors or [])
        give_codes(result.errors or [], Phase.EXECUTION)
        result.extensions = self._cost_extension(cost)
        return result

    async def _run_with_permit(self, request: GraphQLRequest, context: Context) -> ExecutionResult:
        try:
            async with self.limiter.admit(context.identity.account_id):
                return await self.run(request, context)
        except TooMany as error:
            raise Refused(Phase.EXECUTION, _rate_limit_error(error)) from error

    async def _find_operation(self, request: GraphQLRequest, value_count: int) -> Operation:
        text = request.query
        if text is None or self.limits.only_trusted:
            text = await self._fetch_trusted(request.document_id)
        try:
            self.limits.check_length(text, value_count)
        except GraphQLError as error:
            raise Refused(Phase.PARSING, error) from error
        key = (text, request.operation_name)
        while (operation := self.operations.get(key)) is None:
            prepared = await self.thread.run(self._prepare_unless_known, key)
            if prepared is not None:
                with suppress(ValueError):  # it is larger than the whole cache
                    self.operations[key] = prepared
                return prepared
            # Another request has just prepared it. If it has left the cache again, it is prepared here.
        check_size(operation.size, self.limits)
        return operation

    def _prepare_unless_known(self, key: tuple[str, str | None]) -> Operation | None:
        """Parse and validate a document in the thread, unless that was done while this request waited for it."""
        return None if key in self.operations else prepare_operation(*key, self.limits)

    async def _fetch_trusted(self, id: str | None) -> str:
        if id is None:
            message = "Only trusted documents are executed here: send a documentId."
            raise Refused(Phase.EXECUTION, GraphQLError(message, extensions={"code": "FORBIDDEN"}))
        try:
            text = await self.trusted_documents.fetch(id)
        except Exception as error:
            if isinstance(error, UNAVAILABLE):
                self.outages.note(error)
            raise Refused(Phase.EXECUTION, error) from error
        if text is None:
            message = "PersistedQueryNotFound"  # clients of Apollo and urql then send the text
            raise Refused(Phase.EXECUTION, GraphQLError(message, extensions={"code": "PERSISTED_QUERY_NOT_FOUND"}))
        return text

    def _compute_cost(self, operation: Operation, request: GraphQLRequest) -> int:
        """The cost of an operation, within the limit."""
        try:
            cost = operation.cost(request.variables or {})
        except RecursionError as error:
            raise Refused(Phase.EXECUTION, error) from error
        try:
            self.limits.check_cost(cost)
        except GraphQLError as error:
            raise Refused(Phase.EXECUTION, error, extensions=self._cost_extension(cost)) from error
        return cost

    def _cost_extension(self, cost: int) -> dict[str, Any]:
        return {"cost": {"requested": min(cost, LARGEST), "maximum": self.limits.cost}}

    def _time_out_error(self, operation: Operation) -> GraphQLError:
        message = f"This took longer than {self.limits.seconds:g} s and was stopped."
        if operation.type is OperationType.MUTATION:
            message += (
                " A change that was not finished by then is undone, but it may have been finished just before: "
                "check before you repeat it, or repeat it with the same idempotencyKey."
            )
        return GraphQLError(message, extensions={"code": "TIMEOUT"})


async def _execute(operation: Operation, request: GraphQLRequest, context: Context) -> ExecutionResult:
    result = await operation.compiled.execute(request.variables or {}, context)
    return await _execute_ordinarily(operation, request, context) if result is None else result


async def _execute_ordinarily(operation: Operation, request: GraphQLRequest, context: Context) -> ExecutionResult:
    result = execute(schema._schema, operation.document, executor_class=Executor, **_arguments(request, context))
    return result if isinstance(result, ExecutionResult) else await result


async def _open_source(executor: Any) -> Any:
    """The events of a subscription, or the response that says why there are none."""
    source: Any = create_source_event_stream(executor)
    return await source if executor.is_awaitable(source) else source


def _rate_limit_error(error: TooMany) -> GraphQLError:
    return GraphQLError(error.detail, extensions={"code": "RATE_LIMITED"})


def _arguments(request: GraphQLRequest, context: Context) -> dict[str, Any]:
    return {
        "context_value": context,
        "variable_values": request.variables or {},
        "operation_name": request.operation_name,
        **EXECUTOR_OPTIONS,
    }
