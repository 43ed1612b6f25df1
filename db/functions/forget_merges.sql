-- Delete what is kept for undoing up to `most` merges that are older than 30 days; returns how many.
CREATE OR REPLACE FUNCTION forget_merges(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.customer_merge m USING (
            SELECT o.account_id, o.id FROM public.customer_merge o
            WHERE o.merged_at < now() - interval '30 days' ORDER BY o.merged_at LIMIT most
        ) old
        WHERE m.account_id = old.account_id AND m.id = old.id
        RETURNING m.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_merges(integer)', 'istmo_dispatch');
