-- GraphQL documents that clients send by their hash. They belong to the service and not to an account, so the table has
-- no row-level security; the service itself only reads them.

CREATE TABLE trusted_document (
    hash varchar(64) COLLATE "C" CONSTRAINT trusted_document_pkey PRIMARY KEY,
    text text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT trusted_document_hash_check CHECK (hash = encode(sha256(convert_to(text, 'UTF8')), 'hex'))
);

GRANT SELECT ON trusted_document TO istmo_app;
