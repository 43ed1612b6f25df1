"""How a client picks and orders customers."""

from enum import Enum
from typing import Any

import strawberry
from tortoise.expressions import Q

from projection import Order
from resolvers import customers
from rules.vocabulary import CustomerStatus, ReceiverType, TaxpayerType, VerificationStatus
from schema.enums import publish
from schema.inputs.common import DateTimeRange, Direction, ends, one_of, within


@strawberry.input(description="Which customers to list; a condition that is left out doesn't count.")
class CustomerFilter:
    receiver_type: list[ReceiverType] | None = strawberry.field(
        default=None, description="One of these receiver types."
    )
    taxpayer_type: list[TaxpayerType] | None = strawberry.field(
        default=None, description="One of these taxpayer types."
    )
    status: list[CustomerStatus] | None = strawberry.field(
        default_factory=lambda: [CustomerStatus.ACTIVE], description="One of these; null for all."
    )
    location_code: str | None = strawberry.field(default=None, description='The corregimiento: "8-8-7".')
    district: str | None = strawberry.field(default=None, description='The district\'s code: "8-8".')
    province: str | None = strawberry.field(default=None, description='The province\'s code: "8".')
    verification: list[VerificationStatus] | None = strawberry.field(
        default=None, description="One of these verification statuses."
    )
    created_at: DateTimeRange | None = strawberry.field(default=None, description="When it was created.")
    incomplete: bool | None = strawberry.field(
        default=None,
        description="Whether it lacks something that electronic invoicing requires, even if the account has that off.",
    )

    def conditions(self) -> Q:
        conditions = within("created_at", *ends(self.created_at))
        chosen: dict[str, Any] = {
            "receiver_type": self.receiver_type,
            "taxpayer_type": self.taxpayer_type,
            "status": self.status,
            "verification_status": self.verification,
        }
        for column, values in chosen.items():
            if values is not None:
                conditions &= one_of(column, values)
        if self.location_code is not None:
            conditions &= Q(location_id=self.location_code)
        if self.district is not None:
            conditions &= _within_area(self.district, parts=2)
        if self.province is not None:
            conditions &= _within_area(self.province, parts=1)
        if self.incomplete is not None:
            conditions &= customers.incomplete() if self.incomplete else ~customers.incomplete()
        return conditions


def _within_area(code: str, *, parts: int) -> Q:
    """The customers in the area of this code; none if the code has more or fewer parts than such areas have."""
    return Q(location_id__startswith=f"{code}-") if code.count("-") == parts - 1 else Q(location_id__in=[])


class CustomerOrderField(Enum):
    NAME = "NAME"
    IDENTIFICATION = "IDENTIFICATION"
    PHONE = "PHONE"
    CREATED_AT = "CREATED_AT"


publish(
    CustomerOrderField,
    "What customers can be ordered by.",
    NAME="By name, without regard to accents and capitals; ñ comes after n.",
    IDENTIFICATION="By `identification`.",
    PHONE="By the digits of the phone, or of the mobile where there is no phone.",
    CREATED_AT="By when they were created.",
)


@strawberry.input(description="How to order customers; equal ones are ordered by id.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="What to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which end comes first.")

    def order(self) -> Order:
        return customers.ordered_by(self.field.value, descending=self.direction is Direction.DESC)
