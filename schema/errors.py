"""Errors as clients see them.

Faults of the data in a mutation are :class:`UserError` objects in the payload. Any other mistake of
the client is a GraphQL error with ``extensions.code``. Our own defects are masked: the client gets a
reference, and the log has it next to the exception.
"""

import re
from enum import Enum
from secrets import token_hex
from typing import Final, Self

import strawberry
import structlog
from asyncpg import QueryCanceledError
from graphql import GraphQLError

from db.errors import UNAVAILABLE, is_beyond_columns
from projection import AnswerTooLarge, NotUnique
from resolvers.errors import BadUserInput
from rules import faults
from rules.faults import Code, Fault, WarningCode
from schema.context import Context

log = structlog.get_logger()


@strawberry.type(description="One of the reasons why a mutation was refused. All reasons come at once.")
class UserError:
    path: list[str] = strawberry.field(
        description='The argument at fault, such as ["newCustomer", "dv"] or ["input", "lines", "0", "quantity"].'
    )
    code: Code = strawberry.field(description="The reason as a code, for programs.")
    message: str = strawberry.field(
        description="The reason as a sentence, in Spanish or, if Accept-Language prefers it, in English."
    )
    expected: list[str] | None = strawberry.field(
        description=(
            "The right values where they are known, such as the DV for each type of taxpayer, or the RUCs that "
            "may have been meant; null for none."
        )
    )
    related_id: strawberry.ID | None = strawberry.field(
        description=(
            "Id of the object in conflict: for DUPLICATE_CUSTOMER the existing customer, for "
            "IDEMPOTENCY_MISMATCH the object that was created with the key; null for none."
        )
    )

    @classmethod
    def of(cls, fault: Fault, context: Context) -> Self:
        return cls(
            path=list(fault.path),
            code=fault.code,
            message=context.say(fault.message),
            expected=list(fault.expected) or None,
            related_id=strawberry.ID(str(fault.related_id)) if fault.related_id else None,
        )


@strawberry.type(
    name="Warning", description="Something about a mutation that is allowed and worth a word; it was done all the same."
)
class InputWarning:
    path: list[str] = strawberry.field(description='The argument that it is about, such as ["input", "issueDate"].')
    code: WarningCode = strawberry.field(description="What it is as a code, for programs.")
    message: str = strawberry.field(
        description="What it is as a sentence, in Spanish or, if Accept-Language prefers it, in English."
    )

    @classmethod
    def of(cls, warning: faults.InputWarning, context: Context) -> Self:
        return cls(path=list(warning.path), code=warning.code, message=context.say(warning.message))


class Phase(Enum):
    """Where a request failed. Until it is executed, errors of graphql-core are the document's."""

    PARSING = "GRAPHQL_PARSE_FAILED"
    VALIDATION = "GRAPHQL_VALIDATION_FAILED"
    EXECUTION = "BAD_USER_INPUT"


def give_codes(errors: list[GraphQLError], phase: Phase) -> None:
    """Give each error its code, and mask unexpected ones."""
    for error in errors:
        extensions = error.extensions or {}
        if "code" not in extensions:
            code, error.message = _code_and_message(error, phase)
            error.extensions = {**extensions, "code": code}


def _code_and_message(error: GraphQLError, phase: Phase) -> tuple[str, str]:
    """The error's code, and the message that the client may read."""
    original = error.original_error
    while isinstance(original, GraphQLError) and original.original_error is not None:
        original = original.original_error
    if original is None or isinstance(original, GraphQLError):
        limited = error.message.endswith((" Parsing aborted.", "Validation aborted.", "introspection depth exceeded"))
        return "LIMIT_EXCEEDED" if limited else phase.value, _without_values(error.message)
    if is_beyond_columns(original):
        return "BAD_USER_INPUT", "A text is too long, or contains the character NUL."
    for types, code, message in _KNOWN:
        if isinstance(original, types):
            return code, message or str(original)
    if phase is Phase.VALIDATION and isinstance(original, ValueError):
        return phase.value, "A number is too long."
    reference = token_hex(6)
    log.error("unexpected error", reference=reference, path=error.path, exc_info=original)
    return "INTERNAL", f"Something went wrong on our side. Reference: {reference}"


# What graphql-core says of a malformed input, and behind it the whole input, which may hold credentials.
_QUOTING: Final = re.compile(r"(Expected value of type '\w+' .+?)(?:, f|\. F)ound: .*", re.DOTALL)
_QUOTING_TEXT: Final = re.compile("(String cannot represent a non string value): .*", re.DOTALL)


def _without_values(message: str) -> str:
    """
    >>> _without_values("Expected value of type 'A' to include required field 'b', found: {'c': 'secret'}.")
    "Expected value of type 'A' to include required field 'b'."
    """
    return _QUOTING_TEXT.sub(r"\1.", _QUOTING.sub(r"\1.", message))


# Exceptions that tell the client what to do: their code, and a message where their own is not for clients.
_KNOWN: list[tuple[tuple[type[Exception], ...], str, str | None]] = [
    ((BadUserInput,), "BAD_USER_INPUT", None),
    ((NotUnique,), "BAD_USER_INPUT", "Several customers match: give the taxpayer type too."),
    ((QueryCanceledError,), "TIMEOUT", "This took too long. Try again in a moment, or request less at once."),
    ((AnswerTooLarge,), "LIMIT_EXCEEDED", None),
    ((RecursionError,), "LIMIT_EXCEEDED", "This is nested too deeply."),
    (UNAVAILABLE, "UNAVAILABLE", "The database is not available right now. Try again in a moment."),
]
