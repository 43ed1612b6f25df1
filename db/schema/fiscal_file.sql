-- The authorised XML and the provider's PDF of a document, as they were fetched. The law wants them kept for five years;
-- only forget_fiscal_files deletes them, and never before.

CREATE TABLE fiscal_file (
    account_id uuid NOT NULL CONSTRAINT fiscal_file_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    kind varchar(20) NOT NULL CONSTRAINT fiscal_file_kind_check CHECK (kind IN ('XML', 'PDF')),
    content bytea NOT NULL,
    sha256 bytea NOT NULL,
    size integer NOT NULL,
    fetched_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fiscal_file_pkey PRIMARY KEY (account_id, document_id, kind),
    CONSTRAINT fiscal_file_emission_fkey FOREIGN KEY (account_id, document_id) REFERENCES emission,
    CONSTRAINT fiscal_file_content_check CHECK (sha256 = sha256(content) AND size = octet_length(content))
);
CREATE INDEX fiscal_file_fetched_at_idx ON fiscal_file (fetched_at);

CALL istmo_account_table('fiscal_file', rights => 'SELECT, INSERT', audit => NULL);

CREATE POLICY see_any ON fiscal_file FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON fiscal_file FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (account_id, document_id, kind, fetched_at), DELETE ON fiscal_file TO istmo_dispatch;
