"""The key that encrypts accounts' credentials: from the settings or, with the embedded database, from its folder."""

import os
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final

import click

from pac.cipher import Cipher
from service.database import embedded_folder
from service.settings import Settings

KEY_FILE: Final = "pac-secrets-key"


def pac_cipher(settings: Settings) -> Cipher | None:
    """None where a database of its own is given without a key: then no credentials can be set."""
    if settings.pac_secrets_key is not None:
        keys, name = settings.pac_secrets_key.get_secret_value(), "PAC_SECRETS_KEY"
    elif settings.pac_secrets_key_file is not None:
        keys, name = _read(settings.pac_secrets_key_file), "PAC_SECRETS_KEY_FILE"
    elif settings.database_url is None:
        file = embedded_folder(settings) / KEY_FILE
        keys, name = _read_or_make(file), str(file)
    else:
        return None
    try:
        return Cipher(keys)
    except ValueError:
        raise click.ClickException(f"{name}: Must be a key that `server.py pac key` prints") from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise click.ClickException(f"PAC_SECRETS_KEY_FILE can't be read: {type(error).__name__}") from None


def _read_or_make(file: Path) -> str:
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=file.parent, encoding="ascii") as new:  # of mode 600
            new.write(Cipher.generate_key())
            new.flush()
            os.fsync(new.fileno())
            with suppress(FileExistsError):
                os.link(new.name, file)  # whole, and by the first of several processes
    return _read(file)
