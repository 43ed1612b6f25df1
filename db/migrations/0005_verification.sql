-- Customers that wait for the registry's word; see resolvers/verification.py.

ALTER TABLE customer
    -- How often the registry was asked in vain, and when to ask again; null is at once. Only for PENDING ones.
    ADD COLUMN verification_tries integer NOT NULL DEFAULT 0,
    ADD COLUMN verification_next_at timestamptz;
CREATE INDEX customer_verification_idx ON customer (verification_next_at NULLS FIRST)
    WHERE verification_status = 'PENDING' AND status = 'ACTIVE';

CREATE POLICY claim_pending ON customer FOR SELECT TO istmo_verify
    USING (verification_status = 'PENDING' AND status = 'ACTIVE');
CREATE POLICY put_off_pending ON customer FOR UPDATE TO istmo_verify
    USING (verification_status = 'PENDING' AND status = 'ACTIVE');
GRANT SELECT (account_id, id, status, verification_status, verification_tries, verification_next_at),
    UPDATE (verification_tries, verification_next_at) ON customer TO istmo_verify;

-- Take a customer that is due, of any account, and put its next try off by the pause after this one (the last of
-- them after all further ones): whoever takes it has it for that long, whatever becomes of the taker.
CREATE FUNCTION claim_pending_customer(pauses interval[])
    RETURNS TABLE (account_id uuid, id uuid, tries integer)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
    WITH due AS MATERIALIZED (
        SELECT d.account_id, d.id FROM public.customer d
        WHERE d.verification_status = 'PENDING' AND d.status = 'ACTIVE'
            AND (d.verification_next_at IS NULL OR d.verification_next_at <= now())
        ORDER BY d.verification_next_at NULLS FIRST LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
    )
    UPDATE public.customer c
    SET verification_tries = c.verification_tries + 1,
        verification_next_at = now() + pauses[least(c.verification_tries + 1, cardinality(pauses))]
    FROM due
    WHERE c.account_id = due.account_id AND c.id = due.id
    RETURNING c.account_id, c.id, c.verification_tries
$$;

REVOKE ALL ON FUNCTION claim_pending_customer FROM PUBLIC;
GRANT EXECUTE ON FUNCTION claim_pending_customer TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_verify;
ALTER FUNCTION claim_pending_customer OWNER TO istmo_verify;
REVOKE CREATE ON SCHEMA public FROM istmo_verify;
