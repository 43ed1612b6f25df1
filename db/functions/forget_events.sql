-- Delete up to `most` events that were dispatched before a time, with their deliveries; returns how many. Events with
-- pending deliveries stay, and so does the last one of each feed: the next event takes the number after its.
CREATE OR REPLACE FUNCTION forget_events(before timestamptz, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.event e USING (
            SELECT o.account_id, o.id FROM public.event o
            WHERE o.dispatched_at < before
                AND EXISTS (
                    SELECT FROM public.event l WHERE l.account_id = o.account_id AND l.sequence > o.sequence)
                AND NOT EXISTS (
                    SELECT FROM public.delivery d
                    WHERE d.account_id = o.account_id AND d.event_id = o.id AND d.status = 'PENDING')
            ORDER BY o.dispatched_at LIMIT most
        ) old
        WHERE e.account_id = old.account_id AND e.id = old.id
        RETURNING e.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_events(timestamptz, integer)', 'istmo_dispatch');
