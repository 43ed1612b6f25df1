-- The numbers that a document had before it got another, because another system had used them.

ALTER TABLE emission ADD COLUMN former_numbers text[] NOT NULL DEFAULT '{}';
