-- A draft whose day of issue was left out keeps it open until it is issued. Until then issue_date is the day on which
-- the draft's dates were last given, by which it is ordered. Drafts that are there already keep the day that they show.
ALTER TABLE document ADD COLUMN issue_date_open boolean NOT NULL DEFAULT false;
ALTER TABLE document DROP CONSTRAINT document_due_date_check,
    ADD CONSTRAINT document_due_date_check CHECK (issue_date_open OR due_date >= issue_date),
    ADD CONSTRAINT document_issue_date_open_check CHECK (status = 'DRAFT' OR NOT issue_date_open);

CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, branch, issue_date_open, issuer_name, issuer_ruc, issuer_dv, issuer_address, issuer_phone,'
        'issuer_mobile, issuer_email, issuer_terms, total_cents, number_key, search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_refresh('document');

-- The latest day of issue among the documents of a sequence, with which the next one's day is compared.
ALTER TABLE sequence ADD COLUMN last_issue_date date;
GRANT UPDATE (last_issue_date) ON sequence TO istmo_app;
UPDATE sequence s SET last_issue_date = (
    SELECT max(issue_date) FROM document d
    WHERE d.account_id = s.account_id AND d.branch = s.branch AND d.billing_point = s.billing_point AND d.type = s.type
        AND d.status <> 'DRAFT');
