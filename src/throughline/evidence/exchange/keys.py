"""The key that this installation signs with, and the check of what others signed (Ed25519, RFC 8032)."""

import os
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_PREFIX = b"throughline counts\n"  # so that a signature of anything else is none of a document


def key_file() -> Path:
    return Path(settings.HOME) / "exchange-key.pem"


def own_key() -> Ed25519PrivateKey | None:
    """None before the first is made. Raises ValidationError where the file holds no such key."""
    try:
        key = serialization.load_pem_private_key(key_file().read_bytes(), password=None)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError) as fault:
        raise ValidationError(_("%(file)s can't be read as a key.") % {"file": key_file()}) from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise ValidationError(_("%(file)s holds no Ed25519 key.") % {"file": key_file()})
    return key


def signing_key() -> Ed25519PrivateKey:
    """Raises ValidationError where there is none yet."""
    if key := own_key():
        return key
    raise ValidationError(_("This installation has no key yet. Make one with “throughline exchange-key”."))


def write_new_key() -> Ed25519PrivateKey:
    """Readable by this user only. Raises FileExistsError rather than replace one."""
    key = Ed25519PrivateKey.generate()
    handle = os.open(key_file(), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        file.flush()
        os.fsync(file.fileno())
    return key


def public_key_of(key: Ed25519PrivateKey) -> str:
    """64 hexadecimal digits."""
    return key.public_key().public_bytes_raw().hex()


def checked_public_key(text: str) -> str:
    """The key as we write keys. Raises ValidationError for what is none."""
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(text.strip())).public_bytes_raw().hex()
    except ValueError as fault:
        expected = _(
            "“%(text)s” is no public key, expected the 64 digits that “throughline exchange-key” shows."
        )
        raise ValidationError(expected % {"text": text.strip()[:100]}) from fault


def sign(content: bytes, key: Ed25519PrivateKey) -> str:
    return key.sign(_PREFIX + content).hex()


def is_signed(content: bytes, signature: str, public_key: str) -> bool:
    """Whether the holder of the key signed exactly these bytes."""
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key))
        key.verify(bytes.fromhex(signature), _PREFIX + content)
    except (InvalidSignature, ValueError):
        return False
    return True
