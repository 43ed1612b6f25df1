-- Customers that somebody has told apart are no pair of duplicates any more.

ALTER TABLE customer ADD COLUMN different_from uuid[] NOT NULL DEFAULT '{}';
CALL istmo_audit('customer', 'CUSTOMER',
    not_audited => 'verification_checked_at, verification_tries, verification_next_at, identification, name_key,'
        'identification_key, phone_key, foreign_id_key, email_key, tag_keys, search, different_from, version, created_at,'
        'updated_at',
    creations => 'record_new_customer');
CALL istmo_refresh('customer');
