-- Claim a customer, of any account, whose check with the registry is due. The next check is put off by the pause that
-- belongs to this attempt (later attempts have the last pause). The claim lasts for that pause, even if the process dies.
CREATE OR REPLACE FUNCTION claim_pending_customer(pauses interval[])
    RETURNS TABLE (account_id uuid, id uuid, tries integer)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
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

CALL istmo_function('claim_pending_customer(interval[])', 'istmo_verify');
