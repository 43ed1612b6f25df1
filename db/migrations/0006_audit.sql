-- Who changed what, and when: a trail that the service can neither write to, nor change, nor keep anything out of.
--
-- Triggers write it, as a role of their own, whatever statement the change was made by. The setting istmo.actor
-- tells them on whose behalf: the id of an API key, COMMAND_LINE, or nothing for what Istmo does by itself. Like
-- istmo.account it is the service's word.

CREATE TABLE audit_event (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    -- No foreign key, which would be looked up for each change: it is that of the row that was changed.
    account_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    source varchar(20) NOT NULL
        DEFAULT CASE coalesce(current_setting('istmo.actor', true), '')
            WHEN '' THEN 'SYSTEM' WHEN 'COMMAND_LINE' THEN 'COMMAND_LINE' ELSE 'API' END
        CONSTRAINT audit_event_source_check CHECK (source IN ('API', 'COMMAND_LINE', 'SYSTEM')),
    key_id uuid
        DEFAULT CASE coalesce(current_setting('istmo.actor', true), '')
            WHEN '' THEN NULL WHEN 'COMMAND_LINE' THEN NULL ELSE current_setting('istmo.actor')::uuid END,
    action varchar(20) NOT NULL
        CONSTRAINT audit_event_action_check CHECK (action IN ('CREATED', 'UPDATED', 'DELETED')),
    object_type varchar(20) NOT NULL CONSTRAINT audit_event_object_type_check
        CHECK (object_type IN ('ACCOUNT', 'API_KEY', 'BILLING_POINT', 'CUSTOMER', 'INVOICE', 'WEBHOOK')),
    object_id uuid NOT NULL,
    -- Column to [before, after].
    changes jsonb NOT NULL,
    CONSTRAINT audit_event_pkey PRIMARY KEY (account_id, occurred_at, id),
    CONSTRAINT audit_event_key_check CHECK ((source = 'API') = (key_id IS NOT NULL))
);
CREATE INDEX audit_event_object_idx ON audit_event (account_id, object_id, occurred_at, id);

ALTER TABLE audit_event ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY owner_all ON audit_event TO istmo_owner USING (true) WITH CHECK (true);
CREATE POLICY account_only ON audit_event TO istmo_app
    USING (account_id = nullif(current_setting('istmo.account', true), '')::uuid);
CREATE POLICY record_any ON audit_event FOR INSERT TO istmo_audit WITH CHECK (true);
CREATE POLICY see_any ON audit_event FOR SELECT TO istmo_audit USING (true);
GRANT SELECT ON audit_event TO istmo_app;
GRANT INSERT (account_id, action, object_type, object_id, changes),
    SELECT (account_id, occurred_at, action, object_id) ON audit_event TO istmo_audit;

-- The arguments are the type of the object, and the columns that are told of. No secret is among them.
CREATE FUNCTION record_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    subject jsonb := coalesce(new_row, old_row);
    changes jsonb;
BEGIN
    SELECT jsonb_object_agg(name, jsonb_build_array(old_row -> name, new_row -> name)) INTO changes
    FROM unnest(TG_ARGV[1]::text[]) name
    WHERE coalesce(old_row -> name, 'null') <> coalesce(new_row -> name, 'null');
    IF changes IS NOT NULL THEN
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes) VALUES (
            coalesce(subject ->> 'account_id', subject ->> 'id')::uuid,
            CASE TG_OP WHEN 'INSERT' THEN 'CREATED' WHEN 'UPDATE' THEN 'UPDATED' ELSE 'DELETED' END,
            TG_ARGV[0], (subject ->> 'id')::uuid, changes);
    END IF;
    RETURN NULL;
END
$$;

-- Of a new customer or invoice just what names it is told: the rest stands in its row, and in what the first change
-- tells was there before. Making invoices must be fast, and these take a third of the time of record_change.

CREATE FUNCTION record_new_customer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'CREATED', 'CUSTOMER', NEW.id, jsonb_build_object(
        'name', jsonb_build_array(NULL, NEW.name), 'identification', jsonb_build_array(NULL, NEW.identification)));
    RETURN NULL;
END
$$;

CREATE FUNCTION record_new_invoice() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
BEGIN
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'CREATED', 'INVOICE', NEW.id, jsonb_build_object(
        'customer_id', jsonb_build_array(NULL, NEW.customer_id),
        'billing_point', jsonb_build_array(NULL, NEW.billing_point),
        'number', jsonb_build_array(NULL, NEW.number), 'status', jsonb_build_array(NULL, NEW.status),
        'total', jsonb_build_array(NULL, NEW.total)));
    RETURN NULL;
END
$$;

-- Lines and associated persons are part of their invoice and customer, and are replaced together. Those of an
-- object that this transaction has made are no change of it.

CREATE FUNCTION record_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    owner uuid;
    whole uuid;
    told jsonb;
BEGIN
    FOR owner, whole IN SELECT DISTINCT account_id, invoice_id FROM parts LOOP
        CONTINUE WHEN TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM public.audit_event e WHERE e.account_id = owner AND e.object_id = whole
                AND e.occurred_at >= now() AND e.action = 'CREATED');
        SELECT jsonb_agg(jsonb_build_object(
            'description', description, 'quantity', trim_scale(quantity)::text,
            'unitPrice', trim_scale(unit_price)::text, 'discount', trim_scale(discount)::text,
            'itbmsRate', itbms_rate) ORDER BY position) INTO told
        FROM parts WHERE invoice_id = whole;
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
        VALUES (owner, 'UPDATED', 'INVOICE', whole, jsonb_build_object('lines',
            CASE TG_OP WHEN 'INSERT' THEN jsonb_build_array('[]'::jsonb, told)
                       ELSE jsonb_build_array(told, '[]'::jsonb) END));
    END LOOP;
    RETURN NULL;
END
$$;

CREATE FUNCTION record_persons() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog
AS $$
DECLARE
    owner uuid;
    whole uuid;
    told jsonb;
BEGIN
    FOR owner, whole IN SELECT DISTINCT account_id, customer_id FROM parts LOOP
        CONTINUE WHEN TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM public.audit_event e WHERE e.account_id = owner AND e.object_id = whole
                AND e.occurred_at >= now() AND e.action = 'CREATED');
        SELECT jsonb_agg(jsonb_build_object(
            'name', name, 'email', email, 'phone', phone, 'notify', notify) ORDER BY position) INTO told
        FROM parts WHERE customer_id = whole;
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
        VALUES (owner, 'UPDATED', 'CUSTOMER', whole, jsonb_build_object('associated_persons',
            CASE TG_OP WHEN 'INSERT' THEN jsonb_build_array('[]'::jsonb, told)
                       ELSE jsonb_build_array(told, '[]'::jsonb) END));
    END LOOP;
    RETURN NULL;
END
$$;

-- A trigger for each table and action. Counters, keys of sorting and searching, versions and the worker's notes are
-- no columns to be told of, and changing them costs nothing.
DO $$
DECLARE
    t record;
BEGIN
    FOR t IN SELECT * FROM (VALUES
        ('account', 'ACCOUNT', 'name, ruc, dv, electronic_invoicing'),
        ('api_key', 'API_KEY', 'name, scope, expires_at, revoked_at'),
        ('billing_point', 'BILLING_POINT', 'code, name'),
        ('customer', 'CUSTOMER',
         'receiver_type, taxpayer_type, ruc, dv, foreign_id_type, foreign_id_number, foreign_id_country, name,'
         'location_code, address, email, phone, mobile, status, verification_status, verification_registry_name'),
        ('invoice', 'INVOICE',
         'customer_id, billing_point, number, status, issue_date, due_date, currency, notes, receiver_type,'
         'receiver_taxpayer_type, receiver_ruc, receiver_dv, receiver_foreign_id_type, receiver_foreign_id_number,'
         'receiver_foreign_id_country, receiver_identification, receiver_name, receiver_location_code,'
         'receiver_address, receiver_email, receiver_phone, receiver_mobile, subtotal, discount_total, itbms_total,'
         'total, issued_at, void_reason, voided_at'),
        ('webhook', 'WEBHOOK', 'url, types, old_secret_until, disabled_at, disabled_reason')
    ) AS told (relation, type, columns) LOOP
        IF t.relation NOT IN ('customer', 'invoice') THEN
            EXECUTE format('CREATE TRIGGER audit_created AFTER INSERT ON %I FOR EACH ROW'
                           ' EXECUTE FUNCTION record_change(%L, %L)', t.relation, t.type, '{' || t.columns || '}');
        END IF;
        EXECUTE format('CREATE TRIGGER audit_updated AFTER UPDATE OF %s ON %I FOR EACH ROW'
                       ' EXECUTE FUNCTION record_change(%L, %L)',
                       t.columns, t.relation, t.type, '{' || t.columns || '}');
        -- Keys are revoked; what is deleted of them is sessions that are over.
        IF t.relation <> 'api_key' THEN
            EXECUTE format('CREATE TRIGGER audit_deleted AFTER DELETE ON %I FOR EACH ROW'
                           ' EXECUTE FUNCTION record_change(%L, %L)', t.relation, t.type, '{' || t.columns || '}');
        END IF;
    END LOOP;
END
$$;

CREATE TRIGGER audit_created AFTER INSERT ON customer FOR EACH ROW EXECUTE FUNCTION record_new_customer();
CREATE TRIGGER audit_created AFTER INSERT ON invoice FOR EACH ROW EXECUTE FUNCTION record_new_invoice();
CREATE TRIGGER audit_created AFTER INSERT ON invoice_line REFERENCING NEW TABLE AS parts
    FOR EACH STATEMENT EXECUTE FUNCTION record_lines();
CREATE TRIGGER audit_deleted AFTER DELETE ON invoice_line REFERENCING OLD TABLE AS parts
    FOR EACH STATEMENT EXECUTE FUNCTION record_lines();
CREATE TRIGGER audit_created AFTER INSERT ON associated_person REFERENCING NEW TABLE AS parts
    FOR EACH STATEMENT EXECUTE FUNCTION record_persons();
CREATE TRIGGER audit_deleted AFTER DELETE ON associated_person REFERENCING OLD TABLE AS parts
    FOR EACH STATEMENT EXECUTE FUNCTION record_persons();
-- They are replaced and never changed; a change would go unrecorded.
REVOKE UPDATE ON invoice_line, associated_person FROM istmo_app;

-- Whoever may execute them could put them on a temporary table and so record what never happened.
REVOKE ALL ON FUNCTION record_change, record_new_customer, record_new_invoice, record_lines, record_persons FROM PUBLIC;

GRANT CREATE ON SCHEMA public TO istmo_audit;
ALTER FUNCTION record_change OWNER TO istmo_audit;
ALTER FUNCTION record_new_customer OWNER TO istmo_audit;
ALTER FUNCTION record_new_invoice OWNER TO istmo_audit;
ALTER FUNCTION record_lines OWNER TO istmo_audit;
ALTER FUNCTION record_persons OWNER TO istmo_audit;
REVOKE CREATE ON SCHEMA public FROM istmo_audit;
