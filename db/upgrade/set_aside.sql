-- Move everything of a 0.1 database into the schema istmo_old. It is made by the administrator's login, which may create
-- schemas, and belongs to istmo_owner like the tables.
SET LOCAL ROLE NONE;
CREATE SCHEMA istmo_old AUTHORIZATION istmo_owner;
SET LOCAL ROLE istmo_owner;

DROP VIEW customer_search, invoice_search, district, province;

DO $$
DECLARE
    function text;
    name text;
BEGIN
    -- Not those of extensions.
    FOR function IN
        SELECT p.oid::regprocedure FROM pg_proc p WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = p.oid AND deptype = 'e')
    LOOP
        EXECUTE format('DROP FUNCTION %s CASCADE', function);
    END LOOP;
    FOR name IN
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
            AND relowner = 'istmo_owner'::regrole AND relname <> 'migration'
    LOOP
        EXECUTE format('ALTER TABLE %I SET SCHEMA istmo_old', name);
    END LOOP;
END
$$;
