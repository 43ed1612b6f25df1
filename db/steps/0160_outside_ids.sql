-- What outside systems keep beside customers and documents: their own id of it, metadata, and tags. And lists by the time
-- of the last change.

ALTER TABLE customer
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT customer_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN tag_keys text[] COLLATE "C" NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX customer_external_id_unique ON customer (account_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX customer_updated_at_idx ON customer (account_id, updated_at, id);
CREATE INDEX customer_tags_idx ON customer USING gin (tag_keys, account_id) WHERE tag_keys <> '{}';
CREATE INDEX customer_metadata_idx ON customer USING gin (metadata jsonb_path_ops, account_id) WHERE metadata <> '{}';
CALL istmo_audit('customer', 'CUSTOMER',
    not_audited => 'verification_checked_at, verification_tries, verification_next_at, identification, name_key,'
        'identification_key, phone_key, foreign_id_key, email_key, tag_keys, search, version, created_at, updated_at',
    creations => 'record_new_customer');
CALL istmo_refresh('customer');

ALTER TABLE document
    ADD COLUMN external_id text COLLATE "C",
    ADD COLUMN metadata jsonb NOT NULL DEFAULT '{}'
        CONSTRAINT document_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    ADD COLUMN tags text[] NOT NULL DEFAULT '{}',
    ADD COLUMN tag_keys text[] COLLATE "C" NOT NULL DEFAULT '{}';
CREATE UNIQUE INDEX document_external_id_unique ON document (account_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX document_updated_at_idx ON document (account_id, updated_at, id);
CREATE INDEX document_tags_idx ON document USING gin (tag_keys, account_id) WHERE tag_keys <> '{}';
CREATE INDEX document_metadata_idx ON document USING gin (metadata jsonb_path_ops, account_id) WHERE metadata <> '{}';
CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, invoice_id, note_reason, electronic, issue_date_open, issuer_name, issuer_ruc, issuer_dv,'
        'issuer_address, issuer_phone, issuer_mobile, issuer_email, issuer_terms, issuer_taxpayer_type, sale_type, branch_type,'
        'total_cents, number_key, tag_keys, search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_refresh('document');
