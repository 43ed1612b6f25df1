"""The DGI's locations."""

from tortoise.expressions import Q

from db.locations import LOCATION_CODES
from db.models import Location, Province
from projection import Many, One
from resolvers.errors import BadUserInput
from resolvers.paging import LARGEST_SIZE, search_rows


def exists(code: str) -> bool:
    """Whether the DGI has this location. The file that the database is loaded from says so without a statement."""
    return code in LOCATION_CODES


def by_code(code: str) -> One:
    return One(Location.filter(code=code))


def listed(search: str | None, province: str | None, district: str | None, first: int) -> Many:
    if not 1 <= first <= LARGEST_SIZE:
        raise BadUserInput(f"first must be between 1 and {LARGEST_SIZE}.")
    conditions = Q()
    if province is not None:
        conditions &= Q(province_code=province)
    if district is not None:
        conditions &= Q(district_id=district)
    return Many(search_rows(Location.filter(conditions), search).limit(first))


def provinces() -> Many:
    return Many(Province.all())
