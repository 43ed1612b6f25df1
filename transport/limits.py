"""What a request may ask for at most. docs/limits.md says what counts how much."""

from dataclasses import dataclass
from typing import Final

from graphql import GraphQLError

from transport.sizes import Size

CHARACTERS: Final = 20  # of a token, on average
LARGEST: Final = 2**53 - 1  # the largest integer that every JSON parser reads exactly


@dataclass(frozen=True)
class Limits:
    """What a request may ask for. ``directives`` counts those on one field, ``values`` those in the variables (an
    invoice of 1,000 lines has 6,000), ``seconds`` is how long an operation may take.

    ``open_schema`` lets clients learn the schema: by introspection, and from messages about invalid documents. With
    ``only_trusted`` they may execute only trusted documents.
    """

    tokens: int = 5_000
    depth: int = 15
    aliases: int = 50
    directives: int = 5
    root_fields: int = 20
    cost: int = 10_000
    seconds: float = 15.0
    values: int = 10_000
    open_schema: bool = True
    only_trusted: bool = False

    def check_length(self, text: str, value_count: int) -> None:
        """Raise a GraphQLError for a document, or so many values in variables, that would take too long to parse."""
        _check("characters", len(text), CHARACTERS * self.tokens)
        _check("values in variables", value_count, self.values)

    def check_size(self, size: Size) -> None:
        """Raise a GraphQLError for the first limit that the document exceeds."""
        _check("tokens", size.tokens, self.tokens)
        _check("depth", size.depth, self.depth)
        _check("aliases", size.aliases, self.aliases)
        _check("directives on one field", size.directives, self.directives)
        _check("root fields", size.root_fields, self.root_fields)
        if size.introspects and not self.open_schema:
            raise GraphQLError("Introspection is switched off on this server.", extensions={"code": "FORBIDDEN"})

    def check_cost(self, cost: int) -> None:
        """Raise a GraphQLError if the cost is too high."""
        _check("cost", cost, self.cost)


DEFAULT_LIMITS: Final = Limits()

_ADVICE: Final = {
    "cost": " Ask for smaller pages, or for fewer fields of each entry.",
    "root fields": " Send several requests.",
}


def _check(what: str, requested: int, maximum: int) -> None:
    if requested > maximum:
        requested = min(requested, LARGEST)
        raise GraphQLError(
            f"The request exceeds a limit: {what} {requested:,}, at most {maximum:,}.{_ADVICE.get(what, '')}",
            extensions={
                "code": "LIMIT_EXCEEDED",
                "limit": what,
                "requested": requested,
                "maximum": maximum,
            },
        )
