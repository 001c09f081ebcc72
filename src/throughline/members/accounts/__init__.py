"""The people of the coalition, with or without a log-in."""
