-- On several nodes a policy can't look into another table, and each node has its own now().

DROP POLICY imported_only ON customer;
CREATE TRIGGER keep_unless_imported BEFORE DELETE ON customer FOR EACH ROW WHEN (current_user = 'istmo_app')
    EXECUTE FUNCTION keep_unless_imported();

DROP POLICY new_only ON event;
CREATE POLICY new_only ON event AS RESTRICTIVE FOR INSERT TO istmo_app
    WITH CHECK (sequence IS NULL AND dispatched_at IS NULL
        AND occurred_at BETWEEN now() - interval '1 hour' AND now() + interval '1 hour');
