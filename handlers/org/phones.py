"""Encryption of telephone numbers and other short personal texts at rest (PIPL article 51).

The keys come from the configuration: `configure` at start, else the environment variable GRIDWHISTLE_DATA_KEY
(commas between several) and after it the installation's secret, which is GRIDWHISTLE_SECRET_KEY or the file that
`webapp.config` keeps. The first key encrypts, all decrypt. Who may read is `handlers.permissions`.
"""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handlers.errors import DataKeyMissingError, DataKeyWrongError, refused

_PHONE = re.compile(r"\+?[0-9][0-9 \-]{4,18}[0-9]")
_PURPOSE = b"gridwhistle personal data v1"

_ciphers: list[MultiFernet] = []
"""At most one: the configured cipher of this process."""


def configure(secrets: Sequence[str]) -> None:
    """Use these secrets from now on; texts of any length with enough entropy, the newest first."""
    _ciphers.clear()
    if secrets:
        _ciphers.append(MultiFernet([_fernet(secret) for secret in secrets]))


def is_configured() -> bool:
    """True when `encrypt` and `decrypt` have a key."""
    return bool(_ciphers) or bool(_from_environment())


def encrypt(text: str) -> str:
    """The ciphertext of `text`, with a new random value each time.

    :raises DataKeyMissingError: no key is configured.
    """
    return _cipher().encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text behind `token`.

    :raises DataKeyMissingError: no key is configured.
    :raises DataKeyWrongError: it was made with another key, or was changed.
    """
    try:
        return _cipher().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise DataKeyWrongError() from error


def check(phone: str) -> str:
    """The number without surrounding blanks.

    :raises InvalidInputError: it is no telephone number.
    """
    stripped = phone.strip()
    if not _PHONE.fullmatch(stripped):
        raise refused("phone", "请输入电话号码，6 至 20 位", "enter a telephone number of 6 to 20 digits")
    return stripped


def masked(phone: str) -> str:
    """The number for lists: the first three and the last two digits, such as 138******01."""
    return phone[:3] + "*" * max(0, len(phone) - 5) + phone[-2:] if len(phone) > 5 else "*" * len(phone)


def _cipher() -> MultiFernet:
    if not _ciphers:
        secrets = _from_environment()
        if not secrets:
            raise DataKeyMissingError()
        configure(secrets)
    return _ciphers[0]


def _from_environment() -> list[str]:
    own = [part for part in os.environ.get("GRIDWHISTLE_DATA_KEY", "").split(",") if part]
    shared, kept = (
        os.environ.get("GRIDWHISTLE_SECRET_KEY"),
        Path(os.environ.get("GRIDWHISTLE_VAR", "var"), "secret.key"),
    )
    if not shared and kept.is_file():
        shared = kept.read_text("ascii").strip()
    return own + ([shared] if shared else [])


def _fernet(secret: str) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=_PURPOSE).derive(secret.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
