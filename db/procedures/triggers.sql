-- The functions of triggers. Most are the audit triggers', which write audit_event. No secret gets into it.

-- The arguments are the type of the object, and the columns whose changes aren't recorded. A note is recorded under its
-- own type, though its table is that of invoices.
CREATE OR REPLACE FUNCTION record_change() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old_row jsonb := CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) END;
    new_row jsonb := CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) END;
    subject jsonb := coalesce(new_row, old_row);
    changes jsonb;
BEGIN
    SELECT jsonb_object_agg(name, jsonb_build_array(old_row -> name, new_row -> name)) INTO changes
    FROM jsonb_object_keys(subject) name
    WHERE coalesce(old_row -> name, 'null') <> coalesce(new_row -> name, 'null') AND name <> ALL (TG_ARGV[1]::text[]);
    IF changes IS NOT NULL THEN
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes) VALUES (
            coalesce(subject ->> 'account_id', subject ->> 'id')::uuid,
            CASE WHEN TG_OP = 'INSERT' THEN 'CREATED' WHEN TG_OP = 'UPDATE' THEN 'UPDATED' ELSE 'DELETED' END,
            CASE WHEN TG_ARGV[0] = 'INVOICE' AND subject ->> 'type' LIKE '%NOTE' THEN subject ->> 'type' ELSE TG_ARGV[0] END,
            (subject ->> 'id')::uuid, changes);
    END IF;
    RETURN NULL;
END
$$;

-- For a new customer or document, only the columns that identify it are recorded: its row has the others, and the first
-- change of a column records its value before. Creating invoices must be fast, and this takes a third of the time of
-- record_change.

CREATE OR REPLACE FUNCTION record_new_customer() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'CREATED', 'CUSTOMER', NEW.id, jsonb_build_object(
        'name', jsonb_build_array(NULL, NEW.name), 'identification', jsonb_build_array(NULL, NEW.identification)));
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION record_new_document() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'CREATED', CASE WHEN NEW.invoice_id IS NULL THEN 'INVOICE' ELSE NEW.type END, NEW.id,
        jsonb_build_object('customer_id', jsonb_build_array(NULL, NEW.customer_id),
        'billing_point', jsonb_build_array(NULL, NEW.billing_point),
        'number', jsonb_build_array(NULL, NEW.number), 'status', jsonb_build_array(NULL, NEW.status),
        'total', jsonb_build_array(NULL, NEW.total)));
    RETURN NULL;
END
$$;

-- Lines and associated persons are part of their document and customer, and are replaced together. They are not recorded
-- if this transaction has created the object.

CREATE OR REPLACE FUNCTION record_lines() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner uuid;
    whole uuid;
    lines jsonb;
BEGIN
    FOR owner, whole IN SELECT DISTINCT account_id, document_id FROM parts LOOP
        CONTINUE WHEN TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM public.audit_event e WHERE e.account_id = owner AND e.object_id = whole
                AND e.occurred_at >= now() AND e.action = 'CREATED');
        SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object(
            'code', code, 'description', description, 'unit', unit, 'cpbs', cpbs, 'quantity', trim_scale(quantity)::text,
            'unitPrice', trim_scale(unit_price)::text, 'discount', trim_scale(discount)::text,
            'itbmsRate', itbms_rate)) ORDER BY position) INTO lines
        FROM parts WHERE document_id = whole;
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
        VALUES (owner, 'UPDATED', 'INVOICE', whole, jsonb_build_object('lines',
            CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_array('[]'::jsonb, lines)
                       ELSE jsonb_build_array(lines, '[]'::jsonb) END));
    END LOOP;
    RETURN NULL;
END
$$;

CREATE OR REPLACE FUNCTION record_persons() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    owner uuid;
    whole uuid;
    persons jsonb;
BEGIN
    FOR owner, whole IN SELECT DISTINCT account_id, customer_id FROM parts LOOP
        CONTINUE WHEN TG_OP = 'INSERT' AND EXISTS (
            SELECT FROM public.audit_event e WHERE e.account_id = owner AND e.object_id = whole
                AND e.occurred_at >= now() AND e.action = 'CREATED');
        SELECT jsonb_agg(jsonb_build_object(
            'name', name, 'email', email, 'phone', phone, 'notify', notify) ORDER BY position) INTO persons
        FROM parts WHERE customer_id = whole;
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
        VALUES (owner, 'UPDATED', 'CUSTOMER', whole, jsonb_build_object('associated_persons',
            CASE WHEN TG_OP = 'INSERT' THEN jsonb_build_array('[]'::jsonb, persons)
                       ELSE jsonb_build_array(persons, '[]'::jsonb) END));
    END LOOP;
    RETURN NULL;
END
$$;

-- The addresses to which a document was sent, and the message with it.
CREATE OR REPLACE FUNCTION record_sent_invoice() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'SENT', replace(NEW.type, '_SENT', ''), NEW.object_id, jsonb_build_object(
        'to', jsonb_build_array(NULL, NEW.data -> 'to'), 'message', jsonb_build_array(NULL, NEW.data -> 'message')));
    RETURN NULL;
END
$$;

-- How far an electronic document is on its way to the DGI, with the reason where a void was asked for.
CREATE OR REPLACE FUNCTION record_fiscal_status() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    document_type text;
BEGIN
    SELECT d.type INTO document_type
    FROM public.document d WHERE d.account_id = NEW.account_id AND d.id = NEW.document_id;
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'UPDATED', CASE WHEN document_type LIKE '%NOTE' THEN document_type ELSE 'INVOICE' END,
        NEW.document_id, jsonb_build_object('fiscal_status', jsonb_build_array(OLD.status, NEW.status))
        || CASE WHEN NEW.status = 'VOIDING' THEN
            jsonb_build_object('void_reason', jsonb_build_array(NULL, NEW.void_reason)) ELSE '{}' END);
    RETURN NULL;
END
$$;

-- The number at which a billing point begins, where somebody chose it.
CREATE OR REPLACE FUNCTION record_first_number() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    point uuid;
BEGIN
    SELECT p.id INTO point FROM public.billing_point p
    WHERE p.account_id = NEW.account_id AND p.branch = NEW.branch AND p.code = NEW.billing_point;
    INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
    VALUES (NEW.account_id, 'UPDATED', 'BILLING_POINT', point, jsonb_build_object('next_number', jsonb_build_array(
        CASE WHEN TG_OP = 'UPDATE' THEN OLD.first_number ELSE 1 END, NEW.first_number)));
    RETURN NULL;
END
$$;

-- A document for a merged customer is one for its survivor. Whoever merges customers locks them, so this waits for a merge
-- in progress, as the foreign key alone would, too; but the key would let the document stay with the merged customer. It
-- has the caller's rights.
CREATE OR REPLACE FUNCTION lead_to_survivor() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    survivor uuid;
BEGIN
    SELECT c.merged_into INTO survivor FROM public.customer c
    WHERE c.account_id = NEW.account_id AND c.id = NEW.customer_id FOR KEY SHARE;
    IF survivor IS NOT NULL THEN
        NEW.customer_id := survivor;
    END IF;
    RETURN NEW;
END
$$;

-- The service may delete only customers that an import has created. A policy can't look into another table where tables are
-- distributed.
CREATE OR REPLACE FUNCTION keep_unless_imported() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    PERFORM FROM public.import_row r
    WHERE r.account_id = OLD.account_id AND r.customer_id = OLD.id AND r.outcome = 'CREATED';
    RETURN CASE WHEN FOUND THEN OLD END;
END
$$;

REVOKE ALL ON FUNCTION lead_to_survivor(), keep_unless_imported() FROM PUBLIC;
CALL istmo_function('record_change()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_new_customer()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_new_document()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_lines()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_persons()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_sent_invoice()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_fiscal_status()', 'istmo_audit', is_trigger => true);
CALL istmo_function('record_first_number()', 'istmo_audit', is_trigger => true);
