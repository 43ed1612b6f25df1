-- Delete up to `most` files that were fetched more than so many years ago, at least five, with what was sent for their
-- documents and the evidence; returns how many files.
CREATE OR REPLACE FUNCTION forget_fiscal_files(years integer, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    old record;
    done bigint := 0;
BEGIN
    FOR old IN
        SELECT f.account_id, f.document_id, f.kind FROM public.fiscal_file f
        WHERE f.fetched_at < now() - make_interval(years => greatest(years, 5)) ORDER BY f.fetched_at LIMIT most
    LOOP
        DELETE FROM public.emission_attempt a
        WHERE a.account_id = old.account_id AND a.document_id = old.document_id;
        DELETE FROM public.emission_payload p
        WHERE p.account_id = old.account_id AND p.document_id = old.document_id;
        DELETE FROM public.fiscal_file f
        WHERE f.account_id = old.account_id AND f.document_id = old.document_id AND f.kind = old.kind;
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

CALL istmo_function('forget_fiscal_files(integer, integer)', 'istmo_dispatch');
