"""Customers."""

from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated

import strawberry

import projection
from db import models
from projection import Page, part, related, sql
from resolvers import invoice_lists
from resolvers.paging import PageArguments
from rules.vocabulary import CustomerStatus, ForeignIdType, Language, ReceiverType, TaxpayerType, VerificationStatus
from schema.arguments import with_paging
from schema.inputs.invoice_list import InvoiceFilterArgument, InvoiceOrderArgument
from schema.types.location import Location
from schema.types.node import Connection, Node
from schema.types.references import MetadataEntry, metadata, tags

if TYPE_CHECKING:
    from schema.types.invoice import InvoiceConnection


@strawberry.type(description="A foreigner's document.")
class ForeignId:
    type: ForeignIdType = strawberry.field(description="Kind of document.")
    number: str = strawberry.field(description="Number of the document.")
    country: str = strawberry.field(
        description='The country that issued it, two letters by ISO 3166-1 alpha-2, such as "CO".'
    )


@projection.table(models.AssociatedPerson)
@strawberry.type(description="Persona asociada: a contact person of the customer.")
class AssociatedPerson:
    id: strawberry.ID = strawberry.field(
        description="The id of this entry. It changes when the customer's list is replaced."
    )
    name: str = strawberry.field(description="Name of the person.")
    email: str | None = strawberry.field(description="E-mail address; null for none.")
    phone: str | None = strawberry.field(description='Phone number in E.164, such as "+50766778899"; null for none.')
    notify: bool = strawberry.field(description="Whether invoices are announced to this person.")


@strawberry.type(description="What the registry answered about the customer's RUC.")
class Verification:
    status: VerificationStatus = strawberry.field(description="What the registry has answered so far.")
    checked_at: datetime | None = strawberry.field(description="When the registry was last asked; null for never.")
    registry_name: str | None = strawberry.field(description="The name in the registry; null where it is not known.")


@projection.table(models.Customer)
@strawberry.type(description="A customer of the account.")
class Customer(Node):
    receiver_type: ReceiverType = strawberry.field(description="Tipo de receptor.")
    taxpayer_type: TaxpayerType | None = strawberry.field(
        description="Tipo de contribuyente; null where it is not known."
    )
    ruc: str | None = strawberry.field(
        description='The RUC in its canonical spelling, such as "155596713-2-2015"; null for none.'
    )
    dv: str | None = strawberry.field(
        description="The RUC's check digit (dígito verificador), two digits; null for none."
    )
    foreign_id: ForeignId | None = part(
        "foreign_id_", present="number", description="A foreigner's document; null for none."
    )
    identification: str = strawberry.field(
        description='RUC and DV, or the foreign document, as people write them; "" if there is neither.'
    )
    name: str = strawberry.field(description="Nombre o razón social.")
    location: Location | None = strawberry.field(description="Corregimiento, district and province; null for none.")
    address: str | None = strawberry.field(description="Street, building, number; null for none.")
    email: str | None = strawberry.field(description="The e-mail address to which invoices are sent; null for none.")
    phone: str | None = strawberry.field(description='Phone number in E.164, such as "+50766778899"; null for none.')
    mobile: str | None = strawberry.field(description="Mobile phone number in E.164; null for none.")
    payment_term_days: int | None = strawberry.field(
        description=(
            "Plazo de pago: how many days the customer has to pay, 0 being cash (contado); null where the account's "
            "holds."
        )
    )
    language: Language = strawberry.field(description="The language of the papers and mails that the customer gets.")
    associated_persons: list[AssociatedPerson] = strawberry.field(description="Personas asociadas.")
    external_id: str | None = strawberry.field(
        description="The id that another system has for the customer; null for none."
    )
    tags: list[str] = tags()
    metadata: list[MetadataEntry] = metadata()
    status: CustomerStatus = strawberry.field(description="Active, archived or merged.")
    merged_into: "Customer | None" = strawberry.field(
        description="The customer into which it was merged, and to which its id leads; null for others."
    )
    verification: Verification = part(
        "verification_", present="status", description="What the registry answered about the RUC."
    )
    invoice_count: int = sql(
        "(SELECT count(*) FROM document i WHERE i.account_id = {tenant} AND i.customer_id = {row}.id"
        " AND i.invoice_id IS NULL AND i.status = 'ISSUED')",
        description="The number of invoices issued to the customer. Drafts and void invoices don't count.",
    )
    invoiced_total: Decimal = sql(
        "(SELECT coalesce(sum(i.total), 0.00) FROM document i WHERE i.account_id = {tenant}"
        " AND i.customer_id = {row}.id AND i.invoice_id IS NULL AND i.status = 'ISSUED')",
        description="Sum of the totals of these invoices, in balboas or US dollars.",
    )
    created_at: datetime = strawberry.field(description="When it was created.")
    updated_at: datetime = strawberry.field(description="When it was last changed.")
    version: int = strawberry.field(
        description="A number that goes up by one with each change; see `updateCustomer(version:)`."
    )

    @related(
        "documents",
        graphql_type=Annotated["InvoiceConnection", strawberry.lazy("schema.types.invoice")],
        description="The customer's invoices.",
    )
    @with_paging
    def invoices(
        self,
        filter: InvoiceFilterArgument = None,
        order_by: InvoiceOrderArgument = None,
        *,
        page: PageArguments,
    ) -> Page:
        return invoice_lists.list_page(
            None,
            filter.conditions() if filter else None,
            order_by.order() if order_by else None,
            page,
        )


@strawberry.type(description="A page of customers.")
class CustomerConnection(Connection[Customer]):
    pass
