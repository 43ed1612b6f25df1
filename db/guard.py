"""A check before the service answers: its connections must have no more rights than it needs."""

from typing import Any, Final

from tortoise.connection import get_connection

from db.config import SERVICE_ROLE


class UnsafeRole(Exception):
    """The service's connections have rights that they must not have."""


async def check_role() -> None:
    """Raise ``UnsafeRole`` unless connections act as the service's role and that role is bound by the policies.

    This also finds a pooler that ignores start-up parameters: its connections have their login's role and settings,
    and are shared between clients.
    """
    client: Any = get_connection("default")
    _, rows = await client.execute_query(_ROLE)
    name, above_policies, owner, has_our_settings, has_citus = rows[0]
    if name != SERVICE_ROLE:
        raise UnsafeRole(
            f"connections act as {name}, not as {SERVICE_ROLE}; behind a pooler set DATABASE_POOLER=transaction"
        )
    if not has_our_settings:
        raise UnsafeRole(
            "connections lack the settings that they were opened with; behind a pooler set DATABASE_POOLER=transaction"
        )
    if has_citus and not client.is_distributed:
        raise UnsafeRole(
            "its tables are on several nodes, where policies find no account: set DATABASE_MODE=distributed"
        )
    if above_policies or owner:
        raise UnsafeRole(f"the role {name} is a superuser, has BYPASSRLS, owns tables or is a member of other roles")


_ROLE: Final = """
    SELECT current_user,
           r.rolsuper OR r.rolbypassrls,
           EXISTS (SELECT FROM pg_class WHERE relowner = r.oid)
               OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid),
           (SELECT source IN ('client', 'session') FROM pg_settings WHERE name = 'lock_timeout'),
           EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')
    FROM pg_roles r WHERE rolname = current_user
"""
