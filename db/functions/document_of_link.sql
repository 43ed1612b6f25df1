-- The document that a public link shows, by the hash of its secret and the account that the secret names; no row for a link
-- that is unknown, was revoked or has ended.
CREATE OR REPLACE FUNCTION document_of_link(link_hash bytea, owner uuid) RETURNS TABLE (account_id uuid, document_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM public.refuse_moved(owner);
    RETURN QUERY
    SELECT l.account_id, l.document_id FROM public.document_link l
    WHERE l.account_id = owner AND l.hash = link_hash AND l.revoked_at IS NULL AND l.expires_at > now();
END
$$;

CALL istmo_function('document_of_link(bytea, uuid)', 'istmo_auth');
