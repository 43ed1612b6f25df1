"""How the business is doing."""

from datetime import date
from decimal import Decimal
from typing import Self

import strawberry

from resolvers import overview
from resolvers.scope import INVOICES
from rules.vocabulary import Currency, DocumentType, FiscalStatus, VerificationStatus


@strawberry.type(
    description=(
        "Sales of a month: what was issued in it and isn't void. A note counts in the month of its own day of issue, "
        "not in that of its invoice, as in the declaration of the ITBMS."
    )
)
class MonthFigures:
    month: date = strawberry.field(description="First day of the month.")
    invoices: Decimal = strawberry.field(description="Sum of the totals of invoices.")
    debit_notes: Decimal = strawberry.field(description="Sum of the totals of debit notes.")
    credit_notes: Decimal = strawberry.field(description="Sum of the totals of credit notes, which isn't negative.")
    total: Decimal = strawberry.field(
        description="invoices + debitNotes − creditNotes; below zero if more was credited than invoiced."
    )
    itbms: Decimal = strawberry.field(description="The ITBMS in `total`.")
    net: Decimal = strawberry.field(description="total − itbms.")


@strawberry.type(description="Invoices that have been overdue for about as long.")
class OverdueAge:
    from_days: int = strawberry.field(description="They are overdue for so many days or more.")
    to_days: int | None = strawberry.field(description="They are overdue for so many days at most; null for any more.")
    count: int = strawberry.field(description="Number of these invoices.")
    total: Decimal = strawberry.field(
        description=(
            "Sum of their totals with their debit notes, less their credit notes. The service knows of no payments: "
            "what the customers have paid is in it."
        )
    )


@strawberry.type(description="A customer, and what it was sold in the months of the overview.")
class CustomerFigures:
    id: strawberry.ID = strawberry.field(description="The customer's id.")
    name: str = strawberry.field(description="Nombre o razón social, as it is now.")
    total: Decimal = strawberry.field(description="Invoices and debit notes less credit notes, ITBMS included.")


@strawberry.type(description="The figures in one currency. Those of different currencies are never added up.")
class CurrencyFigures:
    currency: Currency = strawberry.field(description="Balboas or US dollars.")
    months: list[MonthFigures] = strawberry.field(
        description="The last 12 months in Panama, the current one included, the oldest first."
    )
    overdue: list[OverdueAge] = strawberry.field(
        description="What is overdue, by age: 1 to 30 days, 31 to 60, 61 to 90, and more."
    )
    best_customers: list[CustomerFigures] = strawberry.field(
        description="The ten customers with the largest totals in these months, the largest first."
    )


@strawberry.type(description="A number of documents by their kind.")
class DocumentCounts:
    invoices: int = strawberry.field(description="Invoices, those for export too.")
    credit_notes: int = strawberry.field(description="Credit notes.")
    debit_notes: int = strawberry.field(description="Debit notes.")


@strawberry.type(description="How many active customers have a verification status.")
class VerificationCount:
    status: VerificationStatus = strawberry.field(description="What the registry answered.")
    count: int = strawberry.field(description="The number of customers.")


@strawberry.type(description="How the business is doing. Only issued documents count, neither drafts nor void ones.")
class Overview:
    today: date = strawberry.field(description="The day in Panama that all of it is about.")
    currencies: list[CurrencyFigures] = strawberry.field(
        description="The figures by currency: those in which there were sales in these months, or something is overdue."
    )
    overdue: int = strawberry.field(
        description="The number of overdue invoices in all currencies, as `invoices(filter: {overdue: true})` has them."
    )
    rejected: DocumentCounts = strawberry.field(
        description="Documents that break a rule of the DGI: each is to be corrected or voided."
    )
    blocked: DocumentCounts = strawberry.field(description="Documents that wait for somebody to put something right.")
    unverified: list[VerificationCount] = strawberry.field(
        description=(
            "Active customers whose RUC the registry doesn't have, has with other data, or could not be asked about: "
            "NOT_FOUND, MISMATCH and UNAVAILABLE, where there are any."
        )
    )
    incomplete: int = strawberry.field(
        description=(
            "The number of active customers that lack data which electronic invoicing requires, even if the account "
            "doesn't issue electronic invoices."
        )
    )

    @classmethod
    def of(cls, found: overview.Overview) -> Self:
        return cls(
            today=found.today,
            currencies=[_figures(each) for each in found.figures],
            overdue=found.overdue,
            rejected=_counts(found, FiscalStatus.REJECTED),
            blocked=_counts(found, FiscalStatus.BLOCKED),
            unverified=[VerificationCount(status=status, count=n) for status, n in found.unverified.items() if n],
            incomplete=found.incomplete,
        )


def _figures(found: overview.Figures) -> CurrencyFigures:
    return CurrencyFigures(
        currency=found.currency,
        months=[
            MonthFigures(
                month=each.month,
                invoices=each.invoices,
                debit_notes=each.debit_notes,
                credit_notes=each.credit_notes,
                total=each.total,
                itbms=each.itbms,
                net=each.total - each.itbms,
            )
            for each in found.months
        ],
        overdue=[OverdueAge(**vars(each)) for each in found.overdue],
        best_customers=[
            CustomerFigures(id=strawberry.ID(str(each.id)), name=each.name, total=each.total)
            for each in found.best_customers
        ],
    )


def _counts(found: overview.Overview, status: FiscalStatus) -> DocumentCounts:
    def count(*types: DocumentType) -> int:
        return sum(found.waiting[status, type] for type in types)

    return DocumentCounts(
        invoices=count(*INVOICES),
        credit_notes=count(DocumentType.CREDIT_NOTE),
        debit_notes=count(DocumentType.DEBIT_NOTE),
    )
