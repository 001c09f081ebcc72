"""The organizations of the coalition and their sectors."""
