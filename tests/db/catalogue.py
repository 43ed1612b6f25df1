"""What a database consists of, as its catalogue says; the order of columns doesn't count.

    python -m tests.db.catalogue

keeps today's SQL files in ``data/baseline.zip``, as the definition that databases in use have. It was done on
26 November 2026; each change since then is a step in ``db/steps``.
"""

import zipfile
from pathlib import Path
from typing import Any, Final

import asyncpg

from db.migrate import DEFINITION

BASELINE: Final = Path(__file__).parent / "data" / "baseline.zip"
KINDS: Final = ("procedures", "schema", "steps", "functions")

_OURS: Final = """
    {0}namespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = {1} AND deptype = 'e')
"""

_QUERIES: Final = {
    "relations": f"""
        SELECT relname, relkind, relpersistence, relowner::regrole::text, relrowsecurity, relforcerowsecurity,
               reloptions::text
        FROM pg_class c WHERE relkind <> 'i' AND {_OURS.format("rel", "c.oid")}
    """,
    "columns": f"""
        SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attidentity, attgenerated,
               attstattarget, attcollation::regcollation::text, pg_get_expr(adbin, adrelid)
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid
        LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
        WHERE relkind <> 'i' AND attnum > 0 AND NOT attisdropped AND {_OURS.format("rel", "c.oid")}
    """,
    "constraints": f"""
        SELECT conrelid::regclass::text, conname, pg_get_constraintdef(c.oid), convalidated
        FROM pg_constraint c WHERE contype <> 'n' AND {_OURS.format("con", "c.oid")}
    """,
    "indexes": f"""
        SELECT relname, pg_get_indexdef(c.oid), indisvalid
        FROM pg_class c JOIN pg_index ON indexrelid = c.oid WHERE {_OURS.format("rel", "c.oid")}
    """,
    "policies": """
        SELECT tablename, policyname, permissive, roles::text, cmd, qual, with_check
        FROM pg_policies WHERE schemaname = 'public'
    """,
    "rights": f"""
        SELECT relname, '', grantee::regrole::text, grantor::regrole::text, privilege_type
        FROM pg_class c, aclexplode(relacl) WHERE {_OURS.format("rel", "c.oid")}
        UNION ALL
        SELECT relname, attname, grantee::regrole::text, grantor::regrole::text, privilege_type
        FROM pg_attribute JOIN pg_class c ON c.oid = attrelid, aclexplode(attacl) WHERE {_OURS.format("rel", "c.oid")}
    """,
    "rights on the schema": """
        SELECT grantee::regrole::text, privilege_type FROM pg_namespace, aclexplode(nspacl)
        WHERE nspname = 'public' AND grantee <> nspowner
    """,
    "triggers": """
        SELECT tgrelid::regclass::text, tgname, tgfoid::regprocedure::text, tgtype, tgenabled, tgoldtable, tgnewtable,
               encode(tgargs, 'escape'),
               ARRAY(SELECT attname FROM pg_attribute WHERE attrelid = tgrelid AND attnum = ANY (tgattr::int2[])
                     ORDER BY attname)::text
        FROM pg_trigger WHERE NOT tgisinternal
    """,
    "functions": f"""
        SELECT p.oid::regprocedure::text, pg_get_functiondef(p.oid), proowner::regrole::text,
               ARRAY(SELECT a::text FROM unnest(proacl) a ORDER BY 1)::text
        FROM pg_proc p WHERE {_OURS.format("pro", "p.oid")}
    """,
    "views": """
        SELECT viewname, ARRAY(SELECT trim(l, ' ,;') FROM string_to_table(definition, E'\\n') l ORDER BY 1)::text
        FROM pg_views WHERE schemaname = 'public'
    """,
    "schemas": "SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'",
}


async def catalogue(url: str) -> dict[str, list[tuple[Any, ...]]]:
    connection = await asyncpg.connect(url)
    try:
        return {
            name: sorted([tuple(row) for row in await connection.fetch(query)], key=repr)
            for name, query in _QUERIES.items()
        }
    finally:
        await connection.close()


def keep_files() -> None:
    with zipfile.ZipFile(BASELINE, "w", zipfile.ZIP_DEFLATED) as archive:
        for kind in KINDS:
            for file in sorted((DEFINITION.folder / kind).iterdir()):
                archive.write(file, f"{kind}/{file.name}")


if __name__ == "__main__":
    keep_files()
