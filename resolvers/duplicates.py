"""Customers that may be one: pairs with the reasons why.

Customers are gone through in the order of their names. Each is compared with those of the same RUC, document, phone or
e-mail address, which indexes find, and with the next ones in that order. So a page costs the same in a small account
and in a large one; in exchange it may have few entries, or none, although more follow.
"""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import models, tenant
from db.errors import FAULTS
from db.write_statement import WriteStatement
from projection import Batch
from resolvers.errors import BadUserInput
from resolvers.paging import check_size
from resolvers.scope import NOBODY, mine, uuid_of
from resolvers.transactions import Result, atomically, store
from rules.faults import Code, Fault, Refusal, Text
from rules.vocabulary import DuplicateReason

EXAMINED: Final = 500  # customers, for one page


@dataclass(frozen=True, kw_only=True)
class Match:
    """A customer that may be the same."""

    customer_id: UUID
    reasons: tuple[DuplicateReason, ...]


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A customer and those that may be the same, the likeliest first."""

    customer_id: UUID
    matches: tuple[Match, ...]
    cursor: str


@dataclass(frozen=True, kw_only=True)
class CandidatePage:
    """``end`` is the place up to which customers were examined, if they were not all."""

    candidates: tuple[Candidate, ...]
    end: str | None

    def batch(self) -> Batch:
        """The rows of all customers on the page."""
        ids = [candidate.customer_id for candidate in self.candidates]
        ids += [match.customer_id for candidate in self.candidates for match in candidate.matches]
        return Batch(mine(models.Customer), ids)


async def find_candidates(first: int, after: str | None) -> CandidatePage:
    """The next customers that others may duplicate; raises ``BadUserInput``."""
    check_size(first)
    name, id = _read_cursor(after) if after is not None else ("", UUID(int=0))
    arguments = [tenant.current_account(), name, id, EXAMINED]
    _, rows = await get_connection("default").execute_query(_FIND, arguments)
    found = [row for row in rows if row["matches"] is not None][:first]
    last = found[-1] if len(found) == first else rows[-1] if rows else None
    has_more = last is not None and (last["more"] or last["id"] != rows[-1]["id"])
    return CandidatePage(candidates=tuple(map(_candidate, found)), end=_cursor(last) if has_more else None)


def _candidate(row: Any) -> Candidate:
    matches = [
        Match(
            customer_id=UUID(each["id"]),
            reasons=tuple([DuplicateReason(reason) for reason in each["reasons"]]),
        )
        for each in orjson.loads(row["matches"])[:_MOST_MATCHES]
    ]
    return Candidate(customer_id=row["id"], matches=tuple(matches), cursor=_cursor(row))


# Telling customers apart


async def keep_apart(ids: Sequence[str], *, apart: bool) -> Result:
    """Remember that the customers are different ones, or forget it; raises ``Refusal`` with all faults."""

    async def action() -> Result:
        if not 2 <= len(ids) <= _MOST_APART:
            code = Code.TOO_MANY if len(ids) > _MOST_APART else Code.REQUIRED
            raise Refusal(Fault(("ids",), code, _HOW_MANY.format(most=_MOST_APART)))
        known = [uuid_of(id) or NOBODY for id in ids]
        locked = mine(models.Customer, id__in=known).order_by("id").select_for_update(no_key=True)
        rows = {row.id: row async for row in locked}
        missing = [index for index, id in enumerate(known) if id not in rows]
        if missing:
            raise Refusal(*[Fault(("ids", str(index)), Code.NOT_FOUND, _NO_SUCH_CUSTOMER) for index in missing])
        statement = WriteStatement()
        for row in rows.values():
            others = set(row.different_from) - set(rows) | (rows.keys() - {row.id} if apart else set())
            statement.update("customer", {"different_from": sorted(others)}, id=row.id)
        return await store(statement, Result(known[0]))

    return await atomically(action)


_MOST_APART: Final = 20
_HOW_MANY: Final = Text("Indica de 2 a {most} clientes.", "Give 2 to {most} customers.")
_NO_SUCH_CUSTOMER: Final = FAULTS["document_customer_fkey"].message


# Cursors


def _cursor(row: Any) -> str:
    return base64.b64encode(orjson.dumps([_ORDER, row["name_key"], str(row["id"])])).decode()


def _read_cursor(text: str) -> tuple[str, UUID]:
    try:
        order, name, id = orjson.loads(base64.b64decode(text, validate=True))
        if order != _ORDER or not isinstance(name, str) or "\0" in name:
            raise ValueError(text)
        return name, UUID(id)
    except (ValueError, TypeError, AttributeError, binascii.Error):
        raise BadUserInput("The cursor is not one of this list.") from None


_ORDER: Final = "DUPLICATE_CANDIDATE"

# The statement. PostgreSQL calls names similar from 0.3 on, which most companies of one line of business are.

_SIMILAR: Final = 0.7
_SIMILAR_WITH_CONTACT: Final = 0.4
_NEIGHBOURS: Final = 4
_MOST_MATCHES: Final = 10
_MOST_OF_ONE_KEY: Final = 20  # customers with the same phone, address or number that are compared


def _digits(alias: str) -> str:
    """As the index customer_ruc_digits_idx has it."""
    return f"regexp_replace({alias}.ruc, '[^0-9]', '', 'g')"


def _with_same(condition: str) -> str:
    return f"""
        (SELECT {_COMPARED} FROM customer_search c
         WHERE c.account_id = $1 AND c.status = 'ACTIVE' AND {condition} LIMIT {_MOST_OF_ONE_KEY})
    """


_COMPARED: Final = "c.id, c.name, c.name_key, c.ruc, c.foreign_id_key, c.phone_key, c.email_key"
_NUMBERS: Final = "regexp_replace({}.name, '[^0-9]', '', 'g')"
_WORDS: Final = "translate({}.name_key, E'\\x7f', '')"
_IDENTIFIED: Final = "({0}.ruc IS NOT NULL OR {0}.foreign_id_key IS NOT NULL)"

_FIND: Final = f"""
    WITH examined AS (
        SELECT c.*, count(*) OVER () > $4 AS more, row_number() OVER (ORDER BY c.name_key, c.id) AS place
        FROM (
            SELECT * FROM customer_search s
            WHERE s.account_id = $1 AND s.status = 'ACTIVE' AND (s.name_key, s.id) > ($2, $3)
            ORDER BY s.name_key, s.id LIMIT $4 + 1
        ) c
    ), compared AS (
        SELECT a.id, b.id AS other_id,
            coalesce({_digits("a")} = {_digits("b")} AND {_digits("a")} <> '', false)
                OR coalesce(a.foreign_id_key = b.foreign_id_key, false) AS same_identification,
            {_IDENTIFIED.format("a")} AND {_IDENTIFIED.format("b")} AS identified,
            a.name_key = b.name_key AS same_name,
            a.phone_key = b.phone_key AND a.phone_key <> '' AS same_phone,
            coalesce(a.email_key = b.email_key, false) AS same_email,
            CASE WHEN {_NUMBERS.format("a")} = {_NUMBERS.format("b")}
                THEN similarity({_WORDS.format("a")}, {_WORDS.format("b")}) ELSE 0 END AS likeness
        FROM examined a CROSS JOIN LATERAL (
            {_with_same(f"{_digits('c')} = {_digits('a')} AND c.ruc IS NOT NULL")}
            UNION {_with_same("c.foreign_id_key = a.foreign_id_key")}
            UNION {_with_same("c.phone_key = a.phone_key AND a.phone_key <> ''")}
            UNION {_with_same("c.email_key = a.email_key")}
            UNION (SELECT {_COMPARED} FROM customer_search c
                   WHERE c.account_id = $1 AND c.status = 'ACTIVE' AND (c.name_key, c.id) > (a.name_key, a.id)
                   ORDER BY c.name_key, c.id LIMIT {_NEIGHBOURS})
        ) b
        WHERE a.place <= $4 AND (b.name_key, b.id) > (a.name_key, a.id) AND b.id <> ALL (a.different_from)
    ), judged AS (
        SELECT *, (same_phone OR same_email) AND (same_name OR likeness >= {_SIMILAR_WITH_CONTACT}) AS same_contact
        FROM compared
    ), found AS (
        SELECT id, jsonb_agg(jsonb_build_object('id', other_id, 'reasons', array_remove(ARRAY[
                CASE WHEN same_identification THEN 'SAME_IDENTIFICATION' END,
                CASE WHEN same_name THEN 'SAME_NAME' WHEN likeness >= {_SIMILAR_WITH_CONTACT} THEN 'SIMILAR_NAME' END,
                CASE WHEN same_phone THEN 'SAME_PHONE' END,
                CASE WHEN same_email THEN 'SAME_EMAIL' END], NULL))
            ORDER BY same_identification DESC, same_contact DESC, likeness DESC, other_id) AS matches
        FROM judged
        WHERE same_identification OR same_contact OR likeness >= {_SIMILAR} AND NOT identified
        GROUP BY id
    )
    SELECT e.id, e.name_key, f.matches::text AS matches, e.more
    FROM examined e LEFT JOIN found f USING (id)
    WHERE e.place <= $4 ORDER BY e.place
"""
