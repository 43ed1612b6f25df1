-- Accounts that move to the database of another node, or come from one (db/moving). The row of an account that has left
-- stays: it says that its rows here, as long as they are here, are old.
--
-- It holds only ids of accounts and names of nodes, and the worker leaves these accounts out. So it has no row-level security.

CREATE TABLE account_move (
    -- No foreign key: the account's rows are deleted, or aren't there yet.
    owner_id uuid CONSTRAINT account_move_pkey PRIMARY KEY,
    -- The other node: where the account goes, or where an arriving one comes from.
    node text NOT NULL,
    -- While it is BEGUN, files are copied and nothing is different. From PREPARING on workers begin nothing for the account;
    -- from FROZEN on nothing of it can be written; from SWITCHED on its requests are refused. In the other database it is
    -- ARRIVING until this one has SWITCHED.
    state varchar(20) NOT NULL CONSTRAINT account_move_state_check CHECK (state IN (
        'BEGUN', 'PREPARING', 'FROZEN', 'COPIED', 'SWITCHED', 'CONFIRMED', 'ARRIVING')),
    began_at timestamptz NOT NULL DEFAULT now(),
    frozen_at timestamptz,
    switched_at timestamptz,
    confirmed_at timestamptz
);

GRANT SELECT ON account_move TO istmo_app, istmo_auth, istmo_dispatch, istmo_signup, istmo_verify;
