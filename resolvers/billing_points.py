"""Billing points, and the numbers at which they begin."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final
from uuid import UUID

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.errors import FAULTS
from projection import One
from resolvers.accounts import save_changes
from resolvers.scope import check_version, having, mine
from resolvers.transactions import atomically
from rules import text
from rules.account import check_billing_point, read_number
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import HEAD_OFFICE, DocumentType


def by_id(id: UUID) -> One:
    return One(mine(models.BillingPoint, id=id))


async def create(code: str, name: str | None, first_number: str | None = None, branch: str = HEAD_OFFICE) -> UUID:
    """A new series of numbers of a branch, which begins at 1 or another number; raises ``Refusal``."""
    clean_name = text.clean(name)
    if faults := check_billing_point(code, clean_name):
        raise Refusal(*faults)
    first = read_number(("firstNumber",), first_number) if first_number is not None else 1

    async def action() -> UUID:
        if not await mine(models.Branch, having(models.Branch, code=branch)).exists():
            raise Refusal(FAULTS["billing_point_branch_fkey"])
        owner = tenant.current_account()
        point = models.BillingPoint(id=uuid7(), account_id=owner, branch=branch, code=code, name=clean_name)
        await point.save(force_create=True)
        if first != 1:
            await _begin_at(point, first, DocumentType.INVOICE)
        return point.id

    return await atomically(action)


async def update(
    code: str,
    changes: Mapping[str, str | None],
    version: int | None,
    branch: str | None = None,
    type_: DocumentType = DocumentType.INVOICE,
) -> UUID:
    """Set ``name`` and, while the point has given no number to a document of this type, ``next_number``.

    Raises ``Refusal``.
    """
    typed = changes.get("next_number")
    next_number = read_number(("nextNumber",), typed) if typed is not None else None

    async def action() -> UUID:
        point = await _lock(code, branch)
        check_version(point.version, version)
        name = text.clean(changes["name"]) if "name" in changes else point.name
        if faults := check_billing_point(code, name):
            raise Refusal(*faults)
        is_moved = next_number is not None and await _begin_at(point, next_number, type_)
        await save_changes(point, {"name": name}, is_changed=is_moved)
        return point.id

    return await atomically(action)


async def _lock(code: str, branch: str | None) -> models.BillingPoint:
    """The billing point, whose branch need not be named while only one has such a point; raises ``Refusal``."""
    codes = {"code": code} if branch is None else {"code": code, "branch": branch}
    rows = mine(models.BillingPoint, having(models.BillingPoint, **codes))
    points = await rows.select_for_update(no_key=True).order_by("branch")
    if not points:
        raise Refusal(_NO_SUCH_POINT)
    if len(points) > 1:
        expected = tuple(point.branch for point in points)
        raise Refusal(Fault(("branch",), Code.REQUIRED, WHICH_BRANCH, expected=expected))
    return points[0]


WHICH_BRANCH: Final = Text(
    "Varias sucursales tienen este punto de facturación. Elige la sucursal.",
    "Several branches have this billing point. Choose the branch.",
)


async def _begin_at(point: models.BillingPoint, number: int, type_: DocumentType) -> bool:
    """Make this the next number of a type; returns whether it was another one. Raises ``Refusal`` once one is used.

    A document that takes a number at the same time waits, or is waited for.
    """
    connection = get_connection("default")
    keys = [point.account_id, point.branch, point.code, type_]
    row = await connection.execute_insert(_LOCK_SEQUENCE, [uuid7(), *keys])
    assert row is not None
    first, last = row["first_number"], row["last_number"]
    if last + 1 == number:
        return False
    if last >= first:
        raise Refusal(Fault(("nextNumber",), Code.NOT_ALLOWED, _USED.format(last=f"{last:010}")))
    await connection.execute_query(_SET_FIRST_NUMBER, [*keys, number])
    return True


_LOCK_SEQUENCE: Final = """
    INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number) VALUES ($1, $2, $3, $4, $5, 0)
    ON CONFLICT (account_id, branch, billing_point, type) DO UPDATE SET last_number = sequence.last_number
    RETURNING first_number, last_number
"""

_SET_FIRST_NUMBER: Final = """
    UPDATE sequence SET first_number = $5::bigint, last_number = $5::bigint - 1
    WHERE account_id = $1 AND branch = $2 AND billing_point = $3 AND type = $4
"""

_NO_SUCH_POINT: Final = replace(FAULTS["document_billing_point_fkey"], path=("code",), record=None)

_USED: Final = Text(
    "Este punto de facturación ya dio el número {last} a un documento de este tipo; su numeración no se puede cambiar.",
    "This billing point has given the number {last} to a document of this type; its numbers can't be changed.",
)
