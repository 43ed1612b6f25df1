-- A billing point may begin at another number than 1, for a business that goes on from another system.

ALTER TABLE sequence ADD COLUMN first_number bigint NOT NULL DEFAULT 1
    CONSTRAINT sequence_first_number_check CHECK (first_number BETWEEN 1 AND 9999999999);
GRANT UPDATE (first_number) ON sequence TO istmo_app;
CREATE TRIGGER audit_first_number_chosen AFTER INSERT ON sequence FOR EACH ROW
    WHEN (NEW.first_number <> 1) EXECUTE FUNCTION record_first_number();
CREATE TRIGGER audit_first_number_changed AFTER UPDATE OF first_number ON sequence FOR EACH ROW
    WHEN (NEW.first_number <> OLD.first_number) EXECUTE FUNCTION record_first_number();

CREATE POLICY see_any ON billing_point FOR SELECT TO istmo_audit USING (true);
GRANT SELECT (account_id, id, branch, code) ON billing_point TO istmo_audit;
