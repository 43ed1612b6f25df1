-- Signing in. A session is a key of its own kind, whose secret is a browser's cookie. It acts as the key that it was
-- begun with, its parent, and ends with it. A link is a key that is good for nothing but to begin one session, which then
-- has no parent.

ALTER TABLE api_key
    ADD COLUMN kind varchar(10) NOT NULL DEFAULT 'KEY'
        CONSTRAINT api_key_kind_check CHECK (kind IN ('KEY', 'LINK', 'SESSION')),
    ADD COLUMN parent_id uuid,
    ADD CONSTRAINT api_key_parent_fkey FOREIGN KEY (account_id, parent_id) REFERENCES api_key ON DELETE CASCADE,
    ADD CONSTRAINT api_key_parent_check CHECK (parent_id IS NULL OR kind = 'SESSION'),
    ADD CONSTRAINT api_key_ends_check CHECK (kind = 'KEY' OR expires_at IS NOT NULL);
CREATE INDEX api_key_parent_idx ON api_key (account_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX api_key_ends_idx ON api_key (expires_at) WHERE kind <> 'KEY';

GRANT SELECT (kind, parent_id), DELETE ON api_key TO istmo_auth;
CREATE POLICY forget_any ON api_key FOR DELETE TO istmo_auth USING (kind <> 'KEY');

CREATE OR REPLACE FUNCTION account_of_key(key_hash bytea)
    RETURNS TABLE (account_id uuid, key_id uuid, scope text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT k.account_id, coalesce(p.id, k.id), k.scope
    FROM public.api_key k LEFT JOIN public.api_key p ON p.account_id = k.account_id AND p.id = k.parent_id
    WHERE k.hash = key_hash AND k.kind <> 'LINK'
        AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
        AND p.revoked_at IS NULL AND (p.expires_at IS NULL OR p.expires_at > now())
$$;

-- Take the link: it is gone then, however many ask at once.
CREATE FUNCTION take_link(link_hash bytea) RETURNS TABLE (account_id uuid, scope text)
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
    DELETE FROM public.api_key k WHERE k.hash = link_hash AND k.kind = 'LINK' AND k.expires_at > now()
    RETURNING k.account_id, k.scope
$$;

-- Forget up to ``most`` links and sessions of all accounts that are over; returns how many.
CREATE FUNCTION forget_sessions(most integer) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
    WITH forgotten AS (
        DELETE FROM public.api_key k USING (
            SELECT o.account_id, o.id FROM public.api_key o
            WHERE o.kind <> 'KEY' AND o.expires_at < now() ORDER BY o.expires_at LIMIT most
        ) old
        WHERE k.account_id = old.account_id AND k.id = old.id
        RETURNING k.id
    )
    SELECT count(*) FROM forgotten
$$;

REVOKE ALL ON FUNCTION take_link, forget_sessions FROM PUBLIC;
GRANT EXECUTE ON FUNCTION take_link, forget_sessions TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_auth;
ALTER FUNCTION take_link OWNER TO istmo_auth;
ALTER FUNCTION forget_sessions OWNER TO istmo_auth;
REVOKE CREATE ON SCHEMA public FROM istmo_auth;
