"""What lines that were invoiced before had, to be used again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from tortoise.connection import get_connection

from db import tenant
from resolvers.errors import BadUserInput
from resolvers.paging import check_size
from resolvers.scope import SURVIVOR, uuid_of
from rules import keys, text
from rules.fiscal.catalogues import CLASSES
from rules.invoice import DESCRIPTION_LONGEST
from rules.search import LONGEST_SEARCH
from rules.vocabulary import ItbmsRate

# Only so many of the latest lines are read, however many an account has, so that no index is needed into which every
# new line would have to be written. Of 300,000 lines that took 20 to 50 ms.
_LATEST: Final = 3000
_LATEST_OF_CUSTOMER: Final = 1000


@dataclass(frozen=True)
class LineSuggestion:
    """A description, with codes, price, discount and rate as they were last, and how often it was invoiced lately."""

    description: str
    code: str | None
    unit: str
    cpbs: str | None
    unit_price: Decimal
    discount: Decimal
    itbms_rate: ItbmsRate
    uses: int
    last_used: date


@dataclass(frozen=True)
class CpbsSuggestion:
    """A class that earlier lines had, with their most similar description, and how often it was invoiced lately."""

    cpbs: str
    description: str
    uses: int
    last_used: date


async def suggest_lines(search: str | None, customer_id: str | None, first: int) -> Sequence[LineSuggestion]:
    """The descriptions with all words of the search: those of the customer first, then the most used.

    Raises ``BadUserInput``.
    """
    check_size(first)
    if len(search or "") > LONGEST_SEARCH:
        raise BadUserInput(f"Search with at most {LONGEST_SEARCH} characters.")
    words = list(dict.fromkeys(keys.search_key(search or "").split()))
    if text.clean(search) and not words:
        return []
    patterns = [f"%{word}%" for word in words]  # of letters and digits, so there is nothing to escape
    arguments = [tenant.current_account(), customer_id and uuid_of(customer_id), patterns, first]
    _, rows = await get_connection("default").execute_query(_SUGGEST, arguments)
    return [LineSuggestion(**{**row, "itbms_rate": ItbmsRate(row["itbms_rate"])}) for row in rows]


async def suggest_cpbs(description: str, customer_id: str | None, first: int) -> Sequence[CpbsSuggestion]:
    """The classes of earlier lines with the same or a similar description, the most similar first.

    Raises ``BadUserInput``.
    """
    check_size(first)
    if len(description) > DESCRIPTION_LONGEST:
        raise BadUserInput(f"A description has at most {DESCRIPTION_LONGEST} characters.")
    key = keys.search_key(description)[:_COMPARED]
    if not key:
        return []
    arguments = [tenant.current_account(), customer_id and uuid_of(customer_id), key, _SIMILAR, list(CLASSES), first]
    _, rows = await get_connection("default").execute_query(_SUGGEST_CPBS, arguments)
    return [CpbsSuggestion(**row) for row in rows]


def _latest(condition: str, limit: int) -> str:
    return f"""
        (SELECT l.id, l.description, l.code, l.unit, l.cpbs, l.unit_price, l.discount, l.itbms_rate, l.position,
                d.issue_date, d.created_at, d.customer_id IS NOT DISTINCT FROM {SURVIVOR} AS of_customer
         FROM document d JOIN document_line l ON l.account_id = $1 AND l.document_id = d.id
         WHERE d.account_id = $1 AND d.invoice_id IS NULL AND d.status = 'ISSUED' {condition} LIMIT {limit})
    """


_AS_LAST: Final = ("code", "unit", "cpbs", "unit_price", "discount", "itbms_rate")
_LAST_FIRST: Final = "of_customer DESC, created_at DESC, position"

# The latest lines, of the account and of the customer ($2).
_ALL_LATEST: Final = f"""latest AS (
        {_latest("ORDER BY d.created_at DESC, d.id DESC", _LATEST)}
        UNION
        {_latest(f"AND d.customer_id = {SURVIVOR} ORDER BY d.issue_date DESC, d.id DESC", _LATEST_OF_CUSTOMER)}
    )"""

# Letters are compared as `keys.search_key` writes them: lower case, without accents. Only so many of a description are:
# of 4,000 different ones with 500 letters each this takes 0.1 to 0.2 s, and all of their letters took twice that.
_SEARCHED: Final = keys.fold_in_sql("left(description, 200)")
_SUGGEST: Final = f"""
    WITH {_ALL_LATEST}, used AS (
        SELECT description, count(*)::int AS uses, count(*) FILTER (WHERE of_customer) AS by_customer,
               {", ".join(f"(array_agg({name} ORDER BY {_LAST_FIRST}))[1] AS {name}" for name in _AS_LAST)},
               max(issue_date) AS last_used
        FROM latest GROUP BY description
    )
    SELECT description, code, unit, cpbs, trim_scale(unit_price) AS unit_price, trim_scale(discount) AS discount,
           itbms_rate, uses, last_used
    FROM used
    WHERE cardinality($3::text[]) = 0
        OR {_SEARCHED} LIKE ALL ($3)
    ORDER BY by_customer DESC, uses DESC, last_used DESC, description LIMIT $4
"""

# Descriptions are compared by their trigrams: words in any order, singular or plural. PostgreSQL, too, calls texts
# similar from 0.3 on; "consultoria marzo" and "consultoria en sistemas abril" have 0.33.
_SIMILAR: Final = 0.3
# Only so many letters of a description are compared, and only Spanish accents dropped: `keys.fold_in_sql` takes
# longer than the comparison itself.
_COMPARED: Final = 100
_PLAIN: Final = f"translate(lower(left(description, {_COMPARED})), 'áéíóúüñ', 'aeiouun')"
_SUGGEST_CPBS: Final = f"""
    WITH {_ALL_LATEST}, used AS (
        SELECT cpbs, description, count(*) AS uses, max(issue_date) AS last_used, max(created_at) AS last_created
        FROM latest WHERE cpbs = ANY ($5) GROUP BY cpbs, description
    ), compared AS (
        SELECT *, similarity({_PLAIN}, $3) AS likeness FROM used
    )
    SELECT cpbs, (array_agg(description ORDER BY likeness DESC, last_created DESC, description))[1] AS description,
           sum(uses)::int AS uses, max(last_used) AS last_used
    FROM compared WHERE likeness >= $4::real
    GROUP BY cpbs ORDER BY max(likeness) DESC, max(last_created) DESC, cpbs LIMIT $6
"""
