-- The last number that a billing point has given to documents of a type. The row is made with the first number, or
-- before it where that isn't 1; it is locked until the document that takes the number is committed, so numbers have no
-- gaps. A sequence whose last number is below its first is unused.

CREATE TABLE sequence (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT sequence_account_fkey REFERENCES account,
    branch varchar(4) NOT NULL,
    billing_point varchar(3) NOT NULL,
    type varchar(20) NOT NULL CONSTRAINT sequence_type_check
        CHECK (type IN ('INVOICE', 'EXPORT_INVOICE', 'CREDIT_NOTE', 'DEBIT_NOTE')),
    first_number bigint NOT NULL DEFAULT 1
        CONSTRAINT sequence_first_number_check CHECK (first_number BETWEEN 1 AND 9999999999),
    last_number bigint NOT NULL
        CONSTRAINT sequence_last_number_check CHECK (last_number BETWEEN 0 AND 9999999999),
    -- The latest day of issue among its documents, with which the next one's day is compared.
    last_issue_date date,
    CONSTRAINT sequence_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sequence_unique UNIQUE (account_id, branch, billing_point, type),
    CONSTRAINT sequence_billing_point_fkey
        FOREIGN KEY (account_id, branch, billing_point) REFERENCES billing_point (account_id, branch, code)
);

-- The documents show which numbers were given, so only a first number that somebody chose is recorded.
CALL istmo_account_table('sequence', rights => 'SELECT, INSERT, UPDATE (first_number, last_number, last_issue_date)',
    audit => NULL);
CREATE TRIGGER audit_first_number_chosen AFTER INSERT ON sequence FOR EACH ROW
    WHEN (NEW.first_number <> 1) EXECUTE FUNCTION record_first_number();
CREATE TRIGGER audit_first_number_changed AFTER UPDATE OF first_number ON sequence FOR EACH ROW
    WHEN (NEW.first_number <> OLD.first_number) EXECUTE FUNCTION record_first_number();
