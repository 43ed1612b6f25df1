-- How many questions about RUCs an account has asked the registries on a day.

CREATE TABLE lookup_count (
    account_id uuid NOT NULL CONSTRAINT lookup_count_account_fkey REFERENCES account,
    day date NOT NULL,
    questions integer NOT NULL,
    CONSTRAINT lookup_count_pkey PRIMARY KEY (account_id, day)
);

CALL istmo_account_table('lookup_count', rights => 'SELECT, INSERT, UPDATE (questions)', audit => NULL);

CREATE POLICY see_any ON lookup_count FOR SELECT TO istmo_dispatch USING (true);
CREATE POLICY forget_any ON lookup_count FOR DELETE TO istmo_dispatch USING (true);
GRANT SELECT (day), DELETE ON lookup_count TO istmo_dispatch;
