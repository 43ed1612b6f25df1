-- What an invoice for export has besides.

ALTER TABLE document
    ADD COLUMN export_country varchar(2),
    ADD COLUMN export_incoterm varchar(3),
    ADD COLUMN export_port text,
    ADD CONSTRAINT document_export_check CHECK (
        (type = 'EXPORT_INVOICE') = (export_incoterm IS NOT NULL)
        AND (export_country IS NOT NULL OR export_incoterm IS NULL OR status = 'DRAFT')
        AND (export_incoterm IS NOT NULL OR num_nonnulls(export_country, export_port) = 0));
CALL istmo_refresh('document');
