-- Credit and debit notes, and invoices for export: types of documents with numbers of their own.

ALTER TABLE sequence DROP CONSTRAINT sequence_type_check,
    ADD CONSTRAINT sequence_type_check CHECK (type IN ('INVOICE', 'EXPORT_INVOICE', 'CREDIT_NOTE', 'DEBIT_NOTE'));

ALTER TABLE document
    ADD COLUMN invoice_id uuid,
    ADD COLUMN note_reason text,
    DROP CONSTRAINT document_type_check,
    ADD CONSTRAINT document_type_check CHECK (type IN ('INVOICE', 'EXPORT_INVOICE', 'CREDIT_NOTE', 'DEBIT_NOTE')),
    ADD CONSTRAINT document_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES document,
    ADD CONSTRAINT document_note_check CHECK (
        (type IN ('CREDIT_NOTE', 'DEBIT_NOTE')) = (invoice_id IS NOT NULL)
        AND (invoice_id IS NULL) = (note_reason IS NULL));
CREATE INDEX document_invoice_idx ON document (account_id, invoice_id) WHERE invoice_id IS NOT NULL;
CREATE POLICY see_any ON document FOR SELECT TO istmo_audit USING (true);
GRANT SELECT (account_id, id, type) ON document TO istmo_audit;
CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, invoice_id, note_reason, electronic, issue_date_open, issuer_name, issuer_ruc, issuer_dv,'
        'issuer_address, issuer_phone, issuer_mobile, issuer_email, issuer_terms, issuer_taxpayer_type, sale_type, branch_type,'
        'total_cents, number_key, search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_refresh('document');

ALTER TABLE document_line ADD COLUMN invoice_position integer;

-- The names of their events are longer. Neither the trigger nor the check can stay while their column changes.
DROP TRIGGER audit_sent ON event;
ALTER TABLE event DROP CONSTRAINT event_type_check;
ALTER TABLE event ALTER COLUMN type TYPE varchar(30);
ALTER TABLE event ADD CONSTRAINT event_type_check CHECK (type IN (
    'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED', 'CUSTOMER_VERIFIED',
    'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_SENT', 'INVOICE_VOIDED',
    'CREDIT_NOTE_ISSUED', 'CREDIT_NOTE_SENT', 'CREDIT_NOTE_AUTHORIZED', 'CREDIT_NOTE_REJECTED', 'CREDIT_NOTE_UPDATED',
    'CREDIT_NOTE_VOIDED', 'DEBIT_NOTE_ISSUED', 'DEBIT_NOTE_SENT', 'DEBIT_NOTE_AUTHORIZED', 'DEBIT_NOTE_REJECTED',
    'DEBIT_NOTE_UPDATED', 'DEBIT_NOTE_VOIDED',
    'INVOICE_AUTHORIZED', 'INVOICE_REJECTED', 'EMISSION_BLOCKED', 'WEBHOOK_DISABLED', 'WEBHOOK_TESTED'));
CREATE TRIGGER audit_sent AFTER INSERT ON event FOR EACH ROW
    WHEN (NEW.type IN ('INVOICE_SENT', 'CREDIT_NOTE_SENT', 'DEBIT_NOTE_SENT')) EXECUTE FUNCTION record_sent_invoice();

ALTER TABLE audit_event DROP CONSTRAINT audit_event_object_type_check,
    ADD CONSTRAINT audit_event_object_type_check CHECK (object_type IN
        ('ACCOUNT', 'API_KEY', 'BILLING_POINT', 'BRANCH', 'CREDIT_NOTE', 'CUSTOMER', 'DEBIT_NOTE', 'INVOICE', 'PAC_SETTING',
        'WEBHOOK'));
