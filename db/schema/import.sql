-- Files of customers that were uploaded, and their rows. A file itself is kept nowhere: it is read once, into its rows.

CREATE TABLE import (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT import_account_fkey REFERENCES account,
    file_name text NOT NULL,
    file_format varchar(4) NOT NULL CONSTRAINT import_file_format_check CHECK (file_format IN ('CSV', 'XLSX')),
    encoding text,
    delimiter text,
    sheet text,
    size bigint NOT NULL,
    -- The row with the names of the columns; those above it are none of the table's.
    header_row integer NOT NULL,
    -- A list: of each column its header, its first values, and what it has (rules/customer_columns.py) or null.
    columns jsonb NOT NULL,
    row_count integer NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'UPLOADED' CONSTRAINT import_status_check CHECK (status IN (
        'UPLOADED', 'CHECKING', 'CHECKED', 'STORING', 'FINISHED', 'UNDOING', 'UNDONE')),
    -- How it is to be stored once it is checked; null if it is only checked.
    policy varchar(20) CONSTRAINT import_policy_check CHECK (policy IN ('REJECT_ALL', 'KEEP_GOOD')),
    on_duplicate varchar(20) NOT NULL DEFAULT 'USE_EXISTING' CONSTRAINT import_on_duplicate_check
        CHECK (on_duplicate IN ('FAIL', 'USE_EXISTING', 'UPDATE_EMPTY')),
    -- What is under way goes through the rows in their order. This is the last one that it has done, and its results are
    -- stored in the same transaction: a worker that is killed leaves the rest for the next one.
    position integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    created integer NOT NULL DEFAULT 0,
    updated integer NOT NULL DEFAULT 0,
    unchanged integer NOT NULL DEFAULT 0,
    skipped integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    -- Of the customers that were created, those that undoing has deleted.
    undone integer NOT NULL DEFAULT 0,
    -- Who has started what is under way: the worker acts for them.
    actor text NOT NULL DEFAULT '',
    keep_until timestamptz NOT NULL CONSTRAINT import_finite_check CHECK (isfinite(keep_until)),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT import_pkey PRIMARY KEY (account_id, id)
);
CREATE INDEX import_updated_at_idx ON import (account_id, updated_at, id);
CREATE INDEX import_under_way_idx ON import (updated_at) WHERE status IN ('CHECKING', 'STORING', 'UNDOING');
CREATE INDEX import_keep_until_idx ON import (keep_until);

CALL istmo_account_table('import', rights => 'SELECT, INSERT, UPDATE', audit => NULL);
CALL istmo_audit('import', 'IMPORT',
    not_audited => 'file_format, encoding, delimiter, sheet, size, header_row, columns, position, done, created, updated,'
        'unchanged, skipped, failed, undone, actor, keep_until, created_at, updated_at',
    deletions => false);

CREATE TABLE import_row (
    account_id uuid NOT NULL CONSTRAINT import_row_account_fkey REFERENCES account,
    import_id uuid NOT NULL,
    -- Its place in the sheet or file, from 1.
    number integer NOT NULL,
    cells text[] NOT NULL,
    outcome varchar(20) CONSTRAINT import_row_outcome_check
        CHECK (outcome IN ('CREATED', 'UPDATED', 'UNCHANGED', 'SKIPPED', 'FAILED')),
    -- No foreign key: a customer that was created is deleted when the import is undone.
    customer_id uuid,
    faults jsonb,
    -- By which a later row of the file is the same customer's.
    identity text COLLATE "C",
    external_id text COLLATE "C",
    CONSTRAINT import_row_pkey PRIMARY KEY (account_id, import_id, number),
    CONSTRAINT import_row_import_fkey FOREIGN KEY (account_id, import_id) REFERENCES import ON DELETE CASCADE
);
CREATE INDEX import_row_outcome_idx ON import_row (account_id, import_id, outcome, number);
CREATE INDEX import_row_identity_idx ON import_row (account_id, import_id, identity) WHERE identity IS NOT NULL;
CREATE INDEX import_row_external_id_idx ON import_row (account_id, import_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX import_row_customer_idx ON import_row (account_id, customer_id) WHERE customer_id IS NOT NULL;

CALL istmo_account_table('import_row', rights => 'SELECT, INSERT, UPDATE', audit => NULL);

-- The service may delete only customers that an import has created.
CREATE TRIGGER keep_unless_imported BEFORE DELETE ON customer FOR EACH ROW WHEN (current_user = 'istmo_app')
    EXECUTE FUNCTION keep_unless_imported();
GRANT DELETE ON customer TO istmo_app;

-- The worker finds imports of all accounts that are under way, and deletes those that have been kept long enough.
CREATE POLICY find_any ON import FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON import FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (account_id, id, status, actor, keep_until, updated_at), DELETE ON import TO istmo_dispatch;
