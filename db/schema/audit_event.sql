-- The audit trail: each change, its author and its time. The service can't write to it, change it or keep a change out. Three
-- functions of the owner take something out: erase_traces the values of a person whose data is erased, which it records
-- here, erase_deleted those of customers that an undone import deleted, and forget_audit_events entries that are older than
-- AUDIT_RETENTION.
--
-- The triggers of db/procedures/triggers.sql write it as a role of their own, whatever statement made the change. The
-- setting istmo.actor names the author: the id of an API key, COMMAND_LINE, or nothing for what Istmo does by itself.
-- PostgreSQL can't verify this setting: like istmo.account, the service sets it.

CREATE TABLE audit_event (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    -- The account of the changed row, whose foreign key is enough: another one here would cost a look-up per change.
    account_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    source varchar(20) NOT NULL
        DEFAULT CASE coalesce(current_setting('istmo.actor', true), '')
            WHEN '' THEN 'SYSTEM' WHEN 'COMMAND_LINE' THEN 'COMMAND_LINE' ELSE 'API' END
        CONSTRAINT audit_event_source_check CHECK (source IN ('API', 'COMMAND_LINE', 'SYSTEM')),
    key_id uuid DEFAULT nullif(nullif(current_setting('istmo.actor', true), ''), 'COMMAND_LINE')::uuid,
    action varchar(20) NOT NULL
        CONSTRAINT audit_event_action_check CHECK (action IN ('CREATED', 'UPDATED', 'DELETED', 'SENT', 'ERASED')),
    object_type varchar(20) NOT NULL CONSTRAINT audit_event_object_type_check
        CHECK (object_type IN
            ('ACCOUNT', 'API_KEY', 'BILLING_POINT', 'BRANCH', 'CREDIT_NOTE', 'CUSTOMER', 'DATA_REQUEST', 'DEBIT_NOTE',
            'DOCUMENT_LINK', 'IMPORT', 'INVOICE', 'PAC_SETTING', 'WEBHOOK')),
    object_id uuid NOT NULL,
    -- An object with a member for each changed column: its value is [before, after].
    changes jsonb NOT NULL,
    -- When values were taken out of the entry, because a person's data was erased: these are [null, null] since.
    redacted_at timestamptz,
    CONSTRAINT audit_event_pkey PRIMARY KEY (account_id, occurred_at, id),
    CONSTRAINT audit_event_key_check CHECK ((source = 'API') = (key_id IS NOT NULL))
);
CREATE INDEX audit_event_object_idx ON audit_event (account_id, object_id, occurred_at, id);

CALL istmo_account_table('audit_event', rights => 'SELECT', audit => NULL);

CREATE POLICY record_any ON audit_event FOR INSERT TO istmo_audit WITH CHECK (true);
CREATE POLICY see_any ON audit_event FOR SELECT TO istmo_audit USING (true);
GRANT INSERT, SELECT (account_id, occurred_at, action, object_id) ON audit_event TO istmo_audit;
