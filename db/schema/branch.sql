-- Sucursal: an establishment of the account under its DGI code. Every account has 0000, the head office.

CREATE TABLE branch (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT branch_account_fkey REFERENCES account,
    code varchar(4) NOT NULL CONSTRAINT branch_code_check CHECK (code ~ '^[0-9]{4}$'),
    name text,
    CONSTRAINT branch_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT branch_code_unique UNIQUE (account_id, code)
);

-- Not audited: the head office is made with its account, and nothing changes it yet.
CALL istmo_account_table('branch', rights => 'SELECT', audit => NULL);

CREATE POLICY create_any ON branch FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON branch TO istmo_signup;
