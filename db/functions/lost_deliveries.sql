-- Which of these ids are no delivery's, of whichever account: what was written to files about them goes, too.
CREATE OR REPLACE FUNCTION lost_deliveries(ids uuid[]) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    found uuid[];
BEGIN
    SELECT coalesce(array_agg(d.id), '{}') INTO found FROM public.delivery d WHERE d.id = ANY (ids);
    RETURN QUERY SELECT given.id FROM unnest(ids) AS given (id) WHERE given.id <> ALL (found);
END
$$;

CALL istmo_function('lost_deliveries(uuid[])', 'istmo_dispatch');
