-- Create an account with its head office, branch 0000, and billing point 001.
CREATE OR REPLACE FUNCTION create_account(
    account_id uuid, name text, ruc text, dv text, taxpayer_type text, electronic_invoicing boolean, branch_id uuid,
    billing_point_id uuid)
    RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.account (id, name, ruc, dv, taxpayer_type, electronic_invoicing)
        VALUES (account_id, name, ruc, dv, taxpayer_type, electronic_invoicing);
    INSERT INTO public.branch (id, account_id, code) VALUES (branch_id, account_id, '0000');
    INSERT INTO public.billing_point (id, account_id, branch, code)
        VALUES (billing_point_id, account_id, '0000', '001');
END
$$;

CALL istmo_function('create_account(uuid, text, text, text, text, boolean, uuid, uuid)', 'istmo_signup');
