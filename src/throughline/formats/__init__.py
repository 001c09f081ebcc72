"""Reads the files that agencies send into one kind of record."""
