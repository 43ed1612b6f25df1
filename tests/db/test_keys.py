"""Data of before go through the steps: days at infinity, documents in two spellings, keys by other rules."""

import re
import shutil
import unicodedata
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from structlog.testing import capture_logs

from db import keys
from db.migrate import Definition, migrate
from rules.keys import customer_keys, document_key, fold_in_sql, number_words, search_column, search_key
from tests.db import catalogue as files
from tests.db.conftest import Connection

ACCOUNT = UUID(int=1)
# Spellings of one document, the oldest first; the last is archived.
SPELLINGS = ["AB123456", "ab 123456", "AB-123456", "ab123456"]

_CUSTOMER = """
    INSERT INTO customer (id, account_id, receiver_type, foreign_id_type, foreign_id_number, foreign_id_country,
        name, email, status, verification_status, identification, name_key, search, created_at)
    VALUES ($1, $2, $3, CASE WHEN $4::text IS NULL THEN NULL ELSE 'PASSPORT' END, $4,
        CASE WHEN $4::text IS NULL THEN NULL ELSE 'CO' END, $5, $6, $7, 'UNVERIFIED', coalesce($4, ''), 'old', ' old',
        timestamptz '2026-01-01' + $8::int * interval '1 day')
"""
_DOCUMENT = """
    INSERT INTO document (id, account_id, type, customer_id, branch, billing_point, number, number_key, status,
        issue_date, due_date, currency, issuer_name, receiver_type, receiver_name, subtotal, discount_total,
        itbms_total, total, total_cents, search, issued_at)
    SELECT gen_random_uuid(), $1, 'INVOICE', $2, '0000', '001', $3, coalesce($3, ''),
        CASE WHEN $3::text IS NULL THEN 'DRAFT' ELSE 'ISSUED' END, $4::text::date, $5::text::date, 'PAB', issued,
        CASE WHEN $3::text IS NULL THEN NULL ELSE 'FOREIGN' END, issued, 1, 0, 0, 1, 100, ' old',
        CASE WHEN $3::text IS NULL THEN NULL ELSE now() END
    FROM (SELECT CASE WHEN $3::text IS NULL THEN NULL ELSE 'Łódź' END AS issued) one
"""


@pytest.fixture
async def before(empty_database: str, tmp_path: Path) -> AsyncIterator[Connection]:
    """A database by the definition of 26 November 2026, with rows that later steps must change."""
    shutil.unpack_archive(files.BASELINE, tmp_path)
    await migrate(empty_database, Definition(tmp_path))
    connection = await asyncpg.connect(empty_database)
    # The rebuilding of keys is of today's program, so it must run again, as if the steps were new.
    await connection.execute("DELETE FROM migration WHERE name = $1", keys.NAME)
    await connection.execute("INSERT INTO account (id, name) VALUES ($1, 'Prueba')", ACCOUNT)
    await connection.execute("INSERT INTO branch (id, account_id, code) VALUES ($1, $1, '0000')", ACCOUNT)
    await connection.execute(
        "INSERT INTO billing_point (id, account_id, branch, code) VALUES ($1, $1, '0000', '001')", ACCOUNT
    )
    yield connection
    await connection.close()


async def add_customer(connection: Connection, name: str, *, document: str | None = None, **columns: Any) -> UUID:
    id = uuid4()
    kind = "FOREIGN" if document else "FINAL_CONSUMER"
    status, day, email = columns.get("status", "ACTIVE"), columns.get("day", 0), columns.get("email")
    await connection.execute(_CUSTOMER, id, ACCOUNT, kind, document, name, email, status, day)
    return id


async def test_spellings_of_one_document_are_kept_and_named(before: Connection, empty_database: str) -> None:
    ids = [
        await add_customer(before, f"Ana {day}", document=number, day=day, status="ARCHIVED" if day == 3 else "ACTIVE")
        for day, number in enumerate(SPELLINGS)
    ]

    with capture_logs() as logs:
        await migrate(empty_database)

    found = dict(await before.fetch("SELECT id, foreign_id_key FROM customer"))
    key = document_key("AB123456")
    assert [found[id] for id in ids] == [key, f"{key} {ids[1]}", f"{key} {ids[2]}", key]
    named = [(log["customer"], log["other"]) for log in logs if log["log_level"] == "warning"]
    assert named == [(ids[1], ids[0]), (ids[2], ids[0])]
    assert await before.fetchval("SELECT count(*) FROM audit_event WHERE action = 'UPDATED'") == 0


async def test_keys_are_what_a_new_row_would_have(before: Connection, empty_database: str) -> None:
    id = await add_customer(before, "Łukasz Ho\u200bteles", email="Ana@example.com")
    await before.execute(
        "INSERT INTO associated_person (id, account_id, customer_id, position, name, email)"
        " VALUES ($1, $1, $2, 1, 'Eva', 'eva@example.com')",
        ACCOUNT,
        id,
    )
    await before.execute(_DOCUMENT, ACCOUNT, id, "0000000007", "2026-01-01", None)
    await before.execute(_DOCUMENT, ACCOUNT, id, None, "2026-01-01", None)

    await migrate(empty_database)

    expected = customer_keys(
        name="Łukasz Ho\u200bteles",
        ruc_canonical=None,
        foreign_id_number=None,
        identification="",
        email="Ana@example.com",
        phone=None,
        mobile=None,
        person_emails=["eva@example.com"],
    )
    row = await before.fetchrow("SELECT * FROM customer")
    assert {name: row[name] for name in expected} == expected
    assert row["name_key"] == "lukasz hoteles"
    issued, draft = await before.fetch("SELECT search FROM document ORDER BY number NULLS LAST")
    assert issued["search"] == number_words("0000000007") + search_column("Łódź")
    assert draft["search"] == search_column("Łukasz Hoteles")


async def test_days_at_infinity_become_days(before: Connection, empty_database: str) -> None:
    id = await add_customer(before, "Ana")
    await before.execute(_DOCUMENT, ACCOUNT, id, "0000000001", "2026-01-05", "infinity")
    await before.execute(_DOCUMENT, ACCOUNT, id, "0000000002", "-infinity", None)
    await before.execute(_DOCUMENT, ACCOUNT, id, "0000000003", "2026-01-02", "2026-01-09")
    await before.execute(
        "INSERT INTO sequence (id, account_id, branch, billing_point, type, last_number)"
        " VALUES ($1, $1, '0000', '001', 'INVOICE', 3)",
        ACCOUNT,
    )
    await before.execute(
        "INSERT INTO api_key (id, account_id, name, scope, hash, expires_at)"
        " VALUES ($1, $1, 'Ana', 'READ', 'x', 'infinity')",
        ACCOUNT,
    )

    await migrate(empty_database)

    rows = await before.fetch("SELECT issue_date::text, due_date::text FROM document ORDER BY number")
    assert [tuple(row) for row in rows] == [
        ("2026-01-05", "9999-12-30"),
        ("0001-01-02", None),
        ("2026-01-02", "2026-01-09"),
    ]
    assert str(await before.fetchval("SELECT last_issue_date FROM sequence")) == "2026-01-05"
    assert await before.fetchval("SELECT expires_at FROM api_key") is None
    # What is read can be stored again, which asyncpg does with infinity for the calendar's last day.
    for document, due_date in await before.fetch("SELECT id, due_date FROM document"):
        await before.execute("UPDATE document SET due_date = $1 WHERE id = $2", due_date, document)


@pytest.mark.parametrize("column", ["issue_date", "due_date"])
async def test_no_day_is_infinite_any_more(before: Connection, empty_database: str, column: str) -> None:
    await before.execute(_DOCUMENT, ACCOUNT, await add_customer(before, "Ana"), "0000000001", "2026-01-05", None)
    await migrate(empty_database)
    with pytest.raises(asyncpg.CheckViolationError):
        await before.execute(f"UPDATE document SET {column} = 'infinity'")


async def test_keys_are_computed_anew_only_when_their_rules_have_changed(
    before: Connection, empty_database: str
) -> None:
    await migrate(empty_database)
    id = await add_customer(before, "Ñandú")
    await migrate(empty_database)
    assert await before.fetchval("SELECT name_key FROM customer WHERE id = $1", id) == "old"

    await before.execute("UPDATE migration SET hash = 'of an earlier version' WHERE name = $1", keys.NAME)
    await migrate(empty_database)
    assert await before.fetchval("SELECT search FROM customer WHERE id = $1", id) == " nandu"


async def test_sql_folds_european_letters_as_python_does(admin: Connection) -> None:
    """Where both have to, as for suggestions of lines."""
    named = re.compile(r"LATIN (SMALL|CAPITAL) LETTER (SHARP S|THORN|ETH|DOTLESS I|AE|OE|[A-Z])( WITH .*)?")
    letters = [char for char in map(chr, range(0x180)) if named.fullmatch(unicodedata.name(char, ""))]
    letters = [char for char in letters if char not in "Ŀŀ"]  # l with a dot beside it, which is punctuation
    letters += ["Œ", "œ", "Ạ", "ẞ", "Ǹ"]
    assert len(letters) > 200
    folded = await admin.fetch(f"SELECT {fold_in_sql('letter')} FROM unnest($1::text[]) letter", letters)
    assert {char: row[0] for char, row in zip(letters, folded, strict=True)} == {
        char: search_key(char) for char in letters
    }
