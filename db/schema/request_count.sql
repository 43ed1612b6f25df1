-- How many requests each account has made, as the service's processes tell each other. Each process writes rows of its own,
-- so none waits for another. A crash may empty the table: then the count begins anew.
--
-- It holds only counts and the ids of accounts, which reveal no secrets, and the service adds them up across accounts. So it
-- has no row-level security.

CREATE UNLOGGED TABLE request_count (
    owner_id uuid NOT NULL,
    began_at timestamptz NOT NULL,
    process uuid NOT NULL,
    requests integer NOT NULL CONSTRAINT request_count_requests_check CHECK (requests >= 0),
    CONSTRAINT request_count_pkey PRIMARY KEY (owner_id, began_at, process)
) WITH (fillfactor = 50);

GRANT SELECT, INSERT, UPDATE, DELETE ON request_count TO istmo_app;
