-- The figures of the start page are read from these indexes alone.

CREATE INDEX document_sales_idx ON document (account_id, currency, type, issue_date)
    INCLUDE (customer_id, total_cents, itbms_total) WHERE status = 'ISSUED';
CREATE INDEX document_due_idx ON document (account_id, currency, due_date)
    INCLUDE (id, total_cents) WHERE status = 'ISSUED' AND due_date IS NOT NULL;
