-- The roles of an Istmo database, made by the administrator's login before the migrations; run as
-- often as you like. None can log in: logins become one of them by SET ROLE.
--
--   istmo_owner    owns the tables; migrations and backups run as it
--   istmo_app      the service: no DDL, no BYPASSRLS, member of nothing
--   istmo_auth     owns the functions that find an API key by its hash, and forget what was signed in with
--   istmo_signup   owns the function that creates an account
--   istmo_search   owns the views in which customers and invoices are searched
--   istmo_dispatch owns the functions of the worker: dispatching announcements, forgetting what is old
--   istmo_verify   owns the function that finds customers to be checked with the registry
--   istmo_audit    owns the triggers' functions that write the audit trail
--
-- The administrator's login must be a superuser, or have CREATEROLE and own the database.

DO $$
DECLARE
    r text;
BEGIN
    -- Within the database one at a time. Roles belong to the whole server, where no lock keeps another
    -- database from being prepared at the same moment: hence the exceptions.
    PERFORM pg_advisory_xact_lock(hashtext('istmo roles'));
    FOREACH r IN ARRAY ARRAY['istmo_owner', 'istmo_app', 'istmo_auth', 'istmo_signup', 'istmo_search',
                             'istmo_dispatch', 'istmo_verify', 'istmo_audit'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            NULL;
        END;
        BEGIN
            IF r IN ('istmo_owner', 'istmo_app') AND NOT pg_has_role(current_user, r, 'USAGE') THEN
                EXECUTE format('GRANT %I TO %I', r, current_user);
            ELSIF r NOT IN ('istmo_owner', 'istmo_app') AND NOT pg_has_role('istmo_owner', r, 'MEMBER') THEN
                EXECUTE format('GRANT %I TO istmo_owner', r);
            END IF;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
        -- Not without need: somebody may be migrating this database now, and grant rights on its schema.
        IF NOT has_schema_privilege(r, 'public', 'USAGE') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', r);
        END IF;
    END LOOP;
    -- Where a table has policies, even one that lets all pass, PostgreSQL won't use statistics for LIKE
    -- and so can't tell a rare word from a common one. The views of istmo_search keep to the account
    -- themselves. Only a superuser may give this; without it searching works, but short rare words walk.
    BEGIN
        IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'istmo_search') THEN
            ALTER ROLE istmo_search BYPASSRLS;
        END IF;
    EXCEPTION
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'istmo_search has no BYPASSRLS: searching for short rare words is slower';
        WHEN internal_error THEN
            NULL;  -- "tuple concurrently updated": it was given for another database at this moment
    END;
    -- Once: the second time a login that is no superuser would do it as istmo_owner, which is refused.
    IF NOT has_schema_privilege('istmo_owner', 'public', 'CREATE WITH GRANT OPTION') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO istmo_owner WITH GRANT OPTION;
    END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
