-- Events, which announce changes. An event is written in the transaction of its change, so it exists if and only if the
-- change is stored. dispatch_events then gives it its place in the account's feed, and makes a delivery for each webhook
-- and e-mail address.

CREATE TABLE event (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT event_account_fkey REFERENCES account,
    -- The order of writing. A change locks its object before it is announced, so for each object this is
    -- the order of its changes; across objects it is not the order of commits, nor without gaps.
    position bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    type varchar(30) NOT NULL CONSTRAINT event_type_check CHECK (type IN (
        'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED', 'CUSTOMER_VERIFIED',
        'CUSTOMER_DELETED',
        'CUSTOMER_MERGED', 'CUSTOMER_SEPARATED', 'CUSTOMER_ERASED',
        'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_SENT', 'INVOICE_VOIDED',
        'CREDIT_NOTE_ISSUED', 'CREDIT_NOTE_SENT', 'CREDIT_NOTE_AUTHORIZED', 'CREDIT_NOTE_REJECTED', 'CREDIT_NOTE_UPDATED',
        'CREDIT_NOTE_VOIDED', 'DEBIT_NOTE_ISSUED', 'DEBIT_NOTE_SENT', 'DEBIT_NOTE_AUTHORIZED', 'DEBIT_NOTE_REJECTED',
        'DEBIT_NOTE_UPDATED', 'DEBIT_NOTE_VOIDED',
        'INVOICE_AUTHORIZED', 'INVOICE_REJECTED', 'EMISSION_BLOCKED', 'WEBHOOK_DISABLED',
        'WEBHOOK_TESTED', 'IMPORT_FINISHED')),
    -- No foreign key: a deleted draft is announced, too.
    object_id uuid NOT NULL,
    data jsonb NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    -- The place in the account's feed: 1, 2, 3 ... Null until it is dispatched.
    sequence bigint,
    dispatched_at timestamptz,
    CONSTRAINT event_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT event_sequence_unique UNIQUE (account_id, sequence),
    CONSTRAINT event_dispatched_check CHECK ((sequence IS NULL) = (dispatched_at IS NULL))
);
CREATE INDEX event_undispatched_idx ON event (position) WHERE sequence IS NULL;
CREATE INDEX event_undispatched_account_idx ON event (account_id, position) WHERE sequence IS NULL;
CREATE INDEX event_dispatched_at_idx ON event (dispatched_at);

-- The service can insert events, but neither delete nor number them. Not audited: the changes that they announce are.
-- Sending a document changes nothing but its events, so these are recorded.
CALL istmo_account_table('event', rights => 'SELECT, INSERT', audit => NULL);
-- Not by rights on columns: a PostgreSQL that distributes tables inserts all columns. Nor is its now() the same on all
-- nodes.
CREATE POLICY new_only ON event AS RESTRICTIVE FOR INSERT TO istmo_app
    WITH CHECK (sequence IS NULL AND dispatched_at IS NULL
        AND occurred_at BETWEEN now() - interval '1 hour' AND now() + interval '1 hour');
CREATE TRIGGER audit_sent AFTER INSERT ON event FOR EACH ROW
    WHEN (NEW.type IN ('INVOICE_SENT', 'CREDIT_NOTE_SENT', 'DEBIT_NOTE_SENT')) EXECUTE FUNCTION record_sent_invoice();

CREATE POLICY dispatch_any ON event FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY number_any ON event FOR UPDATE TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON event FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT, UPDATE (sequence, dispatched_at), DELETE ON event TO istmo_dispatch;
