-- What erasing a customer takes out of tables in which the service may change nothing, or not this. The service has erased
-- the customers' own rows, and deleted their drafts, in the same transaction before: so the audit trail has all values
-- that these rows ever had. Issued documents with all that belongs to them stay, as the law wants.
--
-- tests/resolvers/test_erasing.py lists what becomes of each table: a new table gets a statement here, or its reason there.

-- Take the values out of the trail's entries about these objects. When, by whom and which field stays.
CREATE OR REPLACE FUNCTION redact_audit(owner uuid, objects uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    -- Columns whose values say nothing of a person.
    kept text[] := ARRAY['status', 'fiscal_status', 'branch', 'billing_point', 'number', 'customer_id', 'issue_date', 'due_date',
        'currency', 'notify', 'subtotal', 'discount_total', 'itbms_total', 'total', 'issued_at', 'voided_at'];
BEGIN
    UPDATE public.audit_event a SET redacted_at = now(), changes = (
        SELECT jsonb_object_agg(name, CASE WHEN name = ANY (kept) THEN pair ELSE '[null, null]' END)
        FROM jsonb_each(a.changes) AS change (name, pair))
    WHERE a.account_id = owner AND a.object_id = ANY (objects) AND EXISTS (
        SELECT FROM jsonb_each(a.changes) AS change (name, pair) WHERE name <> ALL (kept) AND pair <> '[null, null]');
END
$$;

-- Take the values out of events about these customers. That of the erasure or deletion itself keeps the external id: by it
-- another system finds the copy that it has to erase. A customer's events are younger than it, and so are their ids.
CREATE OR REPLACE FUNCTION redact_events(owner uuid, customers uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    -- Each role has a connection of its own to a node of Citus: this one would not see what the service has just changed.
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'citus') THEN
        RAISE EXCEPTION 'persons can''t be erased in a distributed database yet' USING ERRCODE = 'feature_not_supported';
    END IF;
    UPDATE public.event e SET data = (
        CASE WHEN e.type IN ('CUSTOMER_ERASED', 'CUSTOMER_DELETED') THEN e.data ELSE e.data - 'externalId' END
    ) || '{"name": "Datos eliminados", "identification": ""}'
    WHERE e.account_id = owner AND e.object_id = ANY (customers)
        AND e.id > (SELECT c FROM unnest(customers) c ORDER BY c LIMIT 1);
END
$$;

-- Customers that were deleted have no row by which somebody could ask for their erasure: their values go at once.
CREATE OR REPLACE FUNCTION erase_deleted(owner uuid, customers uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
    IF owner IS DISTINCT FROM nullif(current_setting('istmo.account', true), '')::uuid
        OR EXISTS (SELECT FROM public.customer c WHERE c.account_id = owner AND c.id = ANY (customers)) THEN
        RAISE EXCEPTION 'these are no deleted customers of the current account';
    END IF;
    PERFORM public.redact_events(owner, customers);
    PERFORM public.redact_audit(owner, customers);
END
$$;

CREATE OR REPLACE FUNCTION erase_traces(owner uuid, customers uuid[]) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    documents uuid[];
    drafts uuid[];  -- that were deleted, now or earlier
    rucs text[];
    emails text[];  -- in lower case, as the names
    names text[];
    imports uuid[];
    customer uuid;
BEGIN
    IF owner IS DISTINCT FROM nullif(current_setting('istmo.account', true), '')::uuid THEN
        RAISE EXCEPTION 'traces can only be erased in the current account';
    END IF;
    SELECT coalesce(array_agg(d.id), '{}') INTO documents
    FROM public.document d WHERE d.account_id = owner AND d.customer_id = ANY (customers);
    SELECT coalesce(array_agg(a.object_id), '{}') INTO drafts FROM public.audit_event a
    WHERE a.account_id = owner AND a.action = 'DELETED' AND (a.changes -> 'customer_id' ->> 0)::uuid = ANY (customers);
    SELECT coalesce(array_agg(DISTINCT value), '{}') INTO rucs
    FROM public.audit_event a, jsonb_array_elements_text(a.changes -> 'ruc') value
    WHERE a.account_id = owner AND a.object_id = ANY (customers) AND value IS NOT NULL;
    SELECT coalesce(array_agg(DISTINCT lower(value)), '{}') INTO emails FROM (
        SELECT jsonb_path_query(a.changes, '$.email[*]') #>> '{}' FROM public.audit_event a
        WHERE a.account_id = owner AND a.object_id = ANY (customers)
        UNION ALL
        SELECT jsonb_path_query(a.changes, '$.associated_persons[*][*].email') #>> '{}' FROM public.audit_event a
        WHERE a.account_id = owner AND a.object_id = ANY (customers)
        UNION ALL
        SELECT d.email FROM public.delivery d
        WHERE d.account_id = owner AND d.webhook_id IS NULL AND d.object_id = ANY (documents)
    ) addresses (value) WHERE value IS NOT NULL;

    SELECT coalesce(array_agg(DISTINCT lower(value)), '{}') INTO names
    FROM public.audit_event a, jsonb_array_elements_text(a.changes -> 'name') value
    WHERE a.account_id = owner AND a.object_id = ANY (customers) AND value IS NOT NULL;

    DELETE FROM public.registry_answer r WHERE r.account_id = owner AND r.ruc = ANY (rucs);
    DELETE FROM public.mail_count m WHERE m.account_id = owner AND m.email = ANY (emails);
    -- Those of issued documents stay for their seven days: a repeated request would issue another one.
    DELETE FROM public.idempotency_key k WHERE k.account_id = owner AND k.object_id = ANY (customers || drafts);
    DELETE FROM public.delivery d
    WHERE d.account_id = owner AND d.webhook_id IS NULL AND d.object_id = ANY (documents || drafts);
    -- What a receiver answered may quote what it was sent.
    UPDATE public.delivery d SET error = NULL
    WHERE d.account_id = owner AND d.object_id = ANY (customers || documents) AND d.error IS NOT NULL;
    PERFORM public.redact_events(owner, customers);
    UPDATE public.event e SET data = e.data || '{"to": [], "message": null}'
    WHERE e.account_id = owner AND e.object_id = ANY (documents) AND e.data ? 'to';
    UPDATE public.document_link l SET revoked_at = now()
    WHERE l.account_id = owner AND l.document_id = ANY (documents) AND l.revoked_at IS NULL;

    UPDATE public.document d SET metadata = '{}', tags = '{}', tag_keys = '{}'
    WHERE d.account_id = owner AND d.id = ANY (documents) AND (d.metadata <> '{}' OR d.tags <> '{}');
    DELETE FROM public.customer_merge m
    WHERE m.account_id = owner AND (m.customer_id = ANY (customers) OR m.survivor_id = ANY (customers));
    -- Rows of files with the person's name, RUC or address are emptied, also where no customer came of them.
    WITH emptied AS (
        UPDATE public.import_row r SET
            cells = array_fill(''::text, ARRAY[cardinality(r.cells)]), customer_id = NULL, faults = NULL, identity = NULL,
            external_id = NULL
        WHERE r.account_id = owner AND (r.customer_id = ANY (customers) OR EXISTS (
            SELECT FROM unnest(r.cells) cell
            WHERE lower(btrim(regexp_replace(cell, '\s+', ' ', 'g'))) = ANY (emails || names)
            -- Perhaps with its DV behind, as the import reads it.
            OR EXISTS (
                SELECT FROM unnest(rucs) ruc WHERE starts_with(upper(btrim(cell)), ruc)
                AND substr(btrim(cell), length(ruc) + 1) ~* '^([\s-]*d\.?\s*v\.?[\s:.-]*[0-9]{1,2}|[\s-]+[0-9]{1,2})?$')))
        RETURNING r.import_id
    )
    SELECT coalesce(array_agg(DISTINCT e.import_id), '{}') INTO imports FROM emptied e;
    UPDATE public.import i SET columns = (
        SELECT jsonb_agg(c || '{"samples": []}' ORDER BY place)
        FROM jsonb_array_elements(i.columns) WITH ORDINALITY AS each (c, place))
    WHERE i.account_id = owner AND i.id = ANY (imports);

    PERFORM public.redact_audit(owner, customers || documents || drafts);
    FOREACH customer IN ARRAY customers LOOP
        INSERT INTO public.audit_event (account_id, action, object_type, object_id, changes)
        VALUES (owner, 'ERASED', 'CUSTOMER', customer, '{}');
    END LOOP;
END
$$;

CALL istmo_function('redact_audit(uuid, uuid[])', 'istmo_owner', is_trigger => true);
CALL istmo_function('redact_events(uuid, uuid[])', 'istmo_owner', is_trigger => true);
CALL istmo_function('erase_deleted(uuid, uuid[])', 'istmo_owner');
CALL istmo_function('erase_traces(uuid, uuid[])', 'istmo_owner');
