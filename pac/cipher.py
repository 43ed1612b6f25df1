"""Encrypting accounts' credentials at providers, so that neither the database nor its backups have them in clear."""

import hmac
import re
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from pac.emission import Credentials


class Undecryptable(ValueError):
    """What was stored was encrypted by a key that isn't at hand."""


class Cipher:
    """``keys`` are one or several Fernet keys, separated by commas or blanks: the first encrypts, all decrypt.

    Raises ``ValueError`` for what is no key.

    >>> new = Cipher.generate_key()
    >>> cipher = Cipher(f"{new}, {Cipher.generate_key()}")
    >>> Cipher(new).decrypt(cipher.encrypt({"user": "a", "password": "b"}))
    {'user': 'a', 'password': 'b'}
    """

    def __init__(self, keys: str) -> None:
        listed = [key for key in re.split(r"[,\s]+", keys) if key]
        self._fernet: Final = MultiFernet([Fernet(key) for key in listed])
        self._first: Final = listed[0].encode()

    @staticmethod
    def generate_key() -> str:
        return Fernet.generate_key().decode()

    def encrypt(self, credentials: Credentials) -> bytes:
        return self._fernet.encrypt(orjson.dumps(dict(credentials)))

    def decrypt(self, secrets: bytes) -> Credentials:
        """Raises ``Undecryptable``."""
        try:
            decrypted: Mapping[str, str] = orjson.loads(self._fernet.decrypt(secrets))
        except InvalidToken:
            raise Undecryptable("The key that encrypted these credentials isn't in PAC_SECRETS_KEY.") from None
        return decrypted

    def fingerprint(self, text: str) -> str:
        """The same for the same text; without the key nobody learns the text from it."""
        return hmac.new(self._first, text.encode("utf-8", "surrogatepass"), sha256).hexdigest()
