"""The whole surface of the API."""

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import create_type

import projection
from db.tenant import current_account
from schema import enums  # noqa: F401  publishes the enumerations before the types that use them
from schema.mutations.archive_customer import archive_customer
from schema.mutations.check_pac_connection import ask_pac
from schema.mutations.correct_document import correct_document
from schema.mutations.create_api_key import create_api_key
from schema.mutations.create_billing_point import create_billing_point
from schema.mutations.create_branch import create_branch
from schema.mutations.create_credit_note import create_credit_note
from schema.mutations.create_customer import create_customer
from schema.mutations.create_customers import create_customers
from schema.mutations.create_debit_note import create_debit_note
from schema.mutations.create_document_link import create_document_link
from schema.mutations.create_invoice import create_invoice
from schema.mutations.create_webhook import create_webhook
from schema.mutations.delete_draft import delete_draft
from schema.mutations.delete_webhook import delete_webhook
from schema.mutations.enable_webhook import enable_webhook
from schema.mutations.erase_personal_data import erase_personal_data
from schema.mutations.export_personal_data import export_personal_data
from schema.mutations.import_customers import import_customers
from schema.mutations.issue_invoice import issue_invoice
from schema.mutations.keep_customers_apart import keep_customers_apart
from schema.mutations.merge_customers import merge_customers
from schema.mutations.redeliver import redeliver
from schema.mutations.refuse_personal_data_request import refuse_personal_data_request
from schema.mutations.register_personal_data_request import register_personal_data_request
from schema.mutations.renumber_document import renumber_document
from schema.mutations.restore_customer import restore_customer
from schema.mutations.retry_emission import retry_emission
from schema.mutations.revoke_api_key import revoke_api_key
from schema.mutations.revoke_document_link import revoke_document_link
from schema.mutations.revoke_session import revoke_session
from schema.mutations.rotate_webhook_secret import rotate_webhook_secret
from schema.mutations.send_document import send_document
from schema.mutations.send_test_event import send_test_event
from schema.mutations.set_pac_credentials import set_pac_credentials
from schema.mutations.sign_out_everywhere import sign_out_everywhere
from schema.mutations.undo_import import undo_import
from schema.mutations.undo_merge import undo_merge
from schema.mutations.update_account import update_account
from schema.mutations.update_billing_point import update_billing_point
from schema.mutations.update_branch import update_branch
from schema.mutations.update_customer import update_customer
from schema.mutations.update_customers import update_customers
from schema.mutations.update_document_references import update_document_references
from schema.mutations.update_invoice import update_invoice
from schema.mutations.update_webhook import update_webhook
from schema.mutations.upsert_customer import upsert_customer
from schema.mutations.void_invoice import void_invoice
from schema.mutations.void_note import void_note
from schema.queries.audit import AuditQueries
from schema.queries.catalogues import CatalogueQueries
from schema.queries.customers import CustomerQueries
from schema.queries.documents import DocumentQueries
from schema.queries.events import EventQueries
from schema.queries.general import GeneralQueries
from schema.queries.imports import ImportQueries
from schema.queries.invoices import InvoiceQueries
from schema.queries.locations import LocationQueries
from schema.queries.lookup import LookupQueries
from schema.queries.mail import MailQueries
from schema.queries.personal_data import PersonalDataQueries
from schema.scalars import SCALARS
from schema.subscriptions import Subscription


class Executor(projection.Executor):
    """Every subselect names the account: the keys of account tables begin with it."""

    tenant = projection.Tenant("account_id", current_account)
    # Most documents are invoices.
    broad_filters = frozenset({"type"})
    # A hundred invoices have some 100 KB; only long texts in a thousand lines, or many such invoices, come near.
    largest_answer = 10_000_000


@strawberry.type(description="The queries.")
class Query(
    GeneralQueries,
    CustomerQueries,
    ImportQueries,
    InvoiceQueries,
    DocumentQueries,
    LocationQueries,
    CatalogueQueries,
    LookupQueries,
    EventQueries,
    AuditQueries,
    MailQueries,
    PersonalDataQueries,
):
    pass


Mutation = create_type(
    "Mutation",
    [
        create_customer,
        update_customer,
        upsert_customer,
        create_customers,
        update_customers,
        archive_customer,
        restore_customer,
        import_customers,
        undo_import,
        merge_customers,
        undo_merge,
        keep_customers_apart,
        register_personal_data_request,
        export_personal_data,
        erase_personal_data,
        refuse_personal_data_request,
        create_invoice,
        update_invoice,
        delete_draft,
        issue_invoice,
        void_invoice,
        create_credit_note,
        create_debit_note,
        void_note,
        correct_document,
        retry_emission,
        renumber_document,
        update_document_references,
        send_document,
        create_document_link,
        revoke_document_link,
        update_account,
        set_pac_credentials,
        ask_pac,
        create_branch,
        update_branch,
        create_billing_point,
        update_billing_point,
        create_api_key,
        revoke_api_key,
        revoke_session,
        sign_out_everywhere,
        create_webhook,
        update_webhook,
        send_test_event,
        rotate_webhook_secret,
        enable_webhook,
        delete_webhook,
        redeliver,
    ],
    description="The mutations. If one is refused, `userErrors` in its payload has the reasons.",
)


schema = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    subscription=Subscription,
    execution_context_class=Executor,
    config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=True),
)
