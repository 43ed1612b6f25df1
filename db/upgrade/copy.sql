-- Copy the rows of istmo_old into today's tables, in the order that their foreign keys require. Answers of registries are
-- left out: whose they are isn't known, and they can be asked again.
DO $$
DECLARE
    name text;
    columns text;
BEGIN
    FOREACH name IN ARRAY ARRAY[
        'account', 'location', 'api_key', 'branch', 'billing_point', 'sequence', 'customer', 'associated_person',
        'document', 'document_line', 'idempotency_key', 'event', 'webhook', 'delivery', 'audit_event', 'trusted_document'
    ] LOOP
        -- The audit trail must not record the copying.
        EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', name);
        CASE name
            WHEN 'branch' THEN
                INSERT INTO branch (id, account_id, code) SELECT gen_random_uuid(), id, '0000' FROM istmo_old.account;
            WHEN 'billing_point' THEN
                INSERT INTO billing_point (id, account_id, branch, code, name)
                    SELECT id, account_id, '0000', code, p.name FROM istmo_old.billing_point p;
            WHEN 'sequence' THEN
                INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)
                    SELECT gen_random_uuid(), account_id, '0000', code, 'INVOICE', last_number
                    FROM istmo_old.billing_point WHERE last_number > 0;
            WHEN 'event' THEN
                UPDATE istmo_old.event SET data = data - 'url' WHERE type = 'WEBHOOK_DISABLED';
            WHEN 'document' THEN
                -- Days that were stored as infinity, as in db/steps/0050_finite_dates.sql.
                UPDATE istmo_old.invoice SET due_date = '9999-12-30' WHERE due_date = 'infinity';
                UPDATE istmo_old.invoice SET issue_date = '0001-01-02' WHERE issue_date = '-infinity';
                UPDATE istmo_old.invoice SET due_date = issue_date WHERE due_date = '-infinity';
                ALTER TABLE istmo_old.invoice ADD COLUMN type text DEFAULT 'INVOICE',
                    ADD COLUMN branch text DEFAULT '0000';
                ALTER TABLE istmo_old.invoice RENAME TO document;
            WHEN 'api_key' THEN
                UPDATE istmo_old.api_key SET expires_at = NULL WHERE expires_at = 'infinity' AND kind = 'KEY';
            WHEN 'document_line' THEN
                ALTER TABLE istmo_old.invoice_line RENAME COLUMN invoice_id TO document_id;
                ALTER TABLE istmo_old.invoice_line RENAME TO document_line;
            ELSE NULL;
        END CASE;
        IF name NOT IN ('branch', 'billing_point', 'sequence') THEN
            -- The old table's columns are listed, so a column that today's table lacks is an error and no data are lost.
            SELECT string_agg(quote_ident(attname), ', ') INTO columns FROM pg_attribute
            WHERE attrelid = format('istmo_old.%I', name)::regclass AND attnum > 0 AND NOT attisdropped;
            EXECUTE format('INSERT INTO %I (%s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM istmo_old.%1$I', name, columns);
        END IF;
        EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', name);
        EXECUTE format('ANALYZE %I', name);
    END LOOP;
    UPDATE sequence s SET last_issue_date = (
        SELECT max(issue_date) FROM document d
        WHERE d.account_id = s.account_id AND d.branch = s.branch AND d.billing_point = s.billing_point
            AND d.type = s.type AND d.status <> 'DRAFT');
    PERFORM setval(pg_get_serial_sequence('event', 'position'), greatest(max(position), 1), max(position) IS NOT NULL)
    FROM event;
END
$$;

DROP SCHEMA istmo_old CASCADE;
