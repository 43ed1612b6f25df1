-- Whether an account's mails have a public link of their document.

ALTER TABLE account ADD COLUMN mail_link boolean NOT NULL DEFAULT false;
GRANT UPDATE (mail_link) ON account TO istmo_app;
CALL istmo_refresh('account');
