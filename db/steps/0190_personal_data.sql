-- Requests about personal data, and customers whose data was erased.

ALTER TABLE customer DROP CONSTRAINT customer_status_check,
    ADD CONSTRAINT customer_status_check CHECK (status IN ('ACTIVE', 'ARCHIVED', 'MERGED', 'ERASED'));
CREATE INDEX customer_erased_idx ON customer (account_id, id) WHERE status = 'ERASED';

ALTER TABLE event DROP CONSTRAINT event_type_check;
ALTER TABLE event ADD CONSTRAINT event_type_check CHECK (type IN (
    'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED', 'CUSTOMER_VERIFIED', 'CUSTOMER_DELETED',
    'CUSTOMER_MERGED', 'CUSTOMER_SEPARATED', 'CUSTOMER_ERASED',
    'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_SENT', 'INVOICE_VOIDED',
    'CREDIT_NOTE_ISSUED', 'CREDIT_NOTE_SENT', 'CREDIT_NOTE_AUTHORIZED', 'CREDIT_NOTE_REJECTED', 'CREDIT_NOTE_UPDATED',
    'CREDIT_NOTE_VOIDED', 'DEBIT_NOTE_ISSUED', 'DEBIT_NOTE_SENT', 'DEBIT_NOTE_AUTHORIZED', 'DEBIT_NOTE_REJECTED',
    'DEBIT_NOTE_UPDATED', 'DEBIT_NOTE_VOIDED',
    'INVOICE_AUTHORIZED', 'INVOICE_REJECTED', 'EMISSION_BLOCKED', 'WEBHOOK_DISABLED', 'WEBHOOK_TESTED', 'IMPORT_FINISHED'));

ALTER TABLE audit_event DROP CONSTRAINT audit_event_action_check,
    ADD CONSTRAINT audit_event_action_check CHECK (action IN ('CREATED', 'UPDATED', 'DELETED', 'SENT', 'ERASED')),
    DROP CONSTRAINT audit_event_object_type_check,
    ADD CONSTRAINT audit_event_object_type_check CHECK (object_type IN
        ('ACCOUNT', 'API_KEY', 'BILLING_POINT', 'BRANCH', 'CREDIT_NOTE', 'CUSTOMER', 'DATA_REQUEST', 'DEBIT_NOTE',
        'DOCUMENT_LINK', 'IMPORT', 'INVOICE', 'PAC_SETTING', 'WEBHOOK')),
    ADD COLUMN redacted_at timestamptz;

CREATE TABLE personal_data_request (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT personal_data_request_account_fkey REFERENCES account,
    customer_id uuid NOT NULL,
    kind varchar(20) NOT NULL CONSTRAINT personal_data_request_kind_check CHECK (kind IN ('EXPORT', 'ERASURE')),
    received_on date NOT NULL,
    due_on date NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'OPEN'
        CONSTRAINT personal_data_request_status_check CHECK (status IN ('OPEN', 'DONE', 'REFUSED')),
    -- Why data was erased, or the request was refused.
    reason text,
    answered_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT personal_data_request_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT personal_data_request_customer_fkey FOREIGN KEY (account_id, customer_id) REFERENCES customer,
    CONSTRAINT personal_data_request_answer_check CHECK ((status = 'OPEN') = (answered_at IS NULL)),
    CONSTRAINT personal_data_request_dates_check CHECK (isfinite(received_on) AND due_on > received_on)
);
CREATE INDEX personal_data_request_customer_idx ON personal_data_request (account_id, customer_id, id);
CREATE INDEX personal_data_request_due_idx ON personal_data_request (account_id, due_on, id);

CALL istmo_account_table('personal_data_request', rights => 'SELECT, INSERT, UPDATE (status, reason, answered_at)',
    audit => 'DATA_REQUEST', not_audited => 'created_at, answered_at');
