-- The roles of an Istmo database. The administrator's login creates them before migrating; the file can be run any
-- number of times. No role can log in: logins act as one of them by SET ROLE.
--
--   istmo_owner    owns the tables; migrations and backups run as it
--   istmo_app      the service: no DDL, no BYPASSRLS, member of no other role
--   istmo_auth     owns the functions that find an API key by its hash and delete sessions that have ended
--   istmo_signup   owns the function that creates an account
--   istmo_search   owns the views in which customers and documents are searched
--   istmo_dispatch owns the worker's functions, which dispatch events and delete old rows
--   istmo_verify   owns the function that finds customers to be checked with the registry
--   istmo_audit    owns the trigger functions that write the audit trail
--
-- The administrator's login must be a superuser, or have CREATEROLE and own the database.

DO $$
DECLARE
    r text;
    is_distributed boolean := EXISTS (SELECT FROM pg_extension WHERE extname = 'citus');
BEGIN
    -- One session at a time within this database. Roles belong to the whole server, and no lock keeps sessions of other
    -- databases from creating them at the same moment: hence the exceptions.
    PERFORM set_config('lock_timeout', '0', true);
    PERFORM pg_advisory_xact_lock(hashtext('istmo roles'));
    FOREACH r IN ARRAY ARRAY['istmo_owner', 'istmo_app', 'istmo_auth', 'istmo_signup', 'istmo_search',
                             'istmo_dispatch', 'istmo_verify', 'istmo_audit'] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = r) THEN
                EXECUTE format('CREATE ROLE %I NOLOGIN', r);
            END IF;
            IF is_distributed AND NOT (SELECT rolcanlogin FROM pg_roles WHERE rolname = r) THEN
                EXECUTE format('ALTER ROLE %I LOGIN', r);
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
        -- Only if needed: another session may be migrating this database, and change rights on its schema.
        IF NOT has_schema_privilege(r, 'public', 'USAGE') THEN
            EXECUTE format('GRANT USAGE ON SCHEMA public TO %I', r);
        END IF;
    END LOOP;
    -- On a table with policies, even one that lets all rows pass, PostgreSQL uses no statistics for LIKE and so can't
    -- tell a rare word from a common one. The views of istmo_search filter by the account themselves. Only a superuser
    -- can grant this; without it, searching for short rare words reads the whole account.
    BEGIN
        IF NOT (SELECT rolbypassrls FROM pg_roles WHERE rolname = 'istmo_search') THEN
            ALTER ROLE istmo_search BYPASSRLS;
        END IF;
    EXCEPTION
        WHEN insufficient_privilege THEN
            RAISE NOTICE 'istmo_search has no BYPASSRLS: searching for short rare words is slower';
        WHEN internal_error THEN
            NULL;  -- "tuple concurrently updated": another database's session granted it at this moment
    END;
    -- Only once: the second time, a login that is not a superuser would do it as istmo_owner, which is refused.
    IF NOT has_schema_privilege('istmo_owner', 'public', 'CREATE WITH GRANT OPTION') THEN
        GRANT USAGE, CREATE ON SCHEMA public TO istmo_owner WITH GRANT OPTION;
    END IF;
    -- Nobody needs temporary objects, and PostgreSQL may take them for others of the same name.
    IF has_database_privilege('istmo_app', current_database(), 'TEMPORARY') THEN
        EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    END IF;
END
$$;

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;
