"""The conditions that invoices and documents of any type have in common."""

from collections.abc import Iterator

import strawberry
from tortoise.expressions import Q

from db import models
from resolvers import fiscal_lists, invoice_lists, reference_filters
from resolvers.scope import survivor_of
from rules.vocabulary import BlockedReason, Currency, FiscalStatus, InvoiceStatus
from schema.inputs.common import AmountRange, DateRange, DateTimeRange, ends, one_of, within
from schema.inputs.references import MetadataFilter, by_external_ids
from schema.types.fiscal import ShownStatus


@strawberry.input
class DocumentConditions:
    """What ``InvoiceFilter`` and ``DocumentFilter`` begin with."""

    status: list[InvoiceStatus] | None = strawberry.field(default=None, description="With one of these statuses.")
    customer_id: strawberry.ID | None = strawberry.field(default=None, description="The customer's id.")
    branch: str | None = strawberry.field(default=None, description="Code of the branch.")
    billing_point: str | None = strawberry.field(default=None, description="Code of the billing point.")
    issue_date: DateRange | None = strawberry.field(
        default=None, description="Day of issue; of a draft whose day is open, the day on which its dates were given."
    )
    due_date: DateRange | None = strawberry.field(
        default=None, description="Due date, which notes and some drafts don't have."
    )
    total: AmountRange | None = strawberry.field(default=None, description="Total.")
    currency: list[Currency] | None = strawberry.field(default=None, description="In one of these currencies.")
    fiscal_status: list[ShownStatus] | None = strawberry.field(
        default=None, description="With one of these statuses on the way to the DGI."
    )
    blocked_reason: list[BlockedReason] | None = strawberry.field(
        default=None, description="Blocked by one of these reasons."
    )
    cufe: str | None = strawberry.field(default=None, description="CUFE, the whole of it.")
    line_text: str | None = strawberry.field(
        default=None,
        description=(
            "Words, all of which one line has in its description or code; case and accents don't count. Lists are gone "
            "through until a page is full, so that rare words take long in a large account: give `issueDate`, too."
        ),
    )
    external_id: list[str] | None = strawberry.field(
        default=None, description="Those that another system knows by one of these ids."
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="With one of these tags, in whatever case and accents."
    )
    metadata: MetadataFilter | None = strawberry.field(
        default=None, description="With this text under this key of the metadata."
    )
    created_at: DateTimeRange | None = strawberry.field(default=None, description="When it was created.")
    updated_at: DateTimeRange | None = strawberry.field(
        default=None, description="When it was last changed, by people or programs, not by the DGI's answers."
    )

    def own_conditions(self) -> Iterator[Q]:
        yield within("issue_date", *ends(self.issue_date))
        yield within("due_date", *ends(self.due_date))
        yield within("created_at", *ends(self.created_at))
        yield within("updated_at", *ends(self.updated_at))
        if self.total is not None:
            lowest = invoice_lists.in_cents(self.total.from_, up=True)
            highest = invoice_lists.in_cents(self.total.to, up=False)
            yield within("total_cents", lowest, highest)
        if self.status is not None:
            yield one_of("status", self.status)
        if self.currency is not None:
            yield one_of("currency", self.currency)
        if self.customer_id is not None:
            yield Q(customer_id=survivor_of(self.customer_id))
        if self.branch is not None:
            yield invoice_lists.with_code(branch=self.branch)
        if self.billing_point is not None:
            yield invoice_lists.with_code(billing_point=self.billing_point)
        yield from self._fiscal()
        yield from self._outside()

    def _fiscal(self) -> Iterator[Q]:
        if self.fiscal_status is not None:
            yield fiscal_lists.by_status({FiscalStatus(status.value) for status in self.fiscal_status})
        if self.blocked_reason is not None:
            yield fiscal_lists.by_blocked_reason(self.blocked_reason)
        if self.cufe is not None:
            yield fiscal_lists.by_cufe(self.cufe)

    def _outside(self) -> Iterator[Q]:
        if self.line_text is not None:
            yield reference_filters.by_line_text(self.line_text)
        if self.external_id is not None:
            yield by_external_ids(self.external_id)
        if self.tags is not None:
            yield reference_filters.by_tags(models.Document, self.tags)
        if self.metadata is not None:
            yield reference_filters.by_metadata(models.Document, self.metadata.key, self.metadata.value)
