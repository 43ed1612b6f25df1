-- Merging customers: a merged one leads to its survivor, and so do its documents.

ALTER TABLE customer
    DROP CONSTRAINT customer_status_check,
    ADD CONSTRAINT customer_status_check CHECK (status IN ('ACTIVE', 'ARCHIVED', 'MERGED')),
    ADD COLUMN merged_into uuid,
    ADD CONSTRAINT customer_merged_into_fkey FOREIGN KEY (account_id, merged_into) REFERENCES customer,
    ADD CONSTRAINT customer_merged_check CHECK ((status = 'MERGED') = (merged_into IS NOT NULL) AND merged_into <> id);
CREATE INDEX customer_ruc_digits_idx ON customer (account_id, regexp_replace(ruc, '[^0-9]', '', 'g'))
    WHERE status = 'ACTIVE' AND ruc IS NOT NULL;
CREATE INDEX customer_merged_into_idx ON customer (account_id, merged_into) WHERE merged_into IS NOT NULL;
CALL istmo_refresh('customer');

CREATE TRIGGER lead_to_survivor BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION lead_to_survivor();
CREATE TRIGGER lead_to_survivor_again BEFORE UPDATE OF customer_id ON document FOR EACH ROW
    WHEN (NEW.customer_id <> OLD.customer_id) EXECUTE FUNCTION lead_to_survivor();

CREATE TABLE customer_merge (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT customer_merge_account_fkey REFERENCES account,
    customer_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    former_status varchar(20) NOT NULL
        CONSTRAINT customer_merge_former_status_check CHECK (former_status IN ('ACTIVE', 'ARCHIVED')),
    -- The documents that went to the survivor, drafts apart, and the customers that led to this one before.
    documents uuid[] NOT NULL,
    drafts uuid[] NOT NULL,
    followers uuid[] NOT NULL,
    -- The survivor's fields that have their value from this customer: each is [before, after].
    changes jsonb NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_merge_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT customer_merge_customer_unique UNIQUE (account_id, customer_id),
    CONSTRAINT customer_merge_customer_fkey FOREIGN KEY (account_id, customer_id) REFERENCES customer,
    CONSTRAINT customer_merge_survivor_fkey FOREIGN KEY (account_id, survivor_id) REFERENCES customer
);
CREATE INDEX customer_merge_survivor_idx ON customer_merge (account_id, survivor_id);
CREATE INDEX customer_merge_time_idx ON customer_merge (account_id, merged_at, id);
CREATE INDEX customer_merge_old_idx ON customer_merge (merged_at);

-- Not audited: what a merge changes is recorded with the customers and the documents.
CALL istmo_account_table('customer_merge', rights => 'SELECT, INSERT, DELETE', audit => NULL);

-- The role can delete no others, whatever the function does.
CREATE POLICY see_old ON customer_merge FOR SELECT TO istmo_dispatch USING (merged_at < now() - interval '30 days');
CREATE POLICY forget_old ON customer_merge FOR DELETE TO istmo_dispatch USING (merged_at < now() - interval '30 days');
GRANT SELECT (account_id, id, merged_at), DELETE ON customer_merge TO istmo_dispatch;

ALTER TABLE event DROP CONSTRAINT event_type_check;
ALTER TABLE event ADD CONSTRAINT event_type_check CHECK (type IN (
    'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED', 'CUSTOMER_VERIFIED', 'CUSTOMER_DELETED',
    'CUSTOMER_MERGED', 'CUSTOMER_SEPARATED',
    'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_SENT', 'INVOICE_VOIDED',
    'CREDIT_NOTE_ISSUED', 'CREDIT_NOTE_SENT', 'CREDIT_NOTE_AUTHORIZED', 'CREDIT_NOTE_REJECTED', 'CREDIT_NOTE_UPDATED',
    'CREDIT_NOTE_VOIDED', 'DEBIT_NOTE_ISSUED', 'DEBIT_NOTE_SENT', 'DEBIT_NOTE_AUTHORIZED', 'DEBIT_NOTE_REJECTED',
    'DEBIT_NOTE_UPDATED', 'DEBIT_NOTE_VOIDED',
    'INVOICE_AUTHORIZED', 'INVOICE_REJECTED', 'EMISSION_BLOCKED', 'WEBHOOK_DISABLED', 'WEBHOOK_TESTED', 'IMPORT_FINISHED'));
