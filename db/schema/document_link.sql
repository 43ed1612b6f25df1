-- Public links of documents: who has the secret of one sees the document without a key. Only a hash of it is stored.

CREATE TABLE document_link (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT document_link_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL CONSTRAINT document_link_finite_check CHECK (isfinite(expires_at)),
    revoked_at timestamptz,
    -- Whether it was made for a mail, which has its secret.
    mailed boolean NOT NULL DEFAULT false,
    CONSTRAINT document_link_pkey PRIMARY KEY (account_id, id),
    -- As for API keys, the account is part of it because a distributed PostgreSQL requires that.
    CONSTRAINT document_link_hash_unique UNIQUE (hash, account_id),
    CONSTRAINT document_link_document_fkey FOREIGN KEY (account_id, document_id) REFERENCES document
);
CREATE INDEX document_link_document_idx ON document_link (account_id, document_id, id);
CREATE INDEX document_link_ends_idx ON document_link (expires_at);

CALL istmo_account_table('document_link', rights => 'SELECT, INSERT, UPDATE (revoked_at)', audit => NULL);
-- Links are revoked; only those that have ended are deleted.
CALL istmo_audit('document_link', 'DOCUMENT_LINK', not_audited => 'hash, created_at', deletions => false);

-- A link is looked up before its account is known. Those that have ended are deleted for all accounts at once.
CREATE POLICY find_any ON document_link FOR SELECT TO istmo_auth USING (true);
CREATE POLICY forget_any ON document_link FOR DELETE TO istmo_auth USING (true);
GRANT SELECT (account_id, id, document_id, hash, expires_at, revoked_at), DELETE ON document_link TO istmo_auth;
