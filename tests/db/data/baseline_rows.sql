-- Rows of every table, for a database with the definition of data/baseline.zip: what a database in use has when it
-- meets today's steps. Two accounts, one of them with the most that each column takes.

INSERT INTO account (id, name, ruc, dv, electronic_invoicing, created_at, updated_at) VALUES
    ('00000000-0000-7000-8000-000000000001', 'Ñandú & Güiro, S.A.', '155596713-2-2015', '59', true,
     '2026-01-01 00:00:00.000001+00', '2026-11-01 10:00:00+00'),
    ('00000000-0000-7000-8000-000000000002', 'Xi', NULL, NULL, false, '2026-02-01 00:00:00+00', '2026-02-01 00:00:00+00');

INSERT INTO branch (id, account_id, code, name) VALUES
    ('00000000-0000-7000-8000-000000000101', '00000000-0000-7000-8000-000000000001', '0000', NULL),
    ('00000000-0000-7000-8000-000000000102', '00000000-0000-7000-8000-000000000002', '0000', 'Casa matriz');

INSERT INTO billing_point (id, account_id, branch, code, name) VALUES
    ('00000000-0000-7000-8000-000000000201', '00000000-0000-7000-8000-000000000001', '0000', '001', NULL),
    ('00000000-0000-7000-8000-000000000202', '00000000-0000-7000-8000-000000000001', '0000', '999', 'Caja 2'),
    ('00000000-0000-7000-8000-000000000203', '00000000-0000-7000-8000-000000000002', '0000', '001', NULL);

INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number) VALUES
    ('00000000-0000-7000-8000-000000000301', '00000000-0000-7000-8000-000000000001', '0000', '001', 'INVOICE', 2),
    ('00000000-0000-7000-8000-000000000302', '00000000-0000-7000-8000-000000000001', '0000', '999', 'INVOICE', 9999999999);

INSERT INTO api_key (id, account_id, kind, parent_id, name, scope, hash, created_at, expires_at, revoked_at, last_used_at)
VALUES
    ('00000000-0000-7000-8000-000000000401', '00000000-0000-7000-8000-000000000001', 'KEY', NULL, 'Clave', 'ADMIN',
     sha256('istmo_baseline'), '2026-01-01 00:00:00+00', NULL, NULL, '2026-11-01 00:00:00+00'),
    ('00000000-0000-7000-8000-000000000402', '00000000-0000-7000-8000-000000000001', 'SESSION',
     '00000000-0000-7000-8000-000000000401', 'Session', 'ADMIN', sha256('istmo_session'), '2026-11-01 00:00:00+00',
     '2126-11-01 12:00:00+00', NULL, NULL),
    ('00000000-0000-7000-8000-000000000403', '00000000-0000-7000-8000-000000000001', 'LINK', NULL, 'Link', 'ADMIN',
     sha256('istmo_link'), '2026-11-01 00:00:00+00', '2126-11-01 00:15:00+00', NULL, NULL),
    ('00000000-0000-7000-8000-000000000404', '00000000-0000-7000-8000-000000000002', 'KEY', NULL, 'Vieja', 'READ',
     sha256('istmo_revoked'), '2026-01-01 00:00:00+00', '2126-01-01 00:00:00+00', '2026-06-01 00:00:00+00', NULL);

INSERT INTO customer (id, account_id, receiver_type, taxpayer_type, ruc, dv, foreign_id_type, foreign_id_number,
    foreign_id_country, name, location_code, address, email, phone, mobile, status, verification_status,
    verification_checked_at, verification_registry_name, verification_tries, verification_next_at, identification,
    name_key, identification_key, phone_key, search, version, created_at, updated_at)
VALUES
    ('00000000-0000-7000-8000-000000000501', '00000000-0000-7000-8000-000000000001', 'TAXPAYER', 'JURIDICAL',
     '155596713-2-2015', '59', NULL, NULL, NULL, 'Cervecería Nacional, S.A.', '8-8-7', 'Calle 50', 'ventas@example.com',
     '+5072001234', '+50761234567', 'ACTIVE', 'VERIFIED', '2026-10-01 00:00:00+00', 'CERVECERIA NACIONAL S A', 0, NULL,
     '155596713-2-2015 DV 59', 'cerveceria nacional s a', '155596713 2 2015', '5072001234',
     ' cerveceria nacional s a 155596713 2 2015', 7, '2026-01-02 00:00:00+00', '2026-10-01 00:00:00+00'),
    ('00000000-0000-7000-8000-000000000502', '00000000-0000-7000-8000-000000000001', 'FOREIGN', NULL, NULL, NULL,
     'PASSPORT', 'PA1234567', 'CO', 'Ánh Nguyễn', NULL, NULL, NULL, NULL, NULL, 'ACTIVE', 'UNVERIFIED', NULL, NULL, 0,
     NULL, 'PA1234567', 'anh nguyen', 'pa1234567', '', ' anh nguyen pa1234567', 1, '2026-01-03 00:00:00+00',
     '2026-01-03 00:00:00+00'),
    ('00000000-0000-7000-8000-000000000503', '00000000-0000-7000-8000-000000000001', 'TAXPAYER', 'NATURAL',
     '8-442-445', NULL, NULL, NULL, NULL, 'Ana', NULL, NULL, NULL, NULL, NULL, 'ACTIVE', 'PENDING', NULL, NULL, 3,
     '2126-01-01 00:00:00+00', '8-442-445', 'ana', '8 442 445', '', ' ana 8 442 445', 1, '2026-01-04 00:00:00+00',
     '2026-01-04 00:00:00+00'),
    ('00000000-0000-7000-8000-000000000504', '00000000-0000-7000-8000-000000000002', 'FINAL_CONSUMER', NULL, NULL, NULL,
     NULL, NULL, NULL, 'CONSUMIDOR FINAL', NULL, NULL, NULL, NULL, NULL, 'ARCHIVED', 'UNVERIFIED', NULL, NULL, 0, NULL,
     '', 'consumidor final', '', '', ' consumidor final', 2, '2026-01-05 00:00:00+00', '2026-01-06 00:00:00+00');

INSERT INTO associated_person (id, account_id, customer_id, position, name, email, phone, notify) VALUES
    ('00000000-0000-7000-8000-000000000601', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000501', 0, 'Eva', 'eva@example.com', '+50761234567', true),
    ('00000000-0000-7000-8000-000000000602', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000501', 1, 'Noé', NULL, NULL, false);

INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, number, status, issue_date, due_date,
    currency, notes, issuer_name, issuer_ruc, issuer_dv, receiver_type, receiver_taxpayer_type, receiver_ruc,
    receiver_dv, receiver_identification, receiver_name, receiver_location_code, receiver_address, receiver_email,
    receiver_phone, receiver_mobile, subtotal, discount_total, itbms_total, total, total_cents, number_key, search,
    issued_at, void_reason, voided_at, version, created_at, updated_at)
VALUES
    ('00000000-0000-7000-8000-000000000701', '00000000-0000-7000-8000-000000000001', 'INVOICE',
     '00000000-0000-7000-8000-000000000501', '0000', '001', '0000000001', 'ISSUED', '2026-03-01', '2026-03-31', 'PAB',
     'Gracias', 'Ñandú & Güiro, S.A.', '155596713-2-2015', '59', 'TAXPAYER', 'JURIDICAL', '155596713-2-2015', '59',
     '155596713-2-2015 DV 59', 'Cervecería Nacional, S.A.', '8-8-7', 'Calle 50', 'ventas@example.com', '+5072001234',
     '+50761234567', 99999999999.98, 0.01, 0.01, 99999999999.99, 9999999999999, '001 0000000001',
     ' 001 0000000001 cerveceria nacional s a', '2026-03-01 15:00:00+00', NULL, NULL, 2, '2026-03-01 14:00:00+00',
     '2026-03-01 15:00:00+00'),
    ('00000000-0000-7000-8000-000000000702', '00000000-0000-7000-8000-000000000001', 'INVOICE',
     '00000000-0000-7000-8000-000000000501', '0000', '001', '0000000002', 'VOID', '2026-03-02', NULL, 'USD', NULL,
     'Ñandú', NULL, NULL, 'TAXPAYER', 'JURIDICAL', '155596713-2-2015', '59', '155596713-2-2015 DV 59', 'Cervecería',
     NULL, NULL, NULL, NULL, NULL, 1.00, 0.00, 0.07, 1.07, 107, '001 0000000002', ' 001 0000000002',
     '2026-03-02 15:00:00+00', 'Error en el monto', '2026-03-03 15:00:00+00', 3, '2026-03-02 14:00:00+00',
     '2026-03-03 15:00:00+00'),
    ('00000000-0000-7000-8000-000000000703', '00000000-0000-7000-8000-000000000001', 'INVOICE',
     '00000000-0000-7000-8000-000000000502', '0000', '999', NULL, 'DRAFT', '2026-04-01', NULL, 'PAB', NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1.00, 0.00, 0.00, 1.00, 100, '', ' 999',
     NULL, NULL, NULL, 1, '2026-04-01 00:00:00+00', '2026-04-01 00:00:00+00');

INSERT INTO document_line (id, account_id, document_id, position, description, quantity, unit_price, discount,
    itbms_rate, net, itbms, total)
VALUES
    ('00000000-0000-7000-8000-000000000801', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000701', 0, 'Consultoría «premium»', 0.000001, 99.123456, 99.123456, 'RATE_7',
     99999999999.98, 0.01, 99999999999.99),
    ('00000000-0000-7000-8000-000000000802', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000702', 0, 'Café', 1, 1, 0, 'RATE_7', 1.00, 0.07, 1.07),
    ('00000000-0000-7000-8000-000000000803', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000703', 0, 'Libro', 1, 1, 0, 'EXEMPT', 1.00, 0.00, 1.00);

INSERT INTO idempotency_key (id, account_id, key, request_hash, object_id, created, created_at) VALUES
    ('00000000-0000-7000-8000-000000000901', '00000000-0000-7000-8000-000000000001', 'pedido-1', sha256('x'),
     '00000000-0000-7000-8000-000000000701', false, '2026-03-01 14:00:00+00');

INSERT INTO event (id, account_id, type, object_id, data, occurred_at, sequence, dispatched_at) VALUES
    ('00000000-0000-7000-8000-000000000a01', '00000000-0000-7000-8000-000000000001', 'INVOICE_ISSUED',
     '00000000-0000-7000-8000-000000000701', '{"number": "0000000001", "total": "99999999999.99"}',
     '2026-03-01 15:00:00+00', 1, '2026-03-01 15:00:01+00'),
    ('00000000-0000-7000-8000-000000000a02', '00000000-0000-7000-8000-000000000001', 'WEBHOOK_DISABLED',
     '00000000-0000-7000-8000-000000000b01',
     '{"url": "https://example.com/hook?token=secreto", "reason": "410"}', '2026-03-02 15:00:00+00', 2,
     '2026-03-02 15:00:01+00'),
    ('00000000-0000-7000-8000-000000000a03', '00000000-0000-7000-8000-000000000002', 'CUSTOMER_ARCHIVED',
     '00000000-0000-7000-8000-000000000504', '{}', '2026-03-03 15:00:00+00', NULL, NULL);

INSERT INTO webhook (id, account_id, url, types, secret, old_secret, old_secret_until, failing_since, rest_until,
    disabled_at, disabled_reason, created_at)
VALUES
    ('00000000-0000-7000-8000-000000000b01', '00000000-0000-7000-8000-000000000001',
     'https://example.com/hook?token=secreto', '{INVOICE_ISSUED,CUSTOMER_CREATED}', 'whsec_nuevo', 'whsec_viejo',
     '2026-03-03 00:00:00+00', '2026-03-01 00:00:00+00', '2026-03-01 01:00:00+00', '2026-03-02 15:00:00+00', '410',
     '2026-02-01 00:00:00+00'),
    ('00000000-0000-7000-8000-000000000b02', '00000000-0000-7000-8000-000000000002', 'https://xn--ida.example/', '{}',
     'whsec_x', NULL, NULL, NULL, NULL, NULL, NULL, '2026-02-01 00:00:00+00');

INSERT INTO delivery (id, account_id, event_id, object_id, sequence, webhook_id, email, status, attempts, began_at,
    due_at, settled_at, error)
VALUES
    ('00000000-0000-7000-8000-000000000c01', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000a01', '00000000-0000-7000-8000-000000000701', 1, NULL, 'ventas@example.com',
     'DELIVERED', 2, '2026-03-01 15:00:01+00', '2026-03-01 15:00:01+00', '2026-03-01 15:01:00+00', NULL),
    ('00000000-0000-7000-8000-000000000c02', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000a01', '00000000-0000-7000-8000-000000000701', 1,
     '00000000-0000-7000-8000-000000000b01', NULL, 'FAILED', 9, '2026-03-01 15:00:01+00', '2026-03-02 15:00:01+00',
     '2026-03-02 15:00:00+00', '410'),
    ('00000000-0000-7000-8000-000000000c03', '00000000-0000-7000-8000-000000000001',
     '00000000-0000-7000-8000-000000000a02', '00000000-0000-7000-8000-000000000b01', 2, NULL, 'eva@example.com',
     'PENDING', 0, '2026-03-02 15:00:01+00', '2126-03-02 15:00:01+00', NULL, NULL);

INSERT INTO registry_answer (ruc, taxpayer_type, sandbox, status, dv, name, electronic_invoicing, receiver_type,
    provider, asked_at)
VALUES
    ('155596713-2-2015', 'JURIDICAL', false, 'FOUND', '59', 'CERVECERIA NACIONAL S A', true, NULL, 'hka-soap',
     '2026-10-01 00:00:00+00'),
    ('8-442-445', 'NATURAL', true, 'NOT_FOUND', NULL, NULL, NULL, NULL, 'sandbox', '2026-10-01 00:00:00+00'),
    ('8-1-1', 'NATURAL', false, NULL, NULL, NULL, NULL, NULL, NULL, NULL);

INSERT INTO request_count (key_id, began_at, process, requests) VALUES
    ('00000000-0000-7000-8000-000000000401', '2026-11-01 00:00:00+00', '00000000-0000-7000-8000-000000000d01', 17);

INSERT INTO trusted_document (hash, text, added_at) VALUES
    (encode(sha256('{ viewer { account { name } } }'), 'hex'), '{ viewer { account { name } } }',
     '2026-05-01 00:00:00+00');
