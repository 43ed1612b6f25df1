-- What is announced, and to whom.
--
-- An event is written in the transaction of the change that it tells of, so there is one if and only if
-- the change is stored. A dispatcher then gives it its place in the account's feed and makes a delivery
-- for each webhook and e-mail address; see resolvers/announcements.

CREATE TABLE event (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT event_account_fkey REFERENCES account,
    -- The order of writing. A change locks its object before it is announced, so for each object this is
    -- the order of its changes; across objects it is not the order of commits, nor without gaps.
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    type varchar(20) NOT NULL CONSTRAINT event_type_check CHECK (type IN (
        'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED',
        'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_VOIDED',
        'WEBHOOK_DISABLED')),
    -- No foreign key: a deleted draft is announced, too.
    object_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    -- The place in the account's feed: 1, 2, 3 ... Null until it is dispatched.
    sequence bigint,
    dispatched_at timestamptz,
    CONSTRAINT event_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT event_sequence_unique UNIQUE (account_id, sequence),
    CONSTRAINT event_dispatched_check CHECK ((sequence IS NULL) = (dispatched_at IS NULL))
);
CREATE INDEX event_undispatched_idx ON event (position) WHERE sequence IS NULL;
CREATE INDEX event_dispatched_at_idx ON event (dispatched_at);

CREATE TABLE webhook (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT webhook_account_fkey REFERENCES account,
    url text NOT NULL,
    types text[] NOT NULL,
    secret text NOT NULL,
    old_secret text,
    old_secret_until timestamptz,
    -- Since when nothing gets through, and how long it is left alone for that.
    failing_since timestamptz,
    rest_until timestamptz,
    disabled_at timestamptz,
    disabled_reason text,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT webhook_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT webhook_old_secret_check CHECK ((old_secret IS NULL) = (old_secret_until IS NULL)),
    CONSTRAINT webhook_disabled_check CHECK ((disabled_at IS NULL) = (disabled_reason IS NULL))
);

CREATE TABLE delivery (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT delivery_account_fkey REFERENCES account,
    event_id uuid NOT NULL,
    -- Of the event.
    object_id uuid NOT NULL,
    sequence bigint NOT NULL,
    webhook_id uuid,
    email text,
    status varchar(20) NOT NULL DEFAULT 'PENDING'
        CONSTRAINT delivery_status_check CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    attempts integer NOT NULL DEFAULT 0,
    -- Since when it is tried, for pauses and giving up; until the first attempt, since when it could be.
    began_at timestamptz NOT NULL DEFAULT now(),
    -- While it is pending: when to try next. A worker that claims it puts that off, and so holds it until
    -- then and no longer, whatever becomes of the worker.
    due_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    error text,
    CONSTRAINT delivery_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT delivery_event_fkey FOREIGN KEY (account_id, event_id) REFERENCES event ON DELETE CASCADE,
    CONSTRAINT delivery_webhook_fkey FOREIGN KEY (account_id, webhook_id) REFERENCES webhook ON DELETE CASCADE,
    CONSTRAINT delivery_target_check CHECK ((webhook_id IS NULL) <> (email IS NULL)),
    CONSTRAINT delivery_settled_check CHECK ((status = 'PENDING') = (settled_at IS NULL)),
    CONSTRAINT delivery_webhook_unique UNIQUE (account_id, event_id, webhook_id),
    CONSTRAINT delivery_email_unique UNIQUE (account_id, object_id, email)
);
CREATE INDEX delivery_due_idx ON delivery (account_id, webhook_id, due_at) WHERE status = 'PENDING';
CREATE INDEX delivery_due_mail_idx ON delivery (due_at) WHERE status = 'PENDING' AND webhook_id IS NULL;
CREATE INDEX delivery_object_idx ON delivery (account_id, webhook_id, object_id, sequence) WHERE status = 'PENDING';
CREATE INDEX delivery_webhook_idx ON delivery (account_id, webhook_id, sequence, id);

DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['event', 'webhook', 'delivery'] LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO istmo_owner USING (true) WITH CHECK (true)', t);
        EXECUTE format(
            $policy$CREATE POLICY account_only ON %I TO istmo_app
                USING (account_id = nullif(current_setting('istmo.account', true), '')::uuid)$policy$, t);
    END LOOP;
END
$$;

-- The service announces, but can't take an announcement back nor number it.
GRANT SELECT, INSERT (id, account_id, type, object_id, data) ON event TO istmo_app;
GRANT SELECT, INSERT, DELETE, UPDATE (secret, old_secret, old_secret_until, failing_since, rest_until, disabled_at,
                                      disabled_reason) ON webhook TO istmo_app;
GRANT SELECT, UPDATE (status, attempts, began_at, due_at, settled_at, error) ON delivery TO istmo_app;

-- Across accounts: what the dispatcher does. Everything else a worker does for one account, as the service.

CREATE POLICY dispatch_any ON event FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY number_any ON event FOR UPDATE TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON event FOR DELETE TO istmo_dispatch USING (true);
CREATE POLICY dispatch_any ON delivery FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY queue_any ON delivery FOR INSERT TO istmo_dispatch WITH CHECK (true);
CREATE POLICY dispatch_any ON webhook FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY dispatch_any ON invoice FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY dispatch_any ON associated_person FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT, UPDATE (sequence, dispatched_at), DELETE ON event TO istmo_dispatch;
GRANT SELECT, INSERT ON delivery TO istmo_dispatch;
GRANT SELECT (account_id, id, types, rest_until, disabled_at) ON webhook TO istmo_dispatch;
GRANT SELECT (account_id, id, customer_id, receiver_email) ON invoice TO istmo_dispatch;
GRANT SELECT (account_id, customer_id, email, notify) ON associated_person TO istmo_dispatch;

-- Give the oldest undispatched events their places in the feeds, make their deliveries and ring for those who
-- listen; returns how many they were. One dispatcher works at a time, and its numbers are committed before the
-- next one begins: a reader that has seen a number never meets a lower one later, although transactions
-- commit in another order than they wrote.
CREATE FUNCTION dispatch_events(most integer) RETURNS integer
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    done integer;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtext('istmo dispatch')) THEN
        RETURN 0;
    END IF;
    -- Begun after the lock was taken, this statement sees all that the one before has numbered.
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
        RETURNING e.account_id, e.id, e.type, e.object_id, e.sequence
    ), delivered AS (
        INSERT INTO public.delivery (id, account_id, event_id, object_id, sequence, webhook_id, email)
        SELECT gen_random_uuid(), d.account_id, d.id, d.object_id, d.sequence, target.webhook_id, target.email
        FROM dispatched d, LATERAL (
            SELECT w.id AS webhook_id, NULL AS email FROM public.webhook w
            WHERE w.account_id = d.account_id AND w.disabled_at IS NULL AND d.type = ANY (w.types)
            UNION ALL
            (SELECT DISTINCT ON (lower(r.email)) NULL, r.email
             FROM public.invoice i, LATERAL (
                 SELECT i.receiver_email AS email
                 UNION ALL
                 SELECT p.email FROM public.associated_person p
                 WHERE p.account_id = i.account_id AND p.customer_id = i.customer_id AND p.notify
             ) r
             WHERE d.type = 'INVOICE_ISSUED' AND i.account_id = d.account_id AND i.id = d.object_id
                 AND r.email IS NOT NULL)
        ) target
        ON CONFLICT (account_id, object_id, email) DO NOTHING
    ), rung AS (
        SELECT d.account_id, count(*) AS events, pg_notify('istmo_events', d.account_id::text)
        FROM dispatched d GROUP BY d.account_id
    )
    SELECT coalesce(sum(rung.events), 0) INTO done FROM rung;
    RETURN done;
END
$$;

-- Where something is to be delivered now: to a webhook of an account, or, without one, by mail.
CREATE FUNCTION due_lanes() RETURNS TABLE (account_id uuid, webhook_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT w.account_id, w.id FROM public.webhook w
    WHERE w.disabled_at IS NULL AND (w.rest_until IS NULL OR w.rest_until <= now()) AND EXISTS (
        SELECT FROM public.delivery d
        WHERE d.account_id = w.account_id AND d.webhook_id = w.id AND d.status = 'PENDING' AND d.due_at <= now())
    UNION ALL
    SELECT DISTINCT d.account_id, d.webhook_id FROM public.delivery d
    WHERE d.webhook_id IS NULL AND d.status = 'PENDING' AND d.due_at <= now()
$$;

-- Forget up to ``most`` events that were dispatched before, with their deliveries; returns how many. Those stay
-- that something is still to be delivered of, and the last one of each feed, which the next number follows.
CREATE FUNCTION forget_events(before timestamptz, most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
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
    SELECT count(*) FROM forgotten
$$;

REVOKE ALL ON FUNCTION dispatch_events, due_lanes, forget_events FROM PUBLIC;
GRANT EXECUTE ON FUNCTION dispatch_events, due_lanes, forget_events TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_dispatch;
ALTER FUNCTION dispatch_events OWNER TO istmo_dispatch;
ALTER FUNCTION due_lanes OWNER TO istmo_dispatch;
ALTER FUNCTION forget_events OWNER TO istmo_dispatch;
REVOKE CREATE ON SCHEMA public FROM istmo_dispatch;
