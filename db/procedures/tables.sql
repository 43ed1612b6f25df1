-- What every account table needs. The files of db/schema and db/steps call these procedures as istmo_owner; nobody else
-- may. Lists of columns are never written down twice: whatever depends on them is made from the table as it is.

-- Row-level security, the service's rights and, where `audit` names the type of object in the audit trail, its triggers.
-- `rights` are those of GRANT; `not_audited` lists columns whose changes aren't recorded, besides id and account_id.
CREATE OR REPLACE PROCEDURE istmo_account_table(name text, rights text, audit text, not_audited text DEFAULT '')
    LANGUAGE plpgsql
AS $$
DECLARE
    owner_column text := CASE name WHEN 'account' THEN 'id' ELSE 'account_id' END;
    key_begins_with text;
    is_distributed boolean := false;
BEGIN
    SELECT attname INTO key_begins_with
    FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = conkey[1]
    WHERE conrelid = name::regclass AND contype = 'p';
    IF key_begins_with IS DISTINCT FROM owner_column THEN
        RAISE EXCEPTION 'the primary key of % must begin with %', name, owner_column;
    END IF;
    -- A new table of a distributed database lies where its accounts do.
    IF to_regclass('pg_dist_partition') IS NOT NULL THEN
        EXECUTE 'SELECT EXISTS (SELECT FROM pg_dist_partition WHERE logicalrelid = ''account''::regclass)' INTO is_distributed;
    END IF;
    IF is_distributed THEN
        CALL istmo_distribute(name);
    END IF;
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format(
        $policy$CREATE POLICY account_only ON %I TO istmo_app
            USING (%I = nullif(current_setting('istmo.account', true), '')::uuid)$policy$, name, owner_column);
    EXECUTE format('GRANT %s ON %I TO istmo_app', rights, name);
    -- The trail is written by other tables' triggers alone, so their guard is its own.
    IF name <> 'audit_event' THEN
        CALL istmo_guard(name);
    END IF;
    IF audit IS NOT NULL THEN
        CALL istmo_audit(name, audit, not_audited);
    END IF;
END
$$;

-- Distribute an account table over the nodes of Citus. The rows of an account lie on one node.
CREATE OR REPLACE PROCEDURE istmo_distribute(name text)
    LANGUAGE plpgsql
AS $$
BEGIN
    IF name = 'account' THEN
        EXECUTE 'SELECT create_distributed_table(''account'', ''id'', colocate_with => ''none'')';
    ELSE
        EXECUTE format('SELECT create_distributed_table(%L, ''account_id'', colocate_with => ''account'')', name);
    END IF;
END
$$;

-- The trigger that refuses to write rows of an account that has moved, or is just moving, to another node.
CREATE OR REPLACE PROCEDURE istmo_guard(name text)
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER refuse_while_moving BEFORE INSERT OR UPDATE OR DELETE ON %I'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION refuse_while_moving()', name);
END
$$;

-- Triggers that record in the audit trail what is created, changed and deleted. `creations` is the function that records
-- a new row. A step that changes what is recorded calls it again, as the table's file does.
CREATE OR REPLACE PROCEDURE istmo_audit(
    name text, object_type text, not_audited text, creations text DEFAULT 'record_change', deletions boolean DEFAULT true)
    LANGUAGE plpgsql
AS $$
DECLARE
    excluded text := '{id,account_id,' || replace(not_audited, ' ', '') || '}';
BEGIN
    IF not_audited = '' THEN
        excluded := '{id,account_id}';
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_created AFTER INSERT ON %I FOR EACH ROW EXECUTE FUNCTION %I(%L, %L)',
                   name, creations, object_type, excluded);
    CALL istmo_audit_changes(name, object_type, excluded);
    IF deletions THEN
        EXECUTE format('CREATE OR REPLACE TRIGGER audit_deleted AFTER DELETE ON %I FOR EACH ROW'
                       ' EXECUTE FUNCTION record_change(%L, %L)', name, object_type, excluded);
    END IF;
END
$$;

-- The trigger that records changes of all columns but those `excluded`, an array. Changes of these alone cost nothing.
CREATE OR REPLACE PROCEDURE istmo_audit_changes(name text, object_type text, excluded text)
    LANGUAGE plpgsql
AS $$
DECLARE
    recorded text[];
    unknown text;
BEGIN
    SELECT array_agg(attname ORDER BY attnum) INTO recorded FROM pg_attribute
    WHERE attrelid = name::regclass AND attnum > 0 AND NOT attisdropped AND attname <> ALL (excluded::text[]);
    SELECT string_agg(c, ', ') INTO unknown FROM unnest(excluded::text[]) c
    WHERE c <> 'account_id' AND NOT EXISTS (
        SELECT FROM pg_attribute WHERE attrelid = name::regclass AND attname = c AND NOT attisdropped);
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'table % has no column %, which is not to be audited', name, unknown;
    END IF;
    IF EXISTS (SELECT FROM unnest(recorded) c WHERE c ~ '(secret|hash|password|token)$') THEN
        RAISE EXCEPTION 'secrets of % would be written to the audit trail: %', name, recorded;
    END IF;
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_updated AFTER UPDATE OF %s ON %I FOR EACH ROW'
                   ' EXECUTE FUNCTION record_change(%L, %L)',
                   (SELECT string_agg(quote_ident(c), ', ') FROM unnest(recorded) c), name, object_type, excluded);
END
$$;

-- Triggers for rows that are part of another object and are replaced together, such as an invoice's lines.
CREATE OR REPLACE PROCEDURE istmo_audit_parts(name text, function text)
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_created AFTER INSERT ON %I REFERENCING NEW TABLE AS parts'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', name, function);
    EXECUTE format('CREATE OR REPLACE TRIGGER audit_deleted AFTER DELETE ON %I REFERENCING OLD TABLE AS parts'
                   ' FOR EACH STATEMENT EXECUTE FUNCTION %I()', name, function);
END
$$;

-- Search by any part of a word in the column `search`: an index, and the view in which the service searches.
--
-- LIKE is not leakproof, so under row-level security it could not use the trigram index and every search would walk the
-- whole account. The view belongs to a role whose policy lets it see all rows, and keeps to the account itself: within it
-- PostgreSQL is free to use the index. The service can read nothing more through it than through the table.
CREATE OR REPLACE PROCEDURE istmo_search_view(name text)
    LANGUAGE plpgsql
AS $$
BEGIN
    EXECUTE format('CREATE POLICY search_any ON %I FOR SELECT TO istmo_search USING (true)', name);
    EXECUTE format('GRANT SELECT ON %I TO istmo_search', name);
    -- The words come before the account: PostgreSQL looks up an index's columns in their order, and a rare word has
    -- fewer rows than an account.
    EXECUTE format('CREATE INDEX %I ON %I USING gin (search gin_trgm_ops, account_id)', name || '_search_idx', name);
    -- A larger sample, so that the planner can tell a rare word from a common one.
    EXECUTE format('ALTER TABLE %I ALTER COLUMN search SET STATISTICS 1000', name);
    CALL istmo_make_search_view(name);
END
$$;

CREATE OR REPLACE PROCEDURE istmo_make_search_view(name text)
    LANGUAGE plpgsql
AS $$
DECLARE
    view_name text := name || '_search';
BEGIN
    EXECUTE format(
        $view$CREATE VIEW %I AS
            SELECT * FROM %I WHERE account_id = nullif(current_setting('istmo.account', true), '')::uuid$view$,
        view_name, name);
    EXECUTE format('GRANT SELECT ON %I TO istmo_app', view_name);
    GRANT CREATE ON SCHEMA public TO istmo_search;
    EXECUTE format('ALTER VIEW %I OWNER TO istmo_search', view_name);
    REVOKE CREATE ON SCHEMA public FROM istmo_search;
END
$$;

-- To be called by a step after it has added columns to a table: the audit trail and the search view learn of them. A
-- step that drops or changes a column drops the view <table>_search first; it is made anew here.
CREATE OR REPLACE PROCEDURE istmo_refresh(name text)
    LANGUAGE plpgsql
AS $$
DECLARE
    arguments text[];
BEGIN
    -- The arguments of a trigger stand in the catalogue one after another, each with a zero byte behind it.
    SELECT string_to_array(encode(tgargs, 'escape'), '\000') INTO arguments
    FROM pg_trigger WHERE tgrelid = name::regclass AND tgname = 'audit_updated';
    IF FOUND THEN
        CALL istmo_audit_changes(name, arguments[1], arguments[2]);
    END IF;
    IF EXISTS (SELECT FROM pg_policy WHERE polrelid = name::regclass AND polname = 'search_any') THEN
        EXECUTE format('DROP VIEW IF EXISTS %I', name || '_search');
        CALL istmo_make_search_view(name);
    END IF;
END
$$;

-- The function runs as `owner` and so has only that role's rights. Only the service may call it. Nobody may call a
-- trigger's function: a caller could attach it to a temporary table and record changes that never happened.
CREATE OR REPLACE PROCEDURE istmo_function(function text, owner text, is_trigger boolean DEFAULT false)
    LANGUAGE plpgsql
AS $$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_proc WHERE oid = function::regprocedure AND prosecdef
            AND proconfig = '{"search_path=pg_catalog, pg_temp"}'
    ) THEN
        RAISE EXCEPTION '% must be SECURITY DEFINER with SET search_path = pg_catalog, pg_temp', function;
    END IF;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', function::regprocedure);
    IF NOT is_trigger THEN
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO istmo_app', function::regprocedure);
    END IF;
    -- A function that the owner makes is the owner's already.
    IF owner = 'istmo_owner' THEN
        RETURN;
    END IF;
    EXECUTE format('GRANT CREATE ON SCHEMA public TO %I', owner);
    EXECUTE format('ALTER FUNCTION %s OWNER TO %I', function::regprocedure, owner);
    EXECUTE format('REVOKE CREATE ON SCHEMA public FROM %I', owner);
END
$$;

REVOKE ALL ON PROCEDURE istmo_account_table, istmo_distribute, istmo_guard, istmo_audit, istmo_audit_changes, istmo_audit_parts,
    istmo_search_view, istmo_make_search_view, istmo_refresh, istmo_function FROM PUBLIC;
