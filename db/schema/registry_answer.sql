-- The registries' answers about RUCs. They are public facts that all accounts share, so there is no row-level security.
-- Answers of a sandbox are kept apart and never used as real ones.

CREATE TABLE registry_answer (
    ruc text COLLATE "C" NOT NULL,
    taxpayer_type varchar(20) NOT NULL CONSTRAINT registry_answer_taxpayer_type_check
        CHECK (taxpayer_type IN ('NATURAL', 'JURIDICAL')),
    sandbox boolean NOT NULL,
    status varchar(20) CONSTRAINT registry_answer_status_check CHECK (status IN ('FOUND', 'NOT_FOUND', 'INVALID')),
    dv varchar(2) CONSTRAINT registry_answer_dv_check CHECK (dv ~ '^[0-9]{2}$'),
    name text CONSTRAINT registry_answer_name_check CHECK (length(name) BETWEEN 2 AND 200),
    electronic_invoicing boolean,
    receiver_type varchar(20) CONSTRAINT registry_answer_receiver_type_check
        CHECK (receiver_type IN ('TAXPAYER', 'FINAL_CONSUMER', 'GOVERNMENT', 'FOREIGN')),
    provider text,
    asked_at timestamptz,
    CONSTRAINT registry_answer_pkey PRIMARY KEY (ruc, taxpayer_type, sandbox),
    CONSTRAINT registry_answer_asked_check CHECK ((status IS NULL) = (asked_at IS NULL)),
    CONSTRAINT registry_answer_found_check CHECK (
        (status IS NOT DISTINCT FROM 'FOUND') = (name IS NOT NULL)
        AND (status IS NOT DISTINCT FROM 'FOUND') = (dv IS NOT NULL))
);

GRANT SELECT, INSERT, UPDATE ON registry_answer TO istmo_app;
