-- A business that invoices.

CREATE TABLE account (
    id uuid CONSTRAINT account_pkey PRIMARY KEY,
    name text NOT NULL CONSTRAINT account_name_check CHECK (length(name) BETWEEN 2 AND 200),
    ruc text,
    dv varchar(2),
    electronic_invoicing boolean NOT NULL DEFAULT false,
    address text,
    phone text,
    mobile text,
    email text,
    -- What stands below every invoice: how to pay, bank accounts, conditions.
    terms text,
    -- How many days customers have to pay who have no term of their own; 0 is cash.
    payment_term_days integer CONSTRAINT account_payment_term_check CHECK (payment_term_days BETWEEN 0 AND 365),
    -- As the DGI knows the business; without a legal name it is the name.
    legal_name text CONSTRAINT account_legal_name_check CHECK (length(legal_name) BETWEEN 2 AND 200),
    taxpayer_type varchar(20) CONSTRAINT account_taxpayer_type_check
        CHECK (taxpayer_type IN ('NATURAL', 'JURIDICAL')),
    -- What invoices have that don't say otherwise.
    payment_method varchar(20) NOT NULL DEFAULT 'CASH' CONSTRAINT account_payment_method_check
        CHECK (payment_method IN ('CASH', 'CREDIT_CARD', 'DEBIT_CARD', 'LOYALTY', 'VOUCHER', 'GIFT_CARD', 'TRANSFER', 'CHECK')),
    sale_type varchar(20) NOT NULL DEFAULT 'ORDINARY' CONSTRAINT account_sale_type_check
        CHECK (sale_type IN ('ORDINARY', 'FIXED_ASSET', 'REAL_ESTATE', 'SERVICE')),
    -- How papers look: a colour, what stands at the foot of each page, and where to pay.
    paper_color varchar(7) CONSTRAINT account_paper_color_check CHECK (paper_color ~ '^#[0-9a-f]{6}$'),
    paper_footer text,
    bank_lines text,
    -- The SHA-256 of account_logo's picture; null without one.
    logo_digest varchar(64),
    -- Its own words in its mails: a list of {language, subject, greeting}.
    mail_texts jsonb NOT NULL DEFAULT '[]'
        CONSTRAINT account_mail_texts_check CHECK (jsonb_typeof(mail_texts) = 'array'),
    -- Whether its mails have a public link of their document.
    mail_link boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);

CALL istmo_account_table('account',
    rights => 'SELECT, UPDATE (name, ruc, dv, electronic_invoicing, address, phone, mobile, email, terms,'
        'payment_term_days, legal_name, taxpayer_type, payment_method, sale_type, paper_color, paper_footer, bank_lines,'
        'logo_digest, mail_texts, mail_link, version, updated_at)',
    audit => 'ACCOUNT', not_audited => 'version, created_at, updated_at');

-- create_account runs before there is an account to act for.
CREATE POLICY create_any ON account FOR INSERT TO istmo_signup WITH CHECK (true);
GRANT INSERT ON account TO istmo_signup;
