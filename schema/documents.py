"""Documents that were parsed and validated are remembered, so a client's usual ones cost neither."""

from collections.abc import Iterator

from cachetools import LRUCache
from graphql import DocumentNode
from strawberry.extensions import SchemaExtension

MAX_TOKENS = 5000

# Bounded by tokens: a parsed document takes some hundred bytes for each.
_accepted: LRUCache[str, DocumentNode] = LRUCache(maxsize=200_000, getsizeof=lambda document: document.token_count or 1)


class Documents(SchemaExtension):
    """Strawberry's ParserCache and ValidationCache in one; the latter hashes the whole document each time."""

    known: DocumentNode | None = None

    def on_parse(self) -> Iterator[None]:
        context = self.execution_context
        context.parse_options["max_tokens"] = MAX_TOKENS
        self.known = context.graphql_document = _accepted.get(context.query or "")
        yield

    def on_validate(self) -> Iterator[None]:
        context = self.execution_context
        if self.known is not None:
            context.pre_execution_errors = []
        yield
        document = context.graphql_document
        if self.known is None and document is not None and not context.pre_execution_errors:
            _accepted[context.query or ""] = document
