-- Documents are listed by their fiscal status and found by their CUFE.

CREATE INDEX emission_status_idx ON emission (account_id, status, document_id);
CREATE INDEX emission_cufe_idx ON emission (account_id, cufe) WHERE cufe IS NOT NULL;
