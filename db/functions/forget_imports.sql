-- Delete up to `most` imports of all accounts, with their rows, that have been kept long enough; returns how many.
CREATE OR REPLACE FUNCTION forget_imports(most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    done bigint;
BEGIN
    WITH forgotten AS (
        DELETE FROM public.import i USING (
            SELECT o.account_id, o.id FROM public.import o
            WHERE o.keep_until < now() AND o.status NOT IN ('CHECKING', 'STORING', 'UNDOING')
            ORDER BY o.keep_until LIMIT most
        ) old
        WHERE i.account_id = old.account_id AND i.id = old.id
        RETURNING i.id
    )
    SELECT count(*) INTO done FROM forgotten;
    RETURN done;
END
$$;

CALL istmo_function('forget_imports(integer)', 'istmo_dispatch');
