#!/bin/sh
# Run by the image of PostgreSQL when it makes its database: the login of the service, which may only serve.
set -eu
psql --set=ON_ERROR_STOP=1 --set=password="$ISTMO_PASSWORD" --username="${POSTGRES_USER:-postgres}" \
    --dbname="$POSTGRES_DB" <<'SQL'
CREATE ROLE istmo_app NOLOGIN;
CREATE ROLE istmo_service LOGIN PASSWORD :'password';
GRANT istmo_app TO istmo_service;
SQL
