"""The DGI's locations."""

from typing import Final

from tortoise.expressions import Q, RawSQL

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
        found = search_rows(rows, search).annotate(used=RawSQL(_IS_USED), city=RawSQL(_CITY))
        rows = found.order_by("-used", "city", "position")
    return Many(rows.limit(first))


# The districts of the large cities, the largest first: of places with the same name, theirs are meant more often.
_CITY: Final = (
    "array_position(ARRAY['8-8', '8-10', '13-1', '13-4', '3-1', '4-6', '9-10', '6-1', '2-6'],"
    ' "location"."district_code"::text)'
)

# Whether a customer of the account lives there.
_IS_USED: Final = """
    EXISTS (SELECT FROM customer c
        WHERE c.account_id = nullif(current_setting('istmo.account', true), '')::uuid
            AND c.location_code = "location"."code" AND c.status = 'ACTIVE')
"""


def provinces() -> Many:
    return Many(Province.all())
