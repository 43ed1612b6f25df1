-- The accounts that have a document to be sent or looked for, or a file to be fetched, at this moment. It goes through the
-- accounts in the index, up to 1000 of its entries at a time, so that one with many documents doesn't make it slower.
CREATE OR REPLACE FUNCTION due_emissions(moment timestamptz) RETURNS TABLE (account_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before uuid := '00000000-0000-0000-0000-000000000000';
    owners uuid[];
    due uuid[] := '{}';
BEGIN
    LOOP
        SELECT array_agg(DISTINCT o.account_id) INTO owners FROM (
            SELECT e.account_id FROM public.emission e WHERE e.due_at IS NOT NULL AND e.account_id > before
            ORDER BY e.account_id LIMIT 1000) o;
        EXIT WHEN owners IS NULL;
        FOREACH before IN ARRAY owners LOOP
            IF EXISTS (SELECT FROM public.emission e WHERE e.account_id = before AND e.due_at <= moment) THEN
                due := due || before;
            END IF;
        END LOOP;
    END LOOP;
    before := '00000000-0000-0000-0000-000000000000';
    LOOP
        SELECT array_agg(DISTINCT o.account_id) INTO owners FROM (
            SELECT e.account_id FROM public.emission e WHERE e.files_due_at IS NOT NULL AND e.account_id > before
            ORDER BY e.account_id LIMIT 1000) o;
        EXIT WHEN owners IS NULL;
        FOREACH before IN ARRAY owners LOOP
            IF EXISTS (SELECT FROM public.emission e WHERE e.account_id = before AND e.files_due_at <= moment) THEN
                due := due || before;
            END IF;
        END LOOP;
    END LOOP;
    RETURN QUERY SELECT DISTINCT o.owner FROM unnest(due) AS o (owner)
    WHERE NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = o.owner AND m.state <> 'BEGUN');
END
$$;

CALL istmo_function('due_emissions(timestamptz)', 'istmo_dispatch');
