"""How every mutation is declared, runs and answers.

Resolvers give faults the paths of records: ``("dv",)`` of a customer. Only the mutation knows which of its
arguments the customer is. It says so once, in the ``places`` that it runs with::

    places={Record.CUSTOMER: under("newCustomer"), Record.INVOICE_CUSTOMER: at("customerId")}
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any, Final, TypeAlias, TypeVar

import strawberry
from strawberry.extensions.field_extension import AsyncExtensionResolver, FieldExtension
from strawberry.permission import BasePermission

from resolvers import registry
from resolvers.transactions import IdempotentRequest, check_idempotency_key
from rules.faults import Fault, Record, Refusal, Text
from schema.context import Info
from schema.errors import UserError

T = TypeVar("T")
P = TypeVar("P")

Place: TypeAlias = Callable[[Fault], Fault]
Places: TypeAlias = Mapping[Record, Place]

_NOWHERE: Final[Places] = {}


def mutation(permission: type[BasePermission], description: str, *, graphql_type: Any = None) -> Any:
    """The field of a mutation that needs a permission; for ``graphql_type`` see ``strawberry.mutation``."""
    return strawberry.mutation(
        permission_classes=[permission],
        extensions=[_IdempotentRequests()],
        description=description,
        graphql_type=graphql_type,
    )


class _IdempotentRequests(FieldExtension):
    """Makes an ``IdempotentRequest`` of the idempotency key and all other arguments of the field.

    A dry run stores nothing, so it makes no request, but its key is checked as any other.
    """

    async def resolve_async(
        self, next_: AsyncExtensionResolver, source: Any, info: strawberry.Info, **arguments: Any
    ) -> Any:
        key = arguments.pop("idempotency_key", None)
        if key is not None and arguments.get("dry_run"):
            check_idempotency_key(key)
        elif key is not None:
            request = IdempotentRequest(key, {"field": info.field_name, "arguments": dict(arguments)})
            arguments["idempotency_key"] = request
        return await next_(source, info, **arguments)


def user_errors() -> Any:
    """The field that every payload has."""
    return strawberry.field(default_factory=list, description="Why the request was refused; empty when it succeeded.")


def under(*prefix: str) -> Place:
    """The record is this argument, so the path of a fault continues there."""
    return lambda fault: replace(fault, path=prefix + fault.path)


def at(*place: str) -> Place:
    """The argument is only the id of a record: a fault gets its path, and names the field in the message."""

    def move(fault: Fault) -> Fault:
        inside = ".".join(fault.path)
        message = Text(f"{inside}: {fault.message.es}", f"{inside}: {fault.message.en}") if inside else fault.message
        return replace(fault, path=place, message=message)

    return move


async def run_mutation(
    info: Info,
    payload: Callable[..., P],
    work: Callable[[], Awaitable[T]],
    answer: Callable[[T], P],
    places: Places = _NOWHERE,
) -> P:
    """Run a resolver's ``work`` and answer with its outcome, or with a ``payload`` of all faults if it is refused.

    Checks of customers use what the registry has confirmed, by the context's ``consultar``.
    """
    try:
        with registry.checking_with(info.context.consultar):
            return answer(await work())
    except Refusal as refusal:
        faults = [_place(fault, places) for fault in refusal.faults]
        return payload(user_errors=[UserError.of(fault, info.context) for fault in faults])


def _place(fault: Fault, places: Places) -> Fault:
    place = places.get(fault.record) if fault.record else None
    return place(fault) if place else fault
