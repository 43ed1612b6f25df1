"""What persons ask about the data about them."""

from datetime import date, datetime

import strawberry

import projection
from db import models
from projection import sql
from rules.vocabulary import PersonalDataRequestKind, PersonalDataRequestStatus
from schema.types.customer import Customer
from schema.types.node import Connection


@projection.table(models.PersonalDataRequest)
@strawberry.type(description="What a person asked about the data about them (Ley 81 of 2019), and the answer.")
class PersonalDataRequest:
    id: strawberry.ID = strawberry.field(description="The request's id.")
    customer: Customer = strawberry.field(description="The customer that the person is.")
    kind: PersonalDataRequestKind = strawberry.field(description="What was asked for.")
    received_on: date = strawberry.field(description="The day on which the request came.")
    due_on: date = strawberry.field(
        description=(
            "The last day for an answer: the tenth business day after the request. Weekends and national holidays of "
            "Panama don't count."
        )
    )
    status: PersonalDataRequestStatus = strawberry.field(description="What became of it.")
    overdue: bool = sql(
        "({row}.status = 'OPEN' AND {row}.due_on < (now() AT TIME ZONE 'America/Panama')::date)",
        description="Whether it has no answer although it was due.",
    )
    reason: str | None = strawberry.field(description="Why data was erased, or the request refused; null for none.")
    answered_at: datetime | None = strawberry.field(description="When it was answered; null while it is open.")
    created_at: datetime = strawberry.field(description="When it was written down.")


@strawberry.type(description="A page of requests.")
class PersonalDataRequestConnection(Connection[PersonalDataRequest]):
    pass
