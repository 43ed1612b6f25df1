"""Permissions of fields, by the scope of the API key."""

from typing import Any

from strawberry.permission import BasePermission

from rules.vocabulary import Scope
from schema.context import Info


class _Allowed(BasePermission):
    scope: Scope
    error_extensions = {"code": "FORBIDDEN"}

    def has_permission(self, source: Any, info: Info, **kwargs: Any) -> bool:
        return info.context.identity.scope.allows(self.scope)


class CanRead(_Allowed):
    """Every key may; for mutations that concern nobody but the caller."""

    scope = Scope.READ
    message = "This needs a valid key."


class CanWrite(_Allowed):
    scope = Scope.WRITE
    message = "This key may only read: it has no WRITE scope."


class IsAdmin(_Allowed):
    scope = Scope.ADMIN
    message = "This needs a key with ADMIN scope."
