-- The lanes in which a delivery is due: a webhook of an account or, without a webhook, the account's mail.
CREATE OR REPLACE FUNCTION due_lanes() RETURNS TABLE (account_id uuid, webhook_id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT w.account_id, w.id FROM public.webhook w
    WHERE w.disabled_at IS NULL AND (w.rest_until IS NULL OR w.rest_until <= now()) AND EXISTS (
        SELECT FROM public.delivery d
        WHERE d.account_id = w.account_id AND d.webhook_id = w.id AND d.status = 'PENDING' AND d.due_at <= now())
        AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = w.account_id AND m.state <> 'BEGUN')
    UNION ALL
    SELECT DISTINCT d.account_id, d.webhook_id FROM public.delivery d
    WHERE d.webhook_id IS NULL AND d.status = 'PENDING' AND d.due_at <= now()
        AND NOT EXISTS (SELECT FROM public.account_move m WHERE m.owner_id = d.account_id AND m.state <> 'BEGUN')
$$;

CALL istmo_function('due_lanes()', 'istmo_dispatch');
