-- Everybody reads events, and a webhook's address may hold a secret: events name the webhook by its id.
UPDATE event SET data = data - 'url' WHERE type = 'WEBHOOK_DISABLED';
