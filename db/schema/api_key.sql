-- API keys, and what a browser signs in with.
--
-- A session is a key of its own kind, whose secret is in a browser's cookie. It acts as the key that began it, its
-- parent, and ends with it. A link is a key that can only begin one session, which then has no parent.

CREATE TABLE api_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT api_key_account_fkey REFERENCES account,
    kind varchar(10) NOT NULL DEFAULT 'KEY'
        CONSTRAINT api_key_kind_check CHECK (kind IN ('KEY', 'LINK', 'SESSION')),
    parent_id uuid,
    name text NOT NULL CONSTRAINT api_key_name_check CHECK (length(name) BETWEEN 1 AND 200),
    scope varchar(10) NOT NULL CONSTRAINT api_key_scope_check CHECK (scope IN ('READ', 'WRITE', 'ADMIN')),
    hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz CONSTRAINT api_key_finite_check CHECK (isfinite(expires_at)),
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_key_pkey PRIMARY KEY (account_id, id),
    -- The account is part of it because a distributed PostgreSQL requires that; hashes of 256 bits are unique without it.
    CONSTRAINT api_key_hash_unique UNIQUE (hash, account_id),
    CONSTRAINT api_key_parent_fkey FOREIGN KEY (account_id, parent_id) REFERENCES api_key ON DELETE CASCADE,
    CONSTRAINT api_key_parent_check CHECK (parent_id IS NULL OR kind = 'SESSION'),
    CONSTRAINT api_key_ends_check CHECK (kind = 'KEY' OR expires_at IS NOT NULL)
);
CREATE INDEX api_key_parent_idx ON api_key (account_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX api_key_ends_idx ON api_key (expires_at) WHERE kind <> 'KEY';

CALL istmo_account_table('api_key', rights => 'SELECT, INSERT, UPDATE (revoked_at, last_used_at)', audit => NULL);
-- Keys are revoked; only sessions and links that have ended are deleted.
CALL istmo_audit('api_key', 'API_KEY', not_audited => 'kind, parent_id, hash, created_at, last_used_at',
    deletions => false);

-- A key is looked up before its account is known. Ended sessions and links are deleted for all accounts at once.
CREATE POLICY find_any ON api_key FOR SELECT TO istmo_auth USING (true);
CREATE POLICY forget_any ON api_key FOR DELETE TO istmo_auth USING (kind <> 'KEY');
GRANT SELECT (account_id, id, kind, parent_id, scope, hash, expires_at, revoked_at), DELETE ON api_key TO istmo_auth;
