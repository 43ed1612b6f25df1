#!/bin/sh
# PostgreSQL's image runs this when it creates a node's database. Nodes connect to each other as Istmo's roles, which have no
# password: they are trusted on the network that only the nodes are on. Where others are on it, use certificates instead.
set -eu
sed -i '1i host all all 172.31.251.0/24 trust' "$PGDATA/pg_hba.conf"
