-- For operators: the documents that wait for their provider and the seconds for which the oldest has, those that are blocked
-- and their accounts, and those whose files have not been fetched; up to 100,000 each.
CREATE OR REPLACE FUNCTION emission_backlog()
    RETURNS TABLE (waiting bigint, age double precision, blocked bigint, blocked_accounts bigint, files bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.*, b.*, f.* FROM (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(o.open_since)), 0)::double precision
        FROM (SELECT open_since FROM public.emission
              WHERE due_at IS NOT NULL AND status <> 'BLOCKED' LIMIT 100000) o
    ) w, (
        SELECT count(*), count(DISTINCT o.account_id)
        FROM (SELECT account_id FROM public.emission WHERE status = 'BLOCKED' LIMIT 100000) o
    ) b, (
        SELECT count(*) FROM (SELECT FROM public.emission WHERE files_due_at IS NOT NULL LIMIT 100000) o
    ) f
$$;

CALL istmo_function('emission_backlog()', 'istmo_dispatch');
