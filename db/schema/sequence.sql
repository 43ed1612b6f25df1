-- The last number that a billing point has given to documents of a type. The row is made with the first number;
-- it is locked until the document that takes the number is committed, so numbers have no gaps.

CREATE TABLE sequence (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT sequence_account_fkey REFERENCES account,
    branch varchar(4) NOT NULL,
    billing_point varchar(3) NOT NULL,
    type varchar(20) NOT NULL CONSTRAINT sequence_type_check CHECK (type IN ('INVOICE')),
    last_number bigint NOT NULL
        CONSTRAINT sequence_last_number_check CHECK (last_number BETWEEN 0 AND 9999999999),
    CONSTRAINT sequence_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT sequence_unique UNIQUE (account_id, branch, billing_point, type),
    CONSTRAINT sequence_billing_point_fkey
        FOREIGN KEY (account_id, branch, billing_point) REFERENCES billing_point (account_id, branch, code)
);

-- Not audited: the documents show which numbers were given.
CALL istmo_account_table('sequence', rights => 'SELECT, INSERT, UPDATE (last_number)', audit => NULL);
