-- Who changed what, and when: a trail that the service can neither write to, nor change, nor keep anything out of.
--
-- The triggers of db/procedures/triggers.sql write it as a role of their own, whatever statement made the change. The
-- setting istmo.actor tells them on whose behalf: the id of an API key, COMMAND_LINE, or nothing for what Istmo does by
-- itself. Like istmo.account it is the service's word.

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

CALL istmo_account_table('audit_event', rights => 'SELECT', audit => NULL);

CREATE POLICY record_any ON audit_event FOR INSERT TO istmo_audit WITH CHECK (true);
CREATE POLICY see_any ON audit_event FOR SELECT TO istmo_audit USING (true);
GRANT INSERT (account_id, action, object_type, object_id, changes),
    SELECT (account_id, occurred_at, action, object_id) ON audit_event TO istmo_audit;
