-- For operators: the numbers of events to be dispatched and of deliveries to be made, up to 100,000 each, and the seconds
-- since the oldest of these events happened and since the oldest of these deliveries was due. Copies of
-- accounts that work on another node don't count.
CREATE OR REPLACE FUNCTION outbox_backlog()
    RETURNS TABLE (events bigint, events_age double precision, deliveries bigint, deliveries_late double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.*, d.* FROM (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(o.occurred_at)), 0)::double precision
        FROM (SELECT s.occurred_at FROM public.event s WHERE s.sequence IS NULL
              AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                  AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) ORDER BY s.position LIMIT 100000) o
    ) e, (
        SELECT count(*), greatest(coalesce(extract(epoch FROM now() - min(p.due_at)), 0), 0)::double precision
        FROM (SELECT s.due_at FROM public.delivery s WHERE s.status = 'PENDING'
              AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id
                  AND m.state IN ('SWITCHED', 'CONFIRMED', 'ARRIVING')) LIMIT 100000) p
    ) d
$$;

CALL istmo_function('outbox_backlog()', 'istmo_dispatch');
