-- Searching an account's customers and invoices by any part of a word.
--
-- LIKE is not leakproof, so under row-level security it could not use the trigram index and every
-- search would walk the whole account. These views belong to a role whose policy lets it see all
-- rows, and keep to the account themselves: within them PostgreSQL is free to use the index. The
-- service can read nothing more through them than through the tables.

CREATE POLICY search_any ON customer FOR SELECT TO istmo_search USING (true);
CREATE POLICY search_any ON invoice FOR SELECT TO istmo_search USING (true);
GRANT SELECT ON customer, invoice TO istmo_search;

CREATE INDEX customer_search_idx ON customer USING gin (account_id, search gin_trgm_ops);
CREATE INDEX invoice_search_idx ON invoice USING gin (account_id, search gin_trgm_ops);

-- More of a sample, so that the planner can tell a rare word from a common one.
ALTER TABLE customer ALTER COLUMN search SET STATISTICS 1000;
ALTER TABLE invoice ALTER COLUMN search SET STATISTICS 1000;

CREATE VIEW customer_search AS
    SELECT * FROM customer WHERE account_id = nullif(current_setting('istmo.account', true), '')::uuid;
CREATE VIEW invoice_search AS
    SELECT * FROM invoice WHERE account_id = nullif(current_setting('istmo.account', true), '')::uuid;

GRANT SELECT ON customer_search, invoice_search TO istmo_app;
GRANT CREATE ON SCHEMA public TO istmo_search;
ALTER VIEW customer_search OWNER TO istmo_search;
ALTER VIEW invoice_search OWNER TO istmo_search;
REVOKE CREATE ON SCHEMA public FROM istmo_search;
