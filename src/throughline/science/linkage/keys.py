"""Derives from an agreement's secret a key for each use, so that no use tells anything of another."""

import hmac

SECRET_BYTES = 32


class ShortSecretError(ValueError):
    """The secret has fewer than 32 bytes."""


def derive_key(secret: bytes, use: str) -> bytes:
    """32 bytes for one use of a secret (HKDF-SHA256, RFC 5869, without salt). Raises ShortSecretError."""
    if len(secret) < SECRET_BYTES:
        raise ShortSecretError
    return expand(extract(b"", secret), use.encode())


def extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.digest(salt or bytes(32), secret, "sha256")


def expand(extracted: bytes, info: bytes) -> bytes:
    """The first block; 32 bytes are all that is asked for."""
    return hmac.digest(extracted, info + b"\x01", "sha256")
