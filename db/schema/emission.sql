-- An issued document on its way to the DGI, the bytes that were sent for it, and what happened with each attempt.

CREATE TABLE emission (
    account_id uuid NOT NULL CONSTRAINT emission_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'QUEUED' CONSTRAINT emission_status_check CHECK (status IN (
        'QUEUED', 'SENDING', 'CHECKING', 'ACCEPTED', 'AUTHORIZED', 'REJECTED', 'BLOCKED', 'VOIDING', 'VOIDED', 'WITHDRAWN')),
    environment varchar(20) NOT NULL
        CONSTRAINT emission_environment_check CHECK (environment IN ('TEST', 'PRODUCTION')),
    -- Frozen with the first attempt: where the document is looked for from then on.
    provider text,
    -- Goes up with each claim, as a fence: a worker that comes back too late finds another number.
    attempts integer NOT NULL DEFAULT 0,
    -- When a worker turns to it next; null while nothing is to be done. A claim moves it to the end of the lease.
    due_at timestamptz DEFAULT now(),
    -- Since when it waits for the provider: queued, or a void or a new attempt was asked for.
    open_since timestamptz NOT NULL DEFAULT now(),
    failing_since timestamptz,
    -- The payload that is sent: a correction makes the next number.
    payload integer NOT NULL DEFAULT 1,
    -- When the last attempt whose bytes may have left has ended, or will have ended at the latest.
    sent_until timestamptz,
    -- When the document wasn't found for the first time since that attempt.
    not_found_at timestamptz,
    generic_errors integer NOT NULL DEFAULT 0,
    cufe varchar(66),
    qr text,
    protocol text,
    authorized_at timestamptz,
    -- Rules that it breaks, or notices: [{code, message, field, path, line, notice}].
    faults jsonb NOT NULL DEFAULT '[]',
    -- Why it is blocked, or was until it began to be tried again.
    blocked_reason varchar(20) CONSTRAINT emission_blocked_reason_check CHECK (blocked_reason IN (
        'CREDENTIALS', 'CERTIFICATE', 'FOLIOS', 'NUMBER_TAKEN', 'ISSUER', 'TECHNICAL')),
    blocked_message text,
    void_reason text,
    -- When the provider was asked to void it, while there is no proof of how that ended.
    void_asked_at timestamptz,
    void_refusal text,
    voided_at timestamptz,
    -- When a worker fetches the XML or the PDF next; null once both are there, or while there is none.
    files_due_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    -- The numbers that the document had before it got another, because another system had used them.
    former_numbers text[] NOT NULL DEFAULT '{}',
    CONSTRAINT emission_pkey PRIMARY KEY (account_id, document_id),
    CONSTRAINT emission_document_fkey FOREIGN KEY (account_id, document_id) REFERENCES document,
    CONSTRAINT emission_authorized_check CHECK (
        status NOT IN ('AUTHORIZED', 'VOIDING') OR (cufe IS NOT NULL AND authorized_at IS NOT NULL)),
    CONSTRAINT emission_blocked_check CHECK (status <> 'BLOCKED' OR blocked_reason IS NOT NULL),
    CONSTRAINT emission_void_check CHECK (
        (status IN ('VOIDING', 'VOIDED', 'WITHDRAWN')) = (void_reason IS NOT NULL)
        AND (status IN ('VOIDED', 'WITHDRAWN')) = (voided_at IS NOT NULL)),
    CONSTRAINT emission_due_check CHECK (CASE
        WHEN status IN ('QUEUED', 'SENDING', 'CHECKING', 'ACCEPTED', 'VOIDING') THEN due_at IS NOT NULL
        WHEN status IN ('AUTHORIZED', 'REJECTED', 'VOIDED', 'WITHDRAWN') THEN due_at IS NULL
        ELSE true END)
);
CREATE INDEX emission_due_idx ON emission (account_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX emission_files_due_idx ON emission (account_id, files_due_at) WHERE files_due_at IS NOT NULL;
CREATE INDEX emission_blocked_idx ON emission (account_id, blocked_reason) WHERE status = 'BLOCKED';
CREATE INDEX emission_rejected_idx ON emission (account_id) WHERE status = 'REJECTED';
CREATE INDEX emission_status_idx ON emission (account_id, status, document_id);
CREATE INDEX emission_cufe_idx ON emission (account_id, cufe) WHERE cufe IS NOT NULL;

-- Its steps are recorded with its document; the attempts below have the rest.
CALL istmo_account_table('emission', rights => 'SELECT, INSERT, UPDATE', audit => NULL);
CREATE TRIGGER audit_status AFTER UPDATE OF status ON emission FOR EACH ROW
    WHEN (OLD.status <> NEW.status AND CASE NEW.status
        WHEN 'BLOCKED' THEN OLD.blocked_reason IS DISTINCT FROM NEW.blocked_reason
        WHEN 'SENDING' THEN false
        WHEN 'CHECKING' THEN OLD.status = 'BLOCKED' AND NEW.blocked_reason IS NULL
        WHEN 'QUEUED' THEN OLD.status IN ('REJECTED', 'BLOCKED')
        ELSE true END)
    EXECUTE FUNCTION record_fiscal_status();

CREATE POLICY dispatch_any ON emission FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, document_id, status, due_at, files_due_at, open_since, blocked_reason)
    ON emission TO istmo_dispatch;

-- What is sent, without credentials: the same bytes at each attempt.
CREATE TABLE emission_payload (
    account_id uuid NOT NULL CONSTRAINT emission_payload_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    number integer NOT NULL,
    content bytea NOT NULL,
    sha256 bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT emission_payload_pkey PRIMARY KEY (account_id, document_id, number),
    CONSTRAINT emission_payload_emission_fkey FOREIGN KEY (account_id, document_id) REFERENCES emission,
    CONSTRAINT emission_payload_hash_check CHECK (sha256 = sha256(content))
);

CALL istmo_account_table('emission_payload', rights => 'SELECT, INSERT', audit => NULL);

-- Evidence of each call of the provider. It is written before the call, and completed after it.
CREATE TABLE emission_attempt (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT emission_attempt_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    kind varchar(20) NOT NULL
        CONSTRAINT emission_attempt_kind_check CHECK (kind IN ('SEND', 'LOOK', 'VOID', 'XML', 'PDF')),
    payload integer NOT NULL,
    provider text,
    started_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz,
    outcome varchar(40),
    code text,
    message text,
    answer text CONSTRAINT emission_attempt_answer_check CHECK (length(answer) <= 16384),
    CONSTRAINT emission_attempt_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT emission_attempt_emission_fkey FOREIGN KEY (account_id, document_id) REFERENCES emission,
    CONSTRAINT emission_attempt_ended_check CHECK ((ended_at IS NULL) = (outcome IS NULL))
);
CREATE INDEX emission_attempt_document_idx ON emission_attempt (account_id, document_id, id);

CALL istmo_account_table('emission_attempt',
    rights => 'SELECT, INSERT, UPDATE (ended_at, outcome, code, message, answer)', audit => NULL);

CREATE POLICY see_any ON emission_payload FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON emission_payload FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (account_id, document_id), DELETE ON emission_payload TO istmo_dispatch;
CREATE POLICY see_any ON emission_attempt FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON emission_attempt FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (account_id, document_id), DELETE ON emission_attempt TO istmo_dispatch;
