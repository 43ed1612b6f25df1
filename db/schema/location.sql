-- The DGI's corregimientos, which `server.py migrate` loads from db/seeds. They belong to no account.

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

GRANT SELECT ON location, district, province TO istmo_app;
