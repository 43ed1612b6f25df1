-- The picture at the head of an account's papers, as documents/logo.py made it.

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
