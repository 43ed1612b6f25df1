-- A business that invoices.

CREATE TABLE account (
    id uuid CONSTRAINT account_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT account_name_check CHECK (length(name) BETWEEN 2 AND 200),
    ruc text,
    dv varchar(2),
    electronic_invoicing boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CALL istmo_account_table('account',
    rights => 'SELECT, UPDATE (name, ruc, dv, electronic_invoicing, updated_at)',
    audit => 'ACCOUNT', not_audited => 'created_at, updated_at');

-- create_account runs before there is an account to act for.
CREATE POLICY create_any ON account FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON account TO istmo_signup;
