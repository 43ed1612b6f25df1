-- Customers that were merged into others, with what it takes to undo that. A row is there as long as it can be undone:
-- 30 days. The audit trail and customer.merged_into remember it for good.

CREATE TABLE customer_merge (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT customer_merge_account_fkey REFERENCES account,
    customer_id uuid NOT NULL,
    survivor_id uuid NOT NULL,
    former_status varchar(20) NOT NULL
        CONSTRAINT customer_merge_former_status_check CHECK (former_status IN ('ACTIVE', 'ARCHIVED')),
    -- The documents that went to the survivor, drafts apart, and the customers that led to this one before.
    documents uuid[] NOT NULL,
    drafts uuid[] NOT NULL,
    followers uuid[] NOT NULL,
    -- The survivor's fields that have their value from this customer: each is [before, after].
    changes jsonb NOT NULL,
    merged_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_merge_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT customer_merge_customer_unique UNIQUE (account_id, customer_id),
    CONSTRAINT customer_merge_customer_fkey FOREIGN KEY (account_id, customer_id) REFERENCES customer,
    CONSTRAINT customer_merge_survivor_fkey FOREIGN KEY (account_id, survivor_id) REFERENCES customer
);
CREATE INDEX customer_merge_survivor_idx ON customer_merge (account_id, survivor_id);
CREATE INDEX customer_merge_time_idx ON customer_merge (account_id, merged_at, id);
CREATE INDEX customer_merge_old_idx ON customer_merge (merged_at);

-- Not audited: what a merge changes is recorded with the customers and the documents.
CALL istmo_account_table('customer_merge', rights => 'SELECT, INSERT, DELETE', audit => NULL);

-- The role can delete no others, whatever the function does.
CREATE POLICY see_old ON customer_merge FOR SELECT TO istmo_dispatch USING (merged_at < now() - interval '30 days');
CREATE POLICY forget_old ON customer_merge FOR DELETE TO istmo_dispatch USING (merged_at < now() - interval '30 days');
GRANT SELECT (account_id, id, merged_at), DELETE ON customer_merge TO istmo_dispatch;
