-- What the account's provider said when it was last asked as a whole, and what differs between it and Istmo.

CREATE TABLE emission_reconciliation (
    account_id uuid NOT NULL CONSTRAINT emission_reconciliation_account_fkey REFERENCES account,
    -- As with documents: a claim moves due_at to the end of the lease and counts the attempt, which is its fence.
    attempts integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    -- When all is compared next; in between only the folios are asked for.
    nightly_at timestamptz NOT NULL,
    -- When the provider was asked last, and since when it hasn't answered; null while it does.
    asked_at timestamptz,
    failing_since timestamptz,
    -- As the provider says.
    folios_total integer,
    folios_used integer,
    folios_available integer,
    licence_until text,
    folios_at timestamptz,
    -- Which of the provider's folios and how many authorised documents are compared from then on.
    base_used integer,
    base_authorized bigint,
    CONSTRAINT emission_reconciliation_pkey PRIMARY KEY (account_id)
);

CALL istmo_account_table('emission_reconciliation', rights => 'SELECT, INSERT, UPDATE', audit => NULL);

CREATE POLICY dispatch_any ON emission_reconciliation FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, due_at, failing_since, folios_total, folios_available)
    ON emission_reconciliation TO istmo_dispatch;
CREATE POLICY dispatch_any ON pac_setting FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id) ON pac_setting TO istmo_dispatch;

-- A row is there as long as the difference is: somebody must do something about it.
CREATE TABLE emission_difference (
    account_id uuid NOT NULL CONSTRAINT emission_difference_account_fkey REFERENCES account,
    kind varchar(20) NOT NULL CONSTRAINT emission_difference_kind_check CHECK (kind IN (
        'FOLIOS_EXTRA', 'FOLIOS_UNUSED', 'FOLIOS_LOW', 'LICENCE_ENDS', 'NOT_AT_PROVIDER', 'OTHER_DOCUMENT',
        'NUMBERS_MISSING', 'FILES_MISSING', 'DEADLINE_NEAR')),
    -- A document's or a sequence's number; the provider's name where it is about the account.
    subject text NOT NULL,
    document_id uuid,
    count bigint NOT NULL,
    -- What its message tells beside the count, such as a date.
    detail text,
    since timestamptz NOT NULL,
    CONSTRAINT emission_difference_pkey PRIMARY KEY (account_id, kind, subject),
    CONSTRAINT emission_difference_document_fkey FOREIGN KEY (account_id, document_id) REFERENCES document
);

CALL istmo_account_table('emission_difference', rights => 'SELECT, INSERT, UPDATE, DELETE', audit => NULL);

CREATE POLICY dispatch_any ON emission_difference FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, kind) ON emission_difference TO istmo_dispatch;
