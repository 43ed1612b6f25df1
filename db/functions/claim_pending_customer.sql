-- Claim a customer, of any account, whose check with the registry is due. The next check is put off by the pause that
-- belongs to this attempt (later attempts have the last pause). The claim lasts for that pause, even if the process dies.
CREATE OR REPLACE FUNCTION claim_pending_customer(pauses interval[])
    RETURNS TABLE (account_id uuid, id uuid, tries integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    due record;
    before integer;
    pause interval;
BEGIN
    -- They are found in all accounts, but each is locked in its own: one that another worker has locked or put off in the
    -- meantime is passed over.
    FOR due IN
        SELECT d.account_id, d.id FROM public.customer d
        WHERE d.verification_status = 'PENDING' AND d.status = 'ACTIVE'
            AND (d.verification_next_at IS NULL OR d.verification_next_at <= now())
            AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = d.account_id AND m.state <> 'BEGUN')
        ORDER BY d.verification_next_at NULLS FIRST LIMIT 20
    LOOP
        SELECT c.verification_tries INTO before FROM public.customer c
        WHERE c.account_id = due.account_id AND c.id = due.id
            AND c.verification_status = 'PENDING' AND c.status = 'ACTIVE'
            AND (c.verification_next_at IS NULL OR c.verification_next_at <= now())
        FOR NO KEY UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        pause := pauses[least(before + 1, cardinality(pauses))];
        UPDATE public.customer c SET verification_tries = before + 1, verification_next_at = now() + pause
        WHERE c.account_id = due.account_id AND c.id = due.id;
        RETURN QUERY SELECT due.account_id::uuid, due.id::uuid, before + 1;
        RETURN;
    END LOOP;
END
$$;

CALL istmo_function('claim_pending_customer(interval[])', 'istmo_verify');
