-- The RUC or document of a merged customer leads to its survivor.

CREATE INDEX customer_merged_ruc_idx ON customer (account_id, ruc) WHERE status = 'MERGED' AND ruc IS NOT NULL;
CREATE INDEX customer_merged_foreign_id_idx ON customer (account_id, foreign_id_key)
    WHERE status = 'MERGED' AND foreign_id_key IS NOT NULL;
