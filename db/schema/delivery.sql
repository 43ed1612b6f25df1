-- An event on its way to a webhook or an e-mail address.

CREATE TABLE delivery (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT delivery_account_fkey REFERENCES account,
    event_id uuid NOT NULL,
    -- Copies of the event's columns.
    object_id uuid NOT NULL,
    sequence bigint NOT NULL,
    webhook_id uuid,
    email text,
    status varchar(20) NOT NULL DEFAULT 'PENDING'
        CONSTRAINT delivery_status_check CHECK (status IN ('PENDING', 'DELIVERED', 'FAILED')),
    attempts integer NOT NULL DEFAULT 0,
    -- When the first attempt was made; pauses and giving up are counted from here. Before that, when it was queued.
    began_at timestamptz NOT NULL DEFAULT now(),
    -- While it is pending, when the next attempt is due. A worker claims the delivery by moving this time into the
    -- future, and holds it until then, even if the worker dies.
    due_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz,
    error text,
    CONSTRAINT delivery_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT delivery_event_fkey FOREIGN KEY (account_id, event_id) REFERENCES event ON DELETE CASCADE,
    CONSTRAINT delivery_webhook_fkey FOREIGN KEY (account_id, webhook_id) REFERENCES webhook ON DELETE CASCADE,
    CONSTRAINT delivery_target_check CHECK ((webhook_id IS NULL) <> (email IS NULL)),
    CONSTRAINT delivery_settled_check CHECK ((status = 'PENDING') = (settled_at IS NULL)),
    CONSTRAINT delivery_webhook_unique UNIQUE (account_id, event_id, webhook_id),
    CONSTRAINT delivery_email_unique UNIQUE (account_id, event_id, email)
);
CREATE INDEX delivery_due_idx ON delivery (account_id, webhook_id, due_at) WHERE status = 'PENDING';
CREATE INDEX delivery_due_mail_idx ON delivery (due_at) WHERE status = 'PENDING' AND webhook_id IS NULL;
CREATE INDEX delivery_object_idx ON delivery (account_id, webhook_id, object_id, sequence) WHERE status = 'PENDING';
-- The mails of an invoice.
CREATE INDEX delivery_mail_idx ON delivery (account_id, object_id, sequence) WHERE webhook_id IS NULL;
CREATE INDEX delivery_webhook_idx ON delivery (account_id, webhook_id, sequence, id);

-- Not audited: the worker writes its attempts here, and people can't change them.
CALL istmo_account_table('delivery',
    rights => 'SELECT, UPDATE (status, attempts, began_at, due_at, settled_at, error)', audit => NULL);

CREATE POLICY dispatch_any ON delivery FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY queue_any ON delivery FOR INSERT TO istmo_dispatch WITH CHECK (true);
GRANT SELECT, INSERT ON delivery TO istmo_dispatch;
