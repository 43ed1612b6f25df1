-- A caller's key, the hash of its arguments and, once the request is done, the object that it made. A caller may repeat
-- a request under its key for seven days.

CREATE TABLE idempotency_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT idempotency_key_account_fkey REFERENCES account,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    -- Null only within the transaction that takes the key.
    object_id uuid,
    created boolean,
    changed boolean,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT idempotency_key_unique UNIQUE (account_id, key)
);
CREATE INDEX idempotency_key_created_at_idx ON idempotency_key (created_at);

-- Not audited: a key changes nothing that users see.
CALL istmo_account_table('idempotency_key', rights => 'SELECT, INSERT, UPDATE, DELETE', audit => NULL);

-- The role can delete no others, whatever the function does.
CREATE POLICY see_old ON idempotency_key FOR SELECT TO istmo_dispatch
    USING (created_at < now() - interval '7 days');
CREATE POLICY forget_old ON idempotency_key FOR DELETE TO istmo_dispatch
    USING (created_at < now() - interval '7 days');
GRANT SELECT (account_id, id, created_at), DELETE ON idempotency_key TO istmo_dispatch;
