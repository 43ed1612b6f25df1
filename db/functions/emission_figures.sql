-- For operators, beside emission_backlog: the documents that aren't settled by status, up to 100,000 in all; the differences
-- by kind; the accounts whose provider doesn't answer; the fewest folios that an account has left; and for how many seconds
-- the oldest reconciliation is overdue. Copies of accounts that work on another node don't count.
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
        (SELECT s.status FROM public.emission s WHERE s.due_at IS NOT NULL AND s.status <> 'BLOCKED'
            AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000)
        UNION ALL
        (SELECT s.status FROM public.emission s WHERE s.status = 'BLOCKED'
            AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000)
        UNION ALL
        (SELECT s.status FROM public.emission s WHERE s.status = 'REJECTED'
            AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000)
    ) o GROUP BY o.status;
    RETURN QUERY
    SELECT 'differences', d.kind::text, count(*)::double precision FROM public.emission_difference d
    WHERE NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = d.account_id
        AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING'))
    GROUP BY d.kind;
    SELECT count(*) FILTER (WHERE failing_since IS NOT NULL), min(folios_available),
        extract(epoch FROM greatest(now() - min(due_at), '0'))
    INTO away, folios, late FROM public.emission_reconciliation s
    WHERE NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
        AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING'));
    RETURN QUERY VALUES ('away', '', away), ('folios', '', folios), ('late', '', late);
END
$$;

CALL istmo_function('emission_figures()', 'istmo_dispatch');
