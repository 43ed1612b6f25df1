-- An address that receives the account's events.

CREATE TABLE webhook (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT webhook_account_fkey REFERENCES account,
    url text NOT NULL,
    types text[] NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    -- When deliveries began to fail, and until when none is attempted because of that.
    failing_since timestamptz,
    rest_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT webhook_old_secret_check CHECK ((old_secret IS NULL) = (old_secret_until IS NULL)),
    CONSTRAINT webhook_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CALL istmo_account_table('webhook',
    rights => 'SELECT, INSERT, DELETE, UPDATE (url, types, secret, old_secret, old_secret_until, failing_since, rest_until,'
        'disabled_at, disabled_reason, version)',
    audit => 'WEBHOOK', not_audited => 'secret, old_secret, failing_since, rest_until, version, created_at');

CREATE POLICY dispatch_any ON webhook FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, id, types, rest_until, disabled_at) ON webhook TO istmo_dispatch;
