"""The login with which the service uses the embedded server: no superuser, and a member of the service's role alone.

SQL that slips into a statement can then do no more than the service: ``SET ROLE NONE`` leads to a role without rights.
"""

import os
import secrets
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from db.embedded.errors import EmbeddedError

USER: Final = "istmo_service"

# As docker/create-login.sh does it for a PostgreSQL of its own.
_CREATE: Final = f"""
    DO $$ BEGIN
        IF to_regrole('istmo_app') IS NULL THEN CREATE ROLE istmo_app NOLOGIN; END IF;
        IF to_regrole('{USER}') IS NULL THEN CREATE ROLE {USER}; END IF;
    END $$;
    ALTER ROLE {USER} LOGIN PASSWORD '{{password}}';
    GRANT istmo_app TO {USER};
"""


def create(psql: Path, environment: Mapping[str, str], file: Path) -> None:
    """Create the login and write its password into the file. ``environment`` leads ``psql`` to the superuser."""
    password = secrets.token_urlsafe(24)
    command = [str(psql), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    done = subprocess.run(
        command, input=_CREATE.format(password=password), env=environment, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise EmbeddedError(f"the service's login can't be created: {done.stderr.strip()}")
    new = file.with_name(f"new-{file.name}")
    with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as output:
        output.write(password)
        output.flush()
        os.fsync(output.fileno())
    new.rename(file)
