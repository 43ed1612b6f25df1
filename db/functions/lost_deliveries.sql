-- Which of these ids are no delivery's, of whichever account: what was written to files about them goes, too.
CREATE OR REPLACE FUNCTION lost_deliveries(ids uuid[]) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    SELECT given.id FROM unnest(ids) AS given (id)
    WHERE NOT EXISTS (SELECT FROM public.delivery d WHERE d.id = given.id)
$$;

CALL istmo_function('lost_deliveries(uuid[])', 'istmo_dispatch');
