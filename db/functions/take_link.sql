-- Use up a sign-in link: it is deleted, so of several requests at once only one gets its row. `owner` is the account that
-- the link names; links from before they named one are looked for in all accounts.
DROP FUNCTION IF EXISTS take_link(bytea);
DROP FUNCTION IF EXISTS take_link(bytea, uuid);
CREATE FUNCTION take_link(link_hash bytea, owner uuid DEFAULT NULL) RETURNS TABLE (account_id uuid, scope text)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF owner IS NULL THEN
        SELECT k.account_id INTO owner FROM public.api_key k WHERE k.hash = link_hash AND k.kind = 'LINK';
    END IF;
    PERFORM public.refuse_moved(owner);
    IF public.is_frozen(owner::text) THEN
        RAISE EXCEPTION 'account % is read-only on this node: it moves', owner USING ERRCODE = 'read_only_sql_transaction';
    END IF;
    RETURN QUERY
    DELETE FROM public.api_key k
    WHERE k.account_id = owner AND k.hash = link_hash AND k.kind = 'LINK' AND k.expires_at > now()
    RETURNING k.account_id, k.scope::text;
END
$$;

CALL istmo_function('take_link(bytea, uuid)', 'istmo_auth');
