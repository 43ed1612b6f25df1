-- The registries' answers about RUCs, each for the account that asked: accounts must not see what others ask. Answers of a
-- sandbox are kept apart and never used as real ones.

CREATE TABLE registry_answer (
    account_id uuid NOT NULL CONSTRAINT registry_answer_account_fkey REFERENCES account,
    ruc text COLLATE "C" NOT NULL,
    taxpayer_type varchar(20) NOT NULL CONSTRAINT registry_answer_taxpayer_type_check
        CHECK (taxpayer_type IN ('NATURAL', 'JURIDICAL')),
    sandbox boolean NOT NULL,
    status varchar(20) NOT NULL
        CONSTRAINT registry_answer_status_check CHECK (status IN ('FOUND', 'NOT_FOUND', 'INVALID')),
    dv varchar(2) CONSTRAINT registry_answer_dv_check CHECK (dv ~ '^[0-9]{2}$'),
    name text CONSTRAINT registry_answer_name_check CHECK (length(name) BETWEEN 2 AND 200),
    electronic_invoicing boolean,
    receiver_type varchar(20) CONSTRAINT registry_answer_receiver_type_check
        CHECK (receiver_type IN ('TAXPAYER', 'FINAL_CONSUMER', 'GOVERNMENT', 'FOREIGN')),
    provider text,
    asked_at timestamptz NOT NULL,
    CONSTRAINT registry_answer_pkey PRIMARY KEY (account_id, ruc, taxpayer_type, sandbox),
    CONSTRAINT registry_answer_found_check CHECK (
        (status = 'FOUND') = (name IS NOT NULL) AND (status = 'FOUND') = (dv IS NOT NULL))
);
CREATE INDEX registry_answer_asked_at_idx ON registry_answer (asked_at);

CALL istmo_account_table('registry_answer', rights => 'SELECT, INSERT, UPDATE', audit => NULL);

CREATE POLICY see_any ON registry_answer FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON registry_answer FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (account_id, ruc, taxpayer_type, sandbox, asked_at), DELETE ON registry_answer TO istmo_dispatch;
