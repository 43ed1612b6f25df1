-- Delete up to `most` links and sessions of all accounts that have ended; returns how many.
CREATE OR REPLACE FUNCTION forget_sessions(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.api_key k USING (
            SELECT o.account_id, o.id FROM public.api_key o
            WHERE o.kind <> 'KEY' AND o.expires_at < now() ORDER BY o.expires_at LIMIT most
        ) old
        WHERE k.account_id = old.account_id AND k.id = old.id
        RETURNING k.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_sessions(integer)', 'istmo_auth');
