"""Who did or read what: append-only and hash-chained."""
