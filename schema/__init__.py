"""The whole surface of the API."""

import strawberry
from strawberry.schema.config import StrawberryConfig

import projection
from schema.mutations.change_customer import ChangeCustomer
from schema.mutations.change_invoice import ChangeInvoice
from schema.mutations.create_customer import CreateCustomer
from schema.mutations.create_invoice import CreateInvoice
from schema.mutations.manage_account import ManageAccount
from schema.mutations.manage_webhooks import ManageWebhooks
from schema.queries.audit import AuditQueries
from schema.queries.customers import CustomerQueries
from schema.queries.events import EventQueries
from schema.queries.general import GeneralQueries
from schema.queries.invoices import InvoiceQueries
from schema.queries.locations import LocationQueries
from schema.queries.lookup import LookupQueries
from schema.scalars import SCALARS
from schema.subscriptions import Subscription


class Executor(projection.Executor):
    """Joins go by the account, too: the keys of account tables begin with it."""

    tenant_column = "account_id"
    # Most documents are invoices.
    broad_filters = frozenset({"type"})


@strawberry.type(description="What can be read.")
class Query(
    GeneralQueries, CustomerQueries, InvoiceQueries, LocationQueries, LookupQueries, EventQueries, AuditQueries
):
    pass


@strawberry.type(description="What can be done. Refusals come as `userErrors` in the payload.")
class Mutation(CreateCustomer, ChangeCustomer, CreateInvoice, ChangeInvoice, ManageAccount, ManageWebhooks):
    pass


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    execution_context_class=Executor,
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)
