-- Accounts move between nodes.

CREATE TABLE account_move (
    owner_id uuid CONSTRAINT account_move_pkey PRIMARY KEY,
    node text NOT NULL,
    state varchar(20) NOT NULL CONSTRAINT account_move_state_check CHECK (state IN (
        'PREPARING', 'FROZEN', 'COPIED', 'SWITCHED', 'CONFIRMED', 'ARRIVING')),
    began_at timestamptz NOT NULL DEFAULT now(),
    frozen_at timestamptz,
    switched_at timestamptz,
    confirmed_at timestamptz
);
GRANT SELECT ON account_move TO istmo_app, istmo_auth, istmo_dispatch, istmo_signup, istmo_verify;

DO $$
DECLARE
    name text;
BEGIN
    FOR name IN
        SELECT DISTINCT tablename FROM pg_policies
        WHERE schemaname = 'public' AND policyname = 'account_only' AND tablename <> 'audit_event'
    LOOP
        CALL istmo_guard(name);
    END LOOP;
END
$$;
