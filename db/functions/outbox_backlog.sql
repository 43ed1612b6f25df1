-- For operators: the numbers of events to be dispatched and of deliveries to be made, up to 100,000 each, and the seconds
-- since the oldest of these events happened and since the oldest of these deliveries was due.
CREATE OR REPLACE FUNCTION outbox_backlog()
    RETURNS TABLE (events bigint, events_age double precision, deliveries bigint, deliveries_late double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT e.*, d.* FROM (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(o.occurred_at)), 0)::double precision
        FROM (SELECT occurred_at FROM public.event WHERE sequence IS NULL ORDER BY position LIMIT 100000) o
    ) e, (
        SELECT count(*), greatest(coalesce(extract(epoch FROM now() - min(p.due_at)), 0), 0)::double precision
        FROM (SELECT due_at FROM public.delivery WHERE status = 'PENDING' LIMIT 100000) p
    ) d
$$;

CALL istmo_function('outbox_backlog()', 'istmo_dispatch');
