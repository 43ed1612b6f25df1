-- Every statement names its account, so that accounts can be kept apart by a PostgreSQL that distributes tables. Such a one
-- inserts all columns, and evaluates all branches of a default's CASE.

CREATE INDEX event_undispatched_account_idx ON event (account_id, position) WHERE sequence IS NULL;

REVOKE INSERT (id, account_id, type, object_id, data) ON event FROM istmo_app;
GRANT INSERT ON event TO istmo_app;
CREATE POLICY new_only ON event AS RESTRICTIVE FOR INSERT TO istmo_app
    WITH CHECK (sequence IS NULL AND dispatched_at IS NULL AND occurred_at = now());

ALTER TABLE audit_event ALTER COLUMN key_id SET DEFAULT
    nullif(nullif(current_setting('istmo.actor', true), ''), 'COMMAND_LINE')::uuid;
REVOKE INSERT (account_id, action, object_type, object_id, changes) ON audit_event FROM istmo_audit;
GRANT INSERT ON audit_event TO istmo_audit;
