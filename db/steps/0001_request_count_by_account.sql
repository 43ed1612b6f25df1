-- Requests are counted by account (as owner_id, since the table has no row-level security): an account may have many keys.

ALTER TABLE request_count RENAME COLUMN key_id TO owner_id;
