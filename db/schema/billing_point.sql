-- Punto de facturación: where a branch issues documents. Its code is unique within the branch.

CREATE TABLE billing_point (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT billing_point_account_fkey REFERENCES account,
    branch varchar(4) NOT NULL,
    code varchar(3) NOT NULL CONSTRAINT billing_point_code_check CHECK (code ~ '^[0-9]{3}$' AND code <> '000'),
    name text,
    version integer NOT NULL DEFAULT 1,
    CONSTRAINT billing_point_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT billing_point_branch_fkey FOREIGN KEY (account_id, branch) REFERENCES branch (account_id, code),
    CONSTRAINT billing_point_code_unique UNIQUE (account_id, branch, code)
);

CALL istmo_account_table('billing_point',
    rights => 'SELECT, INSERT, UPDATE (name, version)',
    audit => 'BILLING_POINT', not_audited => 'branch, version');

CREATE POLICY create_any ON billing_point FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON billing_point TO istmo_signup;

-- The first number of a sequence is recorded as a change of its billing point.
CREATE POLICY see_any ON billing_point FOR SELECT TO istmo_audit USING (true);
GRANT SELECT (account_id, id, branch, code) ON billing_point TO istmo_audit;
