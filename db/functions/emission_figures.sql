-- For operators, beside emission_backlog: the documents that aren't settled by status, up to 100,000 in all; the differences
-- by kind; the accounts whose provider doesn't answer; the fewest folios that an account has left; and for how many seconds
-- the oldest reconciliation is overdue.
CREATE OR REPLACE FUNCTION emission_figures() RETURNS TABLE (figure text, label text, value double precision)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    away double precision;
    folios double precision;
    late double precision;
BEGIN
    RETURN QUERY
    SELECT 'documents', o.status::text, count(*)::double precision FROM (
        (SELECT status FROM public.emission WHERE due_at IS NOT NULL AND status <> 'BLOCKED' LIMIT 100000)
        UNION ALL
        (SELECT status FROM public.emission WHERE status = 'BLOCKED' LIMIT 100000)
        UNION ALL
        (SELECT status FROM public.emission WHERE status = 'REJECTED' LIMIT 100000)
    ) o GROUP BY o.status;
    RETURN QUERY
    SELECT 'differences', d.kind::text, count(*)::double precision FROM public.emission_difference d GROUP BY d.kind;
    SELECT count(*) FILTER (WHERE failing_since IS NOT NULL), min(folios_available),
        extract(epoch FROM greatest(now() - min(due_at), '0'))
    INTO away, folios, late FROM public.emission_reconciliation;
    RETURN QUERY VALUES ('away', '', away), ('folios', '', folios), ('late', '', late);
END
$$;

CALL istmo_function('emission_figures()', 'istmo_dispatch');
