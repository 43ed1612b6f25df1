-- An invoice can be sent to any address at any time, also again to the same one; and further types of events.

ALTER TABLE event DROP CONSTRAINT event_type_check;
ALTER TABLE event ADD CONSTRAINT event_type_check CHECK (type IN (
    'CUSTOMER_CREATED', 'CUSTOMER_UPDATED', 'CUSTOMER_ARCHIVED', 'CUSTOMER_RESTORED', 'CUSTOMER_VERIFIED',
    'INVOICE_CREATED', 'INVOICE_UPDATED', 'INVOICE_DELETED', 'INVOICE_ISSUED', 'INVOICE_SENT', 'INVOICE_VOIDED',
    'WEBHOOK_DISABLED', 'WEBHOOK_TESTED'));

ALTER TABLE audit_event DROP CONSTRAINT audit_event_action_check;
ALTER TABLE audit_event ADD CONSTRAINT audit_event_action_check
    CHECK (action IN ('CREATED', 'UPDATED', 'DELETED', 'SENT'));
CREATE TRIGGER audit_sent AFTER INSERT ON event FOR EACH ROW
    WHEN (NEW.type = 'INVOICE_SENT') EXECUTE FUNCTION record_sent_invoice();

ALTER TABLE delivery DROP CONSTRAINT delivery_email_unique;
ALTER TABLE delivery ADD CONSTRAINT delivery_email_unique UNIQUE (account_id, event_id, email);
CREATE INDEX delivery_mail_idx ON delivery (account_id, object_id, sequence) WHERE webhook_id IS NULL;
