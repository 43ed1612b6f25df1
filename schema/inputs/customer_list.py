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


@strawberry.input(description="Conditions that the listed customers meet. A condition that is left out is ignored.")
class CustomerFilter:
    receiver_type: list[ReceiverType] | None = strawberry.field(
        default=None, description="Customers of one of these receiver types."
    )
    taxpayer_type: list[TaxpayerType] | None = strawberry.field(
        default=None, description="Customers of one of these taxpayer types."
    )
    status: list[CustomerStatus] | None = strawberry.field(
        default_factory=lambda: [CustomerStatus.ACTIVE],
        description="Customers with one of these statuses; null for all.",
    )
    location_code: str | None = strawberry.field(
        default=None, description='Code of the corregimiento, such as "8-8-7".'
    )
    district: str | None = strawberry.field(default=None, description='Code of the district, such as "8-8".')
    province: str | None = strawberry.field(default=None, description='Code of the province or comarca, such as "8".')
    verification: list[VerificationStatus] | None = strawberry.field(
        default=None, description="Customers with one of these verification statuses."
    )
    email: str | None = strawberry.field(
        default=None, description="Customers with this e-mail address, whatever the case of its letters."
    )
    created_at: DateTimeRange | None = strawberry.field(default=None, description="When it was created.")
    incomplete: bool | None = strawberry.field(
        default=None,
        description=(
            "Whether the customer lacks data that electronic invoicing requires, even if the account doesn't "
            "issue electronic invoices."
        ),
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
        if self.email is not None:
            conditions &= customers.with_email(self.email)
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
    "The fields that customers can be ordered by.",
    NAME="By name. Accents and capitals don't count; ñ comes after n.",
    IDENTIFICATION="By `identification`.",
    PHONE="By the digits of the phone, or of the mobile where there is no phone.",
    CREATED_AT="By the time of creation.",
)


@strawberry.input(description="The order of customers. Customers that are equal in it are ordered by id.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="The field to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="The direction of the order.")

    def order(self) -> Order:
        return customers.ordered_by(self.field.value, descending=self.direction is Direction.DESC)
