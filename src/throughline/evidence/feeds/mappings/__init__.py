"""The page on which a feed's mapping is proposed from a file, tried out on it, changed and saved."""
