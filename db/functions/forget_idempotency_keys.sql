-- Delete up to `most` idempotency keys that are older than seven days; returns how many.
CREATE OR REPLACE FUNCTION forget_idempotency_keys(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.idempotency_key k USING (
            SELECT o.account_id, o.id FROM public.idempotency_key o
            WHERE o.created_at < now() - interval '7 days' ORDER BY o.created_at LIMIT most
        ) old
        WHERE k.account_id = old.account_id AND k.id = old.id
        RETURNING k.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_idempotency_keys(integer)', 'istmo_dispatch');
