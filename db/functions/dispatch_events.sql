-- Number the oldest undispatched events in their accounts' feeds, make their deliveries and notify the listeners of
-- istmo_events; returns how many events were dispatched. One dispatcher works at a time, and commits its numbers before
-- the next one begins. So a reader that has seen a number never finds a new lower one later, although transactions may
-- commit in another order than they wrote.
CREATE OR REPLACE FUNCTION dispatch_events(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('istmo dispatch')) THEN
        RETURN 0;
    END IF;
    -- It begins after the lock was taken, so it sees all numbers that the dispatcher before has committed.
    WITH undispatched AS (
        SELECT e.account_id, e.id, e.position FROM public.event e
        WHERE e.sequence IS NULL ORDER BY e.position LIMIT most
    ), numbered AS (
        SELECT u.account_id, u.id,
               last.sequence + row_number() OVER (PARTITION BY u.account_id ORDER BY u.position) AS sequence
        FROM undispatched u, LATERAL (
            SELECT coalesce(max(e.sequence), 0) AS sequence FROM public.event e WHERE e.account_id = u.account_id
        ) last
    ), dispatched AS (
        UPDATE public.event e SET sequence = n.sequence, dispatched_at = now()
        FROM numbered n WHERE e.account_id = n.account_id AND e.id = n.id
        RETURNING e.account_id, e.id, e.type, e.object_id, e.data, e.sequence
    ), queued AS (
        INSERT INTO public.delivery (id, account_id, event_id, object_id, sequence, webhook_id, email)
        SELECT gen_random_uuid(), d.account_id, d.id, d.object_id, d.sequence, target.webhook_id, target.email
        FROM dispatched d, LATERAL (
            SELECT w.id AS webhook_id, NULL AS email FROM public.webhook w
            WHERE w.account_id = d.account_id AND w.disabled_at IS NULL
                AND CASE d.type WHEN 'WEBHOOK_TESTED' THEN w.id = d.object_id ELSE d.type = ANY (w.types) END
            UNION ALL
            (SELECT DISTINCT ON (lower(r.email)) NULL, r.email
             FROM public.document i, LATERAL (
                 SELECT i.receiver_email AS email
                 UNION ALL
                 SELECT p.email FROM public.associated_person p
                 WHERE p.account_id = i.account_id AND p.customer_id = i.customer_id AND p.notify
             ) r
             WHERE d.type = 'INVOICE_ISSUED' AND i.account_id = d.account_id AND i.id = d.object_id
                 AND r.email IS NOT NULL)
            UNION ALL
            SELECT NULL, address FROM jsonb_array_elements_text(
                CASE d.type WHEN 'INVOICE_SENT' THEN d.data -> 'to' ELSE '[]' END) address
        ) target
    ), notified AS (
        SELECT d.account_id, count(*) AS events, pg_notify('istmo_events', d.account_id::text)
        FROM dispatched d GROUP BY d.account_id
    )
    SELECT coalesce(sum(n.events), 0) INTO done FROM notified n;
    RETURN done;
END
$$;

CALL istmo_function('dispatch_events(integer)', 'istmo_dispatch');
