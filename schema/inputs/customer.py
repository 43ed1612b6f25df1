"""What a client writes about customers, and how it picks them."""

from enum import Enum
from typing import Any

import strawberry
from tortoise.expressions import Q

from projection import Order
from resolvers import customers
from rules import customer as rules
from rules.vocabulary import CustomerStatus, ForeignIdType, ReceiverType, TaxpayerType, VerificationStatus
from schema.enums import publish
from schema.inputs.common import DateTimeRange, Direction, ends, one_of, within


@strawberry.input(description="A foreigner's document.")
class ForeignIdInput:
    type: ForeignIdType = strawberry.field(description="Kind of document.")
    number: str = strawberry.field(description="Number of the document, up to 50 characters.")
    country: str = strawberry.field(description="Country that gave it, ISO 3166-1 alpha-2, other than PA.")

    def data(self) -> rules.ForeignId:
        return rules.ForeignId(type=self.type, number=self.number, country=self.country)


@strawberry.input(description="Persona asociada: somebody at the customer's.")
class AssociatedPersonInput:
    name: str = strawberry.field(description="Name of the person.")
    email: str | None = strawberry.field(default=None, description="E-mail address.")
    phone: str | None = strawberry.field(default=None, description="Phone; Panamanian unless it begins with +.")
    notify: bool = strawberry.field(default=False, description="Whether to announce invoices to this person.")

    def data(self) -> rules.AssociatedPerson:
        return rules.AssociatedPerson(name=self.name, email=self.email, phone=self.phone, notify=self.notify)


@strawberry.input(
    description=(
        "A new customer. Which fields are required or forbidden depends on receiver type, taxpayer type and "
        "electronic invoicing: `customerForm` tells."
    )
)
class CustomerInput:
    receiver_type: ReceiverType = strawberry.field(description="Tipo de receptor.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        default=None, description="Tipo de contribuyente; found from RUC and DV where these leave no doubt."
    )
    ruc: str | None = strawberry.field(default=None, description="RUC as people write it; its dashes are part of it.")
    dv: str | None = strawberry.field(default=None, description="Dígito verificador; computed where it is left out.")
    foreign_id: ForeignIdInput | None = strawberry.field(default=None, description="A foreigner's document.")
    name: str | None = strawberry.field(default=None, description="Nombre o razón social, 2 to 200 characters.")
    location_code: str | None = strawberry.field(default=None, description='Code of the corregimiento: "8-8-7".')
    address: str | None = strawberry.field(default=None, description="Street, building, number: 5 to 100 characters.")
    email: str | None = strawberry.field(default=None, description="Where invoices are sent.")
    phone: str | None = strawberry.field(default=None, description="Phone; Panamanian unless it begins with +.")
    mobile: str | None = strawberry.field(default=None, description="Mobile phone, likewise.")
    associated_persons: list[AssociatedPersonInput] | None = strawberry.field(
        default=None, description="Personas asociadas, up to 20."
    )
    complete_from_registry: bool = strawberry.field(
        default=False,
        description=(
            "Consultar: ask the registry first. It fills in name, DV and taxpayer type where they are left out, and "
            "what it has otherwise than given is REGISTRY_MISMATCH. If it doesn't answer, nothing is refused for that."
        ),
    )

    def data(self) -> rules.CustomerData:
        return rules.CustomerData(
            receiver_type=self.receiver_type,
            taxpayer_type=self.taxpayer_type,
            ruc=self.ruc,
            dv=self.dv,
            foreign_id=self.foreign_id.data() if self.foreign_id else None,
            name=self.name,
            location_code=self.location_code,
            address=self.address,
            email=self.email,
            phone=self.phone,
            mobile=self.mobile,
            associated_persons=tuple(person.data() for person in self.associated_persons or ()),
        )


@strawberry.input(description="Which customers to list; what is left out doesn't matter.")
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
    created_at: DateTimeRange | None = strawberry.field(default=None, description="When it was registered.")
    incomplete: bool | None = strawberry.field(
        default=None, description="Whether it lacks something that electronic invoicing requires, be it on or off."
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
    """The customers in the area of this code; in none if the code has more or fewer parts than such areas have."""
    return Q(location_id__startswith=f"{code}-") if code.count("-") == parts - 1 else Q(location_id__in=[])


class CustomerOrderField(Enum):
    NAME = "NAME"
    IDENTIFICATION = "IDENTIFICATION"
    PHONE = "PHONE"
    CREATED_AT = "CREATED_AT"


publish(
    CustomerOrderField,
    "What customers can be ordered by.",
    NAME="By name, whatever the accents and capitals; ñ comes after n.",
    IDENTIFICATION="By `identification`.",
    PHONE="By the digits of the phone, or else of the mobile.",
    CREATED_AT="By when they were registered.",
)


@strawberry.input(description="How to order customers; equal ones are ordered by id.")
class CustomerOrder:
    field: CustomerOrderField = strawberry.field(description="What to order by.")
    direction: Direction = strawberry.field(default=Direction.ASC, description="Which end comes first.")

    def order(self) -> Order:
        return customers.ordered_by(self.field.value, descending=self.direction is Direction.DESC)
