"""The DGI's locations."""

from typing import Final

from pypika_tortoise.context import SqlContext
from pypika_tortoise.terms import ValueWrapper
from pypika_tortoise.utils import format_alias_sql
from tortoise.expressions import Q, RawSQL

from db import tenant
from db.locations import LOCATION_CODES
from db.models import Location, Province
from projection import Many, One
from resolvers.paging import check_size, search_rows
from resolvers.scope import having


def exists(code: str) -> bool:
    """Whether the DGI has this location. The file that the database is loaded from says so without a statement."""
    return code in LOCATION_CODES


def by_code(code: str) -> One:
    return One(Location.filter(having(Location, code=code)))


def listed(search: str | None, province: str | None, district: str | None, first: int) -> Many:
    check_size(first)
    conditions = Q()
    if province is not None:
        conditions &= having(Location, province_code=province)
    if district is not None:
        conditions &= having(Location, district_id=district)
    rows = Location.filter(conditions)
    if search:
        # Otherwise a small place of the same name could come first, by its code.
        found = search_rows(rows, search).annotate(used=_IsUsed(), city=RawSQL(_CITY))
        rows = found.order_by("-used", "city", "position")
    return Many(rows.limit(first))


# The districts of the large cities, the largest first: of places with the same name, theirs are meant more often.
_CITY: Final = (
    "array_position(ARRAY['8-8', '8-10', '13-1', '13-4', '3-1', '4-6', '9-10', '6-1', '2-6'],"
    ' "location"."district_code"::text)'
)


class _IsUsed(RawSQL):
    """Whether a customer of the account lives there. Tortoise has no subquery that refers to the row around it."""

    def __init__(self) -> None:
        self._account = ValueWrapper(tenant.current_account())
        super().__init__(_IS_USED)

    def get_sql(self, ctx: SqlContext) -> str:
        account = self._account.get_sql(ctx.copy(with_alias=False))
        sql = self.sql.format(account=account)
        return format_alias_sql(sql, self.alias, ctx) if ctx.with_alias else sql


_IS_USED: Final = """
    EXISTS (SELECT FROM customer c
        WHERE c.account_id = {account} AND c.location_code = "location"."code" AND c.status = 'ACTIVE')
"""


def provinces() -> Many:
    return Many(Province.all())
