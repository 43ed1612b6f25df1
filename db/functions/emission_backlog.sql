-- For operators: the documents that wait for their provider and the seconds for which the oldest has, those that are blocked
-- and their accounts, and those whose files have not been fetched; up to 100,000 each. Copies of accounts that work on
-- another node don't count.
CREATE OR REPLACE FUNCTION emission_backlog()
    RETURNS TABLE (waiting bigint, age double precision, blocked bigint, blocked_accounts bigint, files bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.*, b.*, f.* FROM (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(o.open_since)), 0)::double precision
        FROM (SELECT s.open_since FROM public.emission s WHERE s.due_at IS NOT NULL AND s.status <> 'BLOCKED'
              AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                  AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000) o
    ) w, (
        SELECT count(*), count(DISTINCT o.account_id)
        FROM (SELECT s.account_id FROM public.emission s WHERE s.status = 'BLOCKED'
              AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                  AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000) o
    ) b, (
        SELECT count(*) FROM (SELECT FROM public.emission s WHERE s.files_due_at IS NOT NULL
              AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                  AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000) o
    ) f
$$;

CALL istmo_function('emission_backlog()', 'istmo_dispatch');
