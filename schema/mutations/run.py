"""How every mutation is declared, runs and answers.

Resolvers give faults the paths of records: ``("dv",)`` of a customer. Only the mutation knows which of its
arguments the customer is. It says so once, in the ``places`` that it runs with::

    places={Record.CUSTOMER: under("newCustomer"), Record.INVOICE_CUSTOMER: at("customerId")}
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final, Protocol, Self, TypeAlias, TypeVar, runtime_checkable
from uuid import UUID

import strawberry
from strawberry import Some
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension
from strawberry.permission import BasePermission
from tortoise.models import Model

from resolvers import registry
from resolvers.errors import BadUserInput
from resolvers.transactions import IdempotentRequest, Result, run_once
from rules.faults import Fault, InputWarning, Record, Refusal, Text
from schema.context import Context, Info
from schema.errors import InputWarning as ShownWarning
from schema.errors import UserError

P = TypeVar("P", bound="Payload")

Placed = TypeVar("Placed", Fault, InputWarning)
Place: TypeAlias = Callable[[Any], Any]  # from a fault or warning to the same at its place
Places: TypeAlias = Mapping[Record, Place]

_NOWHERE: Final[Places] = {}

LONGEST_WAIT: Final = 10_000  # milliseconds


def mutation(permission: type[BasePermission], description: str, *, graphql_type: Any = None) -> Any:
    """The field of a mutation that needs a permission; for ``graphql_type`` see ``strawberry.mutation``."""
    return strawberry.mutation(
        permission_classes=[permission],
        extensions=[_IdempotentRequests()],
        description=description,
        graphql_type=graphql_type,
    )


# Arguments that don't decide what a request does. A dry run so learns what becomes of its key, which it doesn't keep.
_NOT_COMPARED: Final = frozenset({"dry_run", "wait_ms"})


class _IdempotentRequests(FieldExtension):
    """Makes an ``IdempotentRequest`` of the idempotency key and the other arguments of the field."""

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **arguments: Any
    ) -> Any:
        key = arguments.pop("idempotency_key", None)
        if key is not None:
            given = {name: value for name, value in arguments.items() if name not in _NOT_COMPARED}
            compared = {name: _given(value, info.context) for name, value in given.items()}
            arguments["idempotency_key"] = IdempotentRequest(key, {"field": info.field_name, "arguments": compared})
        return await next_(source, info, **arguments)


@runtime_checkable
class Concealed(Protocol):
    """An argument with secrets, which says by what a repeated request is compared instead."""

    def conceal(self, context: Context) -> str | None: ...


def _given(value: Any, context: Context) -> Any:
    """An argument as it is compared: of patches the fields that were given, null or not, and nothing secret."""
    if isinstance(value, Concealed):
        return value.conceal(context)
    if isinstance(value, Some):
        return [_given(value.value, context)]
    if isinstance(value, list):
        return [_given(each, context) for each in value]
    if not is_dataclass(value):
        return value
    values = {field.name: getattr(value, field.name) for field in fields(value)}
    is_patch = all(each is None or isinstance(each, Some) for each in values.values())
    return {name: _given(each, context) for name, each in values.items() if each is not None or not is_patch}


def user_errors() -> Any:
    """The field that every payload has."""
    return strawberry.field(default_factory=list, description="Why the request was refused; empty when it succeeded.")


def warnings() -> Any:
    """The field of payloads whose mutations may have something to say although they succeed."""
    return strawberry.field(
        default_factory=list,
        description="What is worth a word although it is allowed, in dry runs too. A repeated request has none.",
    )


def under(*prefix: str) -> Place:
    """The record is this argument, so the path of a fault continues there."""

    def move(found: Placed) -> Placed:
        return replace(found, path=prefix + found.path)

    return move


def at(*place: str) -> Place:
    """The argument is only the id of a record: a fault gets its path, and names the field in the message."""

    def move(found: Placed) -> Placed:
        inside = ".".join(found.path)
        message = Text(f"{inside}: {found.message.es}", f"{inside}: {found.message.en}") if inside else found.message
        return replace(found, path=place, message=message)

    return move


class Payload(Protocol):
    """What a mutation answers: ``of`` its result, or with the errors for which it was refused."""

    def __init__(self, *, user_errors: list[UserError]) -> None: ...

    @classmethod
    def of(cls, result: Result) -> Self: ...


async def run_mutation(
    info: Info,
    request: IdempotentRequest | None,
    payload: type[P],
    work: Callable[[], Awaitable[UUID | Result]],
    *,
    kind: type[Model] | None,
    places: Places = _NOWHERE,
    wait_ms: int = 0,
    is_dry: bool = False,
) -> P:
    """Run a resolver's ``work``, for a repeated request only the first time, and answer with its result or its faults.

    ``kind`` is the table of the result; None if the object may be gone when the request is repeated. Checks of
    customers use what the registry has confirmed, by the context's ``consultar``. The answer waits up to ``wait_ms``
    for what becomes of an electronic document; in a dry run nothing does.
    """
    if not 0 <= wait_ms <= LONGEST_WAIT:
        raise BadUserInput(f"waitMs must be between 0 and {LONGEST_WAIT}.")

    async def run() -> Result:
        result = await work()
        return result if isinstance(result, Result) else Result(result)

    try:
        with registry.checking_with(info.context.consultar):
            result = await run() if request is None else await run_once(request, run, kind)
            if wait_ms and not is_dry and info.context.results is not None:
                await info.context.results.wait(result.id, wait_ms / 1000)
            answered = payload.of(result)
            _add_warnings(answered, [_place(warning, places) for warning in result.warnings], info.context)
            return answered
    except Refusal as refusal:
        faults = [_place(fault, places) for fault in refusal.faults]
        return payload(user_errors=[UserError.of(fault, info.context) for fault in faults])


def _add_warnings(payload: Any, found: Iterable[InputWarning], context: Context) -> None:
    """Put warnings into a payload, which has the field if its mutation can bring them about."""
    for warning in found:
        payload.warnings.append(ShownWarning.of(warning, context))


def _place(found: Placed, places: Places) -> Placed:
    place = places.get(found.record) if found.record else None
    return place(found) if place else found
