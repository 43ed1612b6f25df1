-- The language in which a customer gets papers and mail.

ALTER TABLE customer ADD COLUMN language varchar(2) NOT NULL DEFAULT 'ES'
    CONSTRAINT customer_language_check CHECK (language IN ('ES', 'EN'));
CALL istmo_refresh('customer');

ALTER TABLE document ADD COLUMN receiver_language varchar(2);
CALL istmo_refresh('document');
