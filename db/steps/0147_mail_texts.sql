-- An account's own words in its mails.

ALTER TABLE account ADD COLUMN mail_texts jsonb NOT NULL DEFAULT '[]'
    CONSTRAINT account_mail_texts_check CHECK (jsonb_typeof(mail_texts) = 'array');
GRANT UPDATE (mail_texts) ON account TO istmo_app;
CALL istmo_refresh('account');
