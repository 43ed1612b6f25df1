-- Delete up to `most` entries of the audit trail that are more than so many years old, at least one; returns how many.
CREATE OR REPLACE FUNCTION forget_audit_events(years integer, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    before timestamptz := now() - make_interval(years => greatest(years, 1));
    owner uuid;
    deleted bigint;
    done bigint := 0;
BEGIN
    FOR owner IN SELECT id FROM public.account LOOP
        DELETE FROM public.audit_event a USING (
            SELECT o.id, o.occurred_at FROM public.audit_event o
            WHERE o.account_id = owner AND o.occurred_at < before ORDER BY o.occurred_at LIMIT most - done
        ) old
        WHERE a.account_id = owner AND a.occurred_at = old.occurred_at AND a.id = old.id;
        GET DIAGNOSTICS deleted = ROW_COUNT;
        done := done + deleted;
        EXIT WHEN done >= most;
    END LOOP;
    RETURN done;
END
$$;

CALL istmo_function('forget_audit_events(integer, integer)', 'istmo_owner');
