-- For operators, beside emission_backlog: the documents that aren't settled by status, up to 100,000 in all; the differences
-- by kind; the accounts whose provider doesn't answer; the fewest folios that an account has left; and for how many seconds
-- the oldest reconciliation is overdue.
CREATE OR REPLACE FUNCTION emission_figures() RETURNS TABLE (figure text, label text, value double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT 'documents', o.status, count(*)::double precision FROM (
        (SELECT status FROM public.emission WHERE due_at IS NOT NULL AND status <> 'BLOCKED' LIMIT 100000)
        UNION ALL
        (SELECT status FROM public.emission WHERE status = 'BLOCKED' LIMIT 100000)
        UNION ALL
        (SELECT status FROM public.emission WHERE status = 'REJECTED' LIMIT 100000)
    ) o GROUP BY o.status
    UNION ALL
    SELECT 'differences', d.kind, count(*) FROM public.emission_difference d GROUP BY d.kind
    UNION ALL
    SELECT f.figure, '', f.value FROM (
        SELECT count(*) FILTER (WHERE failing_since IS NOT NULL) AS away, min(folios_available) AS folios,
            extract(epoch FROM greatest(now() - min(due_at), '0')) AS late
        FROM public.emission_reconciliation
    ) r, LATERAL (VALUES ('away', r.away::double precision), ('folios', r.folios::double precision),
                         ('late', r.late::double precision)) f (figure, value)
$$;

CALL istmo_function('emission_figures()', 'istmo_dispatch');
