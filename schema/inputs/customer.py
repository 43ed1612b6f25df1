"""What a client writes about customers. The fields are those of ``rules.customer.CustomerRecord``."""

from dataclasses import Field, fields
from typing import Any, Final

import strawberry
from strawberry import Maybe

from rules import customer as rules
from rules.customer import CustomerDraft
from rules.faults import Record
from rules.vocabulary import ForeignIdType, Language, ReceiverType, TaxpayerType
from schema.inputs.common import changes_of
from schema.inputs.references import MetadataInput


@strawberry.input(description="A foreigner's document.")
class ForeignIdInput:
    type: ForeignIdType = strawberry.field(description="Kind of document.")
    number: str = strawberry.field(description="Number of the document, up to 50 characters.")
    country: str = strawberry.field(
        description='The country that issued it, two letters by ISO 3166-1 alpha-2, such as "CO"; not "PA".'
    )


@strawberry.input(description="Persona asociada: a contact person of the customer.")
class AssociatedPersonInput:
    name: str = strawberry.field(description="Name of the person.")
    email: str | None = strawberry.field(default=None, description="E-mail address.")
    phone: str | None = strawberry.field(
        default=None, description='Phone number; Panamanian unless it begins with "+".'
    )
    notify: bool = strawberry.field(default=False, description="Whether to announce invoices to this person.")


@strawberry.input(
    description=(
        "A new customer. The receiver type, the taxpayer type and electronic invoicing decide which fields "
        "are required or forbidden: see `customerForm`."
    )
)
class CustomerInput:
    receiver_type: ReceiverType = strawberry.field(description="Tipo de receptor.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        default=None, description="Tipo de contribuyente; derived from RUC and DV where they leave no doubt."
    )
    ruc: str | None = strawberry.field(
        default=None, description="RUC as people write it, also with its DV behind. The dashes are part of it."
    )
    dv: str | None = strawberry.field(default=None, description="Dígito verificador; computed where it is left out.")
    foreign_id: ForeignIdInput | None = strawberry.field(default=None, description="A foreigner's document.")
    name: str | None = strawberry.field(default=None, description="Nombre o razón social, 2 to 200 characters.")
    location_code: str | None = strawberry.field(
        default=None, description='Code of the corregimiento, such as "8-8-7".'
    )
    address: str | None = strawberry.field(
        default=None, description="Street, building, number: 5 to 100 characters in up to 4 lines."
    )
    email: str | None = strawberry.field(default=None, description="The e-mail address to which invoices are sent.")
    phone: str | None = strawberry.field(
        default=None, description='Phone number; Panamanian unless it begins with "+".'
    )
    mobile: str | None = strawberry.field(
        default=None, description='Mobile phone number; Panamanian unless it begins with "+".'
    )
    payment_term_days: int | None = strawberry.field(
        default=None,
        description=(
            "Plazo de pago: how many days the customer has to pay, 0 (contado) to 365; by default as the account has "
            "it."
        ),
    )
    language: Language | None = strawberry.field(
        default=Language.ES,
        description="The language of the papers and mails that the customer gets; null for Spanish.",
    )
    associated_persons: list[AssociatedPersonInput] | None = strawberry.field(
        default=None, description="Personas asociadas, up to 20."
    )
    external_id: str | None = strawberry.field(
        default=None,
        description=(
            "The id that another system has for the customer, up to 100 characters. No other customer of the account, "
            "active or archived, has the same."
        ),
    )
    tags: list[str] | None = strawberry.field(
        default=None, description="Etiquetas, up to 20 of up to 40 characters. Case and accents don't tell them apart."
    )
    metadata: list[MetadataInput] | None = strawberry.field(
        default=None, description="What other systems keep with the customer: up to 50 texts, each under a key."
    )
    complete_from_registry: bool = strawberry.field(
        default=False,
        description=(
            "Consultar: whether to ask the registry first. It fills in name, DV and taxpayer type where they "
            "are left out. A value that differs from the registry's is refused as REGISTRY_MISMATCH. If the "
            "registry doesn't answer, the request goes on without it."
        ),
    )

    def draft(self) -> CustomerDraft:
        return CustomerDraft(**{name: _value(field, getattr(self, name)) for name, field in _FIELDS.items()})


@strawberry.input(description="Changes to a customer. A field that is left out stays as it is; null empties it.")
class CustomerPatch:
    receiver_type: Maybe[ReceiverType] = strawberry.field(description="Tipo de receptor.")
    taxpayer_type: Maybe[TaxpayerType | None] = strawberry.field(description="Tipo de contribuyente.")
    ruc: Maybe[str | None] = strawberry.field(
        description="RUC as people write it. A change of it computes the DV again, unless `dv` is given too."
    )
    dv: Maybe[str | None] = strawberry.field(description="Dígito verificador.")
    foreign_id: Maybe[ForeignIdInput | None] = strawberry.field(description="A foreigner's document.")
    name: Maybe[str | None] = strawberry.field(description="Nombre o razón social.")
    location_code: Maybe[str | None] = strawberry.field(description="Code of the corregimiento.")
    address: Maybe[str | None] = strawberry.field(description="Street, building, number.")
    email: Maybe[str | None] = strawberry.field(description="The e-mail address to which invoices are sent.")
    phone: Maybe[str | None] = strawberry.field(description='Phone number; Panamanian unless it begins with "+".')
    mobile: Maybe[str | None] = strawberry.field(
        description='Mobile phone number; Panamanian unless it begins with "+".'
    )
    payment_term_days: Maybe[int | None] = strawberry.field(
        description="Plazo de pago: how many days the customer has to pay; null for the account's."
    )
    language: Maybe[Language | None] = strawberry.field(
        description="The language of the papers and mails that the customer gets; null for Spanish."
    )
    associated_persons: Maybe[list[AssociatedPersonInput] | None] = strawberry.field(
        description="Personas asociadas, up to 20. This list replaces the present one."
    )
    external_id: Maybe[str | None] = strawberry.field(description="The id that another system has for the customer.")
    tags: Maybe[list[str] | None] = strawberry.field(
        description="Etiquetas, up to 20. This list replaces the present one."
    )
    metadata: Maybe[list[MetadataInput] | None] = strawberry.field(
        description="What other systems keep with the customer. This list replaces the present one."
    )

    def changes(self) -> dict[str, Any]:
        """The fields of ``CustomerDraft`` that the client gave; raises ``Refusal``."""
        return {name: _value(_FIELDS[name], value) for name, value in changes_of(self, Record.CUSTOMER).items()}


_FIELDS: Final = {field.name: field for field in fields(CustomerDraft)}


def _value(field: Field[Any], value: Any) -> Any:
    """A field's value as the rules have it; null is as good as left out."""
    match value:
        case None:
            return field.default
        case ForeignIdInput():
            return rules.ForeignId(**vars(value))
        case list():
            return tuple(map(_entry, value))
    return value


def _entry(value: Any) -> Any:
    match value:
        case AssociatedPersonInput():
            return rules.AssociatedPerson(**vars(value))
        case MetadataInput():
            return value.entry()
    return value
