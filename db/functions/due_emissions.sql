-- The accounts that have a document to be sent or looked for, or a file to be fetched, at this moment. It goes from account
-- to account in the index, so that one with many documents doesn't make it slower.
CREATE OR REPLACE FUNCTION due_emissions(moment timestamptz) RETURNS TABLE (account_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    WITH RECURSIVE open AS (
        (SELECT e.account_id FROM public.emission e WHERE e.due_at IS NOT NULL ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT e.account_id FROM public.emission e
                WHERE e.due_at IS NOT NULL AND e.account_id > o.account_id ORDER BY 1 LIMIT 1)
        FROM open o WHERE o.account_id IS NOT NULL
    ), fetching AS (
        (SELECT e.account_id FROM public.emission e WHERE e.files_due_at IS NOT NULL ORDER BY 1 LIMIT 1)
        UNION ALL
        SELECT (SELECT e.account_id FROM public.emission e
                WHERE e.files_due_at IS NOT NULL AND e.account_id > f.account_id ORDER BY 1 LIMIT 1)
        FROM fetching f WHERE f.account_id IS NOT NULL
    )
    SELECT due.account_id FROM (
        SELECT o.account_id FROM open o WHERE EXISTS (
            SELECT FROM public.emission e WHERE e.account_id = o.account_id AND e.due_at <= moment)
        UNION
        SELECT f.account_id FROM fetching f WHERE EXISTS (
            SELECT FROM public.emission e WHERE e.account_id = f.account_id AND e.files_due_at <= moment)
    ) due
    WHERE NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = due.account_id AND m.state <> 'BEGUN')
$$;

CALL istmo_function('due_emissions(timestamptz)', 'istmo_dispatch');
