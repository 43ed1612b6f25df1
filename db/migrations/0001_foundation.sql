-- The tables of Istmo. Run by istmo_owner; see docs/decisions.md for the roles and policies.
--
-- Every table but location belongs to an account: its key and its foreign keys include
-- account_id, so a row can't point into another account whatever the service does.
-- Enumerations are text with a CHECK, ordered columns are text COLLATE "C", bigint, date or
-- timestamptz: only comparisons of such types are leakproof, and under row-level security
-- PostgreSQL uses an index for leakproof comparisons alone.

CREATE TABLE account (
    id uuid CONSTRAINT account_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT account_name_check CHECK (length(name) BETWEEN 2 AND 200),
    ruc text,
    dv varchar(2),
    electronic_invoicing boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE api_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT api_key_account_fkey REFERENCES account,
    name text NOT NULL CONSTRAINT api_key_name_check CHECK (length(name) BETWEEN 1 AND 200),
    scope varchar(10) NOT NULL CONSTRAINT api_key_scope_check CHECK (scope IN ('READ', 'WRITE', 'ADMIN')),
    hash bytea NOT NULL CONSTRAINT api_key_hash_unique UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    CONSTRAINT api_key_pkey PRIMARY KEY (account_id, id)
);

CREATE TABLE billing_point (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT billing_point_account_fkey REFERENCES account,
    code varchar(3) NOT NULL CONSTRAINT billing_point_code_check CHECK (code ~ '^[0-9]{3}$' AND code <> '000'),
    name text,
    last_number bigint NOT NULL DEFAULT 0
        CONSTRAINT billing_point_last_number_check CHECK (last_number BETWEEN 0 AND 9999999999),
    CONSTRAINT billing_point_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT billing_point_code_unique UNIQUE (account_id, code)
);

CREATE TABLE location (
    code varchar(8) CONSTRAINT location_pkey PRIMARY KEY,
    corregimiento text NOT NULL,
    district_name text NOT NULL,
    province_name text NOT NULL,
    province_kind text NOT NULL,
    district_code varchar(5) NOT NULL,
    province_code varchar(2) NOT NULL,
    position integer NOT NULL,
    search text NOT NULL
);
CREATE INDEX location_district_idx ON location (district_code, position);
CREATE INDEX location_province_idx ON location (province_code, position);

CREATE VIEW district AS
    SELECT district_code AS code, province_code AS province_id, min(district_name) AS name, min(position) AS position
    FROM location GROUP BY district_code, province_code;

CREATE VIEW province AS
    SELECT province_code AS code, min(province_name) AS name, min(province_kind) AS kind, min(position) AS position
    FROM location GROUP BY province_code;

CREATE TABLE customer (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT customer_account_fkey REFERENCES account,
    receiver_type varchar(20) NOT NULL CONSTRAINT customer_receiver_type_check
        CHECK (receiver_type IN ('TAXPAYER', 'FINAL_CONSUMER', 'GOVERNMENT', 'FOREIGN')),
    taxpayer_type varchar(20) CONSTRAINT customer_taxpayer_type_check CHECK (taxpayer_type IN ('NATURAL', 'JURIDICAL')),
    ruc text COLLATE "C",
    dv varchar(2) CONSTRAINT customer_dv_check CHECK (dv IS NULL OR (dv ~ '^[0-9]{2}$' AND ruc IS NOT NULL)),
    foreign_id_type varchar(20) CONSTRAINT customer_foreign_id_type_check
        CHECK (foreign_id_type IN ('PASSPORT', 'TAX_ID', 'OTHER')),
    foreign_id_number text COLLATE "C",
    foreign_id_country varchar(2),
    name text NOT NULL CONSTRAINT customer_name_check CHECK (length(name) BETWEEN 2 AND 200),
    location_code varchar(8) CONSTRAINT customer_location_fkey REFERENCES location,
    address text,
    email text,
    phone text,
    mobile text,
    status varchar(20) NOT NULL CONSTRAINT customer_status_check CHECK (status IN ('ACTIVE', 'ARCHIVED')),
    verification_status varchar(20) NOT NULL CONSTRAINT customer_verification_status_check CHECK (
        verification_status IN ('UNVERIFIED', 'PENDING', 'VERIFIED', 'NOT_FOUND', 'MISMATCH', 'UNAVAILABLE')),
    verification_checked_at timestamptz,
    verification_registry_name text,
    identification text NOT NULL DEFAULT '',
    name_key text COLLATE "C" NOT NULL,
    identification_key text COLLATE "C" NOT NULL DEFAULT '',
    phone_key text COLLATE "C" NOT NULL DEFAULT '',
    search text COLLATE "C" NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT customer_foreign_id_check CHECK (
        (foreign_id_type IS NULL) = (foreign_id_number IS NULL)
        AND (foreign_id_type IS NULL) = (foreign_id_country IS NULL)
        AND (foreign_id_type IS NULL OR receiver_type = 'FOREIGN')),
    CONSTRAINT customer_foreign_check CHECK (
        receiver_type <> 'FOREIGN' OR (ruc IS NULL AND taxpayer_type IS NULL AND location_code IS NULL))
);
CREATE UNIQUE INDEX customer_ruc_unique ON customer (account_id, ruc, taxpayer_type) NULLS NOT DISTINCT
    WHERE status = 'ACTIVE' AND ruc IS NOT NULL;
CREATE UNIQUE INDEX customer_foreign_id_unique
    ON customer (account_id, foreign_id_number, foreign_id_country, foreign_id_type)
    WHERE status = 'ACTIVE' AND foreign_id_number IS NOT NULL;
CREATE INDEX customer_name_idx ON customer (account_id, name_key, id);
CREATE INDEX customer_identification_idx ON customer (account_id, identification_key, id);
CREATE INDEX customer_phone_idx ON customer (account_id, phone_key, id);
CREATE INDEX customer_created_at_idx ON customer (account_id, created_at, id);

CREATE TABLE associated_person (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT associated_person_account_fkey REFERENCES account,
    customer_id uuid NOT NULL,
    position integer NOT NULL,
    name text NOT NULL,
    email text,
    phone text,
    notify boolean NOT NULL DEFAULT false,
    CONSTRAINT associated_person_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT associated_person_customer_fkey
        FOREIGN KEY (account_id, customer_id) REFERENCES customer ON DELETE CASCADE,
    CONSTRAINT associated_person_position_unique UNIQUE (account_id, customer_id, position)
);

CREATE TABLE invoice (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT invoice_account_fkey REFERENCES account,
    customer_id uuid NOT NULL,
    billing_point varchar(3) NOT NULL,
    number varchar(10) CONSTRAINT invoice_number_check CHECK (number ~ '^[0-9]{10}$'),
    status varchar(20) NOT NULL CONSTRAINT invoice_status_check CHECK (status IN ('DRAFT', 'ISSUED', 'VOID')),
    issue_date date NOT NULL,
    due_date date CONSTRAINT invoice_due_date_check CHECK (due_date >= issue_date),
    currency varchar(3) NOT NULL CONSTRAINT invoice_currency_check CHECK (currency IN ('PAB', 'USD')),
    notes text,
    receiver_type varchar(20),
    receiver_taxpayer_type varchar(20),
    receiver_ruc text,
    receiver_dv varchar(2),
    receiver_foreign_id_type varchar(20),
    receiver_foreign_id_number text,
    receiver_foreign_id_country varchar(2),
    receiver_identification text,
    receiver_name text,
    receiver_location_code varchar(8) CONSTRAINT invoice_receiver_location_fkey REFERENCES location,
    receiver_address text,
    receiver_email text,
    receiver_phone text,
    receiver_mobile text,
    subtotal numeric(13, 2) NOT NULL,
    discount_total numeric(13, 2) NOT NULL,
    itbms_total numeric(13, 2) NOT NULL,
    total numeric(13, 2) NOT NULL,
    total_cents bigint NOT NULL,
    number_key text COLLATE "C" NOT NULL DEFAULT '',
    search text COLLATE "C" NOT NULL,
    issued_at timestamptz,
    void_reason text,
    voided_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT invoice_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT invoice_customer_fkey FOREIGN KEY (account_id, customer_id) REFERENCES customer,
    CONSTRAINT invoice_billing_point_fkey
        FOREIGN KEY (account_id, billing_point) REFERENCES billing_point (account_id, code),
    CONSTRAINT invoice_number_unique UNIQUE (account_id, billing_point, number),
    CONSTRAINT invoice_total_check CHECK (
        total = subtotal + itbms_total AND total_cents = total * 100 AND subtotal >= 0 AND itbms_total >= 0),
    CONSTRAINT invoice_draft_check CHECK (
        (status = 'DRAFT') = (number IS NULL)
        AND (status = 'DRAFT') = (issued_at IS NULL)
        AND (status = 'DRAFT') = (receiver_name IS NULL)
        AND (status = 'DRAFT') = (receiver_type IS NULL)),
    CONSTRAINT invoice_void_check CHECK (
        (status = 'VOID') = (void_reason IS NOT NULL) AND (status = 'VOID') = (voided_at IS NOT NULL))
);
CREATE INDEX invoice_issue_date_idx ON invoice (account_id, issue_date, id);
CREATE INDEX invoice_number_idx ON invoice (account_id, number_key, id);
CREATE INDEX invoice_total_idx ON invoice (account_id, total_cents, id);
CREATE INDEX invoice_created_at_idx ON invoice (account_id, created_at, id);
CREATE INDEX invoice_customer_idx ON invoice (account_id, customer_id, issue_date, id);

CREATE TABLE invoice_line (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT invoice_line_account_fkey REFERENCES account,
    invoice_id uuid NOT NULL,
    position integer NOT NULL,
    description text NOT NULL,
    quantity numeric(15, 6) NOT NULL CONSTRAINT invoice_line_quantity_check CHECK (quantity > 0),
    unit_price numeric(15, 6) NOT NULL,
    discount numeric(15, 6) NOT NULL,
    itbms_rate varchar(10) NOT NULL CONSTRAINT invoice_line_itbms_rate_check
        CHECK (itbms_rate IN ('EXEMPT', 'RATE_7', 'RATE_10', 'RATE_15')),
    net numeric(13, 2) NOT NULL,
    itbms numeric(13, 2) NOT NULL,
    total numeric(13, 2) NOT NULL CONSTRAINT invoice_line_total_check CHECK (total = net + itbms),
    CONSTRAINT invoice_line_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT invoice_line_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES invoice ON DELETE CASCADE,
    CONSTRAINT invoice_line_position_unique UNIQUE (account_id, invoice_id, position),
    CONSTRAINT invoice_line_discount_check CHECK (discount BETWEEN 0 AND unit_price)
);

CREATE TABLE idempotency_key (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT idempotency_key_account_fkey REFERENCES account,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    -- Null only within the transaction that takes the key.
    object_id uuid,
    created boolean,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT idempotency_key_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT idempotency_key_unique UNIQUE (account_id, key)
);
CREATE INDEX idempotency_key_created_at_idx ON idempotency_key (created_at);

-- Row-level security. Two policies on every table: without the owner's, a migration of the data
-- would silently see no rows.
DO $$
DECLARE
    t text;
BEGIN
    FOREACH t IN ARRAY ARRAY['account', 'api_key', 'billing_point', 'customer', 'associated_person', 'invoice',
                             'invoice_line', 'idempotency_key']
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', t);
        EXECUTE format('CREATE POLICY owner_all ON %I TO istmo_owner USING (true) WITH CHECK (true)', t);
        EXECUTE format(
            $policy$CREATE POLICY account_only ON %I TO istmo_app
                USING (%I = nullif(current_setting('istmo.account', true), '')::uuid)$policy$,
            t, CASE t WHEN 'account' THEN 'id' ELSE 'account_id' END);
    END LOOP;
END
$$;

GRANT SELECT ON location, district, province, tortoise_migrations TO istmo_app;
GRANT SELECT ON account, api_key, billing_point TO istmo_app;
GRANT UPDATE (name, ruc, dv, electronic_invoicing, updated_at) ON account TO istmo_app;
GRANT INSERT, UPDATE (revoked_at, last_used_at) ON api_key TO istmo_app;
GRANT INSERT, UPDATE (name, last_number) ON billing_point TO istmo_app;
GRANT SELECT, INSERT, UPDATE ON customer TO istmo_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON associated_person, invoice, invoice_line, idempotency_key TO istmo_app;

-- Before an account is known. Each function belongs to a role that can do just this.

CREATE POLICY find_any ON api_key FOR SELECT TO istmo_auth USING (true);
GRANT SELECT (account_id, id, scope, hash, expires_at, revoked_at) ON api_key TO istmo_auth;

CREATE FUNCTION account_of_key(key_hash bytea)
    RETURNS TABLE (account_id uuid, key_id uuid, scope text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog
AS $$
    SELECT k.account_id, k.id, k.scope FROM public.api_key k
    WHERE k.hash = key_hash AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
$$;

CREATE POLICY create_any ON account FOR INSERT TO istmo_signup WITH CHECK (true);
CREATE POLICY create_any ON billing_point FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON account, billing_point TO istmo_signup;

CREATE FUNCTION create_account(
    account_id uuid, name text, ruc text, dv text, electronic_invoicing boolean, billing_point_id uuid)
    RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog
AS $$
    INSERT INTO public.account (id, name, ruc, dv, electronic_invoicing)
        VALUES (account_id, name, ruc, dv, electronic_invoicing);
    INSERT INTO public.billing_point (id, account_id, code) VALUES (billing_point_id, account_id, '001');
$$;

REVOKE ALL ON FUNCTION account_of_key, create_account FROM PUBLIC;
GRANT EXECUTE ON FUNCTION account_of_key, create_account TO istmo_app;

GRANT CREATE ON SCHEMA public TO istmo_auth, istmo_signup;
ALTER FUNCTION account_of_key OWNER TO istmo_auth;
ALTER FUNCTION create_account OWNER TO istmo_signup;
REVOKE CREATE ON SCHEMA public FROM istmo_auth, istmo_signup;
