-- Sucursal: an establishment of the account under its DGI code. Every account has 0000, the head office. What it lacks of
-- address, phones and e-mail is the account's.

CREATE TABLE branch (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT branch_account_fkey REFERENCES account,
    code varchar(4) NOT NULL CONSTRAINT branch_code_check CHECK (code ~ '^[0-9A-Z]{4}$'),
    name text,
    address text,
    location_code varchar(8) CONSTRAINT branch_location_fkey REFERENCES location,
    phone text,
    mobile text,
    email text,
    type varchar(20) CONSTRAINT branch_type_check CHECK (type IN ('RETAIL', 'WHOLESALE')),
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT branch_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT branch_code_unique UNIQUE (account_id, code)
);

CALL istmo_account_table('branch',
    rights => 'SELECT, INSERT, UPDATE (name, address, location_code, phone, mobile, email, type, version)',
    audit => 'BRANCH', not_audited => 'version');

CREATE POLICY create_any ON branch FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON branch TO istmo_signup;
