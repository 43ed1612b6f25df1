-- Delete up to `most` public links of all accounts that have ended; returns how many.
CREATE OR REPLACE FUNCTION forget_document_links(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.document_link l USING (
            SELECT o.account_id, o.id FROM public.document_link o WHERE o.expires_at < now() ORDER BY o.expires_at LIMIT most
        ) old
        WHERE l.account_id = old.account_id AND l.id = old.id
        RETURNING l.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_document_links(integer)', 'istmo_auth');
