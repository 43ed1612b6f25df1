"""Branches: establishments of the account, each with billing points of its own."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final
from uuid import UUID

from uuid_utils.compat import uuid7

from db import models, tenant
from db.locations import LOCATION_CODES
from projection import One
from resolvers.accounts import save_changes
from resolvers.scope import check_version, having, mine
from resolvers.transactions import atomically
from rules.branch import BranchRecord, check_branch
from rules.faults import Code, Fault, Refusal, Text
from rules.printing import Printable


def by_id(id: UUID) -> One:
    return One(mine(models.Branch, id=id))


async def create(typed: BranchRecord, printable: Printable) -> UUID:
    """A new branch of the current account, without billing points; raises ``Refusal`` with all faults."""
    columns = _columns(typed, printable)

    async def action() -> UUID:
        branch = models.Branch(id=uuid7(), account_id=tenant.current_account(), **columns)
        await branch.save(force_create=True)
        return branch.id

    return await atomically(action)


async def update(code: str, changes: Mapping[str, Any], printable: Printable, version: int | None) -> UUID:
    """Set some fields of ``BranchRecord``; raises ``Refusal`` with all faults."""

    async def action() -> UUID:
        row = await mine(models.Branch, having(models.Branch, code=code)).select_for_update(no_key=True).first()
        if row is None:
            raise Refusal(_NO_SUCH_BRANCH)
        check_version(row.version, version)
        before = {name: getattr(row, name) for name in ("code", "name", "address", "phone", "mobile", "email", "type")}
        record = BranchRecord(**{**before, "location_code": row.location_id, **changes})
        await save_changes(row, _columns(record, printable))
        return row.id

    return await atomically(action)


def _columns(typed: BranchRecord, printable: Printable) -> dict[str, Any]:
    columns = asdict(check_branch(typed, printable, LOCATION_CODES))
    columns["location_id"] = columns.pop("location_code")
    return columns


_NO_SUCH_BRANCH: Final = Fault(("code",), Code.NOT_FOUND, Text("No existe esta sucursal.", "There is no such branch."))
