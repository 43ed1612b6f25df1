-- Who issued an invoice, as it was that day: a new name of the account changes no issued invoice. Those that
-- were issued before this migration get the account's present name, which is what they were printed with until now.

ALTER TABLE invoice
    ADD COLUMN issuer_name text,
    ADD COLUMN issuer_ruc text,
    ADD COLUMN issuer_dv varchar(2);

UPDATE invoice i SET issuer_name = a.name, issuer_ruc = a.ruc, issuer_dv = a.dv
FROM account a WHERE a.id = i.account_id AND i.status <> 'DRAFT';

ALTER TABLE invoice ADD CONSTRAINT invoice_issuer_check CHECK ((status = 'DRAFT') = (issuer_name IS NULL));

-- A view keeps the columns that the table had when it was made.
CREATE OR REPLACE VIEW invoice_search AS
    SELECT * FROM invoice WHERE account_id = nullif(current_setting('istmo.account', true), '')::uuid;

-- A caller may repeat a request under its idempotency key for seven days. The keys of all accounts are forgotten
-- afterwards, and the role can't forget others, whatever the function says.

CREATE POLICY see_old ON idempotency_key FOR SELECT TO istmo_dispatch
    USING (created_at < now() - interval '7 days');
CREATE POLICY forget_old ON idempotency_key FOR DELETE TO istmo_dispatch
    USING (created_at < now() - interval '7 days');
GRANT SELECT (account_id, id, created_at), DELETE ON idempotency_key TO istmo_dispatch;

-- Forget up to ``most`` of them; returns how many.
CREATE FUNCTION forget_idempotency_keys(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
    WITH forgotten AS (
        DELETE FROM public.idempotency_key k USING (
            SELECT o.account_id, o.id FROM public.idempotency_key o
            WHERE o.created_at < now() - interval '7 days' ORDER BY o.created_at LIMIT most
        ) old
        WHERE k.account_id = old.account_id AND k.id = old.id
        RETURNING k.id
    )
    SELECT count(*) FROM forgotten
$$;

REVOKE ALL ON FUNCTION forget_idempotency_keys FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_idempotency_keys TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_dispatch;
ALTER FUNCTION forget_idempotency_keys OWNER TO istmo_dispatch;
REVOKE CREATE ON SCHEMA public FROM istmo_dispatch;
