"""Tells files apart by their content."""

from hashlib import file_digest
from pathlib import Path


def file_sha256(path: Path) -> str:
    """64 hexadecimal digits of the SHA-256 (FIPS 180-4) of a file, read in blocks."""
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()
