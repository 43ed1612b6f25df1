-- The imports of all accounts that are under way, and who has started them.
CREATE OR REPLACE FUNCTION due_imports() RETURNS TABLE (account_id uuid, id uuid, actor text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT i.account_id, i.id, i.actor FROM public.import i
    WHERE i.status IN ('CHECKING', 'STORING', 'UNDOING')
        AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = i.account_id AND m.state <> 'BEGUN')
    ORDER BY i.updated_at LIMIT 100
$$;

CALL istmo_function('due_imports()', 'istmo_dispatch');
