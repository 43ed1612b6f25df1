"""The archive of an account on the command line."""

import stat
from pathlib import Path

import pytest

from tests.db.test_archive import content_of
from tests.service.test_commands import ACCOUNT, NOBODY, Done, invoke


@pytest.fixture
def where(database_url: str) -> dict[str, str]:
    return {"DATABASE_URL": database_url}


def test_an_account_is_exported_and_imported_by_command(where: dict[str, str], tmp_path: Path) -> None:
    old, new = (invoke(*ACCOUNT, **where).out.strip() for _ in range(2))
    invoke("seed-demo", "--account", old, **where)
    before, after = tmp_path / "before.zip", tmp_path / "after.zip"
    assert invoke("export", "--account", old, str(before), **where) == Done(0, "", "")
    assert stat.S_IMODE(before.stat().st_mode) == 0o600
    done = invoke("import-account", "--account", new, str(before), **where)
    assert done.code == 0, done
    assert invoke("export", "--account", new, str(after), **where) == Done(0, "", "")
    (rows, files), (rows_after, files_after) = content_of(before), content_of(after)
    assert len(rows["document"]) > 100
    assert f"{len(rows['document']):>9}  document\n" in done.out
    del rows["audit_event"], rows_after["audit_event"]
    assert (rows_after, files_after) == (rows, files)
    again = invoke("import-account", "--account", new, str(before), **where)
    assert (again.code, again.err) == (
        1,
        "Error: The account isn't empty: it has rows in sequence. Create another one.\n",
    )
    assert sorted(tmp_path.iterdir()) == [after, before]


def test_what_hinders_an_export_or_import_is_told_in_a_sentence(where: dict[str, str], tmp_path: Path) -> None:
    file = tmp_path / "a.zip"
    done = invoke("export", "--account", NOBODY, str(file), **where)
    assert (done.code, done.err) == (1, f"Error: There is no account {NOBODY}.\n")
    assert not any(tmp_path.iterdir())
    done = invoke("export", "--account", NOBODY, str(tmp_path / "no" / "a.zip"), **where)
    assert done.code == 1
    file.write_bytes(b"x")
    account = invoke(*ACCOUNT, **where).out.strip()
    done = invoke("import-account", "--account", account, str(file), **where)
    assert (done.code, done.err) == (1, "Error: The file is no archive, or a damaged one: File is not a zip file.\n")
