-- Take the receiver, and all texts that somebody typed, out of up to `most` documents of customers whose data was erased,
-- once the law no longer wants them kept: so many years after the issue, at least five. Numbers and amounts stay. Returns
-- how many documents.
CREATE OR REPLACE FUNCTION forget_erased_documents(years integer, most integer) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
    erased text := 'Datos eliminados';
    old record;
    done bigint := 0;
BEGIN
    FOR old IN
        SELECT d.account_id, d.id FROM public.customer c
        JOIN public.document d ON d.account_id = c.account_id AND d.customer_id = c.id
        WHERE c.status = 'ERASED' AND d.receiver_name <> erased
            AND d.issued_at < now() - make_interval(years => greatest(years, 5)) LIMIT most
    LOOP
        UPDATE public.document d SET
            receiver_taxpayer_type = NULL, receiver_ruc = NULL, receiver_dv = NULL, receiver_foreign_id_type = NULL,
            receiver_foreign_id_number = NULL, receiver_foreign_id_country = NULL, receiver_identification = '',
            receiver_name = erased, receiver_location_code = NULL, receiver_address = NULL, receiver_email = NULL,
            receiver_phone = NULL, receiver_mobile = NULL, purchase_order = NULL, notes = NULL, search = '',
            note_reason = CASE WHEN d.note_reason IS NOT NULL THEN erased END,
            void_reason = CASE WHEN d.void_reason IS NOT NULL THEN erased END,
            payment_forms = (SELECT jsonb_agg(form - 'description') FROM jsonb_array_elements(d.payment_forms) form)
        WHERE d.account_id = old.account_id AND d.id = old.id;
        UPDATE public.document_line l SET description = erased
        WHERE l.account_id = old.account_id AND l.document_id = old.id;
        UPDATE public.emission e SET
            faults = '[]', blocked_message = NULL, void_refusal = NULL,
            void_reason = CASE WHEN e.void_reason IS NOT NULL THEN erased END
        WHERE e.account_id = old.account_id AND e.document_id = old.id;
        DELETE FROM public.emission_attempt a WHERE a.account_id = old.account_id AND a.document_id = old.id;
        DELETE FROM public.emission_payload p WHERE p.account_id = old.account_id AND p.document_id = old.id;
        DELETE FROM public.fiscal_file f WHERE f.account_id = old.account_id AND f.document_id = old.id;
        PERFORM public.redact_audit(old.account_id, ARRAY[old.id]);
        done := done + 1;
    END LOOP;
    RETURN done;
END
$$;

CALL istmo_function('forget_erased_documents(integer, integer)', 'istmo_owner');
