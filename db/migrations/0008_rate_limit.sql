-- How many requests each key has made, as the service's processes tell each other; see resolvers/quotas.py. Each
-- process writes rows of its own, so none waits for another. A crash may take them: then the count begins anew.
--
-- Numbers only, of keys whose secrets nobody can tell from them: no row-level security, the service adds across accounts.

CREATE UNLOGGED TABLE request_count (
    key_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    process uuid NOT NULL,
    requests integer NOT NULL CONSTRAINT request_count_requests_check CHECK (requests >= 0),
    CONSTRAINT request_count_pkey PRIMARY KEY (key_id, began_at, process)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON request_count TO istmo_app;

-- For operators: what the announcements' dispatcher and deliveries are behind with, up to 100,000 of each; in seconds, how
-- long ago the oldest event happened and the oldest delivery should have been tried.
CREATE FUNCTION outbox_backlog()
    RETURNS TABLE (events bigint, events_age double precision, deliveries bigint, deliveries_late double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT e.*, d.* FROM (
        SELECT count(*), coalesce(extract(epoch FROM now() - min(o.occurred_at)), 0)::double precision
        FROM (SELECT occurred_at FROM public.event WHERE sequence IS NULL ORDER BY position LIMIT 100000) o
    ) e, (
        SELECT count(*), greatest(coalesce(extract(epoch FROM now() - min(p.due_at)), 0), 0)::double precision
        FROM (SELECT due_at FROM public.delivery WHERE status = 'PENDING' LIMIT 100000) p
    ) d
$$;

REVOKE ALL ON FUNCTION outbox_backlog FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outbox_backlog TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_dispatch;
ALTER FUNCTION outbox_backlog OWNER TO istmo_dispatch;
REVOKE CREATE ON SCHEMA public FROM istmo_dispatch;
