"""Each constraint that a client's input can violate has a fault; the others are listed as unreachable."""

from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.context import TortoiseContext
from tortoise.exceptions import IntegrityError

from db import models, tenant
from db.errors import FAULTS, fault_of
from rules.vocabulary import ForeignIdType, InvoiceStatus, ReceiverType
from tests.db.conftest import Connection

OUT_OF_REACH = {
    # Ids are made here, or belong to what was found or made just before.
    "account_pkey",
    "account_move_pkey",
    "account_move_state_check",
    "api_key_account_fkey",
    "api_key_hash_unique",
    "api_key_parent_fkey",
    "api_key_pkey",
    "associated_person_account_fkey",
    "associated_person_customer_fkey",
    "associated_person_pkey",
    "billing_point_account_fkey",
    "billing_point_pkey",
    "customer_account_fkey",
    "customer_pkey",
    # Requests about personal data, of customers that are locked; the rules check their days.
    "personal_data_request_account_fkey",
    "personal_data_request_answer_check",
    "personal_data_request_customer_fkey",
    "personal_data_request_dates_check",
    "personal_data_request_kind_check",
    "personal_data_request_pkey",
    "personal_data_request_status_check",
    # Merges, which the service makes of locked customers.
    "customer_merge_account_fkey",
    "customer_merge_customer_fkey",
    "customer_merge_customer_unique",
    "customer_merge_former_status_check",
    "customer_merge_pkey",
    "customer_merge_survivor_fkey",
    "customer_merged_check",
    "customer_merged_into_fkey",
    "idempotency_key_account_fkey",
    "idempotency_key_pkey",
    "document_account_fkey",
    "document_line_account_fkey",
    "document_line_document_fkey",
    "document_line_pkey",
    "account_logo_account_fkey",
    "account_logo_media_type_check",
    "account_logo_pkey",
    "account_paper_color_check",
    "pac_setting_account_fkey",
    "pac_setting_pkey",
    "pac_setting_unique",
    "document_pkey",
    # Links, which the service makes.
    "import_account_fkey",
    "import_file_format_check",
    "import_finite_check",
    "import_on_duplicate_check",
    "import_pkey",
    "import_policy_check",
    "import_row_account_fkey",
    "import_row_import_fkey",
    "import_row_outcome_check",
    "import_row_pkey",
    "import_status_check",
    "document_link_account_fkey",
    "document_link_document_fkey",
    "document_link_finite_check",
    "document_link_hash_unique",
    "document_link_pkey",
    # Numbers, checked by the rules.
    "account_payment_term_check",
    "customer_payment_term_check",
    "sequence_first_number_check",
    # Enumerations, checked by the schema.
    "api_key_kind_check",
    "api_key_scope_check",
    "customer_foreign_id_type_check",
    "customer_language_check",
    "customer_receiver_type_check",
    "customer_status_check",
    "customer_taxpayer_type_check",
    "customer_verification_status_check",
    "account_payment_method_check",
    "account_mail_texts_check",
    "account_sale_type_check",
    "account_taxpayer_type_check",
    "branch_type_check",
    "document_currency_check",
    "document_line_itbms_rate_check",
    "document_status_check",
    # Checked by the rules before.
    "account_legal_name_check",
    "account_name_check",
    "api_key_name_check",
    "billing_point_code_check",
    "customer_dv_check",
    "customer_foreign_check",
    "customer_foreign_id_check",
    "customer_metadata_check",
    "customer_name_check",
    "document_dates_check",
    "document_due_date_check",
    "document_line_cpbs_check",
    "document_payment_check",
    "document_withholding_check",
    "document_line_discount_check",
    "document_line_quantity_check",
    # Computed here.
    "api_key_ends_check",
    "api_key_finite_check",
    "api_key_parent_check",
    "associated_person_position_unique",
    "document_draft_check",
    "document_electronic_check",
    "document_export_check",
    "document_issue_date_open_check",
    "document_issuer_check",
    "document_invoice_fkey",
    "document_metadata_check",
    "document_note_check",
    "document_line_position_unique",
    "document_line_total_check",
    "document_number_check",
    "document_number_unique",
    "document_receiver_location_fkey",
    "document_total_check",
    "document_void_check",
    # Upserted, or inserted with ON CONFLICT.
    "idempotency_key_unique",
    "location_pkey",
    "lookup_count_pkey",
    "registry_answer_pkey",
    # Announcements, written by the service and the dispatcher.
    "delivery_account_fkey",
    "delivery_email_unique",
    "delivery_event_fkey",
    "delivery_pkey",
    "delivery_settled_check",
    "delivery_status_check",
    "delivery_target_check",
    "delivery_webhook_fkey",
    "delivery_webhook_unique",
    "mail_count_account_fkey",
    "mail_count_mails_check",
    "mail_count_pkey",
    "event_account_fkey",
    "event_dispatched_check",
    "event_pkey",
    "event_sequence_unique",
    "event_type_check",
    "webhook_account_fkey",
    "webhook_disabled_check",
    "webhook_old_secret_check",
    "webhook_pkey",
    # Emission, written by the service: what clients ask for is refused before, by the state.
    "emission_account_fkey",
    "emission_authorized_check",
    "emission_blocked_check",
    "emission_blocked_reason_check",
    "emission_document_fkey",
    "emission_due_check",
    "emission_environment_check",
    "emission_pkey",
    "emission_status_check",
    "emission_void_check",
    "emission_attempt_account_fkey",
    "emission_attempt_answer_check",
    "emission_attempt_emission_fkey",
    "emission_attempt_ended_check",
    "emission_attempt_kind_check",
    "emission_attempt_pkey",
    "emission_difference_account_fkey",
    "emission_difference_document_fkey",
    "emission_difference_kind_check",
    "emission_difference_pkey",
    "emission_reconciliation_account_fkey",
    "emission_reconciliation_pkey",
    "emission_payload_account_fkey",
    "emission_payload_emission_fkey",
    "emission_payload_hash_check",
    "emission_payload_pkey",
    "fiscal_file_account_fkey",
    "fiscal_file_content_check",
    "fiscal_file_emission_fkey",
    "fiscal_file_kind_check",
    "fiscal_file_pkey",
    # Answers of registries, checked when they arrive.
    "registry_answer_account_fkey",
    "registry_answer_dv_check",
    "registry_answer_found_check",
    "registry_answer_name_check",
    "registry_answer_receiver_type_check",
    "registry_answer_status_check",
    "registry_answer_taxpayer_type_check",
    # Counts of questions and requests, upserted.
    "lookup_count_account_fkey",
    "request_count_pkey",
    "request_count_requests_check",
    # Written by triggers.
    "audit_event_action_check",
    "audit_event_key_check",
    "audit_event_object_type_check",
    "audit_event_pkey",
    "audit_event_source_check",
    # Written on the command line, which checks the hash.
    "trusted_document_hash_check",
    "trusted_document_pkey",
    # Written with the account, its branches and its billing points.
    "branch_account_fkey",
    "branch_code_check",
    "branch_pkey",
    "pac_setting_environment_check",
    # Upserted with the type that is written here.
    "document_type_check",
    "sequence_account_fkey",
    "sequence_billing_point_fkey",
    "sequence_pkey",
    "sequence_type_check",
    "sequence_unique",
    # Written by migrations.
    "migration_pkey",
}


async def test_every_constraint_has_a_fault_or_is_out_of_reach(admin: Connection) -> None:
    names = await admin.fetch(
        """
        SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
        UNION
        SELECT relname FROM pg_index JOIN pg_class c ON c.oid = indexrelid
        WHERE indisunique AND relnamespace = 'public'::regnamespace
        """
    )
    assert {name for (name,) in names} == FAULTS.keys() | OUT_OF_REACH
    assert FAULTS.keys().isdisjoint(OUT_OF_REACH)


# Each fault, provoked


def customer(**values: Any) -> models.Customer:
    filled = {"receiver_type": ReceiverType.TAXPAYER, "name": "Ana", "name_key": "ana", "search": " ana"}
    return models.Customer(account_id=tenant.current_account(), **filled | values)


def invoice(customer_id: UUID, **values: Any) -> models.Document:
    amounts: dict[str, Any] = dict.fromkeys(("subtotal", "discount_total", "itbms_total", "total", "total_cents"), 0)
    filled = {"status": InvoiceStatus.DRAFT, "issue_date": date(2026, 11, 24), "billing_point": "001", "search": ""}
    return models.Document(account_id=tenant.current_account(), customer_id=customer_id, **amounts | filled | values)


async def same_ruc() -> None:
    for _ in range(2):
        await customer(ruc="8-442-445").save(force_create=True)


async def same_foreign_id() -> None:
    passport = {"foreign_id_type": ForeignIdType.PASSPORT, "foreign_id_number": "AB1", "foreign_id_country": "CO"}
    for _ in range(2):
        await customer(receiver_type=ReceiverType.FOREIGN, foreign_id_key="ab1", **passport).save(force_create=True)


async def same_external_id() -> None:
    for _ in range(2):
        await customer(external_id="A-1").save(force_create=True)


async def same_external_id_of_documents() -> None:
    buyer = customer()
    await buyer.save(force_create=True)
    for _ in range(2):
        await invoice(buyer.id, external_id="A-1").save(force_create=True)


async def unknown_location() -> None:
    await customer(location_id="99-9-9").save(force_create=True)


async def unknown_customer() -> None:
    await invoice(uuid4()).save(force_create=True)


async def unknown_billing_point() -> None:
    buyer = customer()
    await buyer.save(force_create=True)
    await invoice(buyer.id, billing_point="777").save(force_create=True)


async def same_billing_point() -> None:
    await models.BillingPoint.create(account_id=tenant.current_account(), code="001")


async def same_branch() -> None:
    await models.Branch.create(account_id=tenant.current_account(), code="0000")


async def unknown_branch() -> None:
    await models.BillingPoint.create(account_id=tenant.current_account(), branch="0009", code="001")


async def unknown_location_of_a_branch() -> None:
    await models.Branch.create(account_id=tenant.current_account(), code="0001", location_id="99-9-9")


async def too_high_a_number() -> None:
    await models.Sequence.create(account_id=tenant.current_account(), billing_point="001", last_number=10_000_000_000)


PROVOCATIONS: dict[str, Callable[[], Awaitable[None]]] = {
    "customer_ruc_unique": same_ruc,
    "customer_foreign_id_unique": same_foreign_id,
    "customer_external_id_unique": same_external_id,
    "document_external_id_unique": same_external_id_of_documents,
    "customer_location_fkey": unknown_location,
    "document_customer_fkey": unknown_customer,
    "document_billing_point_fkey": unknown_billing_point,
    "billing_point_branch_fkey": unknown_branch,
    "billing_point_code_unique": same_billing_point,
    "branch_code_unique": same_branch,
    "branch_location_fkey": unknown_location_of_a_branch,
    "sequence_last_number_check": too_high_a_number,
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_violated_constraint_becomes_its_fault(
    name: str, service: TortoiseContext, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    with tenant.acting_for(await new_account()), pytest.raises(IntegrityError) as violation:
        await PROVOCATIONS[name]()
    assert fault_of(violation.value) == FAULTS[name]


async def test_a_constraint_out_of_reach_has_no_fault(
    service: TortoiseContext, new_account: Callable[..., Awaitable[UUID]]
) -> None:
    with tenant.acting_for(await new_account()), pytest.raises(IntegrityError) as violation:
        await customer(name="A").save(force_create=True)
    assert fault_of(violation.value) is None
    assert fault_of(IntegrityError("of no constraint")) is None
