"""The numbers of a billing point, which have no gaps."""

from dataclasses import dataclass
from typing import Final

from tortoise.connection import get_connection
from uuid_utils.compat import uuid7

from db import models, tenant
from db.write_statement import Sql, WriteStatement
from resolvers.errors import BadUserInput
from rules.vocabulary import DocumentType


def take_number(statement: WriteStatement, invoice: models.Document) -> dict[str, Sql]:
    """Let the statement take the next number of the invoice's billing point; returns the columns that have it.

    The sequence stays locked until the transaction ends, so only what needs the number is added after this.
    """
    columns = {
        "id": uuid7(),
        "branch": invoice.branch,
        "billing_point": invoice.billing_point,
        "type": invoice.type,
        "last_number": 1,
        "last_issue_date": invoice.issue_date,
    }
    part = statement.insert("sequence", columns, on_conflict=_COUNT, returning=_NUMBER)
    number = statement.read("number", part)
    search = Sql(f"{statement.read('words', part)} || {statement.bind(invoice.search)}")
    return {"number": number, "number_key": number, "search": search}


_COUNT: Final = """
    ON CONFLICT (account_id, branch, billing_point, type) DO UPDATE SET last_number = sequence.last_number + 1,
        last_issue_date = greatest(sequence.last_issue_date, excluded.last_issue_date)
"""

# The words are those of `rules.keys.number_words`.
_NUMBER: Final = """
    lpad(last_number::text, 10, '0') AS number,
    ' ' || lpad(last_number::text, 10, '0') || ' ' || last_number::text AS words
"""


@dataclass(frozen=True)
class NumberingAudit:
    """The numbers of a billing point: ``last`` is its counter, ``gaps`` are ranges of numbers without a document.

    ``first`` is the number at which it begins; while there is no document, ``last`` is the one before. ``taken`` are
    numbers that another system used, so that the documents that had them got others.
    """

    type: DocumentType
    branch: str
    billing_point: str
    first: int
    last: int
    issued: int
    void: int
    authorized: int
    open: int
    withdrawn: int
    taken: tuple[str, ...]
    gaps: tuple[tuple[int, int], ...]


async def numbering_audit(
    billing_point: str, branch: str | None = None, type: DocumentType = DocumentType.INVOICE
) -> NumberingAudit:
    """What became of each number that the billing point gave to documents of a type.

    Raises ``BadUserInput`` for an unknown one. Its branch need not be named while only one has such a point.
    """
    arguments = [tenant.current_account(), branch, billing_point, type]
    rows = await get_connection("default").execute_query_dict(_NUMBERING, arguments)
    if not rows:
        raise BadUserInput("There is no such billing point.")
    if len(rows) > 1:
        raise BadUserInput(f"Name the branch, one of {', '.join(row['branch'] for row in rows)}.")
    row = rows[0]
    return NumberingAudit(
        type=type,
        branch=row["branch"],
        billing_point=billing_point,
        first=row["first_number"],
        last=row["last_number"],
        **{name: row[name] for name in _COUNTS},
        taken=tuple(row["taken"]),
        gaps=tuple(zip(row["gaps_from"], row["gaps_to"], strict=True)),
    )


_COUNTS: Final = {
    "issued": "status = 'ISSUED'",
    "void": "status = 'VOID'",
    "authorized": "fiscal_status IN ('AUTHORIZED', 'VOIDING')",
    "open": "fiscal_status IN ('QUEUED', 'SENDING', 'CHECKING', 'ACCEPTED', 'REJECTED', 'BLOCKED')",
    "withdrawn": "fiscal_status = 'WITHDRAWN'",
}


# A gap lies between two neighbouring numbers, below the first or above the last of them. Where several branches have
# the point there is a row for each, without the right numbers.
_NUMBERING: Final = f"""
    WITH point AS (
        SELECT p.branch, coalesce(s.first_number, 1) AS first_number, coalesce(s.last_number, 0) AS last_number
        FROM billing_point p LEFT JOIN sequence s ON s.account_id = $1 AND s.branch = p.branch
            AND s.billing_point = p.code AND s.type = $4
        WHERE p.account_id = $1 AND p.branch = coalesce($2, p.branch) AND p.code = $3
    ), used AS (
        SELECT d.number, d.status, e.status AS fiscal_status, e.former_numbers
        FROM document d LEFT JOIN emission e ON e.account_id = $1 AND e.document_id = d.id
        WHERE d.account_id = $1 AND d.branch = (SELECT min(branch) FROM point) AND d.billing_point = $3 AND d.type = $4
            AND d.number IS NOT NULL
    ), taken AS (
        SELECT unnest(former_numbers) AS number FROM used
    ), numbers AS (
        SELECT number::bigint AS n FROM used UNION ALL SELECT number::bigint FROM taken
    ), edges AS (
        SELECT n, lag(n, 1, first_number - 1) OVER (ORDER BY n) AS before FROM numbers, point
        UNION ALL
        SELECT last_number + 1, coalesce((SELECT max(n) FROM numbers), first_number - 1) FROM point
    )
    SELECT branch, first_number, last_number,
           {", ".join(f"(SELECT count(*) FROM used WHERE {which}) AS {name}" for name, which in _COUNTS.items())},
           ARRAY(SELECT number FROM taken ORDER BY number) AS taken,
           coalesce((SELECT array_agg(before + 1 ORDER BY n) FROM edges WHERE n > before + 1), '{{}}') AS gaps_from,
           coalesce((SELECT array_agg(n - 1 ORDER BY n) FROM edges WHERE n > before + 1), '{{}}') AS gaps_to
    FROM point ORDER BY branch
"""
