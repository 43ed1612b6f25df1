-- The roles of an Istmo database, made by the administrator's login before the migrations; run as
-- often as you like. None can log in: logins become one of them by SET ROLE.
--
--   istmo_owner    owns the tables; migrations and backups run as it
--   istmo_app      the service: no DDL, no BYPASSRLS, member of nothing
--   istmo_auth     owns the function that finds an API key by its hash
--   istmo_signup   owns the function that creates an account
--   istmo_search   owns the views in which customers and invoices are searched
--
-- The administrator's login must be a superuser, or have CREATEROLE and own the database.

DO $$
DECLARE
    r text;
BEGIN
    -- Roles belong to the whole server: two databases may be prepared at the same time.
    PERFORM pg_advisory_xact_lock(hashtext('istmo roles'));
    FOREACH r IN ARRAY ARRAY['istmo_owner', 'istmo_app', 'istmo_auth', 'istmo_signup', 'istmo_search'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
        IF r IN ('istmo_owner', 'istmo_app') AND NOT pg_has_role(current_user, r, 'USAGE') THEN
            EXECUTE format('GRANT %I TO %I', r, current_user);
        END IF;
        IF r IN ('istmo_auth', 'istmo_signup', 'istmo_search') AND NOT pg_has_role('istmo_owner', r, 'MEMBER') THEN
            EXECUTE format('GRANT %I TO istmo_owner', r);
        END IF;
    END LOOP;
END
$$;

GRANT USAGE, CREATE ON SCHEMA public TO istmo_owner WITH GRANT OPTION;
GRANT USAGE ON SCHEMA public TO istmo_app, istmo_auth, istmo_signup, istmo_search;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
