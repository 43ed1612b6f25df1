-- Number events in their accounts' feeds, make their deliveries and notify the listeners of istmo_events; returns how many
-- events were dispatched, at most 500 of an account. With `owner` they are those of this account, and a dispatcher of the
-- account that is at work is waited for. Without, they are those of the accounts that have the oldest `most` undispatched
-- events, but for accounts with a dispatcher at work.
--
-- One dispatcher works at a time in an account, and commits its numbers before the next one begins. So a reader that has
-- seen a number never finds a new lower one later, although transactions may commit in another order than they wrote.
DROP FUNCTION IF EXISTS dispatch_events(integer);
CREATE OR REPLACE FUNCTION dispatch_events(most integer, owner uuid DEFAULT NULL) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owners uuid[];
    last bigint;
    dispatched integer;
    done integer := 0;
BEGIN
    IF owner IS NOT NULL THEN
        PERFORM pg_advisory_xact_lock(hashtext('istmo dispatch'), hashtext(owner::text));
        owners := ARRAY[owner];
    ELSE
        SELECT coalesce(array_agg(DISTINCT o.account_id), '{}') INTO owners FROM (
            SELECT e.account_id FROM public.event e WHERE e.sequence IS NULL
                AND NOT EXISTS (
                    SELECT FROM public.account_move m WHERE m.owner_id = e.account_id AND m.state NOT IN ('BEGUN', 'PREPARING'))
            ORDER BY e.position LIMIT most
        ) o;
    END IF;
    FOREACH owner IN ARRAY owners LOOP
        CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtext('istmo dispatch'), hashtext(owner::text));
        CONTINUE WHEN public.is_frozen(owner::text);
        -- These statements begin after the lock was taken, so they see all numbers that the dispatcher before has committed.
        SELECT coalesce(max(e.sequence), 0) INTO last FROM public.event e WHERE e.account_id = owner;
        UPDATE public.event e SET sequence = last + n.place, dispatched_at = now()
        FROM (
            SELECT u.id, row_number() OVER (ORDER BY u.position) AS place FROM public.event u
            WHERE u.account_id = owner AND u.sequence IS NULL ORDER BY u.position LIMIT 500
        ) n
        WHERE e.account_id = owner AND e.id = n.id;
        GET DIAGNOSTICS dispatched = ROW_COUNT;
        CONTINUE WHEN dispatched = 0;
        INSERT INTO public.delivery (id, account_id, event_id, object_id, sequence, webhook_id, email)
        SELECT gen_random_uuid(), d.account_id, d.id, d.object_id, d.sequence, target.webhook_id, target.email
        FROM public.event d, LATERAL (
            -- What became of a document, of whichever type.
            SELECT regexp_replace(d.type, '^(INVOICE|CREDIT_NOTE|DEBIT_NOTE)_', '') AS change
        ) of_document, LATERAL (
            SELECT w.id AS webhook_id, NULL AS email FROM public.webhook w
            WHERE w.account_id = owner AND w.disabled_at IS NULL
                AND CASE WHEN d.type = 'WEBHOOK_TESTED' THEN w.id = d.object_id ELSE d.type = ANY (w.types) END
            UNION ALL
            (SELECT DISTINCT ON (lower(r.email)) NULL, r.email
             FROM public.document i, LATERAL (
                 SELECT i.receiver_email AS email
                 UNION ALL
                 SELECT p.email FROM public.associated_person p
                 WHERE p.account_id = owner AND p.customer_id = i.customer_id AND p.notify
             ) r
             WHERE i.account_id = owner AND i.id = d.object_id AND i.notify AND r.email IS NOT NULL
                 -- An electronic document is worth nothing before it is authorised.
                 AND (change = 'AUTHORIZED' OR change = 'ISSUED' AND NOT EXISTS (
                     SELECT FROM public.emission e WHERE e.account_id = owner AND e.document_id = d.object_id)))
            UNION ALL
            SELECT NULL, address FROM jsonb_array_elements_text(
                CASE WHEN change = 'SENT' THEN d.data -> 'to' ELSE '[]' END) address
            UNION ALL
            -- Those who got the document, or are just getting it. A mail that begins after the void says so by itself.
            (SELECT DISTINCT ON (lower(m.email)) NULL, m.email
             FROM public.delivery m
             WHERE change = 'VOIDED' AND m.account_id = owner AND m.object_id = d.object_id AND m.webhook_id IS NULL
                 AND (m.status = 'DELIVERED' OR m.status = 'PENDING' AND m.attempts > 0 AND m.error IS NULL))
        ) target
        WHERE d.account_id = owner AND d.sequence > last
        -- A distributed database would use COPY, which policies refuse, if there couldn't be a conflict.
        ON CONFLICT DO NOTHING;
        PERFORM pg_notify('istmo_events', owner::text);
        done := done + dispatched;
    END LOOP;
    RETURN done;
END
$$;

CALL istmo_function('dispatch_events(integer, uuid)', 'istmo_dispatch');
