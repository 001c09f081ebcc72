"""Frozen, suppressed files for the public."""
