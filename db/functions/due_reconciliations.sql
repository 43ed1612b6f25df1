-- The accounts whose provider is to be asked at this moment how it sees them: those that have one, and those never asked.
CREATE OR REPLACE FUNCTION due_reconciliations(moment timestamptz) RETURNS TABLE (account_id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    RETURN QUERY
    SELECT s.account_id FROM public.pac_setting s
        LEFT JOIN public.emission_reconciliation r ON r.account_id = s.account_id
    WHERE (r.due_at IS NULL OR r.due_at <= moment)
        AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = s.account_id AND m.state <> 'BEGUN');
END
$$;

CALL istmo_function('due_reconciliations(timestamptz)', 'istmo_dispatch');
