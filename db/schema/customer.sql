-- Customers and their associated persons.

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
    payment_term_days integer CONSTRAINT customer_payment_term_check CHECK (payment_term_days BETWEEN 0 AND 365),
    language varchar(2) NOT NULL DEFAULT 'ES' CONSTRAINT customer_language_check CHECK (language IN ('ES', 'EN')),
    -- What outside systems keep beside it: their own id of it, texts by their names, and tags.
    external_id text COLLATE "C",
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT customer_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    tags text[] NOT NULL DEFAULT '{}',
    -- The customers that are no duplicates of it, as somebody has said.
    different_from uuid[] NOT NULL DEFAULT '{}',
    status varchar(20) NOT NULL CONSTRAINT customer_status_check CHECK (status IN ('ACTIVE', 'ARCHIVED', 'MERGED', 'ERASED')),
    -- Of a merged customer: the one that it leads to, which is never merged itself.
    merged_into uuid,
    verification_status varchar(20) NOT NULL CONSTRAINT customer_verification_status_check CHECK (
        verification_status IN ('UNVERIFIED', 'PENDING', 'VERIFIED', 'NOT_FOUND', 'MISMATCH', 'UNAVAILABLE')),
    verification_checked_at timestamptz,
    verification_registry_name text,
    -- For PENDING customers: how many checks got no answer, and when the next one is due; null means at once.
    verification_tries integer NOT NULL DEFAULT 0,
    verification_next_at timestamptz,
    identification text NOT NULL DEFAULT '',
    name_key text COLLATE "C" NOT NULL,
    identification_key text COLLATE "C" NOT NULL DEFAULT '',
    phone_key text COLLATE "C" NOT NULL DEFAULT '',
    -- A document that another active customer had first has this customer's id behind its key.
    foreign_id_key text COLLATE "C",
    email_key text COLLATE "C",
    tag_keys text[] COLLATE "C" NOT NULL DEFAULT '{}',
    search text COLLATE "C" NOT NULL,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT customer_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT customer_merged_into_fkey FOREIGN KEY (account_id, merged_into) REFERENCES customer,
    CONSTRAINT customer_merged_check CHECK ((status = 'MERGED') = (merged_into IS NOT NULL) AND merged_into <> id),
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
    ON customer (account_id, foreign_id_key, foreign_id_country, foreign_id_type)
    WHERE status = 'ACTIVE' AND foreign_id_key IS NOT NULL;
CREATE UNIQUE INDEX customer_external_id_unique ON customer (account_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX customer_name_idx ON customer (account_id, name_key, id);
CREATE INDEX customer_identification_idx ON customer (account_id, identification_key, id);
CREATE INDEX customer_phone_idx ON customer (account_id, phone_key, id);
CREATE INDEX customer_email_idx ON customer (account_id, email_key) WHERE email_key IS NOT NULL;
CREATE INDEX customer_location_idx ON customer (account_id, location_code)
    WHERE status = 'ACTIVE' AND location_code IS NOT NULL;
CREATE INDEX customer_created_at_idx ON customer (account_id, created_at, id);
CREATE INDEX customer_updated_at_idx ON customer (account_id, updated_at, id);
-- Used through the view customer_search, as its index for searching is.
CREATE INDEX customer_tags_idx ON customer USING gin (tag_keys, account_id) WHERE tag_keys <> '{}';
CREATE INDEX customer_metadata_idx ON customer USING gin (metadata jsonb_path_ops, account_id) WHERE metadata <> '{}';
CREATE INDEX customer_ruc_digits_idx ON customer (account_id, regexp_replace(ruc, '[^0-9]', '', 'g'))
    WHERE status = 'ACTIVE' AND ruc IS NOT NULL;
CREATE INDEX customer_merged_into_idx ON customer (account_id, merged_into) WHERE merged_into IS NOT NULL;
CREATE INDEX customer_merged_ruc_idx ON customer (account_id, ruc) WHERE status = 'MERGED' AND ruc IS NOT NULL;
CREATE INDEX customer_merged_foreign_id_idx ON customer (account_id, foreign_id_key)
    WHERE status = 'MERGED' AND foreign_id_key IS NOT NULL;
CREATE INDEX customer_verification_idx ON customer (verification_next_at NULLS FIRST)
    WHERE verification_status = 'PENDING' AND status = 'ACTIVE';
CREATE INDEX customer_erased_idx ON customer (account_id, id) WHERE status = 'ERASED';

CALL istmo_account_table('customer', rights => 'SELECT, INSERT, UPDATE', audit => NULL);
CALL istmo_audit('customer', 'CUSTOMER',
    not_audited => 'verification_checked_at, verification_tries, verification_next_at, identification, name_key,'
        'identification_key, phone_key, foreign_id_key, email_key, tag_keys, search, different_from, version, created_at,'
        'updated_at',
    creations => 'record_new_customer');
CALL istmo_search_view('customer');

-- The background check finds customers of all accounts; all that it can change there is when the next check is due.
CREATE POLICY claim_pending ON customer FOR SELECT TO istmo_verify
    USING (verification_status = 'PENDING' AND status = 'ACTIVE');
CREATE POLICY put_off_pending ON customer FOR UPDATE TO istmo_verify
    USING (verification_status = 'PENDING' AND status = 'ACTIVE');
GRANT SELECT (account_id, id, status, verification_status, verification_tries, verification_next_at),
    UPDATE (verification_tries, verification_next_at) ON customer TO istmo_verify;

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

-- The rows of a customer are replaced together and never changed: a change would go unrecorded.
CALL istmo_account_table('associated_person', rights => 'SELECT, INSERT, DELETE', audit => NULL);
CALL istmo_audit_parts('associated_person', 'record_persons');

-- The dispatcher sends an issued invoice to persons with notify.
CREATE POLICY dispatch_any ON associated_person FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, customer_id, email, notify) ON associated_person TO istmo_dispatch;
