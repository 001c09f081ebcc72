"""Template tags of feeds."""
