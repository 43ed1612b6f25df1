-- What an electronic document needs: branches, the account's fiscal data, how documents are to be paid, codes of lines,
-- and each account's provider with its credentials.

ALTER TABLE account
    ADD COLUMN legal_name text CONSTRAINT account_legal_name_check CHECK (length(legal_name) BETWEEN 2 AND 200),
    ADD COLUMN taxpayer_type varchar(20) CONSTRAINT account_taxpayer_type_check
        CHECK (taxpayer_type IN ('NATURAL', 'JURIDICAL')),
    ADD COLUMN payment_method varchar(20) NOT NULL DEFAULT 'CASH' CONSTRAINT account_payment_method_check
        CHECK (payment_method IN ('CASH', 'CREDIT_CARD', 'DEBIT_CARD', 'LOYALTY', 'VOUCHER', 'GIFT_CARD', 'TRANSFER', 'CHECK')),
    ADD COLUMN sale_type varchar(20) NOT NULL DEFAULT 'ORDINARY' CONSTRAINT account_sale_type_check
        CHECK (sale_type IN ('ORDINARY', 'FIXED_ASSET', 'REAL_ESTATE', 'SERVICE'));
GRANT UPDATE (legal_name, taxpayer_type, payment_method, sale_type) ON account TO istmo_app;
CALL istmo_refresh('account');

ALTER TABLE branch
    ADD COLUMN address text,
    ADD COLUMN location_code varchar(8) CONSTRAINT branch_location_fkey REFERENCES location,
    ADD COLUMN phone text,
    ADD COLUMN mobile text,
    ADD COLUMN email text,
    ADD COLUMN type varchar(20) CONSTRAINT branch_type_check CHECK (type IN ('RETAIL', 'WHOLESALE')),
    ADD COLUMN version integer NOT NULL DEFAULT 1;
ALTER TABLE branch DROP CONSTRAINT branch_code_check,
    ADD CONSTRAINT branch_code_check CHECK (code ~ '^[0-9A-Z]{4}$');
GRANT INSERT, UPDATE (name, address, location_code, phone, mobile, email, type, version) ON branch TO istmo_app;
ALTER TABLE audit_event DROP CONSTRAINT audit_event_object_type_check,
    ADD CONSTRAINT audit_event_object_type_check CHECK (object_type IN
        ('ACCOUNT', 'API_KEY', 'BILLING_POINT', 'BRANCH', 'CUSTOMER', 'INVOICE', 'PAC_SETTING', 'WEBHOOK'));
CALL istmo_audit('branch', 'BRANCH', not_audited => 'version');

ALTER TABLE document
    ADD COLUMN electronic boolean NOT NULL DEFAULT false,
    ADD COLUMN payment_forms jsonb,
    ADD COLUMN instalments jsonb,
    ADD COLUMN withholding_code varchar(1),
    ADD COLUMN withholding_amount numeric(13, 2),
    ADD COLUMN purchase_order text,
    ADD COLUMN issuer_taxpayer_type varchar(20),
    ADD COLUMN sale_type varchar(20),
    ADD COLUMN branch_type varchar(20),
    ADD CONSTRAINT document_electronic_check CHECK (NOT electronic OR (
        status <> 'DRAFT' AND issuer_ruc IS NOT NULL AND issuer_dv IS NOT NULL AND issuer_taxpayer_type IS NOT NULL
        AND payment_forms IS NOT NULL AND issue_date = (issued_at AT TIME ZONE 'America/Panama')::date)),
    ADD CONSTRAINT document_payment_check CHECK (
        jsonb_typeof(payment_forms) = 'array' AND jsonb_typeof(instalments) = 'array'),
    ADD CONSTRAINT document_withholding_check CHECK (
        withholding_code IN ('1', '2', '3', '4', '7', '8') AND withholding_amount >= 0
        OR withholding_code IS NULL AND withholding_amount IS NULL);
CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, electronic, issue_date_open, issuer_name, issuer_ruc, issuer_dv, issuer_address, issuer_phone,'
        'issuer_mobile, issuer_email, issuer_terms, issuer_taxpayer_type, sale_type, branch_type, total_cents, number_key,'
        'search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_refresh('document');

ALTER TABLE document_line
    ADD COLUMN code varchar(20),
    ADD COLUMN unit varchar(20) NOT NULL DEFAULT 'und',
    ADD COLUMN cpbs varchar(4) CONSTRAINT document_line_cpbs_check CHECK (cpbs ~ '^[0-9]{4}$');

CREATE TABLE pac_setting (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT pac_setting_account_fkey REFERENCES account,
    provider varchar(20) NOT NULL,
    environment varchar(20) NOT NULL CONSTRAINT pac_setting_environment_check
        CHECK (environment IN ('TEST', 'PRODUCTION')),
    secrets bytea NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pac_setting_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT pac_setting_unique UNIQUE (account_id)
);
CALL istmo_account_table('pac_setting',
    rights => 'SELECT, INSERT, UPDATE (provider, environment, secrets, version, updated_at)',
    audit => 'PAC_SETTING', not_audited => 'secrets, version');

-- It has a further argument now, the taxpayer type.
DROP FUNCTION IF EXISTS create_account(uuid, text, text, text, boolean, uuid, uuid);
