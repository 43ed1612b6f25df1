-- Sales documents and their lines. A further type is added to the check below, to that of sequence and to DocumentType
-- in rules/vocabulary.py.

CREATE TABLE document (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT document_account_fkey REFERENCES account,
    type varchar(20) NOT NULL CONSTRAINT document_type_check
        CHECK (type IN ('INVOICE', 'EXPORT_INVOICE', 'CREDIT_NOTE', 'DEBIT_NOTE')),
    customer_id uuid NOT NULL,
    -- The invoice that a note credits or debits, and why it does.
    invoice_id uuid,
    note_reason text,
    branch varchar(4) NOT NULL,
    billing_point varchar(3) NOT NULL,
    number varchar(10) CONSTRAINT document_number_check CHECK (number ~ '^[0-9]{10}$'),
    status varchar(20) NOT NULL CONSTRAINT document_status_check CHECK (status IN ('DRAFT', 'ISSUED', 'VOID')),
    -- On a draft whose day of issue is open: when its dates were last given.
    issue_date date NOT NULL,
    issue_date_open boolean NOT NULL DEFAULT false,
    due_date date,
    -- Of an export: the receiver's country, on a draft perhaps open, and on what terms and from where the goods leave.
    export_country varchar(2),
    export_incoterm varchar(3),
    export_port text,
    currency varchar(3) NOT NULL CONSTRAINT document_currency_check CHECK (currency IN ('PAB', 'USD')),
    -- Whether it goes to the DGI.
    electronic boolean NOT NULL DEFAULT false,
    -- Whether it is mailed by itself, once it is issued or, if it goes to the DGI, authorised.
    notify boolean NOT NULL DEFAULT true,
    -- Lists of {method, amount, description} and {dueDate, amount}: on a draft as typed, or null where nothing was said.
    payment_forms jsonb,
    instalments jsonb,
    withholding_code varchar(1),
    withholding_amount numeric(13, 2),
    purchase_order text,
    notes text,
    -- What outside systems keep beside it: their own id of it, texts by their names, and tags. None is printed.
    external_id text COLLATE "C",
    metadata jsonb NOT NULL DEFAULT '{}' CONSTRAINT document_metadata_check CHECK (jsonb_typeof(metadata) = 'object'),
    tags text[] NOT NULL DEFAULT '{}',
    -- Account and customer as they were on the day of issue.
    issuer_name text,
    issuer_ruc text,
    issuer_dv varchar(2),
    issuer_address text,
    issuer_phone text,
    issuer_mobile text,
    issuer_email text,
    issuer_terms text,
    issuer_taxpayer_type varchar(20),
    sale_type varchar(20),
    branch_type varchar(20),
    receiver_type varchar(20),
    receiver_taxpayer_type varchar(20),
    receiver_ruc text,
    receiver_dv varchar(2),
    receiver_foreign_id_type varchar(20),
    receiver_foreign_id_number text,
    receiver_foreign_id_country varchar(2),
    receiver_identification text,
    receiver_name text,
    receiver_location_code varchar(8) CONSTRAINT document_receiver_location_fkey REFERENCES location,
    receiver_address text,
    receiver_email text,
    receiver_phone text,
    receiver_mobile text,
    -- Null on those that were issued before customers had a language: Spanish.
    receiver_language varchar(2),
    subtotal numeric(13, 2) NOT NULL,
    discount_total numeric(13, 2) NOT NULL,
    itbms_total numeric(13, 2) NOT NULL,
    total numeric(13, 2) NOT NULL,
    total_cents bigint NOT NULL,
    number_key text COLLATE "C" NOT NULL DEFAULT '',
    tag_keys text[] COLLATE "C" NOT NULL DEFAULT '{}',
    search text COLLATE "C" NOT NULL,
    issued_at timestamptz,
    void_reason text,
    voided_at timestamptz,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT document_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT document_customer_fkey FOREIGN KEY (account_id, customer_id) REFERENCES customer,
    CONSTRAINT document_invoice_fkey FOREIGN KEY (account_id, invoice_id) REFERENCES document,
    CONSTRAINT document_note_check CHECK (
        (type IN ('CREDIT_NOTE', 'DEBIT_NOTE')) = (invoice_id IS NOT NULL)
        AND (invoice_id IS NULL) = (note_reason IS NULL)),
    CONSTRAINT document_export_check CHECK (
        (type = 'EXPORT_INVOICE') = (export_incoterm IS NOT NULL)
        AND (export_country IS NOT NULL OR export_incoterm IS NULL OR status = 'DRAFT')
        AND (export_incoterm IS NOT NULL OR num_nonnulls(export_country, export_port) = 0)),
    CONSTRAINT document_billing_point_fkey
        FOREIGN KEY (account_id, branch, billing_point) REFERENCES billing_point (account_id, branch, code),
    CONSTRAINT document_dates_check CHECK (isfinite(issue_date) AND isfinite(due_date)),
    CONSTRAINT document_due_date_check CHECK (issue_date_open OR due_date >= issue_date),
    CONSTRAINT document_issue_date_open_check CHECK (status = 'DRAFT' OR NOT issue_date_open),
    CONSTRAINT document_number_unique UNIQUE (account_id, branch, billing_point, type, number),
    CONSTRAINT document_total_check CHECK (
        total = subtotal + itbms_total AND total_cents = total * 100 AND subtotal >= 0 AND itbms_total >= 0),
    CONSTRAINT document_draft_check CHECK (
        (status = 'DRAFT') = (number IS NULL)
        AND (status = 'DRAFT') = (issued_at IS NULL)
        AND (status = 'DRAFT') = (receiver_name IS NULL)
        AND (status = 'DRAFT') = (receiver_type IS NULL)),
    CONSTRAINT document_issuer_check CHECK ((status = 'DRAFT') = (issuer_name IS NULL)),
    CONSTRAINT document_void_check CHECK (
        (status = 'VOID') = (void_reason IS NOT NULL) AND (status = 'VOID') = (voided_at IS NOT NULL)),
    CONSTRAINT document_electronic_check CHECK (NOT electronic OR (
        status <> 'DRAFT' AND issuer_ruc IS NOT NULL AND issuer_dv IS NOT NULL AND issuer_taxpayer_type IS NOT NULL
        AND payment_forms IS NOT NULL AND issue_date = (issued_at AT TIME ZONE 'America/Panama')::date)),
    CONSTRAINT document_payment_check CHECK (
        jsonb_typeof(payment_forms) = 'array' AND jsonb_typeof(instalments) = 'array'),
    CONSTRAINT document_withholding_check CHECK (
        withholding_code IN ('1', '2', '3', '4', '7', '8') AND withholding_amount >= 0
        OR withholding_code IS NULL AND withholding_amount IS NULL)
);
CREATE UNIQUE INDEX document_external_id_unique ON document (account_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX document_issue_date_idx ON document (account_id, issue_date, id);
CREATE INDEX document_number_idx ON document (account_id, number_key, id);
CREATE INDEX document_total_idx ON document (account_id, total_cents, id);
CREATE INDEX document_created_at_idx ON document (account_id, created_at, id);
CREATE INDEX document_updated_at_idx ON document (account_id, updated_at, id);
-- Used through the view document_search, as its index for searching is.
CREATE INDEX document_tags_idx ON document USING gin (tag_keys, account_id) WHERE tag_keys <> '{}';
CREATE INDEX document_metadata_idx ON document USING gin (metadata jsonb_path_ops, account_id) WHERE metadata <> '{}';
CREATE INDEX document_customer_idx ON document (account_id, customer_id, issue_date, id);
CREATE INDEX document_invoice_idx ON document (account_id, invoice_id) WHERE invoice_id IS NOT NULL;
-- The figures of the start page are read from these indexes alone.
CREATE INDEX document_sales_idx ON document (account_id, currency, type, issue_date)
    INCLUDE (customer_id, total_cents, itbms_total) WHERE status = 'ISSUED';
CREATE INDEX document_due_idx ON document (account_id, currency, due_date)
    INCLUDE (id, total_cents) WHERE status = 'ISSUED' AND due_date IS NOT NULL;

CALL istmo_account_table('document', rights => 'SELECT, INSERT, UPDATE, DELETE', audit => NULL);
-- The issuer is frozen when the status changes, which is recorded.
CALL istmo_audit('document', 'INVOICE',
    not_audited => 'type, invoice_id, note_reason, electronic, issue_date_open, issuer_name, issuer_ruc, issuer_dv,'
        'issuer_address, issuer_phone, issuer_mobile, issuer_email, issuer_terms, issuer_taxpayer_type, sale_type, branch_type,'
        'total_cents, number_key, tag_keys, search, version, created_at, updated_at',
    creations => 'record_new_document');
CALL istmo_search_view('document');
-- No document is left with a merged customer, whatever writes it while the customers are being merged.
CREATE TRIGGER lead_to_survivor BEFORE INSERT ON document FOR EACH ROW EXECUTE FUNCTION lead_to_survivor();
CREATE TRIGGER lead_to_survivor_again BEFORE UPDATE OF customer_id ON document FOR EACH ROW
    WHEN (NEW.customer_id <> OLD.customer_id) EXECUTE FUNCTION lead_to_survivor();

CREATE POLICY dispatch_any ON document FOR SELECT TO istmo_dispatch USING (true);
GRANT SELECT (account_id, id, customer_id, receiver_email, notify) ON document TO istmo_dispatch;
-- What an emission is recorded with.
CREATE POLICY see_any ON document FOR SELECT TO istmo_audit USING (true);
GRANT SELECT (account_id, id, type) ON document TO istmo_audit;

CREATE TABLE document_line (
    id uuid NOT NULL,
    account_id uuid NOT NULL CONSTRAINT document_line_account_fkey REFERENCES account,
    document_id uuid NOT NULL,
    position integer NOT NULL,
    description text NOT NULL,
    -- The business's own code, and the DGI's of the unit of measure and of the class of goods and services.
    code varchar(20),
    unit varchar(20) NOT NULL DEFAULT 'und',
    cpbs varchar(4) CONSTRAINT document_line_cpbs_check CHECK (cpbs ~ '^[0-9]{4}$'),
    quantity numeric(15, 6) NOT NULL CONSTRAINT document_line_quantity_check CHECK (quantity > 0),
    unit_price numeric(15, 6) NOT NULL,
    discount numeric(15, 6) NOT NULL,
    itbms_rate varchar(10) NOT NULL CONSTRAINT document_line_itbms_rate_check
        CHECK (itbms_rate IN ('EXEMPT', 'RATE_7', 'RATE_10', 'RATE_15')),
    -- On a note: the line of its invoice that it credits or debits, and how much it takes of that line's quantity where
    -- it isn't given by amount.
    invoice_position integer,
    invoice_quantity numeric(15, 6),
    net numeric(13, 2) NOT NULL,
    itbms numeric(13, 2) NOT NULL,
    total numeric(13, 2) NOT NULL CONSTRAINT document_line_total_check CHECK (total = net + itbms),
    CONSTRAINT document_line_pkey PRIMARY KEY (account_id, id),
    CONSTRAINT document_line_document_fkey FOREIGN KEY (account_id, document_id) REFERENCES document ON DELETE CASCADE,
    CONSTRAINT document_line_position_unique UNIQUE (account_id, document_id, position),
    CONSTRAINT document_line_discount_check CHECK (discount BETWEEN 0 AND unit_price)
);

-- The lines of a draft are replaced together and never changed: a change would go unrecorded.
CALL istmo_account_table('document_line', rights => 'SELECT, INSERT, DELETE', audit => NULL);
CALL istmo_audit_parts('document_line', 'record_lines');
