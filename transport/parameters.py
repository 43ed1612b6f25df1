"""The parameters of a GraphQL request, over HTTP or a WebSocket.

A trusted document is named by ``documentId``, as in the appendix "Persisted Documents" of the GraphQL over HTTP draft,
or as Apollo's clients do, by ``extensions.persistedQuery.sha256Hash``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final

_TEXTS: Final = ("query", "documentId", "operationName")
_OBJECTS: Final = ("variables", "extensions")
_TEXT, _OBJECT = (str, NoneType), (dict, NoneType)


class Malformed(ValueError):
    """The message says what is wrong."""


@dataclass(frozen=True)
class GraphQLRequest:
    """Has either the text of a document or the id of a trusted one."""

    query: str | None
    document_id: str | None = None
    operation_name: str | None = None
    variables: dict[str, Any] | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> "GraphQLRequest":
        """The parameters with their types checked; raises ``Malformed``. Unknown ones are ignored."""
        for name in _TEXTS:
            if not isinstance(data.get(name), _TEXT):
                raise Malformed(f"`{name}` must be a string.")
        for name in _OBJECTS:
            if not isinstance(data.get(name), _OBJECT):
                raise Malformed(f"`{name}` must be an object.")
        query, id = data.get("query"), data.get("documentId")
        if query and id:
            raise Malformed("Give `query` or `documentId`, not both.")
        if not query and not id:
            persisted = (data.get("extensions") or {}).get("persistedQuery")
            id = persisted.get("sha256Hash") if isinstance(persisted, dict) else None
            if not isinstance(id, str) or not id:
                raise Malformed("The request has no `query` and no `documentId`.")
        return cls(query or None, id or None, data.get("operationName"), data.get("variables"))
