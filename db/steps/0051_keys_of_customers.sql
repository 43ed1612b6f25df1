-- Foreign documents are told apart by their letters and digits, and customers are found by their e-mail address. The
-- migration computes both keys after the steps (db/keys.py); a document that another customer has already gets a key of
-- its own there, so that no customer is lost.
ALTER TABLE customer ADD COLUMN foreign_id_key text COLLATE "C", ADD COLUMN email_key text COLLATE "C";

DROP INDEX customer_foreign_id_unique;
CREATE UNIQUE INDEX customer_foreign_id_unique
    ON customer (account_id, foreign_id_key, foreign_id_country, foreign_id_type)
    WHERE status = 'ACTIVE' AND foreign_id_key IS NOT NULL;
CREATE INDEX customer_email_idx ON customer (account_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX customer_location_idx ON customer (account_id, location_code)
    WHERE status = 'ACTIVE' AND location_code IS NOT NULL;

CALL istmo_audit('customer', 'CUSTOMER',
    not_audited => 'verification_checked_at, verification_tries, verification_next_at, identification, name_key,'
        'identification_key, phone_key, foreign_id_key, email_key, search, version, created_at, updated_at',
    creations => 'record_new_customer');
CALL istmo_refresh('customer');
