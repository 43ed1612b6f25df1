"""How a client picks and orders customers."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, Optional

import strawberry
from tortoise.expressions import Q

from db import models
from projection import Order
from resolvers import customer_lists, reference_filters
from rules.vocabulary import CustomerStatus, ReceiverType, TaxpayerType, VerificationStatus
from schema.enums import publish
from schema.inputs.combined import AND, NOT, OR, combine
from schema.inputs.common import DateTimeRange, Direction, ends, one_of, within
from schema.inputs.references import MetadataFilter, by_external_ids


@strawberry.input(
    description="Conditions of customers, to be combined in a `CustomerFilter`. One that is left out is ignored."
)
class CustomerCondition:
    receiver_type: list[ReceiverType] | None = strawberry.field(
        default=None, description="Customers of one of these receiver types."
    )
    taxpayer_type: list[TaxpayerType] | None = strawberry.field(
        default=None, description="Customers of one of these taxpayer types."
    )
    status: list[CustomerStatus] | None = strawberry.field(
        default=None, description="Customers with one of these statuses; null for all."
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
    external_id: list[str] | None = strawberry.field(
        default=None,
        description="Customers that another system knows by one of these ids, or into which such a one was merged.",
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="Customers with one of these tags, in whatever case and accents."
    )
    metadata: MetadataFilter | None = strawberry.field(
        default=None, description="Customers with this text under this key of their metadata."
    )
    created_at: DateTimeRange | None = strawberry.field(default=None, description="When it was created.")
    updated_at: DateTimeRange | None = strawberry.field(default=None, description="When it was last changed.")
    incomplete: bool | None = strawberry.field(
        default=None,
        description=(
            "Whether the customer lacks data that electronic invoicing requires, even if the account doesn't "
            "issue electronic invoices."
        ),
    )

    and_: list["CustomerCondition"] | None = strawberry.field(name="and", default=None, description=AND)
    or_: list["CustomerCondition"] | None = strawberry.field(name="or", default=None, description=OR)
    not_: Optional["CustomerCondition"] = strawberry.field(name="not", default=None, description=NOT)

    def conditions(self) -> Q:
        return combine(self)

    def own_conditions(self) -> Iterator[Q]:
        yield within("created_at", *ends(self.created_at))
        yield within("updated_at", *ends(self.updated_at))
        chosen: dict[str, Any] = {
            "receiver_type": self.receiver_type,
            "taxpayer_type": self.taxpayer_type,
            "status": self.status,
            "verification_status": self.verification,
        }
        for column, values in chosen.items():
            if values is not None:
                yield one_of(column, values)
        if self.location_code is not None:
            yield Q(location_id=self.location_code)
        if self.district is not None:
            yield _within_area(self.district, parts=2)
        if self.province is not None:
            yield _within_area(self.province, parts=1)
        if self.external_id is not None:
            yield by_external_ids(self.external_id) | customer_lists.survivors(self.external_id)
        if self.tags is not None:
            yield reference_filters.by_tags(models.Customer, self.tags)
        if self.metadata is not None:
            yield reference_filters.by_metadata(models.Customer, self.metadata.key, self.metadata.value)
        if self.email is not None:
            yield customer_lists.with_email(self.email)
        if self.incomplete is not None:
            yield customer_lists.incomplete() if self.incomplete else ~customer_lists.incomplete()


@strawberry.input(
    description=(
        "Conditions that the listed customers meet. A condition that is left out is ignored; without `status` the "
        "active ones are listed, whatever the combined conditions say."
    )
)
class CustomerFilter(CustomerCondition):
    status: list[CustomerStatus] | None = strawberry.field(
        default_factory=lambda: [CustomerStatus.ACTIVE],
        description="Customers with one of these statuses; null for all.",
    )


def _within_area(code: str, *, parts: int) -> Q:
    """The customers in the area of this code; none if the code has more or fewer parts than such areas have."""
    return Q(location_id__startswith=f"{code}-") if code.count("-") == parts - 1 else Q(location_id__in=[])


class CustomerOrderField(Enum):
    NAME = "NAME"
    IDENTIFICATION = "IDENTIFICATION"
    PHONE = "PHONE"
    CREATED_AT = "CREATED_AT"
    UPDATED_AT = "UPDATED_AT"


publish(
    CustomerOrderField,
    "The fields that customers can be ordered by.",
    NAME="By name. Accents and capitals don't count; ñ comes after n.",
    IDENTIFICATION="By `identification`.",
    PHONE="By the digits of the phone, or of the mobile where there is no phone.",
    CREATED_AT="By the time of creation.",
    UPDATED_AT="By the time of the last change.",
)


@strawberry.input(description="The order of customers. Customers that are equal in it are ordered by id.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="The field to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="The direction of the order.")

    def order(self) -> Order:
        return customer_lists.ordered_by(self.field.value, descending=self.direction is Direction.DESC)
