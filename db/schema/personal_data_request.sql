-- What persons have asked about their data (Ley 81 of 2019), and the day by which the law wants an answer. It says nothing
-- about the person but which customer it is, so that it can be kept as proof.

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
