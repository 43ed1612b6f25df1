-- A count of folios is compared within one cycle of one provider, and allows for documents of which it isn't known whether
-- they used one. Rejected documents are counted for operators.

ALTER TABLE emission_reconciliation ADD COLUMN base_uncertain bigint;
ALTER TABLE emission_reconciliation ADD COLUMN base_cycle text;
CREATE INDEX emission_rejected_idx ON emission (account_id) WHERE status = 'REJECTED';
