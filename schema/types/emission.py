"""How the account's electronic invoices are doing as a whole."""

from datetime import datetime
from typing import Self

import strawberry

from emission.differences import describe
from pac.providers import SANDBOX
from resolvers import emission_status
from rules.vocabulary import BlockedReason, DifferenceKind, Environment
from schema.context import Context
from schema.enums import publish

publish(
    DifferenceKind,
    "In what the provider and this service differ, or what runs out.",
    name="EmissionDifferenceKind",
    FOLIOS_EXTRA="The provider has counted more folios than this service used: another system may use the account.",
    FOLIOS_UNUSED="The provider has counted fewer folios than documents that were authorised.",
    FOLIOS_LOW="Less than 10 % of the folios are left.",
    LICENCE_ENDS="The licence at the provider ends within 30 days, or has ended.",
    NOT_AT_PROVIDER="The provider doesn't find an authorised document.",
    OTHER_DOCUMENT="The provider has another document under an authorised document's number.",
    NUMBERS_MISSING="Numbers of a sequence have no document.",
    FILES_MISSING="Documents that were authorised more than a day ago lack the provider's XML or PDF.",
    DEADLINE_NEAR="A document that isn't authorised was issued almost 30 days ago.",
)


@strawberry.type(description="How many documents are blocked by a reason.")
class BlockedCount:
    reason: BlockedReason = strawberry.field(description="What somebody must put right.")
    count: int = strawberry.field(description="The number of documents that wait for it.")


@strawberry.type(description="What the provider says of the account's licence.")
class Folios:
    total: int | None = strawberry.field(description="Folios of this cycle; null where the provider doesn't say it.")
    used: int | None = strawberry.field(description="Those used; null where the provider doesn't say it.")
    available: int | None = strawberry.field(description="Those left; null where the provider doesn't say it.")
    licence_until: str | None = strawberry.field(
        description="The licence's end, as the provider writes it; null where it doesn't say it."
    )
    checked_at: datetime = strawberry.field(description="When it said so.")


@strawberry.type(description="Something that somebody must do something about. It is gone when it is settled.")
class EmissionDifference:
    kind: DifferenceKind = strawberry.field(description="What it is.")
    subject: str = strawberry.field(
        description=(
            'What it is about: a document such as "0000-001-0000000012", a sequence such as "0000-001", both with '
            'their type before them unless it is INVOICE ("CREDIT_NOTE 0000-001"), or the provider\'s name.'
        )
    )
    document_id: strawberry.ID | None = strawberry.field(description="The document's id; null for anything else.")
    message: str = strawberry.field(
        description="What to do about it, in Spanish or, if Accept-Language prefers it, in English."
    )
    since: datetime = strawberry.field(description="When it was found first.")
    count: int = strawberry.field(description="How many numbers, folios or documents it is about.")

    @classmethod
    def of(cls, row: emission_status.Difference, context: Context) -> Self:
        return cls(
            kind=row.kind,
            subject=row.subject,
            document_id=strawberry.ID(str(row.document_id)) if row.document_id else None,
            message=context.say(describe(row.kind, row.subject, row.count, row.detail)),
            since=row.since,
            count=row.count,
        )


@strawberry.type(description="How the account's electronic documents are doing.")
class EmissionStatus:
    provider: str | None = strawberry.field(description="Name of the account's provider (PAC); null for none.")
    environment: Environment = strawberry.field(
        description="Whether the documents have fiscal value. TEST while there is neither a provider nor a document."
    )
    sandbox: bool = strawberry.field(
        description="Whether the provider is the service's own sandbox, whose authorisations are made up."
    )
    away: bool = strawberry.field(
        description="Whether the provider didn't answer when it was last called. Documents wait, and are sent later."
    )
    away_since: datetime | None = strawberry.field(description="Since when it hasn't; null while it answers.")
    open: int = strawberry.field(
        description="The number of documents on their way: to be sent, looked for, or being voided."
    )
    oldest_open_since: datetime | None = strawberry.field(
        description="Since when the oldest of them waits; null for none."
    )
    rejected: int = strawberry.field(
        description=(
            "The number of documents that break a rule: `correctDocument`, `voidInvoice` or `voidNote` settles each."
        )
    )
    blocked: list[BlockedCount] = strawberry.field(
        description="How many documents are blocked, by reason; `retryEmission` goes on once it is put right."
    )
    folios: Folios | None = strawberry.field(
        description="What the provider says of the licence; null until it was asked."
    )
    differences: list[EmissionDifference] = strawberry.field(
        description="Up to 100 differences between the provider and this service, the oldest first."
    )

    @classmethod
    def of(cls, status: emission_status.EmissionStatus, context: Context) -> Self:
        return cls(
            provider=status.provider,
            environment=status.environment,
            sandbox=status.provider == SANDBOX,
            away=status.away_since is not None,
            away_since=status.away_since,
            open=status.open,
            oldest_open_since=status.oldest_open_since,
            rejected=status.rejected,
            blocked=[BlockedCount(reason=reason, count=count) for reason, count in status.blocked],
            folios=Folios(**vars(status.folios)) if status.folios else None,
            differences=[EmissionDifference.of(each, context) for each in status.differences],
        )
