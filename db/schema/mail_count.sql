-- How many mails an account has sent on a day, which is Panama's, to each address in lower case. Only today is kept.

CREATE TABLE mail_count (
    account_id uuid NOT NULL CONSTRAINT mail_count_account_fkey REFERENCES account,
    day date NOT NULL,
    email text NOT NULL,
    mails integer NOT NULL CONSTRAINT mail_count_mails_check CHECK (mails >= 0),
    CONSTRAINT mail_count_pkey PRIMARY KEY (account_id, day, email)
);

CALL istmo_account_table('mail_count', rights => 'SELECT, INSERT, UPDATE (mails), DELETE', audit => NULL);
