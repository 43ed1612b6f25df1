-- asyncpg stores the last day of the calendar as infinity, and the first as -infinity. Documents that were given these
-- days get the nearest days that are none, since they must also be read and stored again. A key that ends at infinity
-- doesn't end.
UPDATE document SET due_date = '9999-12-30' WHERE due_date = 'infinity';
UPDATE document SET issue_date = '0001-01-02' WHERE issue_date = '-infinity';
UPDATE document SET due_date = issue_date WHERE due_date = '-infinity';
UPDATE api_key SET expires_at = CASE kind WHEN 'KEY' THEN NULL ELSE '9999-12-30'::timestamptz END
    WHERE expires_at = 'infinity';
UPDATE api_key SET expires_at = created_at WHERE expires_at = '-infinity';

ALTER TABLE document ADD CONSTRAINT document_dates_check CHECK (isfinite(issue_date) AND isfinite(due_date));
ALTER TABLE api_key ADD CONSTRAINT api_key_finite_check CHECK (isfinite(expires_at));
