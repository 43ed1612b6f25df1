-- How much of the quantity of an invoice's line a note takes, where it isn't given by amount.

ALTER TABLE document_line ADD COLUMN invoice_quantity numeric(15, 6);
