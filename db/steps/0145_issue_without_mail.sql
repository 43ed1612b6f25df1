-- Documents can be issued without being mailed.

ALTER TABLE document ADD COLUMN notify boolean NOT NULL DEFAULT true;
GRANT SELECT (notify) ON document TO istmo_dispatch;
CALL istmo_refresh('document');
