"""Reporters' telephone numbers, encrypted at rest with a key derived from the installation's secret.

Who may read one is decided by `handlers.permissions`.
"""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from handlers.cases import settings


def encrypt(contact: str | None) -> bytes | None:
    """`contact` as an authenticated ciphertext; nothing stays nothing."""
    return _cipher().encrypt(contact.strip().encode()) if contact and contact.strip() else None


def decrypt(stored: bytes | None) -> str | None:
    """The contact as typed; None when there is none or the secret was changed since."""
    if stored is None:
        return None
    try:
        return _cipher().decrypt(stored).decode()
    except InvalidToken:
        return None


def masked(contact: str | None) -> str:
    """The contact for people who may not read it: `138****5678`."""
    if not contact:
        return ""
    return contact[:3] + "****" + contact[-4:] if len(contact) >= 8 else "****"


def _cipher() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"gridwhistle reporter contact").derive(
        settings.current().secret.encode()
    )
    return Fernet(base64.urlsafe_b64encode(derived))
