"""Credentials at rest."""

import pytest

from pac.cipher import Cipher, Undecryptable

CREDENTIALS = {"user": "token-ñ", "password": "clave, larga"}


def test_a_new_key_encrypts_and_the_old_one_still_decrypts() -> None:
    old, new = Cipher.generate_key(), Cipher.generate_key()
    secrets = Cipher(old).encrypt(CREDENTIALS)
    both = Cipher(f" {new},\n{old} ")
    assert both.decrypt(secrets) == CREDENTIALS
    assert Cipher(new).decrypt(both.encrypt(CREDENTIALS)) == CREDENTIALS
    with pytest.raises(Undecryptable):
        Cipher(old).decrypt(both.encrypt(CREDENTIALS))


def test_nothing_of_the_credentials_shows_and_no_two_encryptions_are_the_same() -> None:
    cipher = Cipher(Cipher.generate_key())
    first, second = cipher.encrypt(CREDENTIALS), cipher.encrypt(CREDENTIALS)
    assert first != second
    assert b"clave" not in first


def test_a_fingerprint_is_of_use_only_with_the_key() -> None:
    key = Cipher.generate_key()
    assert Cipher(key).fingerprint("a") == Cipher(key).fingerprint("a") != Cipher(key).fingerprint("b")
    assert Cipher(key).fingerprint("a") != Cipher(Cipher.generate_key()).fingerprint("a")
    assert Cipher(key).fingerprint("\ud800")


@pytest.mark.parametrize("keys", ["", " , ", "short", "ñ" * 44])
def test_what_is_no_key_is_refused(keys: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011  of the library or ours
        Cipher(keys)
