-- Use up a sign-in link: it is deleted, so of several requests at once only one gets its row.
CREATE OR REPLACE FUNCTION take_link(link_hash bytea) RETURNS TABLE (account_id uuid, scope text)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    DELETE FROM public.api_key k WHERE k.hash = link_hash AND k.kind = 'LINK' AND k.expires_at > now()
    RETURNING k.account_id, k.scope
$$;

CALL istmo_function('take_link(bytea)', 'istmo_auth');
