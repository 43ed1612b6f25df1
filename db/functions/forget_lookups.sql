-- Delete up to `most` answers of registries that are older than `age`, and the counts of earlier days; returns how many
-- answers.
CREATE OR REPLACE FUNCTION forget_lookups(age interval, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    DELETE FROM public.lookup_count WHERE day < (now() AT TIME ZONE 'America/Panama')::date;
    WITH forgotten AS (
        DELETE FROM public.registry_answer a USING (
            SELECT o.account_id, o.ruc, o.taxpayer_type, o.sandbox FROM public.registry_answer o
            WHERE o.asked_at < now() - age ORDER BY o.asked_at LIMIT most
        ) old
        WHERE a.account_id = old.account_id AND a.ruc = old.ruc
            AND a.taxpayer_type = old.taxpayer_type AND a.sandbox = old.sandbox
        RETURNING a.ruc
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_lookups(interval, integer)', 'istmo_dispatch');
