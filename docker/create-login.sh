#!/bin/sh
# PostgreSQL's image runs this when it creates its database: a login for the service, which can't change the schema.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$ISTMO_PASSWORD" --username="${POSTGRES_USER:-postgres}" \
    --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE istmo_app NOLOGIN;
CREATE ROLE istmo_service LOGIN PASSWORD :'password';
GRANT istmo_app TO istmo_service;
SQL
