"""The code lists that definitions name: which version is in force, and what a newer one would do."""
