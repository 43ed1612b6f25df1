"""How the account is doing, in one statement: its sales by month, what is overdue, and what somebody must do.

Amounts of different currencies are never added up. Only issued documents count, and each in the month of its own day of
issue: a credit note lowers the sales of the month in which it is issued, as it does in the declaration of the ITBMS.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import orjson
from tortoise.connection import get_connection

from db import tenant
from resolvers.customer_lists import required_columns
from resolvers.invoice_lists import CENTS
from resolvers.scope import INVOICES
from rules import calendar
from rules.vocabulary import Currency, DocumentType, FiscalStatus, VerificationStatus

MONTHS: Final = 12  # the current one included
BEST: Final = 10  # customers
AGES: Final = (1, 31, 61, 91)  # the days overdue with which an age begins
_OLDEST: Final = 1_000_000  # days: before any invoice


@dataclass(frozen=True)
class Month:
    """Sales of a month, which is named by its first day. ``itbms`` is that of ``total``."""

    month: date
    invoices: Decimal
    debit_notes: Decimal
    credit_notes: Decimal
    itbms: Decimal

    @property
    def total(self) -> Decimal:
        return self.invoices + self.debit_notes - self.credit_notes


@dataclass(frozen=True)
class Age:
    """The invoices that are overdue by so many days, and what their notes leave of them."""

    from_days: int
    to_days: int | None
    count: int
    total: Decimal


@dataclass(frozen=True)
class Buyer:
    """A customer, and what was sold to it in all the months."""

    id: UUID
    name: str
    total: Decimal


@dataclass(frozen=True)
class Figures:
    """Those of one currency."""

    currency: Currency
    months: tuple[Month, ...]
    overdue: tuple[Age, ...]
    best_customers: tuple[Buyer, ...]


@dataclass(frozen=True)
class Overview:
    """``waiting`` are the numbers of rejected and blocked documents, ``unverified`` those of customers by status."""

    today: date
    figures: tuple[Figures, ...]
    overdue: int
    waiting: Counter[tuple[FiscalStatus, DocumentType]]
    unverified: Counter[VerificationStatus]
    incomplete: int


async def read_overview() -> Overview:
    """That of the current account."""
    today = calendar.today()
    months = last_months(today)
    values = [tenant.current_account(), today, list(Currency), list(DocumentType), months]
    rows = await get_connection("default").execute_query_dict(STATEMENT, values)
    found = {name: orjson.loads(value) for name, value in rows[0].items()}
    figures = tuple(_figures(found, months))
    incomplete, *unverified = found["customers"]
    return Overview(
        today=today,
        figures=figures,
        overdue=sum(age.count for each in figures for age in each.overdue),
        waiting=Counter({(FiscalStatus(status), DocumentType(type)): n for status, type, n in found["waiting"]}),
        unverified=Counter(dict(zip(UNVERIFIED, unverified, strict=True))),
        incomplete=incomplete,
    )


def last_months(today: date) -> list[date]:
    """The first days of the months, the oldest first."""
    last = today.year * 12 + today.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 1)]


def _figures(found: dict[str, list[Any]], months: list[date]) -> Iterable[Figures]:
    """Those of each currency that the account has used in these months, or in which something is overdue."""
    sales = {
        (currency, month, type): (_amount(cents), Decimal(itbms))
        for currency, month, type, cents, itbms in found["sales"]
    }
    credited = {(currency, days): (count, _amount(cents)) for currency, days, count, cents in found["notes"]}
    ages = {}
    for currency, days, count, cents in found["overdue"]:
        fully, noted = credited.get((currency, days), (0, _NOTHING))
        if count > fully:
            ages[currency, days] = (count - fully, _amount(cents) + noted)
    buyers: dict[str, list[Buyer]] = defaultdict(list)
    for currency, id, name, cents in found["buyers"]:
        buyers[currency].append(Buyer(UUID(id), name, _amount(cents)))
    used = {currency for currency, *_ in (*sales, *ages)}
    for currency in Currency:
        if currency in used:
            yield Figures(
                currency=currency,
                months=tuple([_month(sales, currency, month) for month in months]),
                overdue=tuple([_age(ages, currency, place) for place in range(len(AGES))]),
                best_customers=tuple(buyers[currency]),
            )


def _month(sales: dict[tuple[str, str, str], tuple[Decimal, Decimal]], currency: Currency, month: date) -> Month:
    def of(*types: DocumentType) -> tuple[Decimal, Decimal]:
        found = [sales.get((currency, month.isoformat(), type), (_NOTHING, _NOTHING)) for type in types]
        return sum((total for total, _ in found), _NOTHING), sum((itbms for _, itbms in found), _NOTHING)

    invoices, invoiced = of(*INVOICES)
    debit_notes, debited = of(DocumentType.DEBIT_NOTE)
    credit_notes, credited = of(DocumentType.CREDIT_NOTE)
    return Month(month, invoices, debit_notes, credit_notes, invoiced + debited - credited)


def _age(ages: dict[tuple[str, int], tuple[int, Decimal]], currency: Currency, place: int) -> Age:
    from_days = AGES[place]
    to_days = AGES[place + 1] - 1 if place + 1 < len(AGES) else None
    count, total = ages.get((currency, from_days), (0, _NOTHING))
    return Age(from_days, to_days, count, total)


def _amount(cents: str) -> Decimal:
    return Decimal(cents).scaleb(-2)


_NOTHING: Final = Decimal("0.00")

# What somebody can look into. UNVERIFIED says only that there is no RUC, or no registry to ask.
UNVERIFIED: Final = (VerificationStatus.NOT_FOUND, VerificationStatus.MISMATCH, VerificationStatus.UNAVAILABLE)


def _incomplete() -> str:
    return " OR ".join([f"receiver_type = '{type}' AND {column} IS NULL" for type, column in required_columns()])


# $1 is the account, $2 today, $3 the currencies, $4 the types, $5 the months. Each sum reads a range of an index alone,
# of one currency and type, so that nothing is grouped that needn't be. Sums are text, which JSON doesn't round.
STATEMENT: Final = f"""
    SELECT
        (SELECT coalesce(jsonb_agg(jsonb_build_array(c.currency, m.month, t.type, s.cents::text, s.itbms::text)), '[]')
         FROM unnest($3::text[]) c(currency), unnest($4::text[]) t(type), unnest($5::date[]) m(month), LATERAL (
            SELECT sum(d.total_cents) AS cents, sum(d.itbms_total) AS itbms FROM document d
            WHERE d.account_id = $1 AND d.status = 'ISSUED' AND d.currency = c.currency AND d.type = t.type
                AND d.issue_date >= m.month AND d.issue_date < (m.month + interval '1 month')::date
         ) s WHERE s.cents IS NOT NULL) AS sales,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(c.currency, b.id, k.name, b.cents::text)
            ORDER BY b.cents DESC, b.id), '[]')
         FROM unnest($3::text[]) c(currency), LATERAL (
            SELECT d.customer_id AS id, sum({CENTS.format(row="d")}) AS cents
            FROM unnest($4::text[]) t(type) JOIN document d ON d.account_id = $1 AND d.status = 'ISSUED'
                AND d.currency = c.currency AND d.type = t.type AND d.issue_date >= ($5::date[])[1]
            GROUP BY d.customer_id ORDER BY 2 DESC, 1 LIMIT {BEST}
         ) b JOIN customer k ON k.account_id = $1 AND k.id = b.id WHERE b.cents > 0) AS buyers,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(c.currency, a.days, s.count, s.cents::text)), '[]')
         FROM unnest($3::text[]) c(currency),
            unnest(ARRAY{list(AGES)}, ARRAY{[*AGES[1:], _OLDEST]}) a(days, next_days), LATERAL (
            SELECT count(*), sum(d.total_cents) AS cents FROM document d
            WHERE d.account_id = $1 AND d.status = 'ISSUED' AND d.currency = c.currency
                AND d.due_date <= $2::date - a.days AND d.due_date > $2::date - a.next_days
         ) s WHERE s.count > 0) AS overdue,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(
            s.currency, (ARRAY{list(AGES)})[s.age], s.credited, s.cents::text)), '[]')
         FROM (
            SELECT i.currency, width_bucket($2::date - i.due_date, ARRAY{list(AGES)}) AS age,
                count(*) FILTER (WHERE i.total_cents <= -n.cents) AS credited, sum(n.cents) AS cents
            FROM (
                SELECT d.invoice_id, sum({CENTS.format(row="d")}) AS cents FROM document d
                WHERE d.account_id = $1 AND d.invoice_id IS NOT NULL AND d.status = 'ISSUED' GROUP BY d.invoice_id
            ) n JOIN document i ON i.account_id = $1 AND i.id = n.invoice_id
            WHERE i.status = 'ISSUED' AND i.due_date < $2
            GROUP BY 1, 2
         ) s) AS notes,
        (SELECT coalesce(jsonb_agg(jsonb_build_array(s.status, s.type, s.count)), '[]') FROM (
            SELECT e.status, d.type, count(*)
            FROM emission e JOIN document d ON d.account_id = $1 AND d.id = e.document_id
            WHERE e.account_id = $1 AND e.status IN ('{FiscalStatus.REJECTED}', '{FiscalStatus.BLOCKED}')
            GROUP BY e.status, d.type
         ) s) AS waiting,
        (SELECT jsonb_build_array(count(*) FILTER (WHERE {_incomplete()}),
            {", ".join(f"count(*) FILTER (WHERE verification_status = '{status}')" for status in UNVERIFIED)})
         FROM customer WHERE account_id = $1 AND status = 'ACTIVE') AS customers
"""
