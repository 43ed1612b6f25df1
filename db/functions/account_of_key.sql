-- The account, key and scope of a key or session, by the hash of its secret; no row for one that is revoked or has ended.
-- For a session they are those of the key that began it, and its own id is given as well. `owner` is the account that the
-- secret names; secrets from before they named one are looked for in all accounts.
DROP FUNCTION IF EXISTS account_of_key(bytea);
DROP FUNCTION IF EXISTS account_of_key(bytea, uuid);
CREATE FUNCTION account_of_key(key_hash bytea, owner uuid DEFAULT NULL)
    RETURNS TABLE (account_id uuid, key_id uuid, scope text, session_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF owner IS NULL THEN
        SELECT k.account_id INTO owner FROM public.api_key k WHERE k.hash = key_hash;
    END IF;
    PERFORM public.refuse_moved(owner);
    RETURN QUERY
    SELECT k.account_id, coalesce(p.id, k.id), k.scope::text, CASE k.kind WHEN 'SESSION' THEN k.id END
    FROM public.api_key k LEFT JOIN public.api_key p ON p.account_id = owner AND p.id = k.parent_id
    WHERE k.account_id = owner AND k.hash = key_hash AND k.kind <> 'LINK'
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
        AND p.revoked_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > now());
END
$$;

CALL istmo_function('account_of_key(bytea, uuid)', 'istmo_auth');
