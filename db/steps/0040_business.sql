-- The business itself, its customers' terms of payment, and versions of what can be changed.

ALTER TABLE account
    ADD COLUMN address text,
    ADD COLUMN phone text,
    ADD COLUMN mobile text,
    ADD COLUMN email text,
    ADD COLUMN terms text,
    ADD COLUMN payment_term_days integer
        CONSTRAINT account_payment_term_check CHECK (payment_term_days BETWEEN 0 AND 365),
    ADD COLUMN version integer NOT NULL DEFAULT 1;
GRANT UPDATE (address, phone, mobile, email, terms, payment_term_days, version) ON account TO istmo_app;
CALL istmo_audit('account', 'ACCOUNT', not_audited => 'version, created_at, updated_at');

ALTER TABLE customer ADD COLUMN payment_term_days integer
    CONSTRAINT customer_payment_term_check CHECK (payment_term_days BETWEEN 0 AND 365);
CALL istmo_refresh('customer');

ALTER TABLE document
    ADD COLUMN issuer_address text,
    ADD COLUMN issuer_phone text,
    ADD COLUMN issuer_mobile text,
    ADD COLUMN issuer_email text,
    ADD COLUMN issuer_terms text;
CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, branch, issuer_name, issuer_ruc, issuer_dv, issuer_address, issuer_phone, issuer_mobile,'
        'issuer_email, issuer_terms, total_cents, number_key, search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_refresh('document');

ALTER TABLE billing_point ADD COLUMN version integer NOT NULL DEFAULT 1;
GRANT UPDATE (version) ON billing_point TO istmo_app;
CALL istmo_audit('billing_point', 'BILLING_POINT', not_audited => 'branch, version');

ALTER TABLE webhook ADD COLUMN version integer NOT NULL DEFAULT 1;
GRANT UPDATE (url, types, version) ON webhook TO istmo_app;
CALL istmo_audit('webhook', 'WEBHOOK',
    not_audited => 'secret, old_secret, failing_since, rest_until, version, created_at');
