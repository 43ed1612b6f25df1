-- How an account's papers look.

ALTER TABLE account
    ADD COLUMN paper_color varchar(7) CONSTRAINT account_paper_color_check CHECK (paper_color ~ '^#[0-9a-f]{6}$'),
    ADD COLUMN paper_footer text,
    ADD COLUMN bank_lines text,
    ADD COLUMN logo_digest varchar(64);
GRANT UPDATE (paper_color, paper_footer, bank_lines, logo_digest) ON account TO istmo_app;
CALL istmo_audit('account', 'ACCOUNT', not_audited => 'version, created_at, updated_at');

CREATE TABLE account_logo (
    account_id uuid NOT NULL CONSTRAINT account_logo_account_fkey REFERENCES account,
    media_type varchar(10) NOT NULL CONSTRAINT account_logo_media_type_check
        CHECK (media_type IN ('image/png', 'image/jpeg')),
    width integer NOT NULL,
    height integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT account_logo_pkey PRIMARY KEY (account_id)
);

-- Its digest in the account shows when it changed.
CALL istmo_account_table('account_logo', rights => 'SELECT, INSERT, UPDATE, DELETE', audit => NULL);
