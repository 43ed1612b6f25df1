-- What keeps an account that moves to another node (account_move) from being written or read where it no longer belongs.

-- Whether the account's rows may not be written, because it has moved or is just moving to another node (account_move). The
-- answer stays true until the transaction ends: the lock keeps an account from being frozen while somebody writes. It comes
-- first, since each statement sees what was committed before the statement began.
CREATE OR REPLACE FUNCTION is_frozen(owner text) RETURNS boolean
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF NOT pg_try_advisory_xact_lock_shared(hashtext('istmo move'), hashtext(owner)) THEN
        RETURN true;
    END IF;
    RETURN EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = owner::uuid AND m.state NOT IN ('BEGUN', 'PREPARING'));
END
$$;

-- For all that the service writes, which works for one account at a time. Clients know the error as temporary. The setting
-- spares the transaction's further tables the question. Names have their schemas instead of a search_path of the function's
-- own, which would cost each statement more than all the rest.
CREATE OR REPLACE FUNCTION refuse_while_moving() RETURNS trigger
    LANGUAGE plpgsql
AS $$
DECLARE
    owner pg_catalog.text := coalesce(pg_catalog.current_setting('istmo.account', true), '');
BEGIN
    IF owner = coalesce(pg_catalog.current_setting('istmo.writes_for', true), '') THEN
        RETURN NULL;
    ELSIF public.is_frozen(owner) THEN
        RAISE EXCEPTION 'account % is read-only on this node: its move is %', owner, coalesce(
            (SELECT m.state FROM public.account_move m WHERE m.owner_id = owner::pg_catalog.uuid), 'about to freeze it')
            USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    owner := pg_catalog.set_config('istmo.writes_for', owner, true);
    RETURN NULL;
END
$$;

-- Requests by a key, a session or a link of an account that has moved are refused: what is left of it here is old. The service
-- knows the error by its code (db/errors.py).
CREATE OR REPLACE FUNCTION refuse_moved(owner uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = owner AND m.state IN ('SWITCHED', 'CONFIRMED')) THEN
        RAISE EXCEPTION 'account % has moved to another node', owner USING ERRCODE = 'IM001';
    END IF;
END
$$;

REVOKE ALL ON FUNCTION is_frozen(text), refuse_while_moving(), refuse_moved(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION is_frozen(text) TO istmo_app, istmo_auth, istmo_dispatch, istmo_signup, istmo_verify;
GRANT EXECUTE ON FUNCTION refuse_moved(uuid) TO istmo_auth;
