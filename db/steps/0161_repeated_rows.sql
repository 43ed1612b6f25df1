-- Whether a repeated request had changed the object that it found.

ALTER TABLE idempotency_key ADD COLUMN changed boolean;
CALL istmo_refresh('idempotency_key');
