-- The provider through which an account sends its documents to the DGI, and its credentials there.

CREATE TABLE pac_setting (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT pac_setting_account_fkey REFERENCES account,
    provider varchar(20) NOT NULL,
    environment varchar(20) NOT NULL CONSTRAINT pac_setting_environment_check
        CHECK (environment IN ('TEST', 'PRODUCTION')),
    -- A JSON object, encrypted by a key that the database doesn't have (resolvers/pac_settings.py).
    secrets bytea NOT NULL,
    version integer NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pac_setting_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT pac_setting_unique UNIQUE (account_id)
);

-- That new credentials were set shows as a change of updated_at.
CALL istmo_account_table('pac_setting',
    rights => 'SELECT, INSERT, UPDATE (provider, environment, secrets, version, updated_at)',
    audit => 'PAC_SETTING', not_audited => 'secrets, version');
