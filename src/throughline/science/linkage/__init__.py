"""Finds the records of one person, in one file or between two."""
